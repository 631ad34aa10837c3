//! `stanch completions`: what a shell needs to complete our commands. The commands and options are written into the
//! script; names of profiles, views, sets of marks and jobs, and the words of the filter language, are asked of the
//! program itself when they are completed ([`words`]).

use super::{context::CommandContext, exit::ExitCode, views};
use crate::{
    entity::{risk::RiskLevel, status::Status},
    filter::{Field, IS_WORDS},
    provider::ids,
    runtime::mark_sets,
    table::SortField,
};
use clap::CommandFactory as _;
use clap_complete::Shell;
use strum::IntoEnumIterator as _;

/// `stanch completions`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// The shell.
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: Shell,
}

/// `stanch complete`, which the scripts call.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct WordsArguments {
    /// Of what.
    #[arg(value_name = "WHAT", value_enum)]
    pub what: What,
}

/// What the scripts ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum What {
    /// Words of the filter language.
    Filter,
    /// Sort keys of leaks.
    Sort,
    /// Columns of the table of leaks.
    Columns,
    /// What leaks are counted by.
    By,
    /// Configured profiles.
    Profiles,
    /// Saved views.
    Views,
    /// Sets of marks.
    Marks,
}

/// The options whose values the program knows, without their dashes.
const OPTIONS: &[(&str, What)] = &[
    ("filter", What::Filter),
    ("sort", What::Sort),
    ("columns", What::Columns),
    ("by", What::By),
    ("profile", What::Profiles),
    ("view", What::Views),
];

impl What {
    fn word(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::Sort => "sort",
            Self::Columns => "columns",
            Self::By => "by",
            Self::Profiles => "profiles",
            Self::Views => "views",
            Self::Marks => "marks",
        }
    }
}

/// Prints the completions of a shell.
pub fn run(session: &mut CommandContext, arguments: &Arguments) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut super::Arguments::command(),
        "stanch",
        &mut script,
    );
    let script = String::from_utf8_lossy(&script);
    let script = match arguments.shell {
        Shell::Bash => bash(&script),
        Shell::Zsh => zsh(&script),
        Shell::Fish => fish(&script),
        _ => script.into_owned(),
    };
    session.output.text(&script);
    ExitCode::Done
}

/// Bash: the branch of an option completes files; it shall ask instead. A colon must not end a word, or `status:open`
/// would be three.
fn bash(script: &str) -> String {
    let mut out = String::from("COMP_WORDBREAKS=${COMP_WORDBREAKS//:/}\n");
    let mut asked = None;
    for line in script.lines() {
        if let Some((_, what)) = OPTIONS
            .iter()
            .find(|(name, _)| line.trim() == format!("--{name})"))
        {
            asked = Some(*what);
        } else if let Some(what) = asked
            && line.trim_start().starts_with("COMPREPLY=")
        {
            let indent = &line[..line.len() - line.trim_start().len()];
            let ask = format!(
                "{indent}local IFS=$'\\n'\n{indent}COMPREPLY=($(compgen -W \"$(\"$1\" complete {} 2>/dev/null)\" -- \"${{cur}}\"))\n",
                what.word()
            );
            out.push_str(&ask);
            if what == What::Filter {
                out.push_str(&format!("{indent}compopt -o nospace 2>/dev/null\n"));
            }
            asked = None;
            continue;
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// Zsh: the action behind an option's name is a function that asks.
fn zsh(script: &str) -> String {
    let mut out = String::new();
    for line in script.lines() {
        let known = OPTIONS.iter().find(|(name, _)| {
            let start = line.trim_start().trim_start_matches(['\'', '*']);
            // What it excludes stands before it, in parentheses.
            let start = match start
                .strip_prefix('(')
                .and_then(|rest| rest.split_once(')'))
            {
                Some((_, behind)) => behind,
                None => start,
            };
            start.starts_with(&format!("--{name}=["))
        });
        match known {
            Some((_, what)) => {
                let action = format!(":_stanch_words_{}", what.word());
                out.push_str(&line.replacen(":_default", &action, 1));
            }
            None => out.push_str(line),
        }
        out.push('\n');
    }
    let functions = OPTIONS.iter().map(|(_, what)| {
        format!(
            "_stanch_words_{0}() {{\n    local -a found\n    found=(${{(f)\"$(${{words[1]}} complete {0} 2>/dev/null)\"}})\n    compadd {1}-a found\n}}\n",
            what.word(),
            if *what == What::Filter { "-S '' " } else { "" }
        )
    });
    let functions: String = functions.collect();
    // Before the line that registers or calls the completion, which is the last block of the script.
    match out.find("\nif [ \"$funcstack[1]\"") {
        Some(at) => out.insert_str(at + 1, &functions),
        None => out.push_str(&functions),
    }
    out
}

/// Fish: the option's line gets the command that is asked.
fn fish(script: &str) -> String {
    let mut out = String::new();
    for line in script.lines() {
        out.push_str(line);
        let known = OPTIONS
            .iter()
            .find(|(name, _)| line.contains(&format!(" -l {name} ")));
        if let Some((_, what)) = known
            && line.starts_with("complete ")
        {
            out.push_str(&format!(
                " -f -a \"(stanch complete {} 2>/dev/null)\"",
                what.word()
            ));
        }
        out.push('\n');
    }
    out
}

/// Prints the words that a shell may complete to, one a line. What cannot be read is not completed: a shell is no place
/// for errors.
pub fn words(session: &mut CommandContext, arguments: &WordsArguments) -> ExitCode {
    let found = match arguments.what {
        What::Filter => filter_words(session),
        What::Sort => SortField::iter()
            .flat_map(|field| [field.to_string(), format!("-{field}")])
            .collect(),
        What::Columns => super::entities::columns::names()
            .map(str::to_owned)
            .collect(),
        What::By => super::entities::count::LEAK_FIELDS
            .iter()
            .map(|field| (*field).to_owned())
            .collect(),
        What::Profiles => profiles(session),
        What::Views => views::names(session),
        What::Marks => marks(session),
    };
    for word in found {
        let word = super::entities::rows::printable(word);
        session.output.text(&format!("{}\n", word.as_str()));
    }
    ExitCode::Done
}

fn profiles(session: &CommandContext) -> Vec<String> {
    let config = session.full_config();
    config
        .profiles
        .iter()
        .map(|profile| profile.settings.name.to_string())
        .collect()
}

fn marks(session: &CommandContext) -> Vec<String> {
    let sets = session
        .state_directory()
        .ok()
        .and_then(|state| mark_sets::read(&state).ok())
        .unwrap_or_default();
    sets.list().iter().map(|set| set.name.clone()).collect()
}

/// Every field with its colon, and whole terms where the values are known.
fn filter_words(session: &CommandContext) -> Vec<String> {
    let mut words: Vec<String> = Field::iter()
        .map(|field| format!("{}:", field.name()))
        .collect();
    let statuses = ["open", "closed"].map(str::to_owned).into_iter();
    let statuses = statuses.chain(
        [
            Status::New,
            Status::Investigating,
            Status::Fixed,
            Status::FalsePositive,
        ]
        .map(|status| status.to_string()),
    );
    words.extend(statuses.map(|status| format!("status:{status}")));
    let levels = [RiskLevel::Low, RiskLevel::Medium, RiskLevel::High];
    words.extend(levels.map(|level| format!("risk:{level}")));
    words.extend(ids().iter().map(|id| format!("source:{id}")));
    words.extend(
        profiles(session)
            .iter()
            .map(|name| format!("profile:{name}")),
    );
    words.extend(IS_WORDS.iter().map(|word| format!("is:{word}")));
    words.extend(["age<7d", "added<12h", "found<8h", "marked"].map(str::to_owned));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(shell: Shell) -> String {
        let mut script = Vec::new();
        let mut command = crate::cli::Arguments::command();
        clap_complete::generate(shell, &mut command, "stanch", &mut script);
        String::from_utf8(script).unwrap()
    }

    #[test]
    fn every_option_with_known_values_asks_for_them_in_every_shell() {
        for (shell, made) in [
            (Shell::Bash, bash(&script(Shell::Bash))),
            (Shell::Zsh, zsh(&script(Shell::Zsh))),
            (Shell::Fish, fish(&script(Shell::Fish))),
        ] {
            for (name, what) in OPTIONS {
                let asks = match shell {
                    Shell::Zsh => format!("--{name}=["),
                    Shell::Fish => format!("-l {name} "),
                    _ => format!("--{name})"),
                };
                let lines: Vec<&str> = made.lines().collect();
                let places: Vec<usize> = (0..lines.len())
                    .filter(|at| lines[*at].contains(&asks))
                    .collect();
                assert!(!places.is_empty(), "{shell}: no --{name}");
                for at in places {
                    let near = lines[at..(at + 3).min(lines.len())].join("\n");
                    let wanted = match shell {
                        Shell::Zsh => format!("_stanch_words_{}", what.word()),
                        _ => format!("complete {} 2>", what.word()),
                    };
                    assert!(near.contains(&wanted), "{shell}: {near}");
                }
            }
        }
    }
}
