//! `stanch man`: one manual page with every command.

use super::{
    context::CommandContext,
    exit::ExitCode,
    failure::{Failure, FailureKind},
};
use crate::filter::SYNTAX;
use clap::CommandFactory as _;
use clap_mangen::Man;
use std::io;
use strum::IntoEnumIterator as _;

/// Prints the manual page.
pub fn run(session: &mut CommandContext) -> Result<ExitCode, Failure> {
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
    let mut options = Vec::new();
    man.render_options_section(&mut options)?;
    page.extend_from_slice(&without_language(&options));
    filter_section(&mut page);
    page.extend_from_slice(b".SH COMMANDS\n");
    write_subcommands(&command, "stanch", &mut page)?;
    page.extend_from_slice(b".SH \"EXIT STATUS\"\n");
    for exit in ExitCode::iter() {
        let line = format!(".TP\n{}\n{}\n", exit.code(), exit.meaning());
        page.extend_from_slice(line.replace("--", "\\-\\-").as_bytes());
    }
    page.extend_from_slice(FILES_SECTION.as_bytes());
    Ok(page)
}

/// The options without the lines of the filter language, which roff would fill into one paragraph: it has a section of
/// its own.
fn without_language(options: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(options);
    let mut kept = String::new();
    let mut is_language = false;
    for line in text.lines() {
        // An option begins with a paragraph of its own.
        if line.starts_with(".TP") || line.starts_with(".SH") {
            is_language = false;
        }
        if SYNTAX
            .first()
            .is_some_and(|(form, _)| line == escaped(form))
        {
            is_language = true;
            kept.push_str("The section FILTER has the language.\n");
        }
        if !is_language {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept.into_bytes()
}

/// The filter language as a table: each form, and what it takes.
fn filter_section(page: &mut Vec<u8>) {
    page.extend_from_slice(
        b".SH FILTER\nThe same language in \\fB\\-\\-filter\\fR, in the console behind \\fB/\\fR and in saved views. Terms side by side all have to hold.\n",
    );
    // As wide as the longest form, so that each explanation stands beside its form.
    let width = SYNTAX.iter().map(|(form, _)| form.len()).max();
    let width = width.unwrap_or_default() + 2;
    for (form, what) in SYNTAX {
        let (form, what) = (escaped(form), escaped(what));
        let entry = format!(".TP {width}\n\\fB{form}\\fR\n{what}\n");
        page.extend_from_slice(entry.as_bytes());
    }
}

/// Text that roff shows as it stands.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    match text.strip_prefix(['.', '\'']) {
        Some(_) => format!("\\&{text}"),
        None => text,
    }
}

const FILES_SECTION: &str = ".SH FILES
.TP
$STANCH_CONFIG
The configuration; else stanch/config.toml in the platform's configuration directory.
.TP
$STANCH_STATE_DIR
The directory of the journal, with the local statuses, of the audit log, of the saved views (views.toml) and of where the last console stood (session.toml); else stanch in the platform's state directory.
.TP
$STANCH_TERMINAL
With plain, the console sends its terminal nothing but positions and colours: for one that is not what $TERM says.
";

/// Every command that is not hidden, under its full name; commands of commands stand in its place.
fn write_subcommands(command: &clap::Command, name: &str, page: &mut Vec<u8>) -> io::Result<()> {
    for command in command.get_subcommands().filter(|c| !c.is_hide_set()) {
        let name = format!("{name} {}", command.get_name());
        if command.has_subcommands() {
            write_subcommands(command, &name, page)?;
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
