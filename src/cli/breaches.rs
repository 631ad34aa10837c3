//! `stanch breaches`: the catalogue of breaches.

use super::{
    accounts::{self, Account, Accounts},
    context::CommandContext,
    entities::{load::LoadReport, rows, value_list},
    exit::ExitCode,
    failure::{Failure, FailureKind},
    format::{Format, FormatOption, ListFormat, ListFormatOption},
    merged_list::{self, Attributed, JsonMembers, MergedList},
    output::Output,
};
use crate::{
    entity::{
        breach::{Breach, BreachQuery},
        error::ProfileError,
        raw_text::RawText,
    },
    export::{breach::breach_json, json},
    provider::BreachCatalogue,
};
use serde::Serialize;

/// What can be asked of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Command {
    /// List breaches.
    List(ListArguments),
    /// Show one breach.
    Show(ShowArguments),
    /// Show the breach that came into the catalogue last.
    Latest(FormatOption),
    /// List the kinds of data that breaches hold.
    Classes(FormatOption),
}

/// `list`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ListArguments {
    /// Only breaches of this domain.
    #[arg(long, value_name = "NAME")]
    pub domain: Option<String>,
    /// Only lists of addresses for spam, or none of them.
    #[arg(long, value_name = "YES|NO", value_parser = super::values::yes_or_no())]
    pub spam: Option<bool>,
    /// The form of the result.
    #[command(flatten)]
    pub format: ListFormatOption,
}

/// `show`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ShowArguments {
    /// The breach, by its name in the catalogue.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// A breach, and whose catalogue it is in.
type BreachItem = Attributed<Breach>;

impl JsonMembers for Breach {
    fn members(&self) -> impl Serialize + '_ {
        breach_json(self)
    }
}

/// Asks the catalogue.
pub async fn run(session: &mut CommandContext, command: &Command) -> Result<ExitCode, Failure> {
    let config = session.config_for_command()?;
    let connected = accounts::connect_required(session, &config)?;
    answer(&mut session.output, &connected, command).await
}

async fn answer(
    output: &mut Output,
    connected: &Accounts,
    command: &Command,
) -> Result<ExitCode, Failure> {
    let able = connected.supporting(|it| it.catalogue(), "has a catalogue of breaches")?;
    match command {
        Command::List(arguments) => list(output, connected, &able, arguments).await,
        Command::Show(arguments) => {
            let name = merged_list::normalize_name(output, &arguments.name)?;
            show_one(output, &able, arguments.format.format, Some(&name)).await
        }
        Command::Latest(options) => show_one(output, &able, options.format, None).await,
        Command::Classes(options) => list_classes(output, &able, options.format).await,
    }
}

async fn list(
    output: &mut Output,
    connected: &Accounts,
    able: &[Account<'_, dyn BreachCatalogue + '_>],
    arguments: &ListArguments,
) -> Result<ExitCode, Failure> {
    let domain = match &arguments.domain {
        Some(domain) => Some(merged_list::with_verification(output, domain)?),
        None => None,
    };
    let query = BreachQuery {
        domain,
        spam: arguments.spam,
    };
    let (mut items, mut reading) = (Vec::new(), LoadReport::default());
    for (profile, catalogue) in able {
        let breaches = reading.add_listed(profile, catalogue.breaches(&query).await);
        let breaches = breaches.into_iter();
        items.extend(breaches.map(|breach| BreachItem::new(profile, breach)));
    }
    reading.add_unusable(&connected.missing);
    value_list::list(
        output,
        arguments.format.format,
        &items,
        &reading,
        &[
            "profile",
            "name",
            "title",
            "domain",
            "date",
            "added_at",
            "accounts",
            "data_classes",
            "verified",
            "spam",
            "attribution",
        ],
        cells,
    );
    if arguments.format.format == ListFormat::Table {
        merged_list::print_attribution(output, able);
    }
    reading.finish()
}

fn cells(found: &BreachItem) -> Vec<Vec<u8>> {
    let breach = &found.item;
    let text = |text: &Option<RawText>| {
        text.as_ref()
            .map_or_else(Vec::new, |text| text.as_bytes().to_vec())
    };
    let classes: Vec<_> = breach.data_classes.iter().map(RawText::as_bytes).collect();
    vec![
        found.profile.as_str().as_bytes().to_vec(),
        breach.name.as_bytes().to_vec(),
        text(&breach.title),
        text(&breach.domain),
        text(&breach.date),
        text(&breach.added_at),
        cell_text(breach.accounts),
        classes.join(&b", "[..]),
        cell_text(breach.verified),
        cell_text(breach.spam),
        cell_text(found.attribution.as_ref()),
    ]
}

fn cell_text(value: Option<impl ToString>) -> Vec<u8> {
    value.map_or_else(Vec::new, |value| value.to_string().into_bytes())
}

/// One breach: by its name, or the latest. The first catalogue that has it is enough.
async fn show_one(
    output: &mut Output,
    able: &[Account<'_, dyn BreachCatalogue + '_>],
    format: Format,
    name: Option<&str>,
) -> Result<ExitCode, Failure> {
    let mut failure = None;
    for (profile, catalogue) in able {
        let answer = match name {
            Some(name) => catalogue.breach(name).await,
            None => catalogue.latest_breach().await,
        };
        match answer {
            Ok(breach) => {
                print(output, format, &BreachItem::new(profile, breach));
                return Ok(ExitCode::Done);
            }
            Err(error) => {
                let error = Failure::from(&ProfileError {
                    profile: profile.binding.name.clone(),
                    error,
                });
                // That one catalogue could not be read hides whether it has the breach.
                failure = match failure {
                    Some(Failure {
                        exit: ExitCode::NotFound,
                        ..
                    })
                    | None => Some(error),
                    other => other,
                };
            }
        }
    }
    let nothing = || {
        Failure::new(
            FailureKind::NotFound,
            "no breach has that name",
            "stanch breaches list prints the names",
        )
    };
    Err(match failure {
        Some(failure) if failure.exit != ExitCode::NotFound => failure,
        _ => nothing(),
    })
}

fn print(output: &mut Output, format: Format, found: &BreachItem) {
    match format {
        Format::Json => output.json(&json::answer("item", found)),
        Format::Table => {
            let mut fields = rows::breach(Some(&found.item));
            fields.push(("profile", rows::printable(&found.profile)));
            fields.push((
                "attribution",
                rows::optional_printable(found.attribution.as_ref()),
            ));
            fields.retain(|(_, value)| !value.as_str().is_empty());
            output.key_values(&fields);
        }
    }
}

async fn list_classes(
    output: &mut Output,
    able: &[Account<'_, dyn BreachCatalogue + '_>],
    format: Format,
) -> Result<ExitCode, Failure> {
    let mut asked = MergedList::default();
    for (profile, catalogue) in able {
        asked.add(profile, catalogue.data_classes().await);
    }
    asked.print(output, format, able);
    asked.finish(output)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::test_provider::{self, ScriptedProvider};
    use serde_json::{Value, json};
    use std::sync::Arc;

    fn catalogue() -> Arc<ScriptedProvider> {
        Arc::new(ScriptedProvider {
            breaches: Some(Ok(vec![
                Breach {
                    name: "Adobe".into(),
                    domain: Some("adobe.example".into()),
                    data_classes: vec!["Passwords".into()],
                    verified: Some(true),
                    ..Breach::default()
                },
                Breach {
                    name: "=Evil\u{1b}[2J".into(),
                    ..Breach::default()
                },
            ])),
            classes: Some(Ok(vec!["Passwords".into(), "Ages".into()])),
            ..ScriptedProvider::default()
        })
    }

    async fn told(
        fakes: &[(&str, &Arc<ScriptedProvider>)],
        command: Command,
    ) -> (String, Result<ExitCode, Failure>) {
        let (mut output, out, _) = Output::in_memory();
        let end = answer(&mut output, &test_provider::accounts(fakes), &command).await;
        output.flush();
        (out.text(), end)
    }

    fn list(format: ListFormat) -> Command {
        Command::List(ListArguments {
            domain: Some("adobe.example".to_owned()),
            spam: Some(false),
            format: ListFormatOption { format, bom: None },
        })
    }

    fn show(name: &str) -> Command {
        Command::Show(ShowArguments {
            name: name.to_owned(),
            format: FormatOption {
                format: Format::Json,
            },
        })
    }

    #[tokio::test]
    async fn a_list_is_attributed_and_survives_another_that_fails() {
        let (good, bad) = (catalogue(), Arc::new(ScriptedProvider::default()));
        let (out, end) = told(&[("a", &good), ("b", &bad)], list(ListFormat::Json)).await;
        assert_eq!(end.unwrap_err().exit, ExitCode::Unreachable);
        let answer: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(answer["complete"], false);
        assert_eq!(answer["profiles"][1]["error"]["kind"], "unreachable");
        let items = answer["items"].as_array().unwrap();
        assert_eq!(items.len(), 2);
        let names: Vec<_> = items[0].as_object().unwrap().keys().cloned().collect();
        assert_eq!(
            names,
            [
                "accounts",
                "added_at",
                "attribution",
                "data_classes",
                "date",
                "domain",
                "flags",
                "name",
                "profile",
                "provider",
                "spam",
                "title",
                "verified"
            ]
        );
        assert_eq!(items[0]["attribution"], "Whose it is");
        assert_eq!(
            good.requests(),
            ["breaches Some(\"adobe.example\") Some(false)"]
        );
        let (out, _) = told(&[("a", &good)], list(ListFormat::Csv)).await;
        assert!(out.contains("\"'=Evil"), "{out}");
        assert!(out.lines().skip(1).all(|line| line.contains("Whose it is")));
        let (out, _) = told(&[("a", &good)], list(ListFormat::Table)).await;
        assert!(out.ends_with("\nWhose it is\n") && !out.contains('\u{1b}'));
        let (out, _) = told(&[("a", &good)], list(ListFormat::Jsonl)).await;
        assert_eq!(out.lines().count(), 2);
    }

    #[tokio::test]
    async fn one_breach_is_found_by_its_name_or_there_is_none() {
        let (good, bad) = (catalogue(), Arc::new(ScriptedProvider::default()));
        let (out, end) = told(&[("b", &bad), ("a", &good)], show("Adobe")).await;
        assert_eq!(end.unwrap(), ExitCode::Done);
        let answer: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(answer["item"]["domain"], "adobe.example");
        let (out, end) = told(&[("a", &good)], show("Nobody")).await;
        assert_eq!(
            (out.as_str(), end.unwrap_err().exit),
            ("", ExitCode::NotFound)
        );
        // Where one catalogue could not be read, nobody knows that there is none.
        let (_, end) = told(&[("a", &good), ("b", &bad)], show("Nobody")).await;
        assert_eq!(end.unwrap_err().exit, ExitCode::Unreachable);
        let latest = Command::Latest(FormatOption::default());
        let (out, end) = told(&[("a", &good)], latest).await;
        assert_eq!(end.unwrap(), ExitCode::Done);
        assert!(out.contains("Evil") && !out.contains('\u{1b}'), "{out}");
    }

    #[tokio::test]
    async fn classes_of_several_catalogues_are_listed_once() {
        let good = catalogue();
        let classes = || {
            Command::Classes(FormatOption {
                format: Format::Json,
            })
        };
        let (out, end) = told(&[("a", &good), ("b", &good)], classes()).await;
        assert_eq!(end.unwrap(), ExitCode::Done);
        let answer: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(answer, json!({"schema": 1, "items": ["Ages", "Passwords"]}));
        let bad = Arc::new(ScriptedProvider::default());
        let (out, end) = told(&[("b", &bad), ("a", &good)], classes()).await;
        assert!(out.contains("Ages"));
        assert_eq!(end.unwrap_err().exit, ExitCode::Unreachable);
    }
}
