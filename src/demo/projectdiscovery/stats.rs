//! The public counters of a domain or an address, in both published shapes.

use std::collections::{BTreeMap, HashSet};

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::super::leak::{Class, Leak};
use super::super::system::{Answer, Call};
use super::ProjectDiscovery;
use super::associated::parse_bool;
use super::query::{last_value, normalize_login};
use super::render::MASKED;

/// Entries of a ranking, and samples.
const TOP: usize = 10;
const SAMPLES: usize = 5;

/// What is counted of one class.
#[derive(Default)]
struct ClassCounts {
    count: usize,
    urls: BTreeMap<String, usize>,
    months: BTreeMap<(i16, i8), usize>,
    samples: Vec<Value>,
}

/// What is counted in all.
#[derive(Default)]
struct Counts {
    customers: ClassCounts,
    employees: ClassCounts,
    owner: ClassCounts,
    machines: HashSet<String>,
    countries: BTreeMap<String, usize>,
    urls: BTreeMap<String, (usize, String)>,
    days: BTreeMap<String, usize>,
}

impl ProjectDiscovery {
    /// Counters for the subject that the parameter `name` gives.
    pub(super) fn stats(&mut self, call: &Call, name: &str) -> Result<Answer, Answer> {
        let subject = last_value(&call.query, name).unwrap_or_default();
        let subject = normalize_login(subject);
        if subject.is_empty() {
            return Err(Answer::message(400, &format!("{name} is required")));
        }
        if name == "email" && !subject.contains('@') {
            return Err(Answer::message(400, "Invalid email"));
        }
        let unmask = last_value(&call.query, "unmask_email").filter(|text| !text.is_empty());
        let unmask = parse_bool(unmask)?.unwrap_or(false);
        let flat = call.faults.flat_stats;
        let key = format!("{name} {subject} {unmask} {flat}");
        if let Some(kept) = self.cache.stats(&key) {
            return Ok(Answer::bytes(200, "application/json", kept));
        }
        let counts = self.count(&subject, name == "email", unmask);
        let value = match (flat, name) {
            (false, _) => arrays(&counts),
            (true, "email") => self.flat_email(&subject, &counts),
            (true, _) => self.flat_domain(&subject, &counts),
        };
        let answer = Answer::json(200, &value);
        self.cache.insert_stats(key, answer.body.clone());
        Ok(answer)
    }

    fn count(&self, subject: &str, by_email: bool, unmask: bool) -> Counts {
        let mut counts = Counts::default();
        let mut leak = Leak::default();
        for number in self.rows() {
            self.generator.fill(number, &mut leak);
            let hit = if by_email {
                normalize_login(&leak.username) == subject
            } else {
                leak.domain == subject || leak.url_domain == subject || leak.email_domain == subject
            };
            if hit {
                counts.add(&leak, unmask);
            }
        }
        counts
    }

    fn recent(&self, counts: &Counts) -> Value {
        let within = |days: i32| {
            let first = self.today.saturating_sub(days.days()).to_string();
            counts
                .days
                .range(first..)
                .map(|(_, count)| count)
                .sum::<usize>()
        };
        json!({ "last_30_days": within(30), "last_7_days": within(7) })
    }

    fn flat_domain(&self, domain: &str, counts: &Counts) -> Value {
        let services = rank(counts.urls.iter().map(|(url, (count, _))| (url, *count)));
        let services = services
            .into_iter()
            .map(|(service, count)| json!({ "service": service, "count": count }));
        let countries = rank(counts.countries.iter().map(|(name, count)| (name, *count)));
        let countries = countries
            .into_iter()
            .map(|(country, count)| json!({ "country": country, "count": count }));
        json!({
            "domain": domain,
            "total_leaks": counts.all(),
            "employee_leaks": counts.employees.count,
            "customer_leaks": counts.customers.count,
            "recent_activity": self.recent(counts),
            "top_services": services.collect::<Vec<_>>(),
            "geographic_distribution": countries.collect::<Vec<_>>(),
        })
    }

    fn flat_email(&self, email: &str, counts: &Counts) -> Value {
        let services = rank(counts.urls.iter().map(|(url, (count, _))| (url, *count)));
        let services = services.into_iter().map(|(service, count)| {
            let seen = counts.urls.get(service).map(|(_, day)| day.clone());
            json!({ "service": service, "count": count, "last_seen": seen })
        });
        let days = counts.days.iter();
        let timeline = days.map(|(date, count)| json!({ "date": date, "new_leaks": count }));
        json!({
            "email": email,
            "total_leaks": counts.all(),
            "leak_classification": {
                "employee_leaks": counts.employees.count,
                "customer_leaks": counts.customers.count,
                "personal_leaks": counts.owner.count,
            },
            "recent_activity": self.recent(counts),
            "compromised_services": services.collect::<Vec<_>>(),
            "risk_timeline": timeline.collect::<Vec<_>>(),
        })
    }
}

impl Counts {
    fn all(&self) -> usize {
        self.customers.count + self.employees.count + self.owner.count
    }

    fn add(&mut self, leak: &Leak, unmask: bool) {
        let tally = match leak.class {
            Class::Customer => &mut self.customers,
            Class::Organization | Class::Vendor => &mut self.employees,
            Class::Personal => &mut self.owner,
        };
        tally.count += 1;
        if !leak.url.is_empty() {
            *tally.urls.entry(leak.url.clone()).or_default() += 1;
            let place = self.urls.entry(leak.url.clone()).or_default();
            place.0 += 1;
            if place.1 < leak.log_date {
                place.1.clone_from(&leak.log_date);
            }
        }
        if let Ok(day) = leak.log_date.parse::<Date>() {
            *tally.months.entry((day.year(), day.month())).or_default() += 1;
        }
        if tally.samples.len() < SAMPLES {
            tally.samples.push(json!({
                "password": MASKED,
                "username": if unmask { leak.username.clone() } else { mask_login(&leak.username) },
                "url": leak.url,
                "country": leak.country,
                "log_date": leak.log_date,
            }));
        }
        if !leak.hostname.is_empty() {
            self.machines.insert(leak.hostname.clone());
        }
        if !leak.country.is_empty() {
            *self.countries.entry(leak.country.to_owned()).or_default() += 1;
        }
        *self.days.entry(leak.log_date.clone()).or_default() += 1;
    }
}

/// A login of which a stranger sees the first letter and the domain.
fn mask_login(login: &str) -> String {
    let (name, domain) = login.split_once('@').unwrap_or((login, ""));
    let first: String = name.chars().take(1).collect();
    let at = if domain.is_empty() { "" } else { "@" };
    format!("{first}***{at}{domain}")
}

fn rank<'a>(counts: impl Iterator<Item = (&'a String, usize)>) -> Vec<(&'a str, usize)> {
    let mut ranked: Vec<_> = counts.map(|(name, count)| (name.as_str(), count)).collect();
    ranked.sort_by(|one, two| two.1.cmp(&one.1).then_with(|| one.0.cmp(two.0)));
    ranked.truncate(TOP);
    ranked
}

fn arrays(counts: &Counts) -> Value {
    let top = |tally: &ClassCounts| {
        let urls = rank(tally.urls.iter().map(|(url, count)| (url, *count)));
        let urls = urls.into_iter();
        urls.map(|(url, count)| json!({ "count": count, "url": url }))
            .collect::<Value>()
    };
    let timeline = |tally: &ClassCounts| {
        let months = tally.months.iter();
        months
            .map(|((year, month), count)| {
                json!({ "CredentialsCount": count, "Month": month, "Year": year })
            })
            .collect::<Value>()
    };
    let countries = rank(counts.countries.iter().map(|(name, count)| (name, *count)));
    let countries = countries
        .into_iter()
        .map(|(country, count)| json!({ "Country": country, "CredentialsCount": count }));
    json!({
        "leak_devices_count": [{ "devices": counts.machines.len() }],
        "leak_customers_count": [{ "customers": counts.customers.count }],
        "leak_user_count": [{ "user": counts.owner.count }],
        "leak_employees_count": [{ "employees": counts.employees.count }],
        "combolist_exposure": [{ "combolist_exposure": counts.all() / 3 }],
        "leak_country_stats": countries.collect::<Vec<_>>(),
        "top_used_urls_by_customers": top(&counts.customers),
        "top_used_urls_by_employees": top(&counts.employees),
        "top_used_urls_by_user": top(&counts.owner),
        "leak_customers_timeline": timeline(&counts.customers),
        "leak_user_timeline": timeline(&counts.owner),
        "leak_employees_timeline": timeline(&counts.employees),
        "customers_sample_data": counts.customers.samples,
        "employees_sample_data": counts.employees.samples,
        "user_sample_data": counts.owner.samples,
    })
}
