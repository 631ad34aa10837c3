//! Files that effects read and write.

use crate::{
    entity::{
        evidence::Evidence,
        id_file::{self, IdEntry},
        leak::Leak,
    },
    export::{
        self,
        evidence::{self, BundleContext, WrittenBundle},
    },
};
use rustix::fs::OFlags;
use std::{
    fs::OpenOptions,
    io::{self, ErrorKind, Read as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    sync::Arc,
};

/// What a file of keys names. One that could keep us waiting, such as a pipe, is refused.
pub(super) fn read_ids(path: &Path) -> Result<Vec<IdEntry>, String> {
    let why = |error: io::Error| error.kind().to_string();
    let mut options = OpenOptions::new();
    options
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits().cast_signed());
    let mut file = options.open(path).map_err(why)?;
    if !file.metadata().map_err(why)?.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    let refused = |refusal: id_file::Refusal| format!("{}; {}", refusal.message, refusal.hint);
    let mut reader = id_file::Reader::default();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return reader.finish().map_err(refused),
            Ok(length) => reader
                .push(buffer.get(..length).unwrap_or_default())
                .map_err(refused)?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(why(error)),
        }
    }
}

/// The text of a small file of ours; `None` where there is none. No link is followed.
pub(super) fn read_private(path: &Path, largest: u64) -> Result<Option<String>, String> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed())
        .open(path);
    let file = match file {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.kind().to_string()),
    };
    let why = |error: io::Error| match error.kind() {
        ErrorKind::InvalidData => "it is not text".to_owned(),
        kind => kind.to_string(),
    };
    if !file.metadata().map_err(why)?.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    let mut text = String::new();
    let read = file.take(largest).read_to_string(&mut text).map_err(why)?;
    if read as u64 == largest {
        return Err("it is too large".to_owned());
    }
    Ok(Some(text))
}

/// Puts a file of ours in the place of another: on disk before it has the name, so that there is always a whole one.
/// `unfinished` ends its name until then: two that write at once must not share it.
pub(super) fn replace(path: &Path, bytes: &[u8], unfinished: &str) -> Result<(), String> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(unfinished);
    let unfinished = path.with_file_name(name);
    // What a console that died left there is not finished by anyone.
    match std::fs::remove_file(&unfinished) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error.kind().to_string()),
    }
    export::write_new(&unfinished, |file| file.write_all(bytes))
        .map_err(|error| error.to_string())?;
    std::fs::rename(&unfinished, path).map_err(|error| error.kind().to_string())?;
    let directory = path.parent().map(std::fs::File::open);
    if let Some(Ok(directory)) = directory {
        // The name is on disk a moment later at worst.
        directory.sync_all().ok();
    }
    Ok(())
}

/// So many damaged files are kept side by side.
const MAX_BACKUPS: u32 = 100;

/// Gives a file a second name, that nothing has yet, so that it outlives the next one of its own name.
pub(super) fn keep_backup(path: &Path) -> Result<(), String> {
    for number in 1..=MAX_BACKUPS {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".damaged-{number}"));
        match std::fs::hard_link(path, path.with_file_name(name)) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.kind().to_string()),
        }
    }
    Err("there are a hundred damaged files beside it".to_owned())
}

/// Does what takes a disk's time where it holds nobody up.
pub(super) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err("a part of the program failed".to_owned()))
}

/// Writes leaks to a new file in the format of its ending; answers how many.
pub(super) async fn export(path: &Path, leaks: Arc<Vec<Leak>>) -> Result<usize, String> {
    let path = path.to_path_buf();
    let written = tokio::task::spawn_blocking(move || {
        let extension = path
            .extension()
            .and_then(|e| e.to_str())
            .unwrap_or_default()
            .to_owned();
        let format = export::format(&extension)
            .ok_or("the file's name has to end in .csv, .json or .jsonl")?;
        let summary = export::Summary {
            total: Some(leaks.len() as u64),
            loaded: leaks.len() as u64,
            complete: true,
            profiles: Vec::new(),
        };
        let result = export::write_new(&path, |mut file| {
            if format.name == "csv" {
                file.write_all(export::csv::BYTE_ORDER_MARK)?;
            }
            let mut writer = (format.open)(&mut file, export::RecordKind::Leak)?;
            for leak in leaks.iter() {
                writer.write(export::Record::Leak(leak))?;
            }
            writer.finish(&summary)
        });
        result
            .map(|()| leaks.len())
            .map_err(|error| error.to_string())
    });
    written
        .await
        .unwrap_or_else(|_| Err("the export failed".to_owned()))
}

/// Writes a bundle of evidence into a new directory.
pub(super) async fn write_evidence(
    path: &Path,
    about: Arc<Evidence>,
    circumstances: impl FnOnce() -> BundleContext + Send + 'static,
) -> Result<WrittenBundle, String> {
    let path = path.to_path_buf();
    let written = tokio::task::spawn_blocking(move || {
        evidence::write(&path, &about, &circumstances()).map_err(|error| error.to_string())
    });
    written
        .await
        .unwrap_or_else(|_| Err("the bundle could not be written".to_owned()))
}
