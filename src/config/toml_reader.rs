//! A TOML text with places: typed members are taken out of it, and everything that does not fit becomes a
//! [`Problem`] with file, line and column. Values are never quoted.

use super::{
    problem::{Problem, ProblemScope, printable},
    suggest::{suggest, suggestion},
};
use std::{ops::Range, path::Path, str::FromStr};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// The text that is read, and what was found wrong so far.
pub(super) struct TomlReader<'a> {
    path: Option<&'a Path>,
    text: &'a str,
    /// Where each line begins, in bytes.
    lines: Vec<usize>,
    pub(super) problems: Vec<Problem>,
    /// Problems of syntax and keys that are not listed, for there are many of them.
    unlisted: usize,
}

/// So many problems of syntax and keys are listed; those of profiles and policy all are.
const MAX_LISTED_PROBLEMS: usize = 1_000;

impl<'a> TomlReader<'a> {
    pub(super) fn new(path: Option<&'a Path>, text: &'a str) -> Self {
        Self {
            path,
            text,
            lines: std::iter::once(0)
                .chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1))
                .collect(),
            problems: Vec::new(),
            unlisted: 0,
        }
    }

    /// The table, or `None` with a problem for every place that is not TOML: a text that is only half understood might
    /// have lost the line that forbids writing.
    pub(super) fn parse(&mut self) -> Option<Spanned<DeTable<'a>>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        if errors.is_empty() {
            return Some(table);
        }
        for error in errors {
            let message = format!("not valid TOML: {}", printable(error.message()));
            let span = error.span().unwrap_or_default();
            self.report(
                &ProblemScope::File,
                span,
                message,
                "nothing of this file is used until it is corrected; assets/config.toml shows the form, stanch config init writes it".into(),
            );
        }
        None
    }

    pub(super) fn path(&self) -> Option<&'a Path> {
        self.path
    }

    /// Whether there are so many problems that another one is counted and not listed: what it would say need not be
    /// looked for.
    pub(super) fn is_list_full(&self, about: &ProblemScope) -> bool {
        matches!(about, ProblemScope::Keymap | ProblemScope::File)
            && self.problems.len() >= MAX_LISTED_PROBLEMS
    }

    pub(super) fn report(
        &mut self,
        about: &ProblemScope,
        span: Range<usize>,
        message: String,
        hint: String,
    ) {
        if self.is_list_full(about) {
            self.unlisted += 1;
            return;
        }
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = self.lines.partition_point(|start| *start <= before.len());
        let line_start = self.lines.get(line.saturating_sub(1)).copied();
        let line_start = line_start.unwrap_or_default();
        self.problems.push(Problem {
            scope: about.clone(),
            file: self.path.map(Path::to_owned),
            line: Some(line),
            column: Some(before[line_start..].chars().count() + 1),
            message,
            hint,
        });
    }

    /// The problems, in the order of the text.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        self.problems
            .sort_by_key(|problem| (problem.line, problem.column));
        if self.unlisted > 0
            && let Some(last) = self.problems.last().cloned()
        {
            let about = match last.scope {
                ProblemScope::File => ProblemScope::File,
                _ => ProblemScope::Keymap,
            };
            self.problems.push(Problem {
                scope: about,
                message: format!("{} more problems are not listed", self.unlisted),
                hint: "correct those above first, then check again".to_owned(),
                ..last
            });
        }
        self.problems
    }
}

/// A member's name, place and value, in the order of the text.
pub(super) fn members<'t>(
    table: &'t DeTable<'t>,
) -> impl Iterator<Item = (&'t str, Range<usize>, &'t Value<'t>)> {
    let mut all: Vec<_> = table
        .iter()
        .map(|(name, value)| (&**name.get_ref(), name.span(), value))
        .collect();
    all.sort_by_key(|(_, span, _)| span.start);
    all.into_iter()
}

/// One table of the text whose members are known by name.
pub(super) struct TableReader<'r, 'a, 't> {
    pub(super) reader: &'r mut TomlReader<'a>,
    pub(super) scope: ProblemScope,
    title: String,
    table: &'t DeTable<'t>,
    /// Members that are there but of no use, and members that an unknown one probably meant.
    invalid_members: Vec<&'static str>,
    /// Whether a known member has a wrong value.
    pub(super) report_invalid: bool,
}

/// What an older or another program's file calls a member, and what it is here.
pub(super) type RenamedMember = (&'static str, &'static str);

impl<'r, 'a, 't> TableReader<'r, 'a, 't> {
    /// Opens a table; every member that is not `known` is reported.
    pub(super) fn open(
        reader: &'r mut TomlReader<'a>,
        about: ProblemScope,
        title: &str,
        table: &'t DeTable<'t>,
        known: &[&'static str],
        former: &[RenamedMember],
    ) -> Self {
        let mut section = Self {
            reader,
            scope: about,
            title: title.to_owned(),
            table,
            invalid_members: Vec::new(),
            report_invalid: false,
        };
        for (name, span, _) in members(table).filter(|(name, _, _)| !known.contains(name)) {
            let close = suggest(name, known.iter().copied());
            section
                .invalid_members
                .extend(known.iter().filter(|member| close.contains(*member)));
            let hint = former.iter().find(|(old, _)| *old == name).map_or_else(
                || suggestion(&close, || format!("known here: {}", known.join(", "))),
                |(_, new)| format!("write it as {new}"),
            );
            let message = format!("{title}: unknown member {}", printable(name));
            let about = section.scope.clone();
            section.reader.report(&about, span, message, hint);
        }
        section
    }

    /// Whether a member is given in a way that could not be used: wrong, or misspelled.
    pub(super) fn is_invalid(&self, name: &str) -> bool {
        self.invalid_members.contains(&name)
    }

    pub(super) fn value(&self, name: &str) -> Option<&'t Value<'t>> {
        self.table
            .iter()
            .find(|(member, _)| &**member.get_ref() == name)
            .map(|(_, value)| value)
    }

    /// Reports a member's value; nothing of the value is told.
    pub(super) fn report_invalid(&mut self, name: &'static str, what: &str, hint: &str) {
        self.invalid_members.push(name);
        self.report_invalid = true;
        let span = self.value(name).map(Spanned::span).unwrap_or_default();
        let message = format!("{}: {name} {what}", self.title);
        let about = self.scope.clone();
        self.reader.report(&about, span, message, hint.to_owned());
    }

    /// Reports what the whole table lacks, at its name.
    pub(super) fn report_missing(&mut self, span: &Range<usize>, what: &str, hint: &str) {
        self.report_invalid = true;
        let message = format!("{} {what}", self.title);
        let about = self.scope.clone();
        self.reader
            .report(&about, span.clone(), message, hint.to_owned());
    }

    /// Takes a member with `read`; `form` is what it should look like.
    pub(super) fn read_member<T>(
        &mut self,
        name: &'static str,
        form: &str,
        read: impl FnOnce(&'t DeValue<'t>) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(name)?;
        let taken = read(value.get_ref());
        if taken.is_none() {
            self.report_invalid(name, "has a wrong value", &format!("write {name} = {form}"));
        }
        taken
    }

    pub(super) fn boolean(&mut self, name: &'static str) -> Option<bool> {
        self.read_member(name, "true or false, without quotes", DeValue::as_bool)
    }

    pub(super) fn string(&mut self, name: &'static str) -> Option<String> {
        self.read_member(name, "\"…\", not empty", parse_string)
    }

    /// A whole number of at least `least`.
    pub(super) fn integer(&mut self, name: &'static str, least: u32) -> Option<u32> {
        let form = format!("a whole number, {least} or more");
        self.read_member(name, &form, |value| {
            let number = value.as_integer()?;
            u32::from_str_radix(number.as_str(), number.radix())
                .ok()
                .filter(|number| *number >= least)
        })
    }

    /// One word of a list, as a value of its own.
    pub(super) fn one_of<T: FromStr>(
        &mut self,
        name: &'static str,
        words: &[&'static str],
    ) -> Option<T> {
        self.parse_one_of(name, words, |word| word.parse().ok())
    }

    /// One word of a list.
    pub(super) fn keyword(
        &mut self,
        name: &'static str,
        words: &[&'static str],
    ) -> Option<&'static str> {
        let known = |word: &str| words.iter().copied().find(|known| *known == word);
        self.parse_one_of(name, words, known)
    }

    fn parse_one_of<T>(
        &mut self,
        name: &'static str,
        words: &[&'static str],
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(name)?;
        let word = value.get_ref().as_str().unwrap_or_default();
        if let Some(choice) = read(word) {
            return Some(choice);
        }
        let close = suggest(word, words.iter().copied());
        let hint = suggestion(&close, || format!("one of: {}", words.join(", ")));
        self.report_invalid(name, "is none of the words that are known", &hint);
        None
    }
}

/// A string that is not empty and has no control character.
pub(super) fn parse_string(value: &DeValue<'_>) -> Option<String> {
    value
        .as_str()
        .filter(|text| !text.trim().is_empty() && !text.chars().any(char::is_control))
        .map(str::to_owned)
}
