//! A new key: shown once, written to a new file, or copied.

use super::copy;
use crate::{
    cli::{entities::rows, exit::ExitCode, failure::Failure, format::Format, session::Session},
    config::Config,
    entity::{secret::Secret, text::Text, visible::escape},
    export::{self, json},
};
use serde::Serialize;
use std::{borrow::Cow, os::unix::ffi::OsStrExt as _, path::Path};

/// A new key.
pub(super) struct Created {
    pub(super) id: Option<Text>,
    pub(super) name: Option<Text>,
    pub(super) key: Secret,
}

/// Shows a new key once, or writes it to a new file.
pub(super) fn created(
    session: &mut Session,
    format: Format,
    created: &Created,
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
    let place = path.filter(|_| !shown).map_or(Place::Shown, Place::File);
    print(session, format, created, place);
    if shown {
        session
            .output
            .notice("stanch: the key is shown this once and kept nowhere");
    }
    failure.map_or(Ok(ExitCode::Done), Err)
}

/// Copies a new key, or shows it after all: nobody will ever show it again.
pub(super) fn copied(
    session: &mut Session,
    config: &Config,
    format: Format,
    created: &Created,
) -> Result<ExitCode, Failure> {
    match copy::copy(session, config, &created.key) {
        Ok(notice) => {
            print(session, format, created, Place::Copied);
            session.output.notice(&format!("stanch: key: {notice}"));
            Ok(ExitCode::Done)
        }
        Err(failure) => {
            print(session, format, created, Place::Shown);
            Err(failure)
        }
    }
}

/// Where a new key went.
#[derive(Clone, Copy)]
enum Place<'a> {
    Shown,
    File(&'a Path),
    Copied,
}

fn print(session: &mut Session, format: Format, created: &Created, place: Place<'_>) {
    #[derive(Serialize)]
    struct Json<'a> {
        id: &'a Option<Text>,
        name: &'a Option<Text>,
        key: Option<Cow<'a, str>>,
        file: Option<Text>,
    }
    let output = &mut session.output;
    let file = match place {
        Place::File(path) => Some(path.as_os_str().as_bytes()),
        Place::Shown | Place::Copied => None,
    };
    let shown = matches!(place, Place::Shown);
    match format {
        Format::Json => output.json(&json::answer(
            "api_key",
            Json {
                id: &created.id,
                name: &created.name,
                key: shown.then(|| String::from_utf8_lossy(created.key.expose())),
                file: file.map(Text::from),
            },
        )),
        Format::Table => {
            let mut fields = vec![
                ("id", rows::maybe(created.id.as_ref())),
                ("name", rows::maybe(created.name.as_ref())),
            ];
            match file {
                Some(path) => fields.push(("written to", escape(path))),
                None if shown => fields.push(("key", escape(created.key.expose()))),
                None => fields.push(("copied", rows::word("yes"))),
            }
            fields.retain(|(_, value)| !value.as_str().is_empty());
            output.fields(&fields);
        }
    }
}
