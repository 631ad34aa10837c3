//! Whether an answer is taken for more than it is: by every provider, under every mutation of its answers, and by the
//! commands.

mod cases;
pub(crate) mod metamorphic;

use crate::support::fault_server::FaultServer;
use serde_json::Value;
use std::{os::unix::fs::PermissionsExt as _, process::Stdio};
use tokio::io::AsyncWriteExt as _;

/// The program on one profile at a server.
struct AnswersFixture {
    /// Lives as long as the bench.
    _server: FaultServer,
    home: tempfile::TempDir,
}

/// What a run left.
#[derive(Debug)]
struct CommandOutput {
    exit: i32,
    stdout: String,
    stderr: String,
}

impl CommandOutput {
    /// The result as JSON; nothing where there is none.
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_default()
    }
}

impl AnswersFixture {
    fn new(provider: &str, base: &str, server: FaultServer) -> Self {
        let home = tempfile::tempdir().unwrap();
        let key = home.path().join("key");
        std::fs::write(&key, "0123456789abcdef0123456789abcdef\n").unwrap();
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
        let config = format!(
            "[profiles.one]\nprovider = \"{provider}\"\nbase_url = \"{}{base}\"\nkey = {{ file = \"{}\" }}\n",
            server.url(),
            key.display(),
        );
        std::fs::write(home.path().join("config.toml"), config).unwrap();
        Self {
            _server: server,
            home,
        }
    }

    async fn run(&self, arguments: &[&str]) -> CommandOutput {
        self.run_with(arguments, "").await
    }

    async fn run_with(&self, arguments: &[&str], input: &str) -> CommandOutput {
        let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_stanch"))
            .env_clear()
            .env("HOME", self.home.path())
            .env("STANCH_STATE_DIR", self.home.path().join("state"))
            .env("STANCH_CONFIG", self.home.path().join("config.toml"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // What does not read its input ends before it.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let output = child.wait_with_output().await.unwrap();
        CommandOutput {
            exit: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
