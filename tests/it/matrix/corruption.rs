//! Journals that are not as they were left: cut, emptied, of another program, with the rollback journal of another
//! database, older, newer. Refused with the reason, or recovered; never silently empty, and never acted on in part.

use super::{MatrixFixture, fixture::JOURNAL, mode, oracle::Violation};
use std::path::Path;

/// What becomes of a damaged journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ExpectedResult {
    /// Nothing is done with it, and why is said.
    Refused,
    /// It is whole all the same, or can be made so.
    Recovered,
}

/// What is done to the files of a state directory.
type Damage = fn(&Path, &[u8]);

fn write_database(state: &Path, bytes: &[u8]) {
    std::fs::write(state.join("journal.db"), bytes).unwrap();
}

fn with_rollback(state: &Path, bytes: &[u8]) {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(state.join("journal.db-journal")).unwrap();
    std::io::Write::write_all(&mut file, bytes).unwrap();
}

fn version(state: &Path, version: i64) {
    let database = rusqlite::Connection::open(state.join("journal.db")).unwrap();
    let sql = format!("PRAGMA user_version = {version}");
    database.execute_batch(&sql).unwrap();
}

const DAMAGES: &[(&str, ExpectedResult, Damage)] = &[
    ("cut to nothing", ExpectedResult::Refused, |state, _| {
        write_database(state, b"");
    }),
    ("one byte of it", ExpectedResult::Refused, |state, whole| {
        write_database(state, &whole[..1]);
    }),
    (
        "its header alone",
        ExpectedResult::Refused,
        |state, whole| {
            write_database(state, &whole[..100]);
        },
    ),
    ("its first page", ExpectedResult::Refused, |state, whole| {
        write_database(state, &whole[..4096]);
    }),
    ("half of it", ExpectedResult::Refused, |state, whole| {
        write_database(state, &whole[..whole.len() / 8192 * 4096]);
    }),
    (
        "without its last page",
        ExpectedResult::Refused,
        |state, whole| {
            write_database(state, &whole[..whole.len() - 4096]);
        },
    ),
    ("cut in a page", ExpectedResult::Refused, |state, whole| {
        write_database(state, &whole[..whole.len() - 1000]);
    }),
    ("of another program", ExpectedResult::Refused, |state, _| {
        write_database(
            state,
            &b"SQLite format 3\0 and then something else".repeat(400),
        );
    }),
    ("gone", ExpectedResult::Refused, |state, _| {
        std::fs::remove_file(state.join("journal.db")).unwrap();
    }),
    ("newer", ExpectedResult::Refused, |state, _| {
        version(state, 99);
    }),
    (
        "an older number on newer tables",
        ExpectedResult::Refused,
        |state, _| version(state, 1),
    ),
    (
        "a rollback journal of nothing",
        ExpectedResult::Recovered,
        |state, _| {
            with_rollback(state, b"");
        },
    ),
    (
        "a rollback journal of noise",
        ExpectedResult::Recovered,
        |state, _| {
            with_rollback(state, &b"noise".repeat(2000));
        },
    ),
];

#[tokio::test]
async fn a_file_that_is_not_as_it_was_left_is_refused_or_recovered() {
    let mut bench = MatrixFixture::new(mode("file damage", "")).await;
    for (name, fate, damage) in DAMAGES {
        bench.reset().await;
        bench.fix("kill:answer-after:2").await;
        let path = bench.state().join("journal.db");
        let whole = std::fs::read(&path).unwrap();
        damage(&bench.state(), &whole);
        match fate {
            ExpectedResult::Refused => {
                bench.assert_refused(name).await;
                // As it was, it goes on.
                std::fs::remove_file(bench.state().join("journal.db-journal")).ok();
                std::fs::remove_file(&path).ok();
                std::fs::write(&path, &whole).unwrap();
                std::fs::set_permissions(
                    &path,
                    std::os::unix::fs::PermissionsExt::from_mode(0o600),
                )
                .unwrap();
            }
            ExpectedResult::Recovered => {}
        }
        bench.wait_for_writes().await;
    }
    bench
        .report
        .assert_clean(u32::try_from(DAMAGES.len()).unwrap());
}

impl MatrixFixture {
    /// Every command that would act on the journal is refused with a reason, and nothing is sent.
    async fn assert_refused(&self, name: &str) {
        let before = self.writes().await.len();
        for arguments in [
            &["jobs", "resume", "--yes"][..],
            &["leaks", "fix", "--filter", "status:open", "--yes"],
        ] {
            let (code, _, said) = self.run_with_output(arguments, "").await;
            assert_eq!(code, JOURNAL, "{name}: {arguments:?}: {said}");
            assert!(said.contains("journal"), "{name}: {said}");
        }
        assert_eq!(self.writes().await.len(), before, "{name}: nothing is sent");
    }
}

/// The rollback journal of a database beside another. One that happens to fit turns the journal into an older one: then
/// everything is read before anything is sent.
#[tokio::test]
async fn with_a_rollback_journal_of_another_database_nothing_is_sent_twice_or_told_wrong() {
    let mut bench = MatrixFixture::new(mode("foreign rollback journal", "")).await;
    let mut rollbacks = Vec::new();
    // Of jobs that were cut at other places, in chunks of other sizes. The recording of a plan is no such place: what
    // takes it back fits a journal that knows of no job, and is whole.
    for (moment, size) in [(26, 4), (32, 12), (44, 1), (20, 4), (29, 8), (35, 2)] {
        bench.reset().await;
        bench.set_chunk_size(size);
        let kept = tempfile::tempdir().unwrap();
        let disaster = format!("power:{moment}:{}", kept.path().display());
        bench.fix(&disaster).await;
        let step = std::fs::read_to_string(kept.path().join("moment")).unwrap();
        assert!(
            !step.starts_with("schema") && !step.starts_with("plan"),
            "a moment before a job is there: {step}"
        );
        if let Ok(bytes) = std::fs::read(bench.state().join("journal.db-journal")) {
            rollbacks.push(bytes);
        }
        bench.wait_for_writes().await;
    }
    bench.set_chunk_size(4);
    let (mut refused, mut taken) = (0, 0);
    for rollback in &rollbacks {
        bench.reset().await;
        bench.fix("kill:answer-after:4").await;
        let whole = std::fs::read(bench.state().join("journal.db")).unwrap();
        with_rollback(&bench.state(), rollback);
        let before = bench.writes().await.len();
        let (code, _, said) = bench
            .run_with_output(&["jobs", "resume", "--yes"], "")
            .await;
        if code == JOURNAL {
            refused += 1;
            assert_eq!(bench.writes().await.len(), before, "{said}");
            std::fs::remove_file(bench.state().join("journal.db-journal")).ok();
            write_database(&bench.state(), &whole);
        } else {
            taken += 1;
        }
        bench.wait_for_writes().await;
        assert!(
            bench.query_journal("SELECT count(*) FROM job") >= Some(1),
            "never silently empty"
        );
    }
    report(refused, taken);
    assert!(refused + taken >= 2, "no journal was left to be swapped");
    // What an older journal does not know was sent, it cannot tell of; that is no lie and no second request.
    let unknown = [Violation::Lost, Violation::Missed, Violation::Unrecorded];
    bench
        .report
        .violations
        .retain(|(kind, _)| !unknown.contains(kind));
    bench.report.assert_clean(4);
}

#[expect(
    clippy::print_stdout,
    reason = "the numbers of the matrix are its result"
)]
fn report(refused: u32, taken: u32) {
    println!("matrix: foreign rollback journal: {refused} refused, {taken} played back");
}

#[tokio::test]
async fn an_older_journal_is_brought_up_to_date_and_its_job_goes_on() {
    let mut bench = MatrixFixture::new(mode("older journals", "")).await;
    for sql in [
        include_str!("../../fixtures/journal/schema1.sql"),
        include_str!("../../fixtures/journal/schema2.sql"),
    ] {
        bench.reset().await;
        std::fs::create_dir(bench.state()).unwrap();
        let closed = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(bench.state(), closed).unwrap();
        let path = bench.state().join("journal.db");
        let database = rusqlite::Connection::open(&path).unwrap();
        database.execute_batch(sql).unwrap();
        let jobs: i64 = database
            .query_row("SELECT count(*) FROM job", [], |row| row.get(0))
            .unwrap();
        drop(database);
        let closed = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&path, closed).unwrap();
        assert!(bench.fix("").await.success());
        assert_eq!(
            bench.query_journal("SELECT count(*) FROM job"),
            Some(jobs + 1)
        );
        assert!(bench.query_journal("PRAGMA user_version") >= Some(3));
    }
}
