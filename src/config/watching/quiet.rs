//! Hours in which nobody is told.

use super::filter_of;
use crate::{
    config::{
        problem::ProblemScope,
        toml_reader::{TableReader, TomlReader, parse_string},
    },
    entity::option::ProviderSpec,
};
use jiff::{civil::Time, tz::TimeZone};
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// Hours in which nothing is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Quiet {
    /// From this time of day.
    pub from: Time,
    /// To this one.
    pub to: Time,
    /// In this zone.
    pub zone: TimeZone,
    /// On these days.
    pub days: Days,
    /// What is told all the same.
    pub except: Option<String>,
}

impl Quiet {
    /// The moment at which quiet hours end that last at `now`, both in seconds since 1970; none outside of them.
    pub fn until(&self, now: i64) -> Option<i64> {
        let moment = jiff::Timestamp::from_second(now).ok()?;
        let here = moment.to_zoned(self.zone.clone());
        let (day, time) = (here.date(), here.time());
        let over_night = self.to <= self.from;
        let begun = if !over_night {
            (self.from <= time && time < self.to).then_some(day)
        } else if time >= self.from {
            Some(day)
        } else if time < self.to {
            day.yesterday().ok()
        } else {
            None
        }?;
        let is_weekend = matches!(
            begun.weekday(),
            jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday
        );
        let counts = match self.days {
            Days::Daily => true,
            Days::Weekends => is_weekend,
            Days::MonFri => !is_weekend,
        };
        if !counts {
            return None;
        }
        let last = if over_night {
            begun.tomorrow().ok()?
        } else {
            begun
        };
        let end = last.to_datetime(self.to).to_zoned(self.zone.clone()).ok()?;
        Some(end.timestamp().as_second())
    }
}

/// Days of the week, by the day on which quiet hours begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::Display, strum::EnumString)]
pub enum Days {
    /// All.
    #[default]
    #[strum(serialize = "daily")]
    Daily,
    /// Saturday and Sunday.
    #[strum(serialize = "weekends")]
    Weekends,
    /// Monday to Friday.
    #[strum(serialize = "mon-fri")]
    MonFri,
}

/// `[notify.quiet]`.
pub(super) fn quiet(
    reader: &mut TomlReader<'_>,
    span: &Range<usize>,
    table: &DeTable<'_>,
    providers: &[ProviderSpec],
) -> Option<Quiet> {
    const MEMBERS: &[&str] = &["from", "to", "zone", "days", "except"];
    let ids: Vec<&'static str> = providers.iter().map(|spec| spec.id).collect();
    let title = "[notify.quiet]";
    let mut section = TableReader::open(reader, ProblemScope::Watch, title, table, MEMBERS, &[]);
    let time = |value: &DeValue<'_>| {
        let (hour, minute) = value.as_str()?.split_once(':')?;
        Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
    };
    let from = section.read_member("from", "\"22:00\"", time);
    let to = section.read_member("to", "\"07:00\"", time);
    let zone = section.read_member(
        "zone",
        "\"Europe/Berlin\", a name of the tz database",
        |value| TimeZone::get(&parse_string(value)?).ok(),
    );
    let days = section.one_of("days", &["daily", "weekends", "mon-fri"]);
    let except = filter_of(&mut section, "except", &ids);
    if section.value("from").is_none() || section.value("to").is_none() {
        let hint = "write from = \"22:00\" and to = \"07:00\"";
        section.report_missing(span, "needs from and to", hint);
    }
    Some(Quiet {
        from: from?,
        to: to?,
        zone: zone.unwrap_or_else(TimeZone::system),
        days: days.unwrap_or_default(),
        except,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_end_in_the_morning_of_the_next_day() {
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_second();
        let mut quiet = Quiet {
            from: Time::constant(22, 0, 0, 0),
            to: Time::constant(7, 0, 0, 0),
            zone: TimeZone::UTC,
            days: Days::Daily,
            except: None,
        };
        let end = Some(at("2026-12-01T07:00:00Z"));
        assert_eq!(quiet.until(at("2026-11-30T22:00:00Z")), end);
        assert_eq!(quiet.until(at("2026-12-01T06:59:59Z")), end);
        assert_eq!(quiet.until(at("2026-12-01T07:00:00Z")), None);
        assert_eq!(quiet.until(at("2026-11-30T21:59:59Z")), None);
        // The night from Sunday to Monday began on Sunday.
        quiet.days = Days::MonFri;
        assert_eq!(quiet.until(at("2026-11-30T03:00:00Z")), None);
        assert_eq!(quiet.until(at("2026-11-30T23:00:00Z")), end);
        quiet.days = Days::Weekends;
        assert!(quiet.until(at("2026-11-30T03:00:00Z")).is_some());
        (quiet.from, quiet.to) = (Time::constant(12, 0, 0, 0), Time::constant(13, 0, 0, 0));
        quiet.days = Days::Daily;
        assert_eq!(
            quiet.until(at("2026-12-01T12:30:00Z")),
            Some(at("2026-12-01T13:00:00Z"))
        );
        assert_eq!(quiet.until(at("2026-12-01T13:00:00Z")), None);
    }
}
