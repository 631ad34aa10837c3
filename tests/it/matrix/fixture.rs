//! What the rest of the matrix asks of a bench: other chunks, what the journal holds, whether the audit log is whole.

use super::MatrixFixture;
use rusqlite::{Connection, OpenFlags};
use std::process::ExitStatus;

/// The journal cannot be written.
pub(super) const JOURNAL: i32 = 7;

/// Whether the journal stopped it; else it must have come to its end, with or without leaks that were refused.
pub(super) fn was_stopped(status: ExitStatus, at: &str) -> bool {
    let code = status.code();
    assert!(
        [Some(0), Some(3), Some(JOURNAL)].contains(&code),
        "{at}: {status}"
    );
    code == Some(JOURNAL)
}

impl MatrixFixture {
    /// From now on so many leaks go out in one request.
    pub(super) fn set_chunk_size(&self, size: usize) {
        let path = self.home.path().join("config.toml");
        let config = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = config
            .lines()
            .map(|line| {
                if line.starts_with("bulk_size") {
                    format!("bulk_size = {size}")
                } else {
                    line.to_owned()
                }
            })
            .collect();
        std::fs::write(path, lines.join("\n") + "\n").unwrap();
    }

    /// From now on the profile is at this address.
    pub(super) fn set_address(&self, url: &str, ca_file: Option<&std::path::Path>) {
        let path = self.home.path().join("config.toml");
        let config = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = config
            .lines()
            .filter(|line| !line.starts_with("ca_file"))
            .map(|line| {
                if line.starts_with("base_url") {
                    format!("base_url = \"{url}\"")
                } else {
                    line.to_owned()
                }
            })
            .collect();
        let mut config = lines.join("\n") + "\n";
        if let Some(file) = ca_file {
            config += &format!("ca_file = \"{}\"\n", file.display());
        }
        std::fs::write(path, config).unwrap();
    }

    /// Asks the journal's file; nothing, where there is none or no such table.
    pub(super) fn query_journal(&self, sql: &str) -> Option<i64> {
        let path = self.state().join("journal.db");
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
        let database = Connection::open_with_flags(path, flags).ok()?;
        database.query_row(sql, [], |row| row.get(0)).ok()
    }

    /// No request left without its intent on disk.
    pub(super) async fn assert_intent_before_send(&self, at: &str) {
        let announced = self
            .query_journal("SELECT count(*) FROM chunk")
            .unwrap_or(0);
        let sent = i64::try_from(self.writes().await.len()).unwrap();
        assert!(
            sent <= announced,
            "{at}: {sent} requests, {announced} intents"
        );
    }

    /// The audit log is what it was written as.
    pub(super) async fn assert_audit_complete(&self, at: &str) {
        if !self.state().join("audit.jsonl").exists() {
            return;
        }
        let mut child = self.command(&["audit", "verify"], "").spawn().unwrap();
        let status = child.wait().await.unwrap();
        assert!(status.success(), "{at}: the audit log: {status}");
    }

    /// Runs a command without any disaster.
    pub(super) async fn run(&self, arguments: &[&str], disaster: &str) -> ExitStatus {
        let mut child = self.command(arguments, disaster).spawn().unwrap();
        child.wait().await.unwrap()
    }

    /// What a command prints, and says on standard error.
    pub(super) async fn run_with_output(
        &self,
        arguments: &[&str],
        disaster: &str,
    ) -> (i32, String, String) {
        let mut command = self.command(arguments, disaster);
        command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .stdin(std::process::Stdio::null());
        let output = command.output().await.unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (
            output.status.code().unwrap_or(-1),
            text(output.stdout),
            text(output.stderr),
        )
    }
}
