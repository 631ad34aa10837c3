//! Public statistics, in both shapes that are published. No key goes out for them unless the profile says so.

use super::{ProjectDiscovery, malformed};
use crate::{
    entity::{
        error::ProviderError,
        report::{
            Stats, StatsShape, StatsSubject, StatsTotals, TimelinePoint, UrlCount, ValueCount,
        },
        text::Text,
    },
    provider::{
        http::{Request, json::Value},
        reading::text,
    },
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
        let mut request = Request::get(&["v1", "leaks", "stats", kind]).private_query(kind, name);
        if !self.settings.stats_with_key {
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
                how: "set stats_with_key = true in the profile: its key is then sent for statistics too",
            },
            error => error,
        })?;
        let value = reply.json()?;
        if !value.is_object() {
            return Err(malformed("there are no statistics in it"));
        }
        let subject = Text::from(&name[..]);
        let flat = ["total_leaks", "recent_activity", "leak_classification"]
            .iter()
            .any(|name| value.get(name).is_some());
        Ok(if flat {
            from_flat(value, subject)
        } else {
            from_arrays(value, subject)
        })
    }
}

fn counted(value: Value<'_>, list: &str, name: &str) -> Vec<ValueCount> {
    items(value, list)
        .filter_map(|item| {
            let counted = item.get(name).filter(|value| !value.is_null())?;
            Some(ValueCount {
                value: text(counted),
                count: number(item, &["count", "CredentialsCount"])?,
            })
        })
        .collect()
}

fn items<'a>(value: Value<'a>, list: &str) -> impl Iterator<Item = Value<'a>> + use<'a> {
    value.get(list).into_iter().flat_map(Value::elements)
}

fn number(value: Value<'_>, names: &[&str]) -> Option<u64> {
    names
        .iter()
        .find_map(|name| value.get(name).and_then(Value::count))
}

fn urls(value: Value<'_>, list: &str, name: &str, class: Option<&'static str>) -> Vec<UrlCount> {
    counted(value, list, name)
        .into_iter()
        .map(|counted| UrlCount {
            class,
            value: counted.value,
            count: counted.count,
        })
        .collect()
}

/// Arrays of objects with one member each; the first element counts.
fn from_arrays(value: Value<'_>, subject: Text) -> Stats {
    let first = |list: &str, name: &str| {
        let mut items = items(value, list);
        items.next().and_then(|item| number(item, &[name]))
    };
    let totals = StatsTotals {
        leaks: None,
        devices: first("leak_devices_count", "devices"),
        personal: first("leak_user_count", "user"),
        employees: first("leak_employees_count", "employees"),
        customers: first("leak_customers_count", "customers"),
        combolists: first("combolist_exposure", "combolist_exposure"),
    };
    let (mut all_urls, mut timeline) = (Vec::new(), Vec::new());
    for (class, word) in CLASSES {
        let list = format!("top_used_urls_by_{word}");
        all_urls.extend(urls(value, &list, "url", Some(class)));
        let list = format!("leak_{word}_timeline");
        timeline.extend(items(value, &list).filter_map(|item| {
            let (year, month) = (number(item, &["Year"])?, number(item, &["Month"])?);
            Some(TimelinePoint {
                month: format!("{year:04}-{month:02}"),
                class: Some(class),
                count: number(item, &["CredentialsCount"])?,
            })
        }));
    }
    Stats {
        subject,
        shape: StatsShape::Arrays,
        totals,
        countries: counted(value, "leak_country_stats", "Country"),
        urls: all_urls,
        timeline,
    }
}

/// One object, as the prose pages have it.
fn from_flat(value: Value<'_>, subject: Text) -> Stats {
    let classes = value.get("leak_classification").unwrap_or(value);
    let totals = StatsTotals {
        leaks: number(value, &["total_leaks"]),
        devices: None,
        personal: number(classes, &["personal_leaks", "personal"]),
        employees: number(classes, &["employee_leaks", "employee"]),
        customers: number(classes, &["customer_leaks", "customer"]),
        combolists: None,
    };
    let mut services = urls(value, "top_services", "service", None);
    services.extend(urls(value, "compromised_services", "service", None));
    let timeline = items(value, "risk_timeline")
        .filter_map(|item| {
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
        })
        .collect();
    Stats {
        subject,
        shape: StatsShape::Flat,
        totals,
        countries: counted(value, "geographic_distribution", "country"),
        urls: services,
        timeline,
    }
}
