//! A program that reads a message on its standard input. No shell, no splitting, no expansion; nothing that a provider
//! sent is in its arguments or its environment.

use super::Outcome;
use crate::entity::visible;
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use std::{
    ffi::OsString,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, Command},
    time::Instant,
};

/// After it was asked to end, a program has so long.
const GRACE: Duration = Duration::from_secs(5);

/// Bytes of what a program says that go into the log.
const SAID: usize = 4096;

/// A program, looked up and looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its absolute path.
    pub path: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// It is ended after so long.
    pub timeout: Duration,
}

/// Finds a program and looks who may write it.
///
/// # Errors
/// Why it is refused, in our words.
pub fn find(
    words: &[String],
    timeout: Duration,
    search: Option<&std::ffi::OsStr>,
) -> Result<Program, String> {
    let Some((name, arguments)) = words.split_first() else {
        return Err("names no program".to_owned());
    };
    let path = if name.contains('/') {
        std::path::absolute(name).map_err(|_| "has no path".to_owned())?
    } else {
        let paths = search.map(std::env::split_paths).into_iter().flatten();
        let found = paths
            .filter(|directory| directory.is_absolute())
            .map(|directory| directory.join(name))
            .find(|path| path.is_file());
        found.ok_or_else(|| "names a program that is not in PATH".to_owned())?
    };
    let path =
        std::fs::canonicalize(&path).map_err(|_| "names a file that is not there".to_owned())?;
    closed(&path)?;
    Ok(Program {
        path,
        arguments: arguments.to_vec(),
        timeout,
    })
}

/// Whether a program, and each directory on the way to it, can be written by its owner, us or root, alone.
fn closed(path: &Path) -> Result<(), String> {
    let own = rustix::process::geteuid().as_raw();
    for (depth, place) in path.ancestors().enumerate() {
        let data = std::fs::metadata(place).map_err(|_| "cannot be looked at".to_owned())?;
        let what = if depth == 0 {
            "the program"
        } else {
            "a directory on the way to it"
        };
        let shown = visible::escape(place.as_os_str().as_encoded_bytes());
        if depth == 0 && (!data.is_file() || data.mode() & 0o111 == 0) {
            return Err(format!("names {}, which is no program", shown.as_str()));
        }
        // In a directory such as /tmp nobody replaces what belongs to another.
        let sticky = depth > 0 && data.mode() & 0o1000 != 0;
        let others = data.mode() & 0o022 != 0 && !sticky;
        if others || ![0, own].contains(&data.uid()) {
            return Err(format!(
                "is refused: {what}, {}, may be written by others",
                shown.as_str()
            ));
        }
    }
    Ok(())
}

/// Ends a group when it is dropped: nothing of a program outlives the watch that started it.
struct Group(Option<Pid>);

impl Group {
    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.0 {
            kill_process_group(pid, signal).ok();
        }
    }

    fn is_there(&self) -> bool {
        self.0
            .is_some_and(|pid| test_kill_process_group(pid).is_ok())
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

/// Runs a program with a message. `environment` is all that it gets.
pub async fn run(
    program: &Program,
    message: &[u8],
    environment: &[(OsString, OsString)],
) -> Outcome {
    let started = Command::new(&program.path)
        .args(&program.arguments)
        .env_clear()
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => return Outcome::failed(format!("it cannot be run: {}", error.kind())),
    };
    let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    let group = Group(pid);
    let deadline = Instant::now() + program.timeout;
    let ended = tokio::time::timeout_at(deadline, whole(&mut child, message)).await;
    let outcome = match ended {
        Ok(Ok(status)) if status.success() => Outcome::Delivered,
        Ok(Ok(status)) => Outcome::failed(format!("it ended with {status}")),
        Ok(Err(error)) => Outcome::failed(format!("it is lost: {}", error.kind())),
        Err(_) => Outcome::failed(format!(
            "it took longer than {} s and was ended",
            program.timeout.as_secs()
        )),
    };
    // Whatever it started and left in its group ends with it.
    group.signal(Signal::TERM);
    let last = Instant::now() + GRACE;
    while group.is_there() && Instant::now() < last {
        // It is taken in as soon as it ends; what it started is not our child.
        let pause = tokio::time::sleep(Duration::from_millis(20));
        tokio::select! {
            _ = child.wait() => pause_for(Duration::from_millis(20)).await,
            () = pause => {}
        }
    }
    drop(group);
    child.wait().await.ok();
    outcome
}

async fn pause_for(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Gives it the message, takes in what it says, and waits for its end.
async fn whole(child: &mut Child, message: &[u8]) -> std::io::Result<std::process::ExitStatus> {
    let input = child.stdin.take();
    let errors = child.stderr.take();
    let give = async {
        if let Some(mut input) = input {
            // One that does not read it is no fault.
            input.write_all(message).await.ok();
            input.shutdown().await.ok();
        }
    };
    let listen = async {
        let mut said = Vec::new();
        if let Some(mut errors) = errors {
            let mut first = (&mut errors).take(SAID as u64);
            first.read_to_end(&mut said).await.ok();
            if !said.is_empty() {
                let shown = visible::escape(&said);
                tracing::warn!(said = shown.as_str(), "a hook said");
            }
            // What follows is taken and dropped, so that it can end by itself.
            tokio::io::copy(&mut errors, &mut tokio::io::sink())
                .await
                .ok();
        }
    };
    let mut beside = std::pin::pin!(async { tokio::join!(give, listen) });
    let mut is_over = false;
    loop {
        tokio::select! {
            status = child.wait() => return status,
            _ = &mut beside, if !is_over => is_over = true,
        }
    }
}
