//! What jobs look like: the question at the start, a job that waits for its provider, a report with failures.

use super::{
    super::support::{
        look::{Glass, styles, text},
        rig::look,
    },
    Core,
    job::{JOB, answer, end, fixed, read, reading, rejected, running, sent},
    job_control::{change, job},
};
use ratatui::Terminal;
use stanch::{
    action::Action,
    app::message::Message,
    config::Config,
    entity::{
        answer::Answer,
        error::ProviderError,
        job::{ChangeState, JobRecord, JobState},
    },
    ui,
};
use std::time::Duration;

const SIZES: [(u16, u16); 3] = [(160, 48), (80, 24), (40, 12)];

fn snapshots(name: &str, core: &mut Core) {
    let look = look(&Config::default().theme);
    for (columns, rows) in SIZES {
        core.take(Message::Resized { columns, rows });
        let mut terminal = Terminal::new(Glass::new(columns, rows)).unwrap();
        terminal
            .draw(|frame| ui::draw(&core.model, &look, frame))
            .unwrap();
        let buffer = terminal.backend().buffer();
        let shown = format!("{}\n{}", text(buffer), styles(buffer));
        insta::assert_snapshot!(format!("job-{name}-{columns}x{rows}"), shown);
    }
}

#[test]
fn unfinished_jobs_at_the_start() {
    let mut core = Core::with(30);
    let changes = [
        change(1, ChangeState::Verified),
        change(2, ChangeState::Inflight),
        change(3, ChangeState::Pending),
    ];
    let mut old = job(&core, JobState::Paused, &changes);
    old.created_at -= Duration::from_secs(50 * 3_600);
    let mut young = job(&core, JobState::Running, &changes);
    young.id = stanch::entity::key::JobId(2);
    core.take(Message::JobsLoaded(Ok(vec![young, old])));
    snapshots("resume", &mut core);
}

#[test]
fn a_job_that_waits_for_its_provider() {
    let (mut core, effects) = running(&[1, 2, 3, 4]);
    let changes = core.model.running[0].changes.clone();
    let record = job(&core, JobState::Running, &changes);
    core.take(Message::JobsLoaded(Ok(vec![record.clone()])));
    core.ask(Action::FocusJobs);
    let chunk = sent(&effects).unwrap();
    let until = core.now.wall + Duration::from_secs(30);
    let limited = Answer::RateLimited(ProviderError::RateLimited { until });
    answer(&mut core, &chunk, limited);
    core.pass(Duration::from_secs(7));
    core.ask(Action::Drill);
    core.take(Message::JobLoaded(Ok(Box::new(JobRecord {
        job: record,
        changes,
    }))));
    snapshots("limited", &mut core);
}

#[test]
fn a_report_with_failures() {
    let (mut core, mut effects) = running(&[1, 2, 3, 4]);
    let bad = core.model.running[0].changes[1].key.clone();
    while let Some(chunk) = sent(&effects) {
        let refused = chunk.iter().any(|change| change.key == bad);
        let given = if refused {
            Answer::Refused {
                status: 403,
                error: rejected(403),
            }
        } else {
            Answer::Accepted
        };
        effects = answer(&mut core, &chunk, given);
    }
    let next = reading(&effects).unwrap();
    read(&mut core, &next, fixed);
    let changes = core.model.running[0].changes.clone();
    let ended = job(&core, JobState::DoneWithExceptions, &changes);
    core.take(Message::JobsLoaded(Ok(vec![ended.clone()])));
    end(&mut core, JobState::DoneWithExceptions);
    assert_eq!(ended.id, JOB);
    core.take(Message::JobLoaded(Ok(Box::new(JobRecord {
        job: ended,
        changes,
    }))));
    snapshots("failures", &mut core);
}
