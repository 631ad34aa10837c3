//! What effects need beside providers and journal: the way of a copy, the memory of what was seen.

use super::{Connected, memory::memory};
use crate::{
    cli::session::Session,
    clipboard::{Multiplexer, Via},
    config::{ClipboardVia, Config},
    journal::{AuditOrigin, Journal},
    runtime::{hangup::Writes, services::Services},
};
use std::{path::Path, sync::Arc};

/// How a copy travels, and what stands between this program and the terminal.
pub fn clipboard(session: &Session, config: &Config) -> (Via, Multiplexer) {
    let via = match &config.clipboard {
        ClipboardVia::Osc52 => Via::Osc52,
        ClipboardVia::Desktop => Via::Desktop,
        ClipboardVia::Command(words) => Via::Command(words.clone()),
        ClipboardVia::File => Via::File,
        ClipboardVia::Off => Via::Off,
    };
    let multiplexer = Multiplexer::detect(|name| {
        session
            .environment
            .get(name)
            .and_then(|value| value.into_string().ok())
    });
    (via, multiplexer)
}

/// Everything that effects need.
pub fn services(
    session: &Session,
    config: &Config,
    connected: &Connected,
    journal: Journal,
    state: &Path,
    origin: AuditOrigin,
) -> Arc<Services> {
    let (clipboard, multiplexer) = clipboard(session, config);
    Arc::new(Services {
        providers: connected.providers.clone(),
        journal,
        clipboard,
        multiplexer,
        state_directory: state.to_path_buf(),
        writes: Writes::default(),
        seen: memory(session, state).map(Arc::new),
        origin,
    })
}
