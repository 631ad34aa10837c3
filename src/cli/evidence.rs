//! `stanch evidence`: a bundle about leaks or a job, as the console's `E` writes it.

use super::{
    accounts,
    change::{
        self,
        targets::{self, TargetSelection},
    },
    context::CommandContext,
    entities::load,
    exit::ExitCode,
    export::check_path,
    failure::{Failure, FailureKind},
    files::FromOptions,
    format::{Format, FormatOption},
    input,
};
use crate::{
    app::{evidence, plan::Target},
    entity::{
        evidence::Evidence,
        key::{JobId, ProfileName},
        number::group_digits,
    },
    export::json,
    filter::Filter,
    journal::OpenMode,
    runtime::headless::HeadlessRun as Run,
};
use std::path::PathBuf;

/// `stanch evidence`. Exactly one of file, job and filter is given.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[group(id = "about", required = true, multiple = false, args = ["ids_from", "job", "filter"])]
pub struct Arguments {
    /// About the leaks whose keys are in this file, one a line; - is standard input.
    #[arg(long, value_name = "FILE|-")]
    pub ids_from: Option<PathBuf>,
    /// About the changes of this job.
    #[arg(long, value_name = "ID", value_parser = super::jobs::parse_job_number)]
    pub job: Option<i64>,
    /// About all leaks that match; stanch --help has the language.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// The directory of the bundle; it must not exist.
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
    /// Files instead of the configured profiles.
    #[command(flatten)]
    pub from: FromOptions,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// Writes a bundle of evidence.
pub async fn run(session: &mut CommandContext, arguments: &Arguments) -> Result<ExitCode, Failure> {
    check_path(&arguments.output)?;
    let named = match arguments.job {
        Some(_) => None,
        None => Some(targets::read(
            arguments.filter.as_deref(),
            arguments.ids_from.as_deref(),
            &[],
        )?),
    };
    // The bundle's lines of the audit log need the lock; where a console has it, the bundle is written without them.
    let (mut run, connected) = accounts::start_headless(session, OpenMode::Write).await?;
    let result = async {
        let about = match (arguments.job, named) {
            (Some(id), _) => job(session, &mut run, JobId(id)).await?,
            (None, Some(named)) => leaks(session, &mut run, &connected, named).await?,
            (None, None) => return Err(nothing()),
        };
        run.evidence(arguments.output.clone(), about)
            .await
            .map_err(|why| {
                Failure::new(
                    FailureKind::Usage,
                    format!("no evidence was written: {why}"),
                    "check the directory of --output",
                )
            })
    };
    let result = result.await;
    run.journal().close().await;
    let (leaks, checksum, audited) = result?;
    match arguments.format.format {
        Format::Json => session.output.json(&json::answer(
            "evidence",
            serde_json::json!({
                "directory": arguments.output.to_string_lossy(),
                "job": arguments.job,
                "leaks": leaks,
                "checksum": checksum,
                "audited": audited,
            }),
        )),
        Format::Table => session.output.text(&format!(
            "evidence about {} {} written to {}\nchecksum {checksum}\n",
            group_digits(leaks as u64),
            if leaks == 1 { "leak" } else { "leaks" },
            input::printable_path(&arguments.output),
        )),
    }
    if !audited {
        session
            .output
            .warning("stanch: the bundle is not in the audit log, which cannot be written now");
    }
    Ok(ExitCode::Done)
}

fn nothing() -> Failure {
    Failure::new(
        FailureKind::NotFound,
        "no leak is meant: no evidence was written",
        "stanch leaks list with the same filter shows what matches",
    )
}

/// Evidence about leaks, which must all be there.
async fn leaks(
    session: &mut CommandContext,
    run: &mut Run,
    connected: &accounts::Accounts,
    named: TargetSelection,
) -> Result<Evidence, Failure> {
    let loaded = change::load_targets(session, run, connected, named).await?;
    let context = run.model.context();
    let targets = loaded.targets(context)?;
    let missing = targets
        .iter()
        .filter(|target| matches!(target, Target::Missing(_)))
        .count();
    if missing > 0 {
        return Err(Failure::new(
            FailureKind::NotFound,
            format!(
                "{} keys are of no leak: no evidence was written",
                group_digits(missing as u64)
            ),
            "take them out of the list; stanch leaks list prints keys",
        ));
    }
    let rows: Vec<_> = targets
        .iter()
        .filter_map(|target| match target {
            Target::Row(row) => Some(*row),
            Target::Missing(_) => None,
        })
        .collect();
    if rows.is_empty() {
        return Err(nothing());
    }
    Ok(evidence::evidence_for_leaks(context, &rows))
}

/// Evidence about a job, with the leaks of its profiles that can be read. What cannot be read is said: the changes are
/// the evidence, the leaks stand beside them.
async fn job(session: &mut CommandContext, run: &mut Run, id: JobId) -> Result<Evidence, Failure> {
    let record = run.journal().job(id).await;
    let record = record.map_err(|error| Failure::from(&error))?;
    let of_job = |name: &ProfileName| record.job.profiles.iter().any(|one| one.name == *name);
    let profiles: Vec<_> = load::all_profiles(run.model.context())
        .into_iter()
        .filter(of_job)
        .collect();
    load::load_leaks(&mut session.output, run, &profiles, &Filter::default()).await;
    let context = run.model.context();
    let absent = record
        .changes
        .iter()
        .filter(|change| context.data.table.find(&change.key).is_none())
        .count();
    if absent > 0 {
        session.output.warning(&format!(
            "stanch: {} leaks of the job could not be read: their changes are in the bundle, their contents are not",
            group_digits(absent as u64)
        ));
    }
    Ok(evidence::evidence_for_job(context, record))
}
