//! Public statistics, in both shapes that are published. No key goes out for them unless the profile says so.

use super::{ProjectDiscovery, STATS_WITH_KEY, malformed_error};
use crate::{
    entity::{
        account::{
            Stats, StatsShape, StatsSubject, StatsTotals, TimelinePoint, UrlCount, ValueCount,
        },
        date::month_by_name,
        error::ProviderError,
        raw_text::RawText,
    },
    http::{Request, json::Value},
    provider::{judge, parse::text},
};

/// Whose leaks, and what the array shape calls them in its names.
const CLASSES: [(&str, &str); 3] = [
    ("personal", "user"),
    ("employee", "employees"),
    ("customer", "customers"),
];

impl ProjectDiscovery {
    pub(super) async fn public_stats(
        &self,
        subject: &StatsSubject,
        unmask_email: bool,
    ) -> Result<Stats, ProviderError> {
        let (kind, name) = match subject {
            StatsSubject::Domain(name) => ("domain", name),
            StatsSubject::Email(name) => ("email", name),
        };
        let mut request = Request::get(&["v1", "leaks", "stats", kind]).redacted_query(kind, name);
        if !self.settings.options.is_set(STATS_WITH_KEY) {
            request = request.without_key();
        }
        if unmask_email {
            request = request.query("unmask_email", true);
        }
        let reply = self.transport.read(&request).await;
        let reply = reply.map_err(|error| match error {
            ProviderError::Keyless {
                status, message, ..
            } => ProviderError::Keyless {
                status,
                message,
                remedy: "set stats_with_key = true in the profile: its key is then sent for statistics too",
            },
            error => error,
        })?;
        let value = reply.json()?;
        if !value.is_object() {
            return Err(malformed_error("there are no statistics in it"));
        }
        let subject = RawText::from(&name[..]);
        let flat = ["total_leaks", "recent_activity", "leak_classification"]
            .iter()
            .any(|name| value.get(name).is_some());
        let mut read = StatsReader::default();
        let stats = if flat {
            from_flat(value, subject, &mut read)
        } else {
            from_arrays(value, subject, &mut read)
        };
        judge::check_complete(read.unreadable)?;
        if !read.has_number {
            return Err(malformed_error("there are no statistics in it"));
        }
        Ok(stats)
    }
}

/// What came of reading.
#[derive(Default)]
struct StatsReader {
    /// There is a number, even if it is 0.
    has_number: bool,
    /// Parts that could not be read.
    unreadable: u32,
}

impl StatsReader {
    /// A part that is there, or is not what it should be.
    fn record<T>(&mut self, part: Option<T>) -> Option<T> {
        self.has_number |= part.is_some();
        self.unreadable += u32::from(part.is_none());
        part
    }

    /// The number of a member, where that is there at all.
    fn number(&mut self, value: Value<'_>, names: &[&str]) -> Option<u64> {
        let mut members = names.iter().filter_map(|name| value.get(name));
        let member = members.find(|member| !member.is_null())?;
        self.record(member.count())
    }

    /// The items of a list, where that is there at all; an object in its place is its one item.
    fn items<'a>(&mut self, value: Value<'a>, list: &str) -> Vec<Value<'a>> {
        match value.get(list).filter(|list| !list.is_null()) {
            None => Vec::new(),
            Some(list) if list.is_array() => list.elements().collect(),
            Some(item) if item.is_object() => vec![item],
            Some(_) => {
                self.unreadable += 1;
                Vec::new()
            }
        }
    }

    /// The one number that a list holds; a number in its place is that.
    fn first(&mut self, value: Value<'_>, list: &str, name: &str) -> Option<u64> {
        let held = value.get(list).filter(|held| !held.is_null())?;
        if let Some(count) = held.count() {
            return self.record(Some(count));
        }
        let item = *self.items(value, list).first()?;
        self.record(number(item, &[name]))
    }

    fn value_counts(&mut self, value: Value<'_>, list: &str, name: &str) -> Vec<ValueCount> {
        let mut all = Vec::new();
        for item in self.items(value, list) {
            let counted = item.get(name).map(|value| {
                // Where it is not known it is counted all the same.
                if value.is_null() {
                    RawText::default()
                } else {
                    text(value)
                }
            });
            let count = number(item, &["count", "CredentialsCount"]);
            let both = counted.zip(count);
            all.extend(
                self.record(both)
                    .map(|(value, count)| ValueCount { value, count }),
            );
        }
        all
    }

    fn urls(
        &mut self,
        value: Value<'_>,
        list: &str,
        name: &str,
        class: Option<&'static str>,
    ) -> Vec<UrlCount> {
        self.value_counts(value, list, name)
            .into_iter()
            .map(|counted| UrlCount {
                class,
                value: counted.value,
                count: counted.count,
            })
            .collect()
    }
}

fn number(value: Value<'_>, names: &[&str]) -> Option<u64> {
    names
        .iter()
        .find_map(|name| value.get(name).and_then(Value::count))
}

/// A month by its number or its English name.
fn month(value: Value<'_>) -> Option<u64> {
    if let Some(number) = value.count() {
        return (1..=12).contains(&number).then_some(number);
    }
    let text = value.string()?;
    let month = month_by_name(std::str::from_utf8(&text).ok()?.trim())?;
    u64::try_from(month).ok()
}

/// Arrays of objects with one member each; the first element counts.
fn from_arrays(value: Value<'_>, subject: RawText, read: &mut StatsReader) -> Stats {
    let totals = StatsTotals {
        leaks: None,
        devices: read.first(value, "leak_devices_count", "devices"),
        personal: read.first(value, "leak_user_count", "user"),
        employees: read.first(value, "leak_employees_count", "employees"),
        customers: read.first(value, "leak_customers_count", "customers"),
        combolists: read.first(value, "combolist_exposure", "combolist_exposure"),
    };
    let (mut all_urls, mut timeline) = (Vec::new(), Vec::new());
    for (class, word) in CLASSES {
        let list = format!("top_used_urls_by_{word}");
        all_urls.extend(read.urls(value, &list, "url", Some(class)));
        let list = format!("leak_{word}_timeline");
        for item in read.items(value, &list) {
            let year = number(item, &["Year"]).filter(|year| (1..=9999).contains(year));
            let month = item.get("Month").and_then(month);
            let count = number(item, &["CredentialsCount"]);
            let point = year.zip(month).zip(count);
            timeline.extend(
                read.record(point)
                    .map(|((year, month), count)| TimelinePoint {
                        month: format!("{year:04}-{month:02}"),
                        class: Some(class),
                        count,
                    }),
            );
        }
    }
    Stats {
        subject,
        shape: StatsShape::Arrays,
        totals,
        countries: read.value_counts(value, "leak_country_stats", "Country"),
        urls: all_urls,
        timeline,
    }
}

/// One object, as the prose pages have it.
fn from_flat(value: Value<'_>, subject: RawText, read: &mut StatsReader) -> Stats {
    let classes = value.get("leak_classification").unwrap_or(value);
    let totals = StatsTotals {
        leaks: read.number(value, &["total_leaks"]),
        devices: None,
        personal: read.number(classes, &["personal_leaks", "personal"]),
        employees: read.number(classes, &["employee_leaks", "employee"]),
        customers: read.number(classes, &["customer_leaks", "customer"]),
        combolists: None,
    };
    let mut services = read.urls(value, "top_services", "service", None);
    services.extend(read.urls(value, "compromised_services", "service", None));
    let mut timeline = Vec::new();
    for item in read.items(value, "risk_timeline") {
        let point = point(item);
        timeline.extend(read.record(point));
    }
    Stats {
        subject,
        shape: StatsShape::Flat,
        totals,
        countries: read.value_counts(value, "geographic_distribution", "country"),
        urls: services,
        timeline,
    }
}

/// One date of the flat shape's timeline.
fn point(item: Value<'_>) -> Option<TimelinePoint> {
    let date = item.get("date")?.string()?;
    let month = std::str::from_utf8(date.get(..7)?).ok()?;
    let shaped = month.bytes().enumerate().all(|(at, b)| {
        if at == 4 {
            b == b'-'
        } else {
            b.is_ascii_digit()
        }
    });
    shaped.then_some(())?;
    Some(TimelinePoint {
        month: month.to_owned(),
        class: None,
        count: number(item, &["new_leaks"])?,
    })
}
