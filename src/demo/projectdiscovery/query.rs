//! What a list is asked: parameters read from a query string or from an export's body.

use std::str::FromStr;

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Map, Value};
use strum::EnumString;

use super::super::leak::{Class, Leak};
use super::super::system::{Answer, RequestFaults};
use super::{State, body};

/// Rows in a page unless asked otherwise, and at most.
const DEFAULT_LIMIT: u32 = 20;
const MAX_LIMIT: u32 = 1_000;

/// The types that can be asked for; `all` is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumString)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Type {
    /// Everything.
    All,
    /// The account owner's.
    Personal,
    /// Either of the last two.
    Employee,
    /// Customers'.
    Customer,
    /// Employees', used elsewhere.
    ExternalVendorLeaks,
    /// Employees', used at the company.
    OrganizationLeaks,
}

impl Type {
    /// Whether a leak of that class is asked for.
    pub(crate) fn includes(self, class: Class) -> bool {
        match self {
            Self::All => true,
            Self::Personal => class == Class::Personal,
            Self::Employee => class.is_employee(),
            Self::Customer => class == Class::Customer,
            Self::ExternalVendorLeaks => class == Class::Vendor,
            Self::OrganizationLeaks => class == Class::Organization,
        }
    }
}

/// What can be sorted by: each is the member of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumString)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Sort {
    Url,
    Username,
    LogDate,
    Country,
    DeviceIp,
    HostUsername,
    Hostname,
    Os,
    HardwareId,
    MalwarePath,
}

impl Sort {
    /// The value to sort by.
    pub(crate) fn value(self, leak: &Leak) -> &str {
        match self {
            Self::Url => &leak.url,
            Self::Username => &leak.username,
            Self::LogDate => &leak.log_date,
            Self::Country => leak.country,
            Self::DeviceIp => &leak.device_ip,
            Self::HostUsername => &leak.host_username,
            Self::Hostname => &leak.hostname,
            Self::Os => leak.os,
            Self::HardwareId => &leak.hardware_id,
            Self::MalwarePath => &leak.malware_path,
        }
    }
}

/// What can be grouped by, and drilled down into: each is the member of that name; e-mail is the login.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumString, strum::IntoStaticStr, strum::EnumIter,
)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Group {
    Url,
    Country,
    DeviceIp,
    Hostname,
    Email,
    HardwareId,
}

impl Group {
    /// The value to group by; logins without case and edge blanks.
    pub(crate) fn value(self, leak: &Leak) -> String {
        match self {
            Self::Url => leak.url.clone(),
            Self::Country => leak.country.to_owned(),
            Self::DeviceIp => leak.device_ip.clone(),
            Self::Hostname => leak.hostname.clone(),
            Self::Email => normalize_login(&leak.username),
            Self::HardwareId => leak.hardware_id.clone(),
        }
    }

    /// The member's name.
    pub(crate) fn word(self) -> &'static str {
        self.into()
    }
}

/// A login as it is compared.
pub(crate) fn normalize_login(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Which rows, in which order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Filter {
    /// Of which class.
    pub(crate) kind: Type,
    /// Filed under this domain, lower case.
    pub(crate) domain: Option<String>,
    /// With this login, lower case.
    pub(crate) email: Option<String>,
    /// Holding this, lower case.
    pub(crate) search: Option<String>,
    /// From and to this day, `YYYY-MM-DD`, both included.
    pub(crate) from: Option<String>,
    /// The last day.
    pub(crate) to: Option<String>,
    /// With this status.
    pub(crate) status: Option<State>,
    /// With exactly these values.
    pub(crate) exact: Vec<(Group, String)>,
    /// Sorted by this; none is newest first.
    pub(crate) sort: Option<Sort>,
    /// Largest first.
    pub(crate) descending: bool,
}

impl Filter {
    /// Whether it looks at what a status change or a proof of ownership changes.
    pub(crate) fn needs_visible_state(&self) -> bool {
        self.status.is_some() || self.search.is_some()
    }

    /// Whether it looks at more than class, day and status, so that the leak must be computed.
    pub(crate) fn needs_leak(&self) -> bool {
        self.domain.is_some()
            || self.email.is_some()
            || self.search.is_some()
            || !self.exact.is_empty()
    }
}

/// The part of the rows that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Window {
    /// Rows in a page.
    pub(crate) limit: u32,
    /// The page, from 1.
    pub(crate) page: u64,
}

/// One question to a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query {
    /// Which rows.
    pub(crate) filter: Filter,
    /// Which part of them.
    pub(crate) window: Window,
    /// Counters instead of rows.
    pub(crate) group: Option<Group>,
}

impl Query {
    /// Reads a query string; what it does not know it ignores, as the vendor does.
    pub(crate) fn read(
        query: &[(String, String)],
        today: Date,
        manner: RequestFaults,
    ) -> Result<Self, Answer> {
        Self::parse(|name| last_value(query, name), today, manner)
    }

    /// Reads an export's body: the same names, numbers as numbers.
    pub(crate) fn read_body(
        bytes: &[u8],
        today: Date,
        manner: RequestFaults,
    ) -> Result<Self, Answer> {
        let object: Map<String, Value> = body::object(bytes)?;
        let mut texts = Vec::new();
        for (name, value) in &object {
            let number = matches!(name.as_str(), "limit" | "page_number");
            let text = match value {
                Value::Null => continue,
                Value::Number(value) if number => value.to_string(),
                Value::String(text) if !number => text.clone(),
                Value::String(_)
                | Value::Number(_)
                | Value::Bool(_)
                | Value::Array(_)
                | Value::Object(_) => return Err(body::invalid()),
            };
            texts.push((name.clone(), text));
        }
        Self::read(&texts, today, manner)
    }

    fn parse<'a>(
        get: impl Fn(&str) -> Option<&'a str>,
        today: Date,
        manner: RequestFaults,
    ) -> Result<Self, Answer> {
        let given = |name: &str| get(name).filter(|text| !text.is_empty());
        let lower = |name: &str| given(name).map(str::to_lowercase);
        let limit = parse_integer(given("limit"))?.unwrap_or(u64::from(DEFAULT_LIMIT));
        if limit > u64::from(MAX_LIMIT) && manner.strict_limit {
            return Err(invalid());
        }
        let mut exact = Vec::new();
        for group in <Group as strum::IntoEnumIterator>::iter() {
            // A drill-down into the blank group is asked with a blank value.
            if let Some(value) = get(group.word()).filter(|_| group != Group::Email) {
                exact.push((group, value.to_owned()));
            }
        }
        let (from, to) = parse_days(&given, today)?;
        let sort = parse_word::<Sort>(given("sort_by"))?;
        let descending = match given("sort_order") {
            Some("asc") => false,
            Some("desc") => true,
            None => matches!(sort, None | Some(Sort::LogDate)),
            Some(_) => return Err(invalid()),
        };
        let status = parse_word::<State>(given("status"))?;
        if status == Some(State::Na) {
            return Err(invalid());
        }
        Ok(Self {
            filter: Filter {
                kind: parse_word(given("type"))?.unwrap_or(Type::All),
                domain: lower("domain"),
                email: given("email").map(normalize_login),
                search: lower("search"),
                from,
                to,
                status,
                exact,
                sort,
                descending,
            },
            window: Window {
                limit: limit.min(u64::from(MAX_LIMIT)) as u32,
                page: parse_integer(given("page_number"))?.unwrap_or(1),
            },
            group: parse_word(given("group_by"))?,
        })
    }

    /// Whether counters are wanted: grouped, and not drilled down into one group.
    pub(crate) fn wants_groups(&self) -> Option<Group> {
        let group = self.group?;
        let drilled = match group {
            Group::Email => self.filter.email.is_some(),
            Group::Url | Group::Country | Group::DeviceIp | Group::Hostname | Group::HardwareId => {
                self.filter.exact.iter().any(|(one, _)| *one == group)
            }
        };
        (!drilled).then_some(group)
    }
}

/// The last value of a parameter.
pub(crate) fn last_value<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = query.iter().rev().find(|(given, _)| given == name);
    found.map(|(_, value)| value.as_str())
}

fn invalid() -> Answer {
    Answer::message(400, "Invalid request parameters")
}

fn parse_word<T: FromStr>(text: Option<&str>) -> Result<Option<T>, Answer> {
    text.map(|text| text.parse().map_err(|_| invalid()))
        .transpose()
}

/// A whole number above 0; the document says `number`, so 20.0 is 20.
fn parse_integer(text: Option<&str>) -> Result<Option<u64>, Answer> {
    let Some(text) = text else {
        return Ok(None);
    };
    if let Ok(number) = text.parse::<u64>() {
        return if number > 0 {
            Ok(Some(number))
        } else {
            Err(invalid())
        };
    }
    match text.parse::<f64>() {
        Ok(number) if number >= 1.0 && number.fract() == 0.0 && number < 1e15 => {
            Ok(Some(number as u64))
        }
        Ok(_) | Err(_) => Err(invalid()),
    }
}

type Days = (Option<String>, Option<String>);

fn parse_days<'a>(given: &impl Fn(&str) -> Option<&'a str>, today: Date) -> Result<Days, Answer> {
    let first = parse_word::<Date>(given("start_date"))?;
    let last = parse_word::<Date>(given("end_date"))?;
    let month = today.first_of_month();
    let back = |months: i32| today.saturating_sub(months.months());
    let (from, to) = match given("time_range").unwrap_or("all_time") {
        "all_time" => (None, None),
        "current_month" => (Some(month), None),
        "last_month" => {
            let end = month.yesterday().unwrap_or(month);
            (Some(end.first_of_month()), Some(end))
        }
        "last_3_months" => (Some(back(3)), None),
        "last_6_months" => (Some(back(6)), None),
        "last_12_months" => (Some(back(12)), None),
        _ => return Err(invalid()),
    };
    let (from, to) = if first.is_some() || last.is_some() {
        (first, last)
    } else {
        (from, to)
    };
    Ok((
        from.map(|day| day.to_string()),
        to.map(|day| day.to_string()),
    ))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn read(query: &str) -> Result<Query, u16> {
        let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        Query::read(&pairs, date(2026, 3, 15), RequestFaults::default())
            .map_err(|answer| answer.status)
    }

    #[test]
    fn numbers_are_whole_and_above_zero() {
        assert_eq!(read("").unwrap().window, Window { limit: 20, page: 1 });
        assert_eq!(
            read("limit=5000&page_number=2.0").unwrap().window,
            Window {
                limit: 1_000,
                page: 2
            }
        );
        for bad in [
            "limit=0",
            "limit=-1",
            "limit=abc",
            "limit=1.5",
            "page_number=0",
            "limit=NaN",
            "limit=inf",
        ] {
            assert_eq!(read(bad), Err(400), "{bad}");
        }
    }

    #[test]
    fn unknown_words_are_refused() {
        for bad in [
            "type=EMPLOYEE",
            "status=NA",
            "status=unfixed",
            "sort_by=password",
            "sort_order=up",
            "group_by=os",
            "time_range=today",
            "start_date=2026-02-30",
            "end_date=yesterday",
        ] {
            assert_eq!(read(bad), Err(400), "{bad}");
        }
        assert!(read("nonsense=1&type=").is_ok());
    }

    #[test]
    fn ranges_count_from_today_and_dates_go_before_them() {
        let days = |query| {
            let filter = read(query).unwrap().filter;
            (
                filter.from.unwrap_or_default(),
                filter.to.unwrap_or_default(),
            )
        };
        assert_eq!(
            days("time_range=current_month"),
            ("2026-03-01".into(), String::new())
        );
        assert_eq!(
            days("time_range=last_month"),
            ("2026-02-01".into(), "2026-02-28".into())
        );
        assert_eq!(
            days("time_range=last_3_months"),
            ("2025-12-15".into(), String::new())
        );
        assert_eq!(
            days("time_range=last_month&end_date=2026-01-02"),
            (String::new(), "2026-01-02".into())
        );
    }

    #[test]
    fn groups_end_where_the_drill_down_begins() {
        assert_eq!(
            read("group_by=email").unwrap().wants_groups(),
            Some(Group::Email)
        );
        assert_eq!(
            read("group_by=email&email=A@b").unwrap().wants_groups(),
            None
        );
        assert_eq!(
            read("group_by=hostname&hostname=").unwrap().wants_groups(),
            None
        );
        assert_eq!(
            read("group_by=hostname&country=Spain")
                .unwrap()
                .wants_groups(),
            Some(Group::Hostname)
        );
    }
}
