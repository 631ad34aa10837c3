//! Files that effects read and write.

use crate::{
    entity::{evidence::Evidence, leak::Leak},
    export::{
        self,
        evidence::{self, Circumstances, Written},
    },
};
use std::{path::Path, sync::Arc};

/// Keys of a million leaks take less; what is larger is no file of keys.
const LARGEST_MARKS: u64 = 256 << 20;

/// The lines of a file of keys.
pub(super) async fn read_lines(path: &Path) -> Result<Vec<String>, String> {
    use tokio::io::AsyncReadExt;
    let why = |error: std::io::Error| error.kind().to_string();
    let file = tokio::fs::File::open(path).await.map_err(why)?;
    let mut text = String::new();
    let read = file
        .take(LARGEST_MARKS)
        .read_to_string(&mut text)
        .await
        .map_err(why)?;
    if read as u64 == LARGEST_MARKS {
        return Err("it is too large for a file of keys".into());
    }
    Ok(text.lines().map(str::to_owned).collect())
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
            let mut writer = (format.open)(&mut file, export::Noun::Leak)?;
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
pub(super) async fn evidence(
    path: &Path,
    about: Arc<Evidence>,
    circumstances: impl FnOnce() -> Circumstances + Send + 'static,
) -> Result<Written, String> {
    let path = path.to_path_buf();
    let written = tokio::task::spawn_blocking(move || {
        evidence::write(&path, &about, &circumstances()).map_err(|error| error.to_string())
    });
    written
        .await
        .unwrap_or_else(|_| Err("the bundle could not be written".to_owned()))
}
