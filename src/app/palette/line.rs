//! What a line of the palette asks for, as data.

use super::commands::COMMANDS;
use crate::action::Action;
use strum::IntoEnumIterator as _;

/// What a line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) enum Line<'a> {
    /// An action.
    Act(Action),
    /// How many leaks are marked, and which sets of marks are saved.
    Marks,
    /// Something with a set of marks: the verb and its name.
    MarkSet(&'a str, String),
    /// Marks from a file.
    ReadMarks(String),
    /// Marks to a file.
    WriteMarks(String),
    /// A lookup: its kind and its value.
    Check(&'a str, &'a str),
    /// The leaks of one profile, or of all.
    Profile(Option<&'a str>),
    /// Something with a view.
    View(&'a str),
    /// A sort.
    Sort(&'a str),
    /// What was marked seen last is news again.
    UndoSeen,
    /// Whether the accounts are watched.
    Watch(Option<&'a str>),
    /// How often everything is read again.
    Refresh(&'a str),
    /// Whether the mouse is on.
    Mouse(&'a str),
    /// A program of the operator's own.
    Run(&'a str),
    /// What is left to do, into a file: its path, or a name with the time where it is empty.
    Handoff(&'a str),
    /// What is no leak in the files that were read.
    Rejects,
    /// Who is in the team.
    Team,
    /// The tour.
    Tour,
    /// There is no such command.
    Unknown,
}

/// What follows the first word, blanks and all.
fn argument(line: &str) -> &str {
    line.split_once(char::is_whitespace)
        .map_or("", |(_, rest)| rest)
}

/// Reads a line.
pub(in crate::app) fn parse(line: &str) -> Line<'_> {
    if let Ok(action) = line.parse::<Action>() {
        return Line::Act(action);
    }
    let mut words = line.split_whitespace();
    let (name, word) = (words.next().unwrap_or_default(), words.next());
    let rest = words.collect::<Vec<_>>().join(" ");
    match (name, word, &rest[..]) {
        ("marks", None, _) => Line::Marks,
        ("marks", Some(verb @ ("save" | "load" | "keep" | "delete")), _) => {
            Line::MarkSet(verb, rest)
        }
        ("marks", Some("read"), file) if !file.is_empty() => Line::ReadMarks(rest),
        ("marks", Some("write"), file) if !file.is_empty() => Line::WriteMarks(rest),
        ("check", Some(kind), _) => Line::Check(kind, argument(argument(line).trim_start()).trim()),
        ("profile", name, "") => Line::Profile(name),
        ("view", _, _) => Line::View(argument(line)),
        ("sort", _, _) => Line::Sort(argument(line)),
        ("seen", None, _) => Line::Act(Action::NewsSeen),
        ("seen", Some("undo"), "") => Line::UndoSeen,
        ("watch", word, "") => Line::Watch(word),
        ("refresh", Some(word), "") => Line::Refresh(word),
        ("mouse", Some(word), "") => Line::Mouse(word),
        ("run", Some(name), "") => Line::Run(name),
        ("handoff", _, _) => Line::Handoff(argument(line).trim()),
        ("rejects", None, _) => Line::Rejects,
        ("team", None, _) => Line::Team,
        ("tour", None, _) => Line::Tour,
        ("q" | "quit", None, _) => Line::Act(Action::Quit),
        _ => Line::Unknown,
    }
}

/// What is offered instead of a line that is no command: the nearest one.
pub(in crate::app) fn suggestion(line: &str) -> String {
    let names = COMMANDS.iter().map(|(name, _, _)| *name);
    let all = names.chain(Action::iter().map(Into::into));
    match crate::config::suggest::suggest(line, all).first() {
        Some(near) => format!("did you mean :{near}?"),
        None => "Tab completes; ? lists the keys".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_action_a_command_with_its_argument_or_unknown() {
        assert_eq!(parse("mark-fixed"), Line::Act(Action::MarkFixed));
        assert_eq!(parse("q"), Line::Act(Action::Quit));
        assert_eq!(
            parse("marks  save late shift"),
            Line::MarkSet("save", "late shift".to_owned())
        );
        assert_eq!(parse("marks read"), Line::Unknown);
        assert_eq!(
            parse("check email  a@b.example "),
            Line::Check("email", "a@b.example")
        );
        assert_eq!(parse("profile"), Line::Profile(None));
        assert_eq!(parse("profile a b"), Line::Unknown);
        assert_eq!(parse("view save a b"), Line::View("save a b"));
        assert_eq!(parse("watch off"), Line::Watch(Some("off")));
        assert_eq!(parse("handoff"), Line::Handoff(""));
        assert_eq!(
            parse("handoff late shift.md"),
            Line::Handoff("late shift.md")
        );
        assert_eq!(parse("marks-fixed"), Line::Unknown);
    }
}
