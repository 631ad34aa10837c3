//! A new key: shown once, written to a new file, or copied.

use super::copy;
use crate::{
    cli::{
        context::CommandContext, entities::rows, exit::ExitCode, failure::Failure, format::Format,
    },
    config::Config,
    entity::{raw_text::RawText, secret::Secret, visible::escape},
    export::{self, json},
};
use serde::Serialize;
use std::{borrow::Cow, os::unix::ffi::OsStrExt as _, path::Path};

/// A new key.
pub(super) struct NewKey {
    pub(super) id: Option<RawText>,
    pub(super) name: Option<RawText>,
    pub(super) key: Secret,
}

/// Shows a new key once, or writes it to a new file.
pub(super) fn deliver_key(
    session: &mut CommandContext,
    format: Format,
    created: &NewKey,
    path: Option<&Path>,
) -> Result<ExitCode, Failure> {
    let written = path.map(|path| {
        export::write_new(path, |out| {
            out.write_all(created.key.expose())?;
            out.write_all(b"\n")
        })
    });
    let (shown, failure) = match written {
        Some(Ok(())) => (false, None),
        // It is there and nobody will ever show it again: better on the screen than lost.
        Some(Err(error)) => (true, Some(Failure::from(&error))),
        None => (true, None),
    };
    let place = path
        .filter(|_| !shown)
        .map_or(KeyDestination::Screen, KeyDestination::File);
    print(session, format, created, place);
    if shown {
        session
            .output
            .notice("stanch: the key is shown this once and kept nowhere");
    }
    failure.map_or(Ok(ExitCode::Done), Err)
}

/// Copies a new key, or shows it after all: nobody will ever show it again.
pub(super) fn copy_key(
    session: &mut CommandContext,
    config: &Config,
    format: Format,
    created: &NewKey,
) -> Result<ExitCode, Failure> {
    match copy::copy(session, config, &created.key) {
        Ok(notice) => {
            print(session, format, created, KeyDestination::Clipboard);
            session.output.notice(&format!("stanch: key: {notice}"));
            Ok(ExitCode::Done)
        }
        Err(failure) => {
            print(session, format, created, KeyDestination::Screen);
            Err(failure)
        }
    }
}

/// Where a new key went.
#[derive(Clone, Copy)]
enum KeyDestination<'a> {
    Screen,
    File(&'a Path),
    Clipboard,
}

fn print(
    session: &mut CommandContext,
    format: Format,
    created: &NewKey,
    place: KeyDestination<'_>,
) {
    #[derive(Serialize)]
    struct Json<'a> {
        id: &'a Option<RawText>,
        name: &'a Option<RawText>,
        key: Option<Cow<'a, str>>,
        file: Option<RawText>,
    }
    let output = &mut session.output;
    let file = match place {
        KeyDestination::File(path) => Some(path.as_os_str().as_bytes()),
        KeyDestination::Screen | KeyDestination::Clipboard => None,
    };
    let shown = matches!(place, KeyDestination::Screen);
    match format {
        Format::Json => output.json(&json::answer(
            "api_key",
            Json {
                id: &created.id,
                name: &created.name,
                key: shown.then(|| String::from_utf8_lossy(created.key.expose())),
                file: file.map(RawText::from),
            },
        )),
        Format::Table => {
            let mut fields = vec![
                ("id", rows::optional_text(created.id.as_ref())),
                ("name", rows::optional_text(created.name.as_ref())),
            ];
            match file {
                Some(path) => fields.push(("written to", escape(path))),
                None if shown => fields.push(("key", escape(created.key.expose()))),
                None => fields.push(("copied", rows::printable("yes"))),
            }
            fields.retain(|(_, value)| !value.as_str().is_empty());
            output.key_values(&fields);
        }
    }
}
