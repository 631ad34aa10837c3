//! The columns of the table of leaks: their names, what they show, and which of them a terminal has room for.

use crate::{
    app::columns,
    cli::{
        failure::{Failure, FailureKind},
        output,
    },
    config::suggest::suggest,
    entity::{
        leak::{Device, Leak},
        raw_text::RawText,
        status::StatusSource,
        visible::escape,
    },
};
use jiff::Timestamp;

/// A column.
pub(in crate::cli) struct Column {
    /// As `--columns` spells it.
    pub(in crate::cli) name: &'static str,
    /// What stands above it: the console's word.
    title: &'static str,
    /// How narrow it can be made; 0 is never cut.
    narrowest: usize,
    /// What it shows of a leak, as it came.
    cell: fn(&Leak) -> Vec<u8>,
}

/// Every column, in the order in which they stand unless others are asked for.
const ALL: &[Column] = &[
    column("status", 13, |leak| status(leak).into_bytes()),
    column("risk", 6, |leak| {
        leak.risk
            .map_or_else(Vec::new, |risk| risk.level.to_string().into_bytes())
    }),
    column("login", 16, |leak| text(leak.login.as_ref())),
    column("url", 18, |leak| text(leak.url.as_ref())),
    titled("host", "machine", 10, |leak| {
        device(leak, |device| device.hostname.as_ref())
    }),
    column("country", 7, |leak| text(leak.country.as_ref())),
    column("class", 8, |leak| text(leak.class.as_ref())),
    titled("seen", "leaked", 10, |leak| date(leak.first_seen.as_ref())),
    column("source", 9, |leak| leak.provider.to_string().into_bytes()),
    column("key", 0, |leak| leak.key.to_string().into_bytes()),
    column("profile", 7, |leak| {
        leak.key.profile.to_string().into_bytes()
    }),
    column("id", 0, |leak| leak.key.id.as_bytes().to_vec()),
    column("domain", 10, |leak| text(leak.domain.as_ref())),
    column("added", 10, |leak| date(leak.added_at.as_ref())),
    column("ip", 9, |leak| device(leak, |device| device.ip.as_ref())),
    column("os", 8, |leak| device(leak, |device| device.os.as_ref())),
    titled("device", "hardware", 10, |leak| {
        device(leak, |device| device.hardware_id.as_ref())
    }),
    column("breach", 10, |leak| {
        text(leak.breach.as_ref().map(|breach| &breach.name))
    }),
    column("claim", 9, |leak| {
        leak.claim
            .as_ref()
            .map_or_else(Vec::new, |claim| claim.claimant.user_at_host().into_bytes())
    }),
    column("reason", 10, |leak| {
        words(leak, |words| words.reason.as_ref())
    }),
    column("note", 10, |leak| words(leak, |words| words.note.as_ref())),
    column("ticket", 8, |leak| {
        words(leak, |words| words.ticket.as_ref())
    }),
    column("remote_status", 13, |leak| {
        text(leak.remote_status.as_ref())
    }),
    column("sources", 7, |leak| leak.sources.to_string().into_bytes()),
    column("found", 10, |leak| date(leak.found.as_ref())),
    column("news", 9, |leak| {
        leak.news
            .first()
            .map_or_else(Vec::new, |word| word.as_bytes().to_vec())
    }),
];

/// So many of them stand in the table unless others are asked for.
const USUAL: usize = 10;

/// The usual columns in the order in which they leave where a terminal has no room, the first to leave first.
const LEAVE: [&str; 7] = ["country", "host", "key", "source", "class", "seen", "risk"];

const fn column(name: &'static str, narrowest: usize, cell: fn(&Leak) -> Vec<u8>) -> Column {
    titled(name, name, narrowest, cell)
}

const fn titled(
    name: &'static str,
    title: &'static str,
    narrowest: usize,
    cell: fn(&Leak) -> Vec<u8>,
) -> Column {
    Column {
        name,
        title,
        narrowest,
        cell,
    }
}

fn text(text: Option<&RawText>) -> Vec<u8> {
    text.map_or_else(Vec::new, |text| text.as_bytes().to_vec())
}

fn device(leak: &Leak, member: fn(&Device) -> Option<&RawText>) -> Vec<u8> {
    text(leak.device.as_ref().and_then(member))
}

fn words(
    leak: &Leak,
    member: fn(&crate::entity::claim::Justification) -> Option<&String>,
) -> Vec<u8> {
    let noted = leak.last_note.as_ref();
    let word = noted.and_then(|noted| member(&noted.justification));
    word.map_or_else(Vec::new, |word| word.clone().into_bytes())
}

/// A status, with a word where it is kept here alone and another where the provider has come to contradict it.
fn status(leak: &Leak) -> String {
    let kept = match leak.status_source {
        StatusSource::Local => " (local)",
        StatusSource::Remote => "",
    };
    let disputed = if leak.disputed { " disputed" } else { "" };
    format!("{}{kept}{disputed}", leak.status)
}

/// A provider's date to the minute, or to the day where it says no more. What is no date stays as it came.
pub(super) fn date(text: Option<&RawText>) -> Vec<u8> {
    let Some(text) = text else {
        return Vec::new();
    };
    let came = text.as_bytes();
    let moment = text
        .as_str()
        .and_then(|text| text.parse::<Timestamp>().ok());
    moment.map_or_else(|| came.to_vec(), |moment| minute(moment).into_bytes())
}

/// A moment as a table has it: UTC, to the minute, or the day alone at midnight.
pub(in crate::cli) fn minute(moment: Timestamp) -> String {
    let whole = moment.strftime("%Y-%m-%d %H:%M").to_string();
    whole
        .strip_suffix(" 00:00")
        .map_or_else(|| whole.clone(), str::to_owned)
}

impl Column {
    /// What it shows of a leak, as it came.
    pub(in crate::cli) fn cell(&self, leak: &Leak) -> Vec<u8> {
        (self.cell)(leak)
    }

    /// As a table has it.
    pub(in crate::cli) fn of_table(&self) -> output::Column {
        match self.narrowest {
            0 => output::Column::uncut(self.title),
            _ => output::Column::text(self.title),
        }
    }
}

/// The names of all columns.
pub(in crate::cli) fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|column| column.name)
}

/// The columns of these names.
///
/// # Errors
/// A name that no column has.
pub(in crate::cli) fn named(names: &[String]) -> Result<Vec<&'static Column>, Failure> {
    names.iter().map(|name| one(name.trim())).collect()
}

fn one(name: &str) -> Result<&'static Column, Failure> {
    // The console's own name of a column is taken, too.
    let asked = if name == "from" { "source" } else { name };
    ALL.iter()
        .find(|column| column.name == asked || column.title == asked)
        .ok_or_else(|| {
            let near = suggest(name, names());
            let hint = if near.is_empty() {
                format!("one of: {}", names().collect::<Vec<_>>().join(", "))
            } else {
                format!("did you mean {}?", near.join(" or "))
            };
            let shown = escape(name.as_bytes());
            Failure::new(
                FailureKind::Usage,
                format!("leaks have no column {}", shown.as_str()),
                hint,
            )
        })
}

/// The columns of a saved view that a table of the command line has, too.
pub(in crate::cli) fn of_view(shown: &[columns::VisibleColumn]) -> Vec<&'static Column> {
    let mut found = shown
        .iter()
        .filter_map(|shown| one(shown.column.title()).ok())
        .collect::<Vec<_>>();
    found.dedup_by_key(|column| column.name);
    found
}

/// The usual columns, without those for which a terminal of this width has no room; keys are as wide as given.
pub(in crate::cli) fn usual(width: Option<usize>, key: usize) -> Vec<&'static Column> {
    let mut columns: Vec<&Column> = ALL.iter().take(USUAL).collect();
    let Some(width) = width else {
        return columns;
    };
    let needed = |columns: &[&Column]| {
        let cells = columns.iter().map(|column| match column.narrowest {
            0 => key,
            narrowest => narrowest,
        });
        cells.sum::<usize>() + 2 * columns.len().saturating_sub(1)
    };
    for name in LEAVE {
        if needed(&columns) <= width {
            break;
        }
        columns.retain(|column| column.name != name);
    }
    columns
}

/// A table's cells of a leak. Where a terminal's width is what counts, the host of a URL comes first.
pub(in crate::cli) fn row(
    columns: &[&Column],
    leak: &Leak,
    is_narrow: bool,
) -> Vec<crate::entity::visible::Visible> {
    columns
        .iter()
        .map(|column| {
            let cell = column.cell(leak);
            let host_first = is_narrow && column.name == "url";
            let shown = if host_first { host_of(&cell) } else { &cell };
            escape(shown)
        })
        .collect()
}

fn host_of(url: &[u8]) -> &[u8] {
    [&b"https://"[..], b"http://"]
        .iter()
        .find_map(|scheme| url.strip_prefix(*scheme))
        .unwrap_or(url)
}

/// Cells as words, for the record of a leak.
pub(in crate::cli) fn login_and_url(leak: Option<&Leak>) -> [crate::entity::visible::Visible; 2] {
    let of = |member: fn(&Leak) -> Option<&RawText>| escape(&text(leak.and_then(member)));
    [of(|leak| leak.login.as_ref()), of(|leak| leak.url.as_ref())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_leave_in_order_of_importance() {
        let names = |width| {
            let columns = usual(width, 45);
            columns.iter().map(|column| column.name).collect::<Vec<_>>()
        };
        assert_eq!(names(None).len(), USUAL);
        assert_eq!(names(Some(300)).len(), USUAL);
        let narrow = names(Some(80));
        for kept in ["status", "login", "url", "risk", "seen"] {
            assert!(narrow.contains(&kept), "{narrow:?}");
        }
        assert!(!narrow.contains(&"key"));
        assert_eq!(names(Some(10)), ["status", "login", "url"]);
    }

    #[test]
    fn dates_are_as_long_as_what_they_say() {
        let of = |text: &str| String::from_utf8(date(Some(&RawText::from(text)))).unwrap();
        assert_eq!(of("2026-11-26T00:00:00.000Z"), "2026-11-26");
        assert_eq!(of("2026-11-26T13:05:59.123Z"), "2026-11-26 13:05");
        assert_eq!(of("2026-11-26"), "2026-11-26");
        assert_eq!(of("soon"), "soon");
    }

    #[test]
    fn columns_have_the_titles_of_the_console_and_are_found_by_them() {
        for shown in <columns::Column as strum::IntoEnumIterator>::iter() {
            let name: &str = shown.into();
            let Some(column) = ALL.iter().find(|column| column.name == name) else {
                continue;
            };
            assert_eq!(column.title, shown.title(), "{name}");
            let found = of_view(&[shown.into()]);
            assert_eq!(found.first().map(|found| found.name), Some(name));
        }
    }

    #[test]
    fn a_column_that_is_none_is_refused_with_the_nearest() {
        assert!(named(&["status".to_owned(), "from".to_owned()]).is_ok());
        let failure = named(&["statsu".to_owned()]).err().unwrap();
        assert!(failure.hint.contains("status"), "{failure:?}");
    }
}
