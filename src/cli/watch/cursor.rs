//! A watch's cursor: in the memory, or in a file of its own that is replaced whole.

use super::spec::Spec;
use crate::{
    cli::failure::{Failure, FailureKind},
    seen::{Seen, SeenError, Waiting},
};
use serde::{Deserialize, Serialize};
use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path};

/// What the file holds.
#[derive(Serialize, Deserialize)]
struct Kept {
    schema: u8,
    epoch: String,
    seq: u64,
}

/// More than this is no file of ours.
const LARGEST: u64 = 4096;

/// Where the watch stands; nothing where it has no cursor yet.
pub(super) async fn read(spec: &Spec, seen: &Seen) -> Result<Option<u64>, Failure> {
    let failed = |error: SeenError| Failure::from(&error);
    let Some(path) = &spec.file else {
        let name = spec.name.clone();
        let cursor = seen.ask(move |store| store.cursor(&name)).await;
        return Ok(cursor.map_err(failed)?.map(|cursor| cursor.seq));
    };
    let epoch = seen.ask(|store| store.epoch()).await.map_err(failed)?;
    let text = match std::fs::metadata(path) {
        Ok(data) if data.len() > LARGEST => return Err(unreadable()),
        Ok(_) => std::fs::read_to_string(path).map_err(|_| unreadable())?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(_) => return Err(unreadable()),
    };
    let kept: Kept = serde_json::from_str(&text).map_err(|_| unreadable())?;
    if kept.schema != 1 {
        return Err(unreadable());
    }
    if kept.epoch != hex(&epoch) {
        return Err(failed(SeenError::OtherEpoch));
    }
    Ok(Some(kept.seq))
}

/// Moves the cursor, and keeps the messages that the way stands for.
pub(super) async fn write(
    spec: &Spec,
    seen: &Seen,
    to: u64,
    now: i64,
    messages: Vec<Waiting>,
) -> Result<(), Failure> {
    let failed = |error: SeenError| Failure::from(&error);
    let Some(path) = &spec.file else {
        let name = spec.name.clone();
        let moved = seen.ask(move |store| store.move_cursor(&name, to, now, &messages));
        return moved.await.map_err(failed);
    };
    if !messages.is_empty() {
        let kept = seen.ask(move |store| store.keep_messages(&messages));
        kept.await.map_err(failed)?;
    }
    let epoch = seen.ask(|store| store.epoch()).await.map_err(failed)?;
    let kept = Kept {
        schema: 1,
        epoch: hex(&epoch),
        seq: to,
    };
    replace(
        path,
        &crate::entity::json::to_vec(&kept).unwrap_or_default(),
    )
    .map_err(|error| {
        Failure::new(
            FailureKind::Journal,
            format!("the cursor file cannot be written: {}", error.kind()),
            "check its directory's owner, mode and disk",
        )
    })
}

fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let unfinished = Path::new(&name);
    match std::fs::remove_file(unfinished) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(unfinished)?;
    file.write_all(bytes)?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    std::fs::rename(unfinished, path)
}

fn unreadable() -> Failure {
    Failure::new(
        FailureKind::Usage,
        "the cursor file is none that this program wrote",
        "name another file; where it does not exist the watch starts at the end of the list",
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
