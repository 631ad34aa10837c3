//! `stanch marks`: the named sets of marked leaks, which the console's `:marks save` keeps too.

use super::{
    accounts,
    change::{self, targets::TargetOptions},
    context::CommandContext,
    entities::{rows, value_list},
    exit::ExitCode,
    failure::{Failure, FailureKind},
    format::{Format, FormatOption, ListFormat, ListFormatOption},
};
use crate::{
    app::plan::Target,
    entity::{
        key::EntityKey,
        mark_set::{MarkSet, check_name},
    },
    export::{Summary, json},
    journal::OpenMode,
    runtime::mark_sets,
};
use jiff::Timestamp;
use serde::Serialize;

/// What can be done with sets of marks.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Command {
    /// List the sets; with names, the keys that are in all of these sets, one a line as --ids-from reads them.
    List(ListArguments),
    /// Save leaks as a set, in place of what has its name.
    Save(SaveArguments),
    /// Delete a set. The leaks stay as they are.
    Delete(DeleteArguments),
}

/// `list`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ListArguments {
    /// The keys of this set; of several, those that are in all of them.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// The form of the result.
    #[command(flatten)]
    pub format: ListFormatOption,
}

/// `save`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct SaveArguments {
    /// The name of the set.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Which leaks.
    #[command(flatten)]
    pub targets: TargetOptions,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// `delete`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct DeleteArguments {
    /// The name of the set.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// A set, as JSON has it.
#[derive(Serialize)]
struct Item {
    name: String,
    leaks: usize,
    saved_at: Timestamp,
}

impl Item {
    fn of(set: &MarkSet) -> Self {
        Self {
            name: set.name.clone(),
            leaks: set.keys.len(),
            saved_at: set.saved_at,
        }
    }
}

/// A key, as JSON has it.
#[derive(Serialize)]
struct KeyItem {
    key: EntityKey,
}

/// Reads or changes sets of marks.
pub async fn run(session: &mut CommandContext, command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::List(arguments) => list(session, arguments),
        Command::Save(arguments) => save(session, arguments).await,
        Command::Delete(arguments) => delete(session, arguments),
    }
}

fn unusable(why: String) -> Failure {
    Failure::new(
        FailureKind::Journal,
        why,
        "move the file away, or set STANCH_STATE_DIR to a directory on a local disk",
    )
}

fn no_set(name: &str) -> Failure {
    Failure::new(
        FailureKind::NotFound,
        format!(
            "no set of marks is called {}",
            rows::printable(name).as_str()
        ),
        "stanch marks list names those there are",
    )
}

fn whole(count: usize) -> Summary {
    Summary {
        total: Some(count as u64),
        loaded: count as u64,
        complete: true,
        profiles: Vec::new(),
    }
}

fn list(session: &mut CommandContext, arguments: &ListArguments) -> Result<ExitCode, Failure> {
    let state = session.state_directory()?;
    let sets = mark_sets::read(&state).map_err(unusable)?;
    let format = arguments.format.format;
    if arguments.names.is_empty() {
        let items: Vec<Item> = sets.list().iter().map(Item::of).collect();
        let names = ["name", "leaks", "saved_at"];
        let summary = whole(items.len());
        value_list::print(
            &mut session.output,
            format,
            &items,
            &summary,
            &names,
            |item| {
                [
                    item.name.clone(),
                    item.leaks.to_string(),
                    rows::moment(item.saved_at, format),
                ]
                .map(String::into_bytes)
                .to_vec()
            },
        );
        return Ok(ExitCode::Done);
    }
    let names: Vec<&str> = arguments.names.iter().map(String::as_str).collect();
    let keys = sets.intersect(&names).map_err(no_set)?;
    if format == ListFormat::Table {
        for key in &keys {
            session
                .output
                .text(&format!("{}\n", rows::printable(key).as_str()));
        }
        return Ok(ExitCode::Done);
    }
    let summary = whole(keys.len());
    let items: Vec<KeyItem> = keys.into_iter().map(|key| KeyItem { key }).collect();
    value_list::print(
        &mut session.output,
        format,
        &items,
        &summary,
        &["key"],
        |item| vec![item.key.to_string().into_bytes()],
    );
    Ok(ExitCode::Done)
}

/// Rules of everything that changes a set.
fn allowed(session: &CommandContext) -> Result<(), Failure> {
    if session.options.read_only {
        return Err(Failure::new(
            FailureKind::Policy,
            "--read-only forbids every change",
            "stanch marks list only reads; it works all the same",
        ));
    }
    Ok(())
}

async fn save(
    session: &mut CommandContext,
    arguments: &SaveArguments,
) -> Result<ExitCode, Failure> {
    allowed(session)?;
    check_name(&arguments.name).map_err(|why| {
        Failure::new(
            FailureKind::Usage,
            why,
            "stanch marks save NAME --filter EXPR",
        )
    })?;
    let named = arguments.targets.read()?;
    let (mut run, connected) = accounts::start_headless(session, OpenMode::Read).await?;
    let result = async {
        let loaded = change::load_targets(session, &mut run, &connected, named).await?;
        loaded.targets(run.model.context())
    };
    let targets = result.await;
    run.journal().close().await;
    let targets = targets?;
    let asked = targets.len();
    let table = &run.model.data.table;
    let keys: Vec<EntityKey> = targets
        .into_iter()
        .filter_map(|target| match target {
            Target::Row(row) => Some(table.key(row)),
            Target::Missing(_) => None,
        })
        .collect();
    if keys.is_empty() && asked > 0 {
        return Err(Failure::new(
            FailureKind::NotFound,
            "no leak has any of these keys",
            "stanch leaks list prints keys; --profile decides which accounts are asked",
        ));
    }
    let missing = asked - keys.len();
    if missing > 0 {
        let text = format!("stanch: {missing} keys are of no leak");
        session.output.warning(&text);
    }
    let state = session.state_directory()?;
    let saved = mark_sets::save(&state, &arguments.name, keys, Timestamp::now());
    let item = Item::of(&saved.map_err(unusable)?);
    match arguments.format.format {
        Format::Json => session.output.json(&json::answer("marks", item)),
        Format::Table => session.output.text(&format!(
            "{} leaks saved as {}\n",
            item.leaks,
            rows::printable(&item.name).as_str()
        )),
    }
    Ok(ExitCode::Done)
}

fn delete(session: &mut CommandContext, arguments: &DeleteArguments) -> Result<ExitCode, Failure> {
    allowed(session)?;
    let state = session.state_directory()?;
    let name = &arguments.name;
    if !mark_sets::delete(&state, name).map_err(unusable)? {
        return Err(no_set(name));
    }
    match arguments.format.format {
        Format::Json => {
            let deleted = serde_json::json!({ "deleted": name });
            session.output.json(&json::answer("marks", deleted));
        }
        Format::Table => session
            .output
            .text(&format!("{} is deleted\n", rows::printable(name).as_str())),
    }
    Ok(ExitCode::Done)
}
