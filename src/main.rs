//! The program: what has to be true of the process first, then the command line.

use stanch::{
    cli::{self, context::Environment, exit::ExitCode, output::Output},
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
            Environment::from_process(),
            Output::system(),
        )
    };
    std::panic::catch_unwind(run)
        .unwrap_or(ExitCode::Internal)
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

#[cfg(test)]
mod tests {
    use super::*;
    use portable_pty::{CommandBuilder, PtySize, native_pty_system};
    use std::io::Read as _;

    const PAYLOAD: &str = "hunter2-in-the-payload";
    const ON_PURPOSE: &str = "PANIC_ON_PURPOSE";

    /// What the other test runs on a terminal; alone it would take the terminal of whoever runs it.
    #[test]
    #[ignore = "a part of a_panic_restores_the_terminal_and_prints_no_payload"]
    fn panics_on_a_terminal() {
        if std::env::var_os(ON_PURPOSE).is_none() {
            return;
        }
        install_hooks();
        terminal::Guard::enter().map(std::mem::forget).unwrap();
        // The hook knows the main thread by its name; a test is not on it.
        std::thread::Builder::new()
            .name("main".to_owned())
            .spawn(|| panic!("{PAYLOAD}"))
            .unwrap()
            .join()
            .unwrap_err();
    }

    #[test]
    fn a_panic_restores_the_terminal_and_prints_no_payload() {
        let pair = native_pty_system().openpty(PtySize::default()).unwrap();
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        command.args(["--exact", "tests::panics_on_a_terminal", "--ignored"]);
        command.args(["--nocapture", "--test-threads=1"]);
        command.env(ON_PURPOSE, "1");
        command.env("RUST_BACKTRACE", "full");
        // Not the home of whoever runs this: there may be none.
        command.cwd(std::env::temp_dir());
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let mut raw = Vec::new();
        // The end of a pseudo-terminal is an error here, after everything was read.
        reader.read_to_end(&mut raw).ok();
        assert!(child.wait().unwrap().success());
        let text = String::from_utf8_lossy(&raw);
        let place = |what: &str| {
            text.rfind(what)
                .unwrap_or_else(|| panic!("no {what:?} in {text}"))
        };
        let report = place("stanch: a bug at src/main.rs:");
        for (on, off) in [
            ("\x1b[?1049h", "\x1b[?1049l"),
            ("\x1b[?2004h", "\x1b[?2004l"),
            ("\x1b[?1004h", "\x1b[?1004l"),
            ("\x1b[?25l", "\x1b[?25h"),
        ] {
            assert!(place(on) < place(off) && place(off) < report, "{text}");
        }
        place("hint: ");
        assert!(!text.contains(PAYLOAD), "{text}");
    }
}
