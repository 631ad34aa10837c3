//! What effects need beside providers and journal: the way of a copy, the memory of what was seen.

use super::{Accounts, memory::memory};
use crate::{
    cli::context::CommandContext,
    clipboard::{ClipboardTarget, Multiplexer},
    config::{ClipboardVia, Config},
    journal::{AuditOrigin, Journal},
    runtime::{hangup::PendingWrites, services::Services},
};
use std::{
    path::Path,
    sync::{Arc, atomic::AtomicBool},
};

/// How a copy travels, and what stands between this program and the terminal.
pub fn clipboard(session: &CommandContext, config: &Config) -> (ClipboardTarget, Multiplexer) {
    let via = match &config.clipboard {
        ClipboardVia::Osc52 => ClipboardTarget::Osc52,
        ClipboardVia::Desktop => ClipboardTarget::Desktop,
        ClipboardVia::Command(words) => ClipboardTarget::Command(words.clone()),
        ClipboardVia::File => ClipboardTarget::File,
        ClipboardVia::Off => ClipboardTarget::Off,
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
    session: &CommandContext,
    config: &Config,
    connected: &Accounts,
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
        writes: PendingWrites::default(),
        seen: memory(session, state).map(Arc::new),
        origin,
        missed_news: AtomicBool::new(false),
    })
}
