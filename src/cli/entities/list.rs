//! `list`, for leaks and for what is made of them.

use super::{
    ListArguments, columns,
    filter::parse,
    item::{self, Item},
    listed,
    load::{self, LoadReport},
    order::{self, Group},
};
use crate::{
    app::{domains, model::Context, views::View},
    cli::{
        accounts::{self, Accounts},
        context::CommandContext,
        exit::ExitCode,
        failure::{Failure, FailureKind},
        format::ListFormat,
        merged_list, views,
    },
    config::suggest::suggest,
    entity::{domain::Domain, key::Kind, visible::escape},
    export::{RecordKind, Summary, members},
    filter::Filter,
    journal::OpenMode,
    table::{GroupKind, Marks, RowId, SortField, SortKey},
};
use unicode_width::UnicodeWidthStr as _;

/// Lists leaks.
pub(in crate::cli) async fn list_leaks(
    session: &mut CommandContext,
    arguments: &ListArguments,
) -> Result<ExitCode, Failure> {
    let view = match &arguments.view {
        Some(name) => Some(views::find(session, name)?),
        None => None,
    };
    let text = narrowed(view.as_ref(), arguments.filter.as_deref());
    let filter = parse(text.as_deref())?;
    let keys = match &view {
        Some(view) if arguments.sort.is_empty() => view.sort.clone(),
        Some(_) | None => order::leak_sort_keys(&arguments.sort)?,
    };
    let format = arguments.format.format;
    let asked = asked_columns(arguments, view.as_ref())?;
    let fields = asked_fields(arguments)?;
    let (mut run, connected) = accounts::start_headless(session, OpenMode::Read).await?;
    let profiles = load::matching_profiles(run.model.context(), &filter);
    load::load_leaks(&mut session.output, &mut run, &profiles, &filter).await;
    let by_news = |key: &SortKey| matches!(key.field, SortField::Found | SortField::News);
    let shows_news = asked.as_ref().is_some_and(|columns| {
        let mut columns = columns.iter();
        columns.any(|column| matches!(column.name, "found" | "news"))
    });
    let is_laid = filter.asks_memory();
    let asks = !is_laid && (shows_news || keys.iter().any(by_news));
    load::news(&mut session.output, &mut run, asks).await;
    let missing = load::matching_unusable(&connected, &filter);
    let reading = LoadReport::from_model(run.model.context(), &profiles, &missing);
    let table = &run.model.data.table;
    let mut rows = table.select(&filter, &[], None, &Marks::default());
    table.sort(&mut rows, &keys);
    rows.truncate(arguments.limit.unwrap_or(usize::MAX));
    let output = &mut session.output;
    match (format, asked) {
        (ListFormat::Table, asked) => {
            let keys = rows.iter().map(|row| table.key(*row).to_string().width());
            let chosen = match asked {
                Some(chosen) => chosen,
                None => columns::usual(output.width, keys.max().unwrap_or(0)),
            };
            let cells =
                |row: &RowId| columns::row(&chosen, &table.leak(*row), output.width.is_some());
            let cells: Vec<_> = rows.iter().map(cells).collect();
            let titles: Vec<_> = chosen.iter().map(|column| column.of_table()).collect();
            output.table(&titles, &cells);
            let sources = rows.iter().map(|row| table.attribution(table.slot(*row)));
            merged_list::print_sources(output, sources.flatten());
        }
        (ListFormat::Csv, Some(chosen)) if !arguments.columns.is_empty() => {
            let names: Vec<_> = chosen.iter().map(|column| column.name).collect();
            let cells = |row: &RowId| {
                let leak = table.leak(*row);
                chosen.iter().map(|column| column.cell(&leak)).collect()
            };
            let cells: Vec<_> = rows.iter().map(cells).collect();
            output.csv(&names, &cells);
        }
        (format, _) if !fields.is_empty() => {
            let leaks = rows.iter().map(|row| table.leak(*row));
            let summary = summary(&reading, reading.total(), reading.loaded());
            item::chosen(output, format, leaks, &fields, &summary)?;
        }
        (format, _) => {
            let items = rows
                .iter()
                .map(|row| Item::Leak(Box::new(table.leak(*row))));
            let summary = summary(&reading, reading.total(), reading.loaded());
            item::list(output, format, RecordKind::Leak, items, &summary)?;
        }
    }
    reading.finish()
}

/// A view's filter and one beside it: both have to hold.
fn narrowed(view: Option<&View>, filter: Option<&str>) -> Option<String> {
    let own = view.map(|view| view.filter.trim()).unwrap_or_default();
    match (own, filter.map(str::trim).unwrap_or_default()) {
        ("", "") => None,
        (own, "") => Some(own.to_owned()),
        ("", filter) => Some(filter.to_owned()),
        (own, filter) => Some(format!("({own}) ({filter})")),
    }
}

/// The columns that were asked for, by name or with a view.
fn asked_columns(
    arguments: &ListArguments,
    view: Option<&View>,
) -> Result<Option<Vec<&'static columns::Column>>, Failure> {
    if !arguments.columns.is_empty() {
        if !matches!(arguments.format.format, ListFormat::Table | ListFormat::Csv) {
            return Err(Failure::new(
                FailureKind::Usage,
                "--columns is for a table and for CSV",
                "JSON has every member, or those of --fields",
            ));
        }
        return columns::named(&arguments.columns).map(Some);
    }
    let shown = view.and_then(|view| view.columns.as_ref());
    Ok(shown
        .map(|shown| columns::of_view(shown))
        .filter(|columns| !columns.is_empty()))
}

/// The members that were asked for; none are all of them.
fn asked_fields(arguments: &ListArguments) -> Result<Vec<String>, Failure> {
    let fields: Vec<String> = arguments
        .fields
        .iter()
        .map(|name| name.trim().to_owned())
        .collect();
    if !fields.is_empty()
        && !matches!(
            arguments.format.format,
            ListFormat::Json | ListFormat::Jsonl
        )
    {
        return Err(Failure::new(
            FailureKind::Usage,
            "--fields is for JSON and JSON Lines",
            "a table and CSV have --columns",
        ));
    }
    let unknown = fields
        .iter()
        .find(|name| !members::LEAK.contains(&name.as_str()));
    let Some(name) = unknown else {
        return Ok(fields);
    };
    let near = suggest(name, members::LEAK.iter().copied());
    Err(Failure::new(
        FailureKind::Usage,
        format!("leaks have no member {}", escape(name.as_bytes()).as_str()),
        if near.is_empty() {
            format!("one of: {}", members::LEAK.join(", "))
        } else {
            format!("did you mean {}?", near.join(" or "))
        },
    ))
}

/// Lists what is made of leaks.
pub(in crate::cli) async fn list_groups(
    session: &mut CommandContext,
    kind: Kind,
    arguments: &ListArguments,
) -> Result<ExitCode, Failure> {
    if !arguments.columns.is_empty() || !arguments.fields.is_empty() || arguments.view.is_some() {
        return Err(Failure::new(
            FailureKind::Usage,
            format!("--columns, --fields and --view are for leaks, not for {kind}s"),
            "stanch leaks list has them",
        ));
    }
    let filter = parse(arguments.filter.as_deref())?;
    let keys = order::group_sort_keys(&arguments.sort)?;
    let Groups {
        run,
        report: mut reading,
        ..
    } = read_groups(session, kind, &filter).await?;
    let model = &run.model;
    let mut groups = order::groups(model.context(), kind);
    let loaded = count_by_profile(&mut reading, &groups);
    order::retain_matching(model.context(), kind, &filter, &mut groups);
    order::sort(&mut groups, &keys);
    groups.truncate(arguments.limit.unwrap_or(usize::MAX));
    let items = groups.iter().map(|group| item(model.context(), group));
    let summary = summary(&reading, None, loaded);
    item::list(
        &mut session.output,
        arguments.format.format,
        noun(kind),
        items,
        &summary,
    )?;
    reading.finish()
}

/// Everything that groups of a noun are made of.
pub(in crate::cli) struct Groups {
    /// The run, with what was read.
    pub(in crate::cli) run: crate::runtime::headless::HeadlessRun,
    /// Whom it was read from.
    pub(in crate::cli) connected: Accounts,
    /// What came of it.
    pub(in crate::cli) report: LoadReport,
}

/// Reads everything that groups of a noun are made of, as far as a filter may take them: the leaks, and what providers
/// list of that noun themselves.
pub(in crate::cli) async fn read_groups(
    session: &mut CommandContext,
    kind: Kind,
    filter: &Filter,
) -> Result<Groups, Failure> {
    let (mut run, connected) = accounts::start_headless(session, OpenMode::Read).await?;
    let profiles = load::all_profiles(run.model.context());
    if kind == Kind::Domain {
        load::load_domains(&mut session.output, &mut run, &connected, &profiles).await;
    }
    // Never the provider's part of a filter: a group counts all of its leaks, also those that the filter does not take.
    load::load_leaks(&mut session.output, &mut run, &profiles, &Filter::default()).await;
    load::news(&mut session.output, &mut run, filter.asks_memory()).await;
    let mut reading = LoadReport::from_model(run.model.context(), &profiles, &connected.missing);
    let query = filter.push_down_entities(kind);
    let failed = listed::load(&mut session.output, &mut run, &connected, kind, &query).await;
    for (profile, outcome) in failed {
        match outcome {
            Ok(lack) => reading.add_shortfall(&profile, lack),
            Err(error) => reading.add_failure(&profile, &error),
        }
    }
    Ok(Groups {
        run,
        connected,
        report: reading,
    })
}

/// Makes the parts of the profiles count groups: how many there are of each, and no total, for no provider says one.
pub(in crate::cli) fn count_by_profile(reading: &mut LoadReport, groups: &[Group]) -> u64 {
    for load in &mut reading.loads {
        let own = groups
            .iter()
            .filter(|group| group.key.profile == load.profile);
        load.loaded = own.count() as u64;
        load.total = None;
    }
    groups.len() as u64
}

/// What stands beside the items.
pub(in crate::cli) fn summary(reading: &LoadReport, total: Option<u64>, loaded: u64) -> Summary {
    Summary {
        total,
        loaded,
        complete: reading.is_complete(),
        profiles: reading.loads.clone(),
    }
}

/// A group as the thing that it is.
pub(in crate::cli) fn item(context: Context<'_>, group: &Group) -> Item {
    let (table, row) = (&context.data.table, &group.row);
    match group.kind {
        GroupKind::Domain => {
            let watched = domains::watched(context, row.group);
            Item::Domain(Domain {
                verified: watched.verified,
                archived: watched.archived,
                ..table.domain_for_row(row)
            })
        }
        GroupKind::User => Item::User(table.user_for_row(row)),
        GroupKind::Endpoint
        | GroupKind::Resource
        | GroupKind::Breach
        | GroupKind::Credential
        | GroupKind::Profile
        | GroupKind::Source
        | GroupKind::Country
        | GroupKind::Paste => Item::Connection(Box::new(table.connection_for_row(group.kind, row))),
    }
}

fn noun(kind: Kind) -> RecordKind {
    match kind {
        Kind::Domain => RecordKind::Domain,
        Kind::User => RecordKind::User,
        Kind::Leak => RecordKind::Leak,
        Kind::Connection => RecordKind::Connection,
    }
}
