//! `stanch export`: leaks into a new file.

mod pages;

use super::{
    accounts, audit_line,
    context::CommandContext,
    entities::{
        filter,
        item::{self, Item},
        list,
        load::{self, LoadReport},
        order,
    },
    exit::ExitCode,
    failure::{Failure, FailureKind},
    files::FromOptions,
};
use crate::{
    entity::{number::group_digits, visible::escape},
    export::{self, ExportError, RecordKind},
    filter::Filter,
    journal::{AuditRecord, OpenMode},
    table::Marks,
};
use std::path::{Path, PathBuf};

/// The form of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum FileFormat {
    /// Comma-separated values, made inert.
    Csv,
    /// One object with all items.
    Json,
    /// One item a line.
    Jsonl,
}

/// How the leaks are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ExportMethod {
    /// Through the provider's list.
    #[default]
    List,
    /// Through the provider's own export operation, where it has one.
    Provider,
}

/// `stanch export`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// Only what matches; stanch --help has the language.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// The form of the file.
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub format: FileFormat,
    /// The file; it must not exist.
    #[arg(long, value_name = "FILE")]
    pub output: PathBuf,
    /// Whether CSV begins with a byte order mark, by which spreadsheets know UTF-8; without it that is so where the
    /// file's name ends in .csv.
    #[arg(long, value_name = "yes|no", value_parser = super::values::yes_or_no(), hide_possible_values = true)]
    pub bom: Option<bool>,
    /// How the leaks are read.
    #[arg(long, value_name = "WAY", value_enum, default_value_t)]
    pub via: ExportMethod,
    /// Where the leaks are.
    #[command(flatten)]
    pub from: FromOptions,
}

/// Writes leaks to a new file.
pub async fn run(session: &mut CommandContext, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let filter = filter::parse(arguments.filter.as_deref())?;
    check_path(&arguments.output)?;
    let written = export(session, arguments, filter).await;
    let (outcome, detail) = match &written {
        Ok((_, Some(count))) => ("done".to_owned(), Some(format!("{count} leaks"))),
        Ok((_, None)) => ("failed: not read whole".to_owned(), None),
        Err(failure) => (format!("failed: {}", failure.kind), None),
    };
    let line = AuditRecord {
        detail,
        ..audit_line::line("export", outcome)
    };
    audit_line::try_write(session, line).await;
    written.map(|(exit, _)| exit)
}

/// The exit code and, where a file was written, how many leaks are in it.
async fn export(
    session: &mut CommandContext,
    arguments: &Arguments,
    filter: Filter,
) -> Result<(ExitCode, Option<usize>), Failure> {
    let (mut run, connected) = accounts::start_headless(session, OpenMode::Read).await?;
    let profiles = load::matching_profiles(run.model.context(), &filter);
    let missing = load::matching_unusable(&connected, &filter);
    let mut reading = match arguments.via {
        ExportMethod::List => {
            load::load_leaks(&mut session.output, &mut run, &profiles, &filter).await;
            LoadReport::from_model(run.model.context(), &profiles, &[])
        }
        ExportMethod::Provider => {
            let csv = arguments.format == FileFormat::Csv;
            pages::read(
                session,
                &mut run.model.data,
                &connected,
                &profiles,
                &filter,
                csv,
            )
            .await?
        }
    };
    if arguments.via == ExportMethod::Provider {
        load::news(&mut session.output, &mut run, filter.asks_memory()).await;
    }
    reading.add_unusable(&missing);
    if !reading.is_complete() {
        // Half a list would be taken for a whole one.
        session
            .output
            .notice("stanch: the leaks could not be read whole, so no file was written");
        return Ok((reading.finish()?, None));
    }
    let table = &run.model.data.table;
    let mut rows = table.select(&filter, &[], None, &Marks::default());
    table.sort(&mut rows, &order::leak_sort_keys(&[])?);
    let items = rows
        .iter()
        .map(|row| Item::Leak(Box::new(table.leak(*row))));
    let summary = list::summary(&reading, reading.total(), reading.loaded());
    let format = export::format(arguments.format.name()).ok_or_else(unknown_format)?;
    let marked = arguments.format == FileFormat::Csv
        && arguments.bom.unwrap_or_else(|| is_csv(&arguments.output));
    export::write_new(&arguments.output, |file| {
        if marked {
            file.write_all(export::csv::BYTE_ORDER_MARK)?;
        }
        item::write(file, format, RecordKind::Leak, items, &summary)
    })
    .map_err(|error| Failure::from(&error))?;
    let path = escape(arguments.output.as_os_str().as_encoded_bytes());
    session.output.notice(&format!(
        "{} leaks written to {}",
        group_digits(rows.len() as u64),
        path.as_str()
    ));
    run.journal().close().await;
    Ok((reading.finish()?, Some(rows.len())))
}

impl FileFormat {
    fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
        }
    }
}

fn is_csv(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"))
}

fn unknown_format() -> Failure {
    Failure::new(FailureKind::Internal, "this format is not there", "")
}

/// Whether the file can be made at all, before anything is asked for. The writer checks again.
pub(super) fn check_path(path: &Path) -> Result<(), Failure> {
    let shown = escape(path.as_os_str().as_encoded_bytes());
    if path.symlink_metadata().is_ok() {
        return Err(Failure::from(&ExportError::Exists {
            path: shown.as_str().to_owned(),
        }));
    }
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    if parent.is_some_and(|parent| !parent.is_dir()) {
        return Err(Failure::new(
            FailureKind::Usage,
            format!("there is no directory for {}", shown.as_str()),
            "make it first, or give another --output",
        ));
    }
    Ok(())
}
