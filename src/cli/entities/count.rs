//! `count`: how many, and by what. Leaks are counted by the provider where its answer means exactly the same; else they
//! are read and counted here.

use super::{
    CountArguments, filter, list,
    load::{self, LoadReport},
    order, rows,
};
use crate::{
    app::model::Context,
    cli::{
        accounts::{self, Accounts},
        context::CommandContext,
        exit::ExitCode,
        failure::{Failure, FailureKind},
        format::Format,
        output::Column,
    },
    config::suggest::suggest,
    entity::{
        error::ProviderError,
        key::{Kind, ProfileName},
        leak::LeakField,
        placeholder::is_identifying,
        query::{CountField, LeakQuery},
        raw_text::RawText,
        visible::{Visible, escape},
    },
    export::{ProfileLoad, json::Schema},
    filter::Filter,
    journal::OpenMode,
    provider::{Provider, require},
    table::{GroupKind, Marks, RowId, Table},
};
use serde::Serialize;
use std::collections::HashMap;

/// What leaks are counted by.
pub(in crate::cli) const LEAK_FIELDS: &[&str] = &[
    "status", "class", "risk", "source", "profile", "domain", "login", "url", "host", "ip", "os",
    "country", "device",
];

/// What everything else is counted by.
const GROUP_FIELDS: &[&str] = &["profile", "source"];

#[derive(Serialize)]
struct Answer<'a> {
    count: u64,
    complete: bool,
    by: Option<FieldCounts<'a>>,
    profiles: &'a [ProfileLoad],
}

#[derive(Serialize)]
struct FieldCounts<'a> {
    field: &'a str,
    groups: &'a [ValueCount],
}

#[derive(Serialize)]
struct ValueCount {
    value: Option<RawText>,
    count: u64,
}

/// A count and its parts.
struct CountResult {
    count: u64,
    groups: Vec<ValueCount>,
    report: LoadReport,
}

/// Counts one kind.
pub(in crate::cli) async fn run(
    session: &mut CommandContext,
    kind: Kind,
    arguments: &CountArguments,
) -> Result<ExitCode, Failure> {
    let filter = filter::parse(arguments.filter.as_deref())?;
    let by = parse_field(kind, arguments.by.as_deref())?;
    let counted = match kind {
        Kind::Leak => count_leaks(session, &filter, by).await?,
        Kind::Domain | Kind::User | Kind::Connection => {
            count_groups(session, kind, &filter, by).await?
        }
    };
    print(session, arguments.format.format, by, &counted);
    counted.report.finish()
}

fn parse_field(kind: Kind, word: Option<&str>) -> Result<Option<&'static str>, Failure> {
    let Some(word) = word else {
        return Ok(None);
    };
    let fields = match kind {
        Kind::Leak => LEAK_FIELDS,
        Kind::Domain | Kind::User | Kind::Connection => GROUP_FIELDS,
    };
    let found = fields.iter().find(|field| **field == word);
    found.copied().map(Some).ok_or_else(|| {
        let near = suggest(word, fields.iter().copied());
        let hint = if near.is_empty() {
            format!("one of: {}", fields.join(", "))
        } else {
            format!("did you mean {}?", near.join(" or "))
        };
        Failure::new(
            FailureKind::Usage,
            format!(
                "{}s cannot be counted by {}",
                kind,
                escape(word.as_bytes()).as_str()
            ),
            hint,
        )
    })
}

fn print(session: &mut CommandContext, format: Format, by: Option<&str>, counted: &CountResult) {
    let output = &mut session.output;
    match (format, by) {
        (Format::Json, by) => output.json(&Schema::new(Answer {
            count: counted.count,
            complete: counted.report.is_complete(),
            by: by.map(|field| FieldCounts {
                field,
                groups: &counted.groups,
            }),
            profiles: &counted.report.loads,
        })),
        // A bare number would be taken for the count.
        (Format::Table, _) if !counted.report.is_complete() => {}
        (Format::Table, None) => output.text(&format!("{}\n", counted.count)),
        (Format::Table, Some(_)) => {
            let rows: Vec<_> = counted
                .groups
                .iter()
                .map(|group| {
                    let value = group.value.as_ref();
                    vec![
                        rows::printable(group.count),
                        value.map_or(Visible::literal("(none)"), rows::text),
                    ]
                })
                .collect();
            output.table(&[Column::number("COUNT"), Column::uncut("VALUE")], &rows);
        }
    }
}

/// Puts values with their counts in order: the largest first, then by value, what has none last.
fn sort_counts(counts: HashMap<Vec<u8>, u64>) -> Vec<ValueCount> {
    let mut groups: Vec<_> = counts.into_iter().collect();
    groups.sort_by(|(one, one_count), (two, two_count)| {
        two_count
            .cmp(one_count)
            .then_with(|| one.is_empty().cmp(&two.is_empty()))
            .then_with(|| one.cmp(two))
    });
    groups
        .into_iter()
        .map(|(value, count)| ValueCount {
            value: (!value.is_empty()).then(|| RawText::from(&value[..])),
            count,
        })
        .collect()
}

async fn count_groups(
    session: &mut CommandContext,
    kind: Kind,
    filter: &Filter,
    by: Option<&str>,
) -> Result<CountResult, Failure> {
    let list::Groups {
        run,
        report: mut reading,
        ..
    } = list::read_groups(session, kind, filter).await?;
    let model = &run.model;
    let mut groups = order::groups(model.context(), kind);
    list::count_by_profile(&mut reading, &groups);
    order::retain_matching(model.context(), kind, filter, &mut groups);
    let mut counts = HashMap::new();
    for group in &groups {
        let profile = &group.key.profile;
        let value = match by {
            Some("source") => model
                .data
                .profile(profile)
                .map_or_else(String::new, |state| {
                    state.profile.binding.provider.to_string()
                }),
            Some(_) => profile.to_string(),
            None => continue,
        };
        *counts.entry(value.into_bytes()).or_default() += 1;
    }
    Ok(CountResult {
        count: groups.len() as u64,
        groups: sort_counts(counts),
        report: reading,
    })
}

async fn count_leaks(
    session: &mut CommandContext,
    filter: &Filter,
    by: Option<&str>,
) -> Result<CountResult, Failure> {
    let (mut run, connected) = accounts::start_headless(session, OpenMode::Read).await?;
    let profiles = load::matching_profiles(run.model.context(), filter);
    if let Some(asked) =
        count_remotely(run.model.context(), &connected, &profiles, filter, by).await
    {
        return Ok(asked);
    }
    load::load_leaks(&mut session.output, &mut run, &profiles, filter).await;
    let missing = load::matching_unusable(&connected, filter);
    let reading = LoadReport::from_model(run.model.context(), &profiles, &missing);
    let table = &run.model.data.table;
    let rows = table.select(filter, &[], None, &Marks::default());
    let mut counts = HashMap::new();
    if let Some(by) = by {
        for row in &rows {
            let value = value(table, *row, by);
            *counts.entry(value).or_default() += 1;
        }
    }
    Ok(CountResult {
        count: rows.len() as u64,
        groups: sort_counts(counts),
        report: reading,
    })
}

/// Asks the providers to count. `None` where one cannot, where that would not be the filter's count, or where its
/// groups are not its whole.
async fn count_remotely(
    context: Context<'_>,
    connected: &Accounts,
    profiles: &[ProfileName],
    filter: &Filter,
    by: Option<&str>,
) -> Option<CountResult> {
    let group_by = match by {
        // What is asked is counted by these itself.
        None | Some("profile" | "source") => None,
        Some("url") => Some(CountField::Url),
        Some("country") => Some(CountField::Country),
        Some("ip") => Some(CountField::DeviceIp),
        Some("host") => Some(CountField::Hostname),
        Some("device") => Some(CountField::HardwareId),
        // Logins are compared without case here, and providers know no status of ours.
        Some(_) => return None,
    };
    let states: Option<Vec<_>> = profiles
        .iter()
        .filter_map(|name| {
            Some((
                name,
                context.data.profile(name)?,
                connected.providers.get(name)?,
            ))
        })
        .map(|(name, state, provider)| {
            let query = load::pushed_down_query(context.data, state, filter);
            let binding = &state.profile.binding;
            filter
                .is_fully_pushed_down(&query, binding.name.as_str(), binding.provider.as_str())
                .then_some((name, state, provider, query))
        })
        .collect();
    let mut reading = LoadReport::default();
    let mut counts: HashMap<Vec<u8>, u64> = HashMap::new();
    let mut count = 0;
    for (name, state, provider, query) in states? {
        let one = count_profile(provider.as_ref(), &query, group_by).await;
        match one {
            Ok((own, groups)) => {
                let whole = groups.iter().map(|(_, count)| count).sum::<u64>() == own;
                if group_by.is_some() && !whole {
                    return None;
                }
                let binding = &state.profile.binding;
                match by {
                    Some("profile") => *counts.entry(name.to_string().into()).or_default() += own,
                    Some("source") => {
                        *counts
                            .entry(binding.provider.to_string().into())
                            .or_default() += own;
                    }
                    Some(_) | None => {}
                }
                for (value, own) in groups {
                    *counts.entry(value).or_default() += own;
                }
                count += own;
                reading.add(&state.profile, 0, Some(own), None);
            }
            Err(ProviderError::Unsupported { .. }) => return None,
            Err(error) => reading.add(&state.profile, 0, None, Some(&error)),
        }
    }
    counts.retain(|_, count| *count > 0);
    reading.add_unusable(&load::matching_unusable(connected, filter));
    Some(CountResult {
        count,
        groups: sort_counts(counts),
        report: reading,
    })
}

type Groups = Vec<(Vec<u8>, u64)>;

async fn count_profile(
    provider: &dyn Provider,
    query: &LeakQuery,
    by: Option<CountField>,
) -> Result<(u64, Groups), ProviderError> {
    let count = provider.leaks().count(query).await?;
    let groups = match by {
        None => Vec::new(),
        Some(by) => require(provider.grouping())?
            .count_grouped(query, by)
            .await?
            .into_iter()
            .map(|group| {
                let value = group.value.map(|value| value.as_bytes().to_vec());
                (
                    identifying_value(value.unwrap_or_default(), by),
                    group.count,
                )
            })
            .collect(),
    };
    Ok((count, groups))
}

/// The value of a machine's member, empty where it says nothing: what has it has nothing in common.
fn identifying_value(value: Vec<u8>, by: CountField) -> Vec<u8> {
    let of_machine = matches!(
        by,
        CountField::DeviceIp | CountField::Hostname | CountField::HardwareId
    );
    if of_machine && !is_identifying(&value) {
        Vec::new()
    } else {
        value
    }
}

/// A row's value of a field; empty where it has none.
fn value(table: &Table, row: RowId, by: &str) -> Vec<u8> {
    let text = |field| table.text(row, field).into_owned();
    match by {
        "status" => table.status(row).to_string().into_bytes(),
        "risk" => table
            .row(row)
            .risk
            .map_or_else(Vec::new, |risk| risk.level.to_string().into_bytes()),
        "source" | "profile" => {
            let (profile, provider) = &table.profiles()[table.slot(row).0 as usize];
            let word = if by == "profile" {
                profile.as_str()
            } else {
                provider.as_str()
            };
            word.as_bytes().to_vec()
        }
        "login" => table
            .group(row, GroupKind::User)
            .map_or_else(Vec::new, |group| {
                table.group_name(GroupKind::User, group).to_vec()
            }),
        "class" => text(LeakField::Class),
        "domain" => table
            .group(row, GroupKind::Domain)
            .map_or_else(Vec::new, |group| {
                table.group_name(GroupKind::Domain, group).to_vec()
            }),
        "url" => text(LeakField::Url),
        "host" => identifying_value(text(LeakField::Hostname), CountField::Hostname),
        "ip" => identifying_value(text(LeakField::Ip), CountField::DeviceIp),
        "os" => text(LeakField::Os),
        "country" => text(LeakField::Country),
        "device" => identifying_value(text(LeakField::HardwareId), CountField::HardwareId),
        _ => Vec::new(),
    }
}
