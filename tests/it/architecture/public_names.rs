//! Every name that a script, a configuration or a runbook may rely on, in one snapshot. Names are added; none changes
//! and none goes.

use super::source::sources;
use clap::{Command, CommandFactory as _};
use stanch::{
    action::Action,
    cli::{Arguments, exit::ExitCode},
    config::keymap::Context,
    export::FORMATS,
    filter::{Field, SYNTAX},
    provider::REGISTRY,
};
use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};
use strum::IntoEnumIterator as _;

/// The modules whose structs are written as JSON for others. Providers and the stand-in have the names of other
/// programs, the journal its own.
const WRITE_JSON: &[&str] = &["app", "cli", "config", "entity", "export"];

fn chapter(out: &mut String, title: &str, lines: impl IntoIterator<Item = String>) {
    let _ = writeln!(out, "{title}");
    for line in lines {
        let _ = writeln!(out, "  {line}");
    }
}

/// A command with its options and arguments, and those below it.
fn commands(command: &Command, above: &str, out: &mut Vec<String>) {
    let name = format!("{above}{}", command.get_name());
    let mut line = name.clone();
    for alias in command.get_all_aliases() {
        let _ = write!(line, "|{alias}");
    }
    for argument in command.get_arguments() {
        line.push(' ');
        match (argument.get_long(), argument.get_short()) {
            (Some(long), Some(short)) => {
                let _ = write!(line, "-{short}|--{long}");
            }
            (Some(long), None) => {
                let _ = write!(line, "--{long}");
            }
            _ => line.push_str(&argument.get_id().as_str().to_uppercase()),
        }
        let values = argument.get_possible_values();
        let values: Vec<&str> = values
            .iter()
            .map(clap::builder::PossibleValue::get_name)
            .collect();
        let is_flag = matches!(argument.get_action(), clap::ArgAction::SetTrue);
        if !values.is_empty() && !is_flag {
            let _ = write!(line, "={}", values.join("|"));
        }
    }
    out.push(line);
    for below in command.get_subcommands() {
        commands(below, &format!("{name} "), out);
    }
}

/// The options of the configuration, which the file of the defaults has all.
fn config_keys() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/config.toml");
    let (mut keys, mut table) = (Vec::new(), String::new());
    for line in fs::read_to_string(path).unwrap().lines() {
        let line = line.strip_prefix('#').unwrap_or(line);
        if line.starts_with('[') {
            line.clone_into(&mut table);
        } else if let Some((key, _)) = line.split_once(" = ")
            && key.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        {
            keys.push(format!("{table} {key}"));
        }
    }
    keys
}

/// The members of every object that is written as JSON; `config show` writes the settings that providers declare.
fn json_members() -> BTreeSet<String> {
    let written = sources().into_iter();
    let settings = REGISTRY.iter().flat_map(|row| row.options);
    written
        .filter(|source| WRITE_JSON.contains(&&source.top_module()[..]))
        .flat_map(|source| source.json_members())
        .chain(settings.map(|option| option.name.to_owned()))
        .collect()
}

#[test]
fn public_names_are_as_they_were() {
    let mut all = String::new();
    let actions = Action::iter().map(|action| action.to_string());
    chapter(&mut all, "actions", actions);
    let contexts = Context::iter().map(|context| context.to_string());
    chapter(&mut all, "tables of the keymap", contexts);
    chapter(&mut all, "configuration", config_keys());
    let mut lines = Vec::new();
    commands(&Arguments::command(), "", &mut lines);
    chapter(&mut all, "commands", lines);
    let exits = ExitCode::iter().map(|exit| format!("{} {exit:?}", exit.code()));
    chapter(&mut all, "exit codes", exits);
    let fields = Field::iter().map(|field| field.name().to_owned());
    chapter(&mut all, "filter fields", fields);
    let forms = SYNTAX.iter().map(|(form, _)| (*form).to_owned());
    chapter(&mut all, "filter forms", forms);
    let formats = FORMATS.iter().map(|format| format.name.to_owned());
    chapter(&mut all, "export formats", formats);
    let providers = REGISTRY.iter().map(|row| row.id.to_string());
    chapter(&mut all, "providers", providers);
    chapter(&mut all, "JSON members", json_members());
    insta::assert_snapshot!("public_names", all);
}

#[test]
fn json_members_are_found_wherever_they_are_written() {
    let source = super::source::Source::from_text(
        "export/x.rs",
        r#"
        #[derive(Clone, Serialize)]
        struct A<'a, B> { one: &'a Map<B, C>, #[serde(rename = "two")] pub(super) other: D, r#type: E, }
        #[derive(Clone)]
        struct F { no: G }
        fn f(map: M) { map.serialize_entry("three", &h)?; json!({ "four": { "five": [i] } }); j("no", k) }
        "#,
    );
    let members: Vec<String> = source.json_members().into_iter().collect();
    assert_eq!(
        members,
        ["five", "four", "one", "other", "three", "two", "type"]
    );
}
