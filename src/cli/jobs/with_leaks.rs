//! `stanch jobs show --with-leaks`: a job whose changes are named by login and URL, not by key alone. The journal holds no
//! leak: they are read from the providers.

use super::{ShowArguments, has_writer, mark_orphaned};
use crate::{
    cli::{
        accounts,
        change::report,
        context::CommandContext,
        entities::{load, rows},
        exit::ExitCode,
        failure::Failure,
        format::Format,
    },
    entity::{
        key::{EntityKey, JobId, ProfileName},
        leak::Leak,
    },
    export::Record,
    filter::Filter,
    journal::OpenMode,
};
use std::collections::HashMap;

/// Shows a job with its leaks. What could not be read is shown by its key, and the command says so at its end.
pub(super) async fn run(
    session: &mut CommandContext,
    arguments: &ShowArguments,
) -> Result<ExitCode, Failure> {
    let (mut run, connected) = accounts::start_headless(session, OpenMode::Read).await?;
    let journal = run.journal();
    let record = journal.job(JobId(arguments.id)).await;
    let mut record = record.map_err(|error| Failure::from(&error))?;
    let written = has_writer(&journal).await?;
    mark_orphaned(&mut record.job, written);
    let of_job = |name: &ProfileName| record.job.profiles.iter().any(|one| one.name == *name);
    let profiles: Vec<_> = load::all_profiles(run.model.context())
        .into_iter()
        .filter(of_job)
        .collect();
    load::load_leaks(&mut session.output, &mut run, &profiles, &Filter::default()).await;
    let missing: Vec<_> = connected
        .missing
        .iter()
        .filter(|(name, _)| {
            record
                .job
                .profiles
                .iter()
                .any(|one| one.name.as_str() == name)
        })
        .cloned()
        .collect();
    let reading = load::LoadReport::from_model(run.model.context(), &profiles, &missing);
    let table = &run.model.data.table;
    let leaks: HashMap<EntityKey, Leak> = record
        .changes
        .iter()
        .filter_map(|change| {
            let row = table.find(&change.key)?;
            Some((change.key.clone(), table.leak(row)))
        })
        .collect();
    match arguments.format.format {
        Format::Json => report::print_json_with(session, &record, &leaks),
        Format::Table => {
            session
                .output
                .key_values(&rows::fields(Record::Job(&record.job)));
            report::print_changes_with(session, &record.changes, &leaks);
        }
    }
    journal.close().await;
    reading.finish()
}
