//! Leaks from files, through the real binary: what is read, what is refused, and what must never be written anywhere.

mod forms;
mod hostile;
mod ids;
mod jobs;
mod samples;
mod secrets;

use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A home with nothing in it.
pub(crate) struct Home {
    folder: tempfile::TempDir,
}

/// What a run left.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) exit: i32,
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
}

impl Ran {
    /// The lines of the result as JSON.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let text = String::from_utf8_lossy(&self.out);
        let lines = text.lines().filter(|line| !line.is_empty());
        lines.map(parsed).collect()
    }

    /// The report of `import check`.
    pub(crate) fn import(&self) -> Value {
        parsed(&String::from_utf8_lossy(&self.out))["import"].clone()
    }
}

/// JSON, lone surrogates of bytes that are no text included: they are kept as their escape.
pub(crate) fn parsed(line: &str) -> Value {
    let mut kept = String::with_capacity(line.len());
    for (at, part) in line.split("\\udc").enumerate() {
        if at > 0 {
            // After a high surrogate it is the second half of a character.
            kept.push_str(if ends_high(&kept) { "\\udc" } else { "\\\\udc" });
        }
        kept.push_str(part);
    }
    serde_json::from_str(&kept).unwrap_or_else(|error| panic!("{error}: {kept:.200}"))
}

/// Whether text ends with the escape of a high surrogate.
fn ends_high(text: &str) -> bool {
    let Some((_, escape)) = text.rsplit_once("\\u") else {
        return false;
    };
    escape.len() == 4 && u16::from_str_radix(escape, 16).is_ok_and(|unit| unit & 0xfc00 == 0xd800)
}

impl Home {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stanch"));
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .env("STANCH_STATE_DIR", self.path("state"))
            .env("STANCH_CONFIG", self.path("config.toml"))
            .current_dir(self.folder.path())
            .args(arguments)
            .stdin(Stdio::null());
        if !self.path("config.toml").exists() {
            std::fs::write(self.path("config.toml"), "").unwrap();
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.command(arguments).output().unwrap();
        Ran {
            exit: output.status.code().unwrap_or(-1),
            out: output.stdout,
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The leaks of files.
    pub(crate) fn list(&self, paths: &[&Path], more: &[&str]) -> Ran {
        let mut arguments = vec!["leaks", "list", "--format", "jsonl"];
        for path in paths {
            arguments.extend(["--from", path.to_str().unwrap()]);
        }
        arguments.extend(more);
        self.run(&arguments)
    }

    /// The report of files.
    pub(crate) fn check(&self, path: &Path, more: &[&str]) -> Ran {
        let mut arguments = vec![
            "import",
            "check",
            path.to_str().unwrap(),
            "--format",
            "json",
        ];
        arguments.extend(more);
        self.run(&arguments)
    }

    /// The ids of the leaks of files, sorted.
    pub(crate) fn ids(&self, paths: &[&Path]) -> Vec<String> {
        let ran = self.list(paths, &[]);
        assert_eq!(ran.exit, 0, "{}", ran.err);
        let ids = ran
            .lines()
            .into_iter()
            .map(|leak| leak["id"].as_str().unwrap().to_owned());
        let mut ids: Vec<String> = ids.collect();
        ids.sort();
        ids
    }
}
