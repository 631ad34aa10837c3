//! The program: what has to be true of the process first, then the command line.

use stanch::{
    cli::{self, exit::ExitCode, output::Output, session::Environment},
    logging,
    runtime::terminal,
};
use std::fmt;

/// What is told of a panic: where, and how to report it. Its payload may hold a value, so it is never shown.
struct PanicMessage;

impl color_eyre::section::PanicMessage for PanicMessage {
    fn display(
        &self,
        info: &std::panic::PanicHookInfo<'_>,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        match info.location() {
            Some(place) => writeln!(f, "stanch: a bug at {}:{}", place.file(), place.line())?,
            None => writeln!(f, "stanch: a bug")?,
        }
        write!(
            f,
            "hint: please report this line, the version ({}) and what you did; nothing more is needed",
            env!("CARGO_PKG_VERSION")
        )
    }
}

fn main() -> std::process::ExitCode {
    logging::harden_process();
    install_hooks();
    // A second provider of cryptography is never installed: this is the first line that could.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let run = || {
        cli::run_from(
            std::env::args_os(),
            Environment::process(),
            Output::system(),
        )
    };
    std::panic::catch_unwind(run)
        .unwrap_or(ExitCode::Fault)
        .into()
}

/// A panic of the main thread restores the terminal and says where. One of a task is caught by the executor, which
/// tells the operator: the screen stays.
fn install_hooks() {
    let (panic_hook, error_hook) = color_eyre::config::HookBuilder::default()
        .panic_message(PanicMessage)
        .display_env_section(false)
        .into_hooks();
    // Only a second installation fails.
    error_hook.install().ok();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().name() == Some("main") {
            terminal::leave();
            let mut output = Output::system();
            output.notice(&panic_hook.panic_report(info).to_string());
        } else if let Some(place) = info.location() {
            tracing::error!(file = place.file(), line = place.line(), "a task panicked");
        }
    }));
}
