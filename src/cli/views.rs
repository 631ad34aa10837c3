//! `stanch views`: the saved views of the console, listed, written to a file and taken in from one.

use super::{
    accounts,
    context::CommandContext,
    entities::value_list,
    exit::ExitCode,
    failure::{Failure, FailureKind},
    format::{Format, FormatOption, ListFormatOption},
    input,
};
use crate::{
    app::views::{self, MAX_VIEWS, View, file},
    entity::error::JournalError,
    export::{self, Summary, json},
    journal::{Access, OpenMode},
    runtime::state_files,
};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// No file of views is longer, in bytes.
const BOUNDS: input::ReadLimits = input::ReadLimits {
    max_file_bytes: 1 << 20,
    max_line_bytes: 64 << 10,
};

/// What can be done with saved views.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Command {
    /// List the saved views, in their order.
    List(ListFormatOption),
    /// Write them as TOML, to a new file or to standard output.
    Export(ExportArguments),
    /// Take in the views of such a file whose names are not taken.
    Import(ImportArguments),
}

/// `export`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ExportArguments {
    /// The file; it must not exist. Standard output without one.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// `import`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ImportArguments {
    /// The file.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// A view, as JSON has it.
#[derive(Serialize)]
struct Item {
    name: String,
    filter: String,
    sort: Vec<String>,
    group: Option<&'static str>,
    columns: Option<Vec<String>>,
}

impl Item {
    fn of(view: &View) -> Self {
        Self {
            name: view.name.clone(),
            filter: view.filter.clone(),
            sort: file::format_sort_keys(&view.sort),
            group: view.group.and_then(file::format_group),
            columns: view
                .columns
                .as_ref()
                .map(|columns| columns.iter().map(ToString::to_string).collect()),
        }
    }
}

/// Reads or writes the saved views. No provider is asked.
pub async fn run(session: &mut CommandContext, command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::List(options) => list(session, *options),
        Command::Export(arguments) => export(session, arguments.file.as_deref()),
        Command::Import(arguments) => import(session, arguments).await,
    }
}

/// The saved views as the console would show them.
///
/// # Errors
/// Their file cannot be read.
pub(super) fn saved(session: &CommandContext) -> Result<file::ParsedViews, Failure> {
    let state = session.state_directory()?;
    let user = accounts::operator(session).user;
    let (path, text) = state_files::views_text(&state);
    let place = input::printable_path(&path);
    let unread = |why: &str| {
        Failure::new(
            FailureKind::Journal,
            format!("{place}: {why}"),
            "correct the file, or move it away",
        )
    };
    let read = match text {
        Ok(Some(text)) => file::parse(&text)
            .map_err(|problem| unread(&format!("line {}: {}", problem.line, problem.message)))?,
        Ok(None) => file::ParsedViews {
            views: views::default_views(Some(&user)),
            ..file::ParsedViews::default()
        },
        Err(why) => return Err(unread(&why)),
    };
    Ok(read)
}

/// The saved view of a name.
pub(super) fn find(session: &CommandContext, name: &str) -> Result<View, Failure> {
    let read = saved(session)?;
    let found = read.views.iter().find(|view| view.name == name);
    found.cloned().ok_or_else(|| {
        let names = read.views.iter().map(|view| &view.name[..]);
        let near = crate::config::suggest::suggest(name, names);
        let hint = near.first().map_or_else(
            || "stanch views list names those there are".to_owned(),
            |near| format!("did you mean {near}?"),
        );
        Failure::new(
            FailureKind::NotFound,
            format!(
                "no saved view is called {}",
                super::entities::rows::printable(name).as_str()
            ),
            hint,
        )
    })
}

/// The names of the saved views; none where they cannot be read.
pub(super) fn names(session: &CommandContext) -> Vec<String> {
    let read = saved(session).unwrap_or_default();
    read.views.into_iter().map(|view| view.name).collect()
}

fn tell(session: &mut CommandContext, problems: &[file::Problem]) {
    for problem in problems {
        session.output.warning(&format!(
            "stanch: line {}: a view cannot be read: {}",
            problem.line, problem.message
        ));
    }
}

fn list(session: &mut CommandContext, options: ListFormatOption) -> Result<ExitCode, Failure> {
    let read = saved(session)?;
    let items: Vec<Item> = read.views.iter().map(Item::of).collect();
    let summary = Summary {
        total: Some(items.len() as u64),
        loaded: items.len() as u64,
        complete: read.problems.is_empty(),
        profiles: Vec::new(),
    };
    let names = ["name", "filter", "sort", "group", "columns"];
    value_list::print(
        &mut session.output,
        options.format,
        &items,
        &summary,
        &names,
        |item| {
            let columns = item.columns.as_ref().map(|columns| columns.join(" "));
            [
                item.name.clone(),
                item.filter.clone(),
                item.sort.join(" "),
                item.group.unwrap_or_default().to_owned(),
                columns.unwrap_or_default(),
            ]
            .map(String::into_bytes)
            .to_vec()
        },
    );
    tell(session, &read.problems);
    Ok(ExitCode::Done)
}

fn export(session: &mut CommandContext, to: Option<&Path>) -> Result<ExitCode, Failure> {
    let read = saved(session)?;
    let text = file::serialize(&read.views, &read.unknown);
    let Some(path) = to else {
        session.output.text(&text);
        return Ok(ExitCode::Done);
    };
    export::write_new(path, |out| out.write_all(text.as_bytes()))
        .map_err(|error| Failure::from(&error))?;
    session.output.notice(&format!(
        "{} views written to {}",
        read.views.len(),
        input::printable_path(path)
    ));
    Ok(ExitCode::Done)
}

/// A console that is open would write its own list over the new one: the journal's lock says whether there is one.
async fn import(
    session: &mut CommandContext,
    arguments: &ImportArguments,
) -> Result<ExitCode, Failure> {
    if session.options.read_only {
        return Err(Failure::new(
            FailureKind::Policy,
            "--read-only forbids every change",
            "stanch views list only reads; it works all the same",
        ));
    }
    let path = &arguments.file;
    let unread = |why: String| {
        Failure::new(
            FailureKind::Usage,
            format!("{} cannot be read: {why}", input::printable_path(path)),
            "give a file that stanch views export has written",
        )
    };
    let bytes = input::read_file(path, BOUNDS).map_err(|error| unread(error.why))?;
    let text = String::from_utf8(bytes).map_err(|_| unread("it is not text".to_owned()))?;
    let given = file::parse(&text)
        .map_err(|problem| unread(format!("line {}: {}", problem.line, problem.message)))?;
    let state = session.state_directory()?;
    let journal = accounts::open_journal(session, &state, OpenMode::Write).await?;
    let access = journal.access();
    let result = match access {
        Access::Writer => take_in(session, &state, given),
        Access::Follower { holder } => Err(Failure::from(&JournalError::Locked { holder })),
        Access::ReadOnly { why } => Err(Failure::from(&JournalError::ReadOnly { why })),
    };
    journal.close().await;
    let (imported, left_out, problems) = result?;
    match arguments.format.format {
        Format::Json => session.output.json(&json::answer(
            "views",
            serde_json::json!({ "imported": imported, "left_out": left_out, "unreadable": problems.len() }),
        )),
        Format::Table => session.output.text(&format!(
            "{imported} imported, {left_out} left out: their names are taken\n"
        )),
    }
    tell(session, &problems);
    Ok(ExitCode::Done)
}

fn take_in(
    session: &CommandContext,
    state: &Path,
    given: file::ParsedViews,
) -> Result<(usize, usize, Vec<file::Problem>), Failure> {
    let mut read = saved(session)?;
    let (mut imported, mut left_out) = (0, 0);
    for view in given.views {
        let known = read.views.iter().any(|other| other.name == view.name);
        if known || read.views.len() >= MAX_VIEWS {
            left_out += 1;
        } else {
            read.views.push(view);
            imported += 1;
        }
    }
    if imported > 0 {
        let text = file::serialize(&read.views, &read.unknown);
        state_files::write_views(state, &text).map_err(|why| {
            Failure::new(
                FailureKind::Journal,
                format!("the views were not saved: {why}"),
                "check the state directory's owner, mode and disk",
            )
        })?;
    }
    Ok((imported, left_out, given.problems))
}
