//! `show`: one thing in full, by its key.

use super::{
    ShowArguments,
    item::Item,
    list, listed, load,
    order::{self, Group},
    rows,
};
use crate::{
    cli::{
        accounts::{self, Accounts},
        context::CommandContext,
        exit::ExitCode,
        failure::{Failure, FailureKind},
        format::Format,
    },
    entity::{
        claim::ConsoleId,
        error::{ProfileError, ProviderError},
        history::HistoryEntry,
        key::{EntityKey, Kind},
        leak::Leak,
        tree,
        visible::escape,
    },
    export::{history::leak_with_history_json, json},
    filter::Filter,
    journal::OpenMode,
    table::{GroupKind, RowId, Table},
};
use std::collections::BTreeSet;

/// Shows one thing.
pub(in crate::cli) async fn run(
    session: &mut CommandContext,
    kind: Kind,
    arguments: &ShowArguments,
) -> Result<ExitCode, Failure> {
    let key = &arguments.key;
    if key.kind != kind {
        return Err(Failure::new(
            FailureKind::Usage,
            format!("this is the key of a {}", key.kind),
            format!("stanch {}s show", key.kind),
        ));
    }
    match kind {
        Kind::Leak => {
            let leak = fetch_leak(session, key).await?;
            let state = session.state_directory()?;
            let journal = accounts::open_journal(session, &state, OpenMode::Read).await?;
            let history = journal
                .history(leak.key.clone(), leak.provider.clone())
                .await;
            let history = history.map_err(|error| Failure::from(&error))?;
            print_leak(session, arguments, leak, &history);
            Ok(ExitCode::Done)
        }
        Kind::Domain | Kind::User | Kind::Connection => {
            Box::pin(show_group(session, kind, arguments)).await
        }
    }
}

fn not_found() -> Failure {
    Failure::new(
        FailureKind::NotFound,
        "nothing has that key",
        "stanch … list prints keys; --profile decides which accounts are asked",
    )
}

/// Prints a leak and its history, oldest first.
fn print_leak(
    session: &mut CommandContext,
    arguments: &ShowArguments,
    leak: Leak,
    history: &[HistoryEntry],
) {
    if arguments.format.format == Format::Json {
        let item = leak_with_history_json(&leak, history);
        session.output.json(&json::answer("item", item));
        return;
    }
    print(session, arguments, &Item::Leak(Box::new(leak)));
    for entry in history {
        session
            .output
            .text(&format!("history        {}\n", history_line(entry)));
    }
}

/// One act in one line: time, operator, act, statuses, outcome, job and words.
fn history_line(entry: &HistoryEntry) -> String {
    let mut parts = vec![rows::truncate_to_second(entry.at).to_string()];
    parts.push(
        entry
            .by
            .as_ref()
            .map_or_else(|| "unknown".to_owned(), ConsoleId::user_at_host),
    );
    parts.push(entry.what.to_string());
    match (entry.before, entry.after) {
        (Some(before), Some(after)) => parts.push(format!("{before} to {after}")),
        (None, Some(after)) => parts.push(format!("to {after}")),
        (_, None) => {}
    }
    parts.extend(entry.outcome.clone());
    parts.extend(entry.job.map(|job| format!("job {job}")));
    let words = &entry.words;
    for (name, text) in [
        ("detail", &entry.detail),
        ("reason", &words.reason),
        ("ticket", &words.ticket),
        ("note", &words.note),
    ] {
        parts.extend(text.as_ref().map(|text| format!("{name} {text:?}")));
    }
    escape(parts.join("  ").as_bytes()).as_str().to_owned()
}

fn print(session: &mut CommandContext, arguments: &ShowArguments, item: &Item) {
    let output = &mut session.output;
    let ascii = output.ascii;
    match (arguments.format.format, item) {
        (Format::Table, item) => {
            output.key_values(&rows::fields(item.record()));
            if let Item::Connection(connection) = item
                && let Some(paths) = &connection.tree
            {
                output.text("\n");
                for line in tree::render_lines(paths, ascii) {
                    output.text(&format!("{}\n", line.as_str()));
                }
            }
        }
        (Format::Json, Item::Leak(leak)) => {
            output.json(&json::answer("item", json::leak_json(leak)));
        }
        (Format::Json, Item::User(user)) => {
            output.json(&json::answer("item", json::user_json(user)));
        }
        (Format::Json, Item::Domain(domain)) => {
            output.json(&json::answer("item", json::domain_json(domain)));
        }
        (Format::Json, Item::Connection(connection)) => {
            output.json(&json::answer("item", json::connection_json(connection)));
        }
        (Format::Json, Item::Job(job)) => {
            output.json(&json::answer("item", json::job_json(job, None)));
        }
    }
}

/// One leak, by one call where the provider takes its id; its connections are those of its own row.
async fn fetch_leak(session: &mut CommandContext, key: &EntityKey) -> Result<Leak, Failure> {
    let (mut run, connected) = accounts::start_headless(session, OpenMode::Read).await?;
    let Some(provider) = connected.providers.get(&key.profile) else {
        return Err(unknown_account(&connected, key));
    };
    if !provider.leaks().accepts_id(&key.id) {
        // An id that is not sent is found in the list or not at all.
        let profiles = [key.profile.clone()];
        load::load_leaks(&mut session.output, &mut run, &profiles, &Filter::default()).await;
        let table = &run.model.data.table;
        if let Some(row) = table.find_in_any_case(key) {
            return Ok(with_connections(table, row));
        }
        load::LoadReport::from_model(run.model.context(), &profiles, &[]).finish()?;
        return Err(not_found());
    }
    let mut answer = provider.leaks().leak(&key.id).await;
    if let Err(ProviderError::NotFound { .. }) = answer
        && let Some(id) = key.id.to_lowercase_hex()
    {
        answer = provider.leaks().leak(&id).await;
    }
    let (batch, related) = answer.map_err(|error| {
        let failure = Failure::from(&ProfileError {
            profile: key.profile.clone(),
            error: error.clone(),
        });
        match error {
            ProviderError::NotFound { .. } => not_found(),
            // A 403 on one leak is that leak's, not the key's.
            ProviderError::Forbidden { .. } => Failure {
                exit: ExitCode::NotFound,
                ..failure
            },
            ProviderError::Unauthorised { .. }
            | ProviderError::Keyless { .. }
            | ProviderError::Payment { .. }
            | ProviderError::RateLimited { .. }
            | ProviderError::Unreachable { .. }
            | ProviderError::Timeout { .. }
            | ProviderError::Rejected { .. }
            | ProviderError::Malformed { .. }
            | ProviderError::NotThisService { .. }
            | ProviderError::Unsupported { .. }
            | ProviderError::Policy { .. }
            | ProviderError::Cancelled => failure,
        }
    })?;
    let slot = run
        .model
        .data
        .profile(&key.profile)
        .map(|state| state.slot)
        .ok_or_else(not_found)?;
    // Into the run's own table: it knows the status that is kept here, and whose data it is.
    let table = &mut run.model.data.table;
    let pass = table.begin_pass(slot);
    table.ingest(slot, pass, &batch);
    if table.is_empty() {
        return Err(not_found());
    }
    let told = listed::upsert_connections(table, slot, &related.connections);
    let mut leak = with_connections(table, RowId(0));
    if let Some(files) = provider.files() {
        // What is not told of it is not known.
        leak.origin = files.origin(&key.id).await.ok().map(Box::new);
    }
    if let Some(known) = &mut leak.connections {
        known.extend(told);
        known.sort();
        known.dedup();
    }
    Ok(leak)
}

/// A key of an account that is not asked: unknown, or configured and broken.
fn unknown_account(connected: &Accounts, key: &EntityKey) -> Failure {
    let broken = connected
        .missing
        .iter()
        .find(|(name, _)| name == key.profile.as_str());
    broken.map_or_else(not_found, |(_, failure)| failure.clone())
}

fn with_connections(table: &Table, row: RowId) -> Leak {
    let mut leak = table.leak(row);
    leak.connections = Some(connection_keys(table, [row]));
    leak
}

fn connection_keys(table: &Table, rows: impl IntoIterator<Item = RowId>) -> Vec<EntityKey> {
    let groups: BTreeSet<_> = rows
        .into_iter()
        .flat_map(|row| {
            [GroupKind::Endpoint, GroupKind::Resource, GroupKind::Breach]
                .into_iter()
                .filter_map(move |kind| Some((kind, table.group(row, kind)?)))
        })
        .collect();
    groups
        .into_iter()
        .map(|(kind, group)| table.group_key(kind, group))
        .collect()
}

/// One of what is made of leaks: all of them have to be read.
async fn show_group(
    session: &mut CommandContext,
    kind: Kind,
    arguments: &ShowArguments,
) -> Result<ExitCode, Failure> {
    let key = &arguments.key;
    let list::Groups {
        mut run,
        connected,
        report: mut reading,
    } = list::read_groups(session, kind, &Filter::default()).await?;
    let model = &run.model;
    let known = model.data.profile(&key.profile).is_some();
    let wanted = order::kinds(kind)
        .into_iter()
        .find_map(|kind| Some((kind, model.data.table.find_group(kind, key)?)))
        .filter(|_| known);
    let found: Option<Group> = wanted.and_then(|(kind, group)| {
        order::groups(model.context(), key.kind)
            .into_iter()
            .find(|found| found.kind == kind && found.row.group == group)
    });
    let Some(found) = found else {
        if known {
            reading.finish()?;
        }
        return Err(not_found());
    };
    let group = found.row.group;
    let (told, failed) = listed::load_relations(&mut run, &connected, found.kind, group).await;
    for (profile, error) in failed {
        reading.add_failure(&profile, &error);
    }
    let model = &run.model;
    let mut item = list::item(model.context(), &found);
    if let Item::User(user) = &mut item {
        let rows = model.data.table.group_rows(found.kind, group);
        let mut keys: BTreeSet<_> = connection_keys(&model.data.table, rows)
            .into_iter()
            .collect();
        keys.extend(told);
        user.connections = Some(keys.into_iter().collect());
    }
    print(session, arguments, &item);
    reading.finish()
}
