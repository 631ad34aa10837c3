//! `[commands.NAME]`: programs of the operator's own that take leaks. No shell is between: the words are the program and
//! its arguments, and the leaks come on standard input.

use super::{
    chord::{Chord, parse_sequence, sequence_text},
    keymap::{Context, KeyMatch, Keymap},
    problem::{ProblemScope, printable},
    profile::parse_command_line,
    toml_reader::{TableReader, TomlReader, members, parse_string},
};
use toml::de::DeTable;

/// A program of the operator's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserCommand {
    /// Its name, as `:run NAME` has it.
    pub name: String,
    /// Its keys; none where it is run by name alone.
    pub keys: Vec<Chord>,
    /// Where its keys work.
    pub context: Context,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// The operator is asked first.
    pub confirm: bool,
}

impl UserCommand {
    /// Its keys as they are shown; empty where it has none.
    pub fn keys_text(&self) -> String {
        if self.keys.is_empty() {
            String::new()
        } else {
            sequence_text(&self.keys)
        }
    }
}

/// What keys mean among these commands, where these contexts are in force: the command, by its place, or whether they
/// begin one.
pub fn lookup(
    commands: &[UserCommand],
    contexts: &[Context],
    pressed: &[Chord],
) -> Result<usize, bool> {
    let mut begins = false;
    for (at, command) in commands.iter().enumerate() {
        if command.keys.is_empty() || !contexts.contains(&command.context) {
            continue;
        }
        if command.keys == pressed {
            return Ok(at);
        }
        begins |= command.keys.starts_with(pressed);
    }
    Err(begins)
}

/// The panes whose rows are leaks or stand for them.
const CONTEXTS: &[&str] = &["list", "domains", "users", "leaks", "connections"];

/// Reads every `[commands.NAME]`. One that is wrong is left out; one whose keys are taken has none.
pub(super) fn read(
    reader: &mut TomlReader<'_>,
    table: &DeTable<'_>,
    keymap: &Keymap,
) -> Vec<UserCommand> {
    let mut found: Vec<UserCommand> = Vec::new();
    for (name, span, value) in members(table) {
        let is_name = !name.is_empty()
            && name.len() <= 40
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let Some(entries) = value.get_ref().as_table().filter(|_| is_name) else {
            let message = format!("{} is no command", printable(name));
            let hint = "write [commands.ticket], the name of a-z, 0-9 and -, and below it command = [\"program\", \"argument\"]";
            reader.report(&ProblemScope::Command, span, message, hint.to_owned());
            continue;
        };
        if let Some(command) = one(reader, name, entries, keymap, &found) {
            found.push(command);
        }
    }
    found
}

fn one(
    reader: &mut TomlReader<'_>,
    name: &str,
    entries: &DeTable<'_>,
    keymap: &Keymap,
    others: &[UserCommand],
) -> Option<UserCommand> {
    const MEMBERS: &[&str] = &["key", "context", "command", "confirm"];
    let title = format!("[commands.{name}]");
    let mut section =
        TableReader::open(reader, ProblemScope::Command, &title, entries, MEMBERS, &[]);
    let command = section.read_member("command", "[\"program\", \"argument\"]", parse_command_line);
    let keys = section.read_member("key", "\"x\", or two or three keys in a row", |value| {
        parse_sequence(&parse_string(value)?).ok()
    });
    let context = section
        .one_of("context", CONTEXTS)
        .unwrap_or(Context::Leaks);
    // What is not understood is asked about.
    let confirm = section.boolean("confirm").unwrap_or(true);
    let Some(command) = command else {
        if !section.is_invalid("command") {
            let hint = "add command = [\"program\", \"argument\"]";
            section.report_invalid("command", "is missing", hint);
        }
        return None;
    };
    let mut keys = keys.unwrap_or_default();
    if !keys.is_empty()
        && let Some(why) = taken(keymap, others, context, &keys)
    {
        let hint = format!("take another key; :run {name} works meanwhile");
        section.report_invalid("key", &why, &hint);
        keys.clear();
    }
    Some(UserCommand {
        name: name.to_owned(),
        keys,
        context,
        command,
        confirm,
    })
}

/// Why keys cannot be those of a command: they do something already, or begin something, or something begins them.
fn taken(
    keymap: &Keymap,
    others: &[UserCommand],
    context: Context,
    keys: &[Chord],
) -> Option<String> {
    for length in 1..=keys.len() {
        let begins = keys.get(..length)?;
        match keymap.lookup(context.chain(), begins) {
            KeyMatch::Action(action) => {
                return Some(format!("{} is {action} already", sequence_text(begins)));
            }
            KeyMatch::Prefix(_) if length == keys.len() => {
                return Some(format!("{} begins other keys", sequence_text(begins)));
            }
            KeyMatch::Prefix(_) | KeyMatch::None => {}
        }
    }
    let clash = |other: &&UserCommand| {
        !other.keys.is_empty() && (other.keys.starts_with(keys) || keys.starts_with(&other.keys))
    };
    let other = others.iter().find(clash)?;
    Some(format!("is taken by [commands.{}]", other.name))
}
