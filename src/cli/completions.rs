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
    /// What is typed so far: of a list the words behind the last comma are completed, of a filter the last term.
    #[arg(value_name = "TYPED", default_value = "")]
    pub typed: String,
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
    /// Whether more may follow a word: a comma and another one, or a further term.
    fn goes_on(self) -> bool {
        matches!(self, Self::Filter | Self::Sort | Self::Columns)
    }

    /// What is typed, in two: what stays, and the beginning of the word that is completed. Of a filter that is the last
    /// term, of its list of values the last one.
    fn split(self, typed: &str) -> (&str, &str) {
        let at = match self {
            Self::Filter => {
                let term = term_start(typed);
                let value = typed.get(term..).unwrap_or_default();
                match (value.find(':'), value.rfind(',')) {
                    (Some(colon), Some(comma)) if colon < comma => term + comma + 1,
                    _ => term,
                }
            }
            Self::Sort | Self::Columns => typed.rfind(',').map_or(0, |at| at + 1),
            Self::By | Self::Profiles | Self::Views | Self::Marks => 0,
        };
        typed.split_at(at)
    }

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

/// Bash: reads the words line by line. `compgen -W` would expand them, and with them a command in the name of a view. A
/// word is quoted where the typed one is not.
const BASH_FUNCTION: &str = r#"COMP_WORDBREAKS=${COMP_WORDBREAKS//:/}
_stanch_words() {
    local word typed="${3#[\"\']}"
    typed="${typed//\\/}"
    COMPREPLY=()
    while IFS= read -r word; do
        [[ "${word}" == "${typed}"* ]] || continue
        if [[ "${COMP_WORDS[COMP_CWORD]}" != [\"\']* && "${word}" == *[!A-Za-z0-9_.,:/@%+=-]* ]]; then
            printf -v word '%q' "${word}"
        fi
        COMPREPLY+=("${word}")
    done < <("$1" complete "$2" -- "${typed}" 2>/dev/null)
}
"#;

/// Bash: the branch of an option completes files; it shall ask instead. A colon must not end a word, or `status:open`
/// would be three.
fn bash(script: &str) -> String {
    let mut out = String::from(BASH_FUNCTION);
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
                "{indent}_stanch_words \"$1\" {} \"${{cur}}\"\n",
                what.word()
            );
            out.push_str(&ask);
            if what.goes_on() {
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

/// Zsh: a file or a command. Beside a file of its own, which the console opens, a command would be the second word, and
/// none of its options were completed.
const ZSH_COMMAND: &str = r#"_stanch_commands_or_files() {
    _alternative "commands:command:_stanch_commands" "files:file:_files"
}
"#;

/// Zsh: the action behind an option's name is a function that asks the program that the line begins with.
fn zsh(script: &str) -> String {
    let script = script
        .replacen(
            "\n_stanch() {\n",
            "\n_stanch() {\n    local stanch_program=\"${(Q)words[1]}\"\n",
            1,
        )
        .replacen(
            "\":: :_stanch_commands\"",
            "\":: :_stanch_commands_or_files\"",
            1,
        )
        .replace("$line[2]", "$line[1]");
    let mut out = String::new();
    for line in script.lines().filter(|line| !line.starts_with("'::paths ")) {
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
            "_stanch_words_{0}() {{\n    local -a found\n    found=(${{(f)\"$(${{stanch_program}} complete {0} -- \"${{(Q)PREFIX}}\" 2>/dev/null)\"}})\n    compadd {1}-a found\n}}\n",
            what.word(),
            if what.goes_on() { "-S '' " } else { "" }
        )
    });
    let functions: String = functions.chain([ZSH_COMMAND.to_owned()]).collect();
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
                " -f -a \"(stanch complete {} -- (commandline -ct) 2>/dev/null)\"",
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
    for word in completed(arguments.what, &arguments.typed, &found) {
        let word = super::entities::rows::printable(word);
        session.output.text(&format!("{}\n", word.as_str()));
    }
    ExitCode::Done
}

/// Where the last term of a filter begins.
fn term_start(filter: &str) -> usize {
    filter.rfind([' ', '(', '!']).map_or(0, |at| at + 1)
}

/// The words that go on with what is typed, whole: a shell replaces what is typed by one of them. A quote that it begins
/// with is the shell's.
fn completed(what: What, typed: &str, words: &[String]) -> Vec<String> {
    let typed = typed.strip_prefix(['\'', '"']).unwrap_or(typed);
    let (stays, begun) = what.split(typed);
    let named: Vec<&str> = match what {
        What::Sort | What::Columns => stays.split(',').collect(),
        _ => Vec::new(),
    };
    // A further value of a field: the terms of this field, without its name.
    let field = (what == What::Filter && stays.ends_with(','))
        .then(|| stays.get(term_start(stays)..)?.split_once(':'))
        .flatten()
        .map(|(field, _)| format!("{field}:"));
    words
        .iter()
        .filter_map(|word| match &field {
            Some(field) => word
                .strip_prefix(&field[..])
                .filter(|value| !value.is_empty()),
            None => Some(&word[..]),
        })
        .filter(|word| word.starts_with(begun))
        .filter(|word| {
            !named
                .iter()
                .any(|named| named.trim_start_matches('-') == word.trim_start_matches('-'))
        })
        .map(|word| format!("{stays}{word}"))
        .collect()
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
                        Shell::Fish => format!("complete {} -- (commandline -ct) 2>", what.word()),
                        _ => format!("_stanch_words \"$1\" {} ", what.word()),
                    };
                    assert!(near.contains(&wanted), "{shell}: {near}");
                }
            }
        }
    }

    #[test]
    fn what_is_typed_is_gone_on_with() {
        let words = [
            "status:",
            "status:open",
            "status:fixed",
            "risk:high",
            "seen",
            "-seen",
            "login",
        ]
        .map(str::to_owned);
        let of = |what, typed| completed(what, typed, &words).join("|");
        assert_eq!(of(What::Filter, "sta"), "status:|status:open|status:fixed");
        assert_eq!(of(What::Filter, "'status:open ri"), "status:open risk:high");
        assert_eq!(of(What::Filter, "!(ri"), "!(risk:high");
        assert_eq!(
            of(What::Filter, "risk:high status:open,new,f"),
            "risk:high status:open,new,fixed"
        );
        assert_eq!(
            of(What::Sort, "login,"),
            "login,status:|login,status:open|login,status:fixed|login,risk:high|login,seen|login,-seen"
        );
        assert_eq!(of(What::Sort, "-seen,log"), "-seen,login");
        assert_eq!(of(What::Sort, "-seen,se"), "");
        assert_eq!(of(What::Views, "lo"), "login");
        assert_eq!(of(What::Views, "x"), "");
    }

    /// The console's optional paths stand before the command in our grammar, and in none of zsh's.
    #[test]
    fn zsh_finds_the_options_of_a_command_behind_its_name() {
        let made = zsh(&script(Shell::Zsh));
        assert!(script(Shell::Zsh).contains("case $line[2] in"));
        for (whole, count) in [
            ("$line[2]", 0),
            ("'::paths ", 0),
            ("\":: :_stanch_commands_or_files\"", 1),
            ("\n_stanch_commands_or_files() {", 1),
            ("local stanch_program=", 1),
        ] {
            assert_eq!(made.matches(whole).count(), count, "{whole}");
        }
    }

    /// A view has any name, and may come from somebody else's file.
    #[test]
    fn no_name_is_run_by_a_shell() {
        let made = bash(&script(Shell::Bash));
        for line in made.lines().filter(|line| line.contains("compgen -W")) {
            assert!(!line.contains("complete "), "{line}");
        }
    }
}
