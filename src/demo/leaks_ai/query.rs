//! What is asked: parameters, each with its own rule for several values.

use strum::{EnumString, VariantNames as _};

use super::super::system::Answer;
use super::ids::{Id, Ids};
use super::router::{invalid, problem};
use super::source::{DOMAIN_COUNT, Source};
use super::{Level, State};

/// Rows in a page unless asked otherwise, and at most.
const DEFAULT_ROWS: u32 = 25;
const MAX_ROWS: u32 = 100;

/// What a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Target {
    Leaks,
    Endpoints,
    Resources,
    Users,
}

/// What can be sorted by: the member of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(super) enum Sort {
    RiskLevel,
    FirstSeen,
    AddedAt,
    Date,
    Login,
    Resource,
}

impl Target {
    /// Its sort keys. Those of resources are our own.
    fn sorts(self) -> &'static [Sort] {
        match self {
            Self::Leaks => &[Sort::RiskLevel, Sort::FirstSeen, Sort::AddedAt],
            Self::Endpoints => &[Sort::RiskLevel, Sort::Date],
            Self::Resources => &[Sort::RiskLevel, Sort::FirstSeen, Sort::Resource],
            Self::Users => &[Sort::FirstSeen, Sort::Login, Sort::RiskLevel],
        }
    }
}

/// Some of a small set, a bit for each; none given is all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct BitSet16(u16);

impl BitSet16 {
    const ALL: Self = Self(u16::MAX);

    /// Whether any of these bits is asked for.
    pub(super) fn intersects(self, bits: u16) -> bool {
        self.0 & bits != 0
    }

    /// Whether the one at this place is asked for.
    pub(super) fn contains(self, place: usize) -> bool {
        self.intersects(1 << place)
    }
}

/// Which rows, and in which order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Filter {
    pub(super) target: Target,
    pub(super) domains: BitSet16,
    pub(super) status: BitSet16,
    pub(super) risk: BitSet16,
    /// Substrings in lower case, but for the password.
    pub(super) login: Option<String>,
    pub(super) password: Option<String>,
    pub(super) url: Option<String>,
    pub(super) url_path: Option<String>,
    pub(super) url_port: Option<u16>,
    pub(super) user: Option<Id>,
    pub(super) resource: Option<Id>,
    pub(super) endpoint: Option<Id>,
    /// Keys, and whether the largest comes first.
    pub(super) sort: Vec<(Sort, bool)>,
}

impl Filter {
    /// Whether it looks at more than the index knows, so that the leak must be computed.
    pub(super) fn needs_leak(&self) -> bool {
        self.password.is_some()
            || self.url.is_some()
            || self.url_path.is_some()
            || self.url_port.is_some()
    }
}

/// The part of the rows that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) page: u64,
    pub(super) rows: u32,
}

/// The parameters of one request.
pub(super) struct Parameters<'a>(pub(super) &'a [(String, String)]);

impl<'a> Parameters<'a> {
    /// Every value of a parameter that is not blank.
    fn all(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(given, value)| given == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    fn last(&self, name: &str) -> Option<&'a str> {
        self.all(name).last()
    }

    fn lower(&self, name: &str) -> Option<String> {
        self.last(name).map(str::to_lowercase)
    }

    fn id(&self, name: &str) -> Result<Option<Id>, Answer> {
        let read =
            |text| Id::parse(text).ok_or_else(|| invalid(&format!("Invalid {name}: not a UUID.")));
        self.last(name).map(read).transpose()
    }

    /// The page that is asked for.
    pub(super) fn window(&self) -> Result<Window, Answer> {
        let whole = |name: &str, usual: u64, most: u64| match self.last(name) {
            None => Ok(usual),
            Some(text) => text
                .parse()
                .ok()
                .filter(|number| (1..=most).contains(number))
                .ok_or_else(|| invalid(&format!("Invalid {name}."))),
        };
        Ok(Window {
            page: whole("page", 1, u64::MAX)?,
            rows: whole("per_page", DEFAULT_ROWS.into(), MAX_ROWS.into())? as u32,
        })
    }

    /// The monitored domains that are asked for, with commas or repeated; archived ones only where they are named.
    pub(super) fn domains(&self, source: &Source) -> Result<BitSet16, Answer> {
        let mut named = None;
        for text in self.all("domain_id").flat_map(|text| text.split(',')) {
            let id =
                Id::parse(text.trim()).ok_or_else(|| invalid("Invalid domain_id: not a UUID."))?;
            let place = (0..DOMAIN_COUNT)
                .find(|place| source.domain(*place).0 == id)
                .ok_or_else(|| problem(403, "forbidden", "No access to this domain."))?;
            named = Some(named.unwrap_or(0) | 1 << place);
        }
        // Every leak is filed under a domain that is not archived.
        Ok(named.map_or(BitSet16::ALL, BitSet16))
    }

    /// Reads what a list or a count is asked. What it does not know it ignores.
    pub(super) fn filter(&self, target: Target, source: &Source) -> Result<Filter, Answer> {
        let leaks = target == Target::Leaks;
        let only = |known: bool, text: Option<String>| text.filter(|_| known);
        let port = match self.last("url_port").filter(|_| leaks) {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| invalid("Invalid url_port."))?),
        };
        let id = |name| if leaks { self.id(name) } else { Ok(None) };
        Ok(Filter {
            target,
            domains: self.domains(source)?,
            status: if matches!(target, Target::Leaks | Target::Endpoints) {
                self.status()?
            } else {
                BitSet16::ALL
            },
            risk: self.risk()?,
            login: only(leaks || target == Target::Users, self.lower("login")),
            password: only(leaks, self.last("password").map(str::to_owned)),
            url: only(leaks, self.lower("url")),
            url_path: only(leaks, self.lower("url_path")),
            url_port: port,
            user: id("user_id")?,
            resource: id("resource_id")?,
            endpoint: id("endpoint_id")?,
            sort: self.sort(target)?,
        })
    }

    /// States, repeated; a comma is no separator here.
    fn status(&self) -> Result<BitSet16, Answer> {
        let mut named = None;
        for text in self.all("status") {
            let state: State = text.parse().map_err(|_| {
                let valid = State::VARIANTS;
                invalid(&format!("Invalid status: {text:?}. Valid: {valid:?}."))
            })?;
            named = Some(named.unwrap_or(0) | 1 << state as u16);
        }
        Ok(named.map_or(BitSet16::ALL, BitSet16))
    }

    /// Names of risk levels, with commas or repeated, in any case.
    fn risk(&self) -> Result<BitSet16, Answer> {
        let mut named = None;
        for text in self.all("risk_level").flat_map(|text| text.split(',')) {
            let level: Level = text.trim().to_lowercase().parse().map_err(|_| {
                let valid = Level::VARIANTS;
                invalid(&format!("Invalid risk_level: {text:?}. Valid: {valid:?}."))
            })?;
            named = Some(named.unwrap_or(0) | 1 << level as u16);
        }
        Ok(named.map_or(BitSet16::ALL, BitSet16))
    }

    /// Sort keys: leaks take several, the others one.
    fn sort(&self, target: Target) -> Result<Vec<(Sort, bool)>, Answer> {
        let Some(text) = self.last("sort") else {
            return Ok(Vec::new());
        };
        let keys: Vec<&str> = if target == Target::Leaks {
            text.split(',').collect()
        } else {
            vec![text]
        };
        keys.into_iter()
            .map(|key| {
                let (word, down) = key
                    .strip_prefix('-')
                    .map_or((key, false), |key| (key, true));
                let known = word
                    .parse()
                    .ok()
                    .filter(|sort| target.sorts().contains(sort));
                known.map(|sort| (sort, down)).ok_or_else(|| {
                    let valid: Vec<&str> = target.sorts().iter().map(Into::into).collect();
                    invalid(&format!("Invalid sort field: {word:?}. Valid: {valid:?}."))
                })
            })
            .collect()
    }
}

/// The id in a path; what is no UUID names nothing.
pub(super) fn path_id(segments: &[String]) -> Option<Id> {
    segments.get(1).and_then(|text| Id::parse(text))
}

/// The row of a leak's id as the control calls write it.
pub(super) fn find_row(ids: Ids, text: &str) -> Option<u32> {
    Id::parse(text).and_then(|id| ids.row(id))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::super::SystemName;
    use super::super::super::population::split;
    use super::*;

    fn read(target: Target, query: &str) -> Result<Filter, u16> {
        let shares = split(500, &SystemName::ALL.into());
        let source = Source::new(1, shares, date(2026, 3, 1), false);
        let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let parameters = Parameters(&pairs);
        parameters
            .window()
            .and_then(|_| parameters.filter(target, &source))
            .map_err(|answer| answer.status)
    }

    #[test]
    fn several_values_follow_each_parameters_own_rule() {
        let some = |places: &[usize]| BitSet16(places.iter().map(|place| 1 << place).sum());
        let risk = |query| read(Target::Leaks, query).unwrap().risk;
        assert_eq!(risk(""), BitSet16::ALL);
        assert_eq!(risk("risk_level=low,HIGH"), some(&[1, 3]));
        assert_eq!(risk("risk_level=none&risk_level=Medium"), some(&[0, 2]));
        let status = |query| read(Target::Leaks, query).map(|filter| filter.status);
        assert_eq!(
            status("status=new&status=false_positive"),
            Ok(some(&[0, 3]))
        );
        assert_eq!(status("status=new,resolved"), Err(400));
        assert_eq!(
            read(Target::Users, "status=no").unwrap().status,
            BitSet16::ALL
        );
        let foreign = "domain_id=0e7f4a52-8c11-4b7d-9d0e-6a2b51c7f903";
        assert_eq!(read(Target::Leaks, foreign), Err(403));
    }

    #[test]
    fn what_is_malformed_is_refused() {
        for bad in [
            "page=0",
            "page=x",
            "per_page=0",
            "per_page=101",
            "risk_level=grave",
            "risk_level=low,,high",
            "status=open",
            "domain_id=7f1c",
            "user_id=7f1c",
            "url_port=99999",
            "sort=colour",
            "sort=date",
            "sort=",
            "sort=-added_at,",
        ] {
            let wanted = if bad == "sort=" { None } else { Some(400) };
            assert_eq!(read(Target::Leaks, bad).err(), wanted, "{bad}");
        }
        assert!(read(Target::Leaks, "sort=-added_at,risk_level&per_page=100").is_ok());
        assert_eq!(
            read(Target::Users, "sort=login,risk_level").err(),
            Some(400)
        );
        assert!(read(Target::Endpoints, "sort=-date&user_id=x").is_ok());
    }
}
