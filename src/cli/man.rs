//! `stanch man`: one manual page with every command.

use super::{
    exit::ExitCode,
    failure::{Failure, FailureKind},
    session::Session,
};
use clap::CommandFactory as _;
use clap_mangen::Man;
use std::io;
use strum::IntoEnumIterator as _;

/// Prints the manual page.
pub fn run(session: &mut Session) -> Result<ExitCode, Failure> {
    let page = page().map_err(|_| {
        Failure::new(
            FailureKind::Internal,
            "the manual page cannot be made",
            "this is a bug",
        )
    })?;
    session.output.bytes(&page);
    Ok(ExitCode::Done)
}

fn page() -> io::Result<Vec<u8>> {
    let command = super::Arguments::command();
    let mut page = Vec::new();
    let man = Man::new(command.clone());
    // No date: the same program prints the same page.
    let title = concat!(
        ".TH STANCH 1 \"\" \"stanch ",
        env!("CARGO_PKG_VERSION"),
        "\" \"Stanch\"\n"
    );
    page.extend_from_slice(title.as_bytes());
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    page.extend_from_slice(b".SH COMMANDS\n");
    subcommands(&command, "stanch", &mut page)?;
    page.extend_from_slice(b".SH \"EXIT STATUS\"\n");
    for exit in ExitCode::iter() {
        let line = format!(".TP\n{}\n{}\n", exit.code(), exit.meaning());
        page.extend_from_slice(line.replace("--", "\\-\\-").as_bytes());
    }
    page.extend_from_slice(FILES.as_bytes());
    Ok(page)
}

const FILES: &str = ".SH FILES
.TP
$STANCH_CONFIG
The configuration; else stanch/config.toml in the platform's configuration directory.
.TP
$STANCH_STATE_DIR
The directory of the journal, with the statuses that are kept here, of the audit log, of the saved views (views.toml) and of where the last console stood (session.toml); else stanch in the platform's state directory.
.TP
$STANCH_TERMINAL
With plain, the console sends its terminal nothing but positions and colours: for one that is not what $TERM says.
";

/// Every command that is not hidden, under its full name; commands of commands stand in its place.
fn subcommands(command: &clap::Command, name: &str, page: &mut Vec<u8>) -> io::Result<()> {
    for command in command.get_subcommands().filter(|c| !c.is_hide_set()) {
        let name = format!("{name} {}", command.get_name());
        if command.has_subcommands() {
            subcommands(command, &name, page)?;
            continue;
        }
        let man = Man::new(
            command
                .clone()
                .bin_name(name.clone())
                .disable_help_flag(true),
        );
        let mut section = Vec::new();
        man.render_synopsis_section(&mut section)?;
        man.render_description_section(&mut section)?;
        if command.get_arguments().next().is_some() {
            man.render_options_section(&mut section)?;
        }
        page.extend_from_slice(format!(".SS \"{}\"\n", name.replace('-', "\\-")).as_bytes());
        // Its own headings would be chapters of the page: a paragraph is enough.
        for line in String::from_utf8_lossy(&section).lines() {
            if line.starts_with(".ie ") || line.starts_with(".el ") {
                continue;
            }
            let line = if line.starts_with(".SH") { ".PP" } else { line };
            page.extend_from_slice(line.trim_end().as_bytes());
            page.push(b'\n');
        }
    }
    Ok(())
}
