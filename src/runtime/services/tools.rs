//! Programs of the operator's own: run without a shell, leaks on standard input, between two lines of the audit log.

use super::Services;
use crate::{
    app::{
        effect::{AuditNote, ToolEffect},
        message::{Message, ToolEnd},
    },
    entity::leak::Leak,
    export,
};
use std::{process::Stdio, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::Command,
};

/// A program that has not ended by then is ended.
const LONGEST: Duration = Duration::from_secs(60);
/// No more of what a program prints is kept, in bytes.
const MAX_OUTPUT: u64 = 16 << 10;

impl Services {
    /// Runs a program to its end.
    pub(in crate::runtime) async fn tools(&self, effect: ToolEffect) -> Message {
        let ToolEffect::Run {
            name,
            words,
            leaks,
            audited,
        } = effect;
        let note = |outcome: String| AuditNote {
            profile: None,
            action: "run",
            keys: leaks.iter().map(|leak| leak.key.clone()).collect(),
            outcome,
            // The program and what it was called, not its arguments: these may hold what was typed.
            detail: Some(format!(
                "{name}: {}",
                words.first().map(String::as_str).unwrap_or_default()
            )),
        };
        let told = self.audit(note("asked".to_owned())).await;
        let result = match told {
            Err(error) if audited => Err(format!("it was not run: {error}")),
            Ok(()) | Err(_) => run(&words, &leaks).await,
        };
        let outcome = match &result {
            Ok(end) => end.code.map_or_else(
                || "ended by a signal".to_owned(),
                |code| format!("exit {code}"),
            ),
            Err(_) => "failed".to_owned(),
        };
        // That it is asked for stands there; its end is told on the screen, too.
        self.audit(note(outcome)).await.ok();
        Message::ToolEnded {
            name,
            result: result.map(Box::new),
        }
    }
}

/// The leaks as JSON Lines, without their secrets.
fn lines(leaks: &[Leak]) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for leak in leaks {
        export::jsonl::write_safe(&mut bytes, leak).map_err(|error| error.kind().to_string())?;
    }
    Ok(bytes)
}

async fn run(words: &[String], leaks: &[Leak]) -> Result<ToolEnd, String> {
    let (program, arguments) = words.split_first().ok_or("there is no program")?;
    let input = lines(leaks)?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "there is no program of that name".to_owned(),
            kind => kind.to_string(),
        })?;
    let (stdin, out, err) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let write = async {
        if let Some(mut stdin) = stdin {
            // A program that does not read it all has had enough.
            stdin.write_all(&input).await.ok();
            stdin.shutdown().await.ok();
        }
    };
    let work = async {
        let ((), out, err) = tokio::join!(write, kept(out), kept(err));
        let status = child
            .wait()
            .await
            .map_err(|error| error.kind().to_string())?;
        Ok::<ToolEnd, String>(ToolEnd {
            code: status.code(),
            out,
            err,
        })
    };
    tokio::time::timeout(LONGEST, work)
        .await
        .unwrap_or_else(|_| Err("it did not end within a minute and was ended".to_owned()))
}

/// The beginning of what comes from a pipe; the rest is read and dropped, so that the program can end.
async fn kept(pipe: Option<impl tokio::io::AsyncRead + Unpin>) -> Vec<u8> {
    let mut kept = Vec::new();
    if let Some(mut pipe) = pipe {
        (&mut pipe)
            .take(MAX_OUTPUT)
            .read_to_end(&mut kept)
            .await
            .ok();
        tokio::io::copy(&mut pipe, &mut tokio::io::sink())
            .await
            .ok();
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_program_gets_its_words_as_they_are_and_says_how_it_ended() {
        let words = |words: &[&str]| {
            words
                .iter()
                .map(|word| (*word).to_owned())
                .collect::<Vec<_>>()
        };
        let end = run(&words(&["printf", "%s", "$HOME; `id`"]), &[])
            .await
            .unwrap();
        assert_eq!((end.code, &end.out[..]), (Some(0), &b"$HOME; `id`"[..]));
        let end = run(&words(&["false"]), &[]).await.unwrap();
        assert_eq!(end.code, Some(1));
        let error = run(&words(&["no-such-program-here"]), &[])
            .await
            .unwrap_err();
        assert_eq!(error, "there is no program of that name");
        assert!(run(&[], &[]).await.is_err());
    }
}
