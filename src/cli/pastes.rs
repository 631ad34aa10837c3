//! `stanch pastes`: pastes that hold an address.

use super::{
    accounts::{self, Account, Accounts},
    context::CommandContext,
    entities::{load::LoadReport, value_list},
    exit::ExitCode,
    failure::Failure,
    format::{Format, FormatOption, ListFormat, ListFormatOption},
    merged_list::{self, Attributed, JsonMembers, MergedList},
    output::Output,
};
use crate::{
    entity::{breach::Paste, raw_text::RawText},
    export::breach::paste_json,
    provider::PasteSource,
};
use serde::Serialize;

/// What can be asked of pastes.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Command {
    /// List the pastes that an address is in.
    List(ListArguments),
    /// List the services that pastes are looked for on.
    Sources(FormatOption),
}

/// `list`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ListArguments {
    /// The address.
    #[arg(value_name = "ADDR")]
    pub address: String,
    /// The form of the result.
    #[command(flatten)]
    pub format: ListFormatOption,
}

/// A paste, and who knows it.
type PasteItem = Attributed<Paste>;

impl JsonMembers for Paste {
    fn members(&self) -> impl Serialize + '_ {
        paste_json(self)
    }
}

/// Asks for pastes.
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
    let able = connected.supporting(|it| it.pastes(), "knows pastes")?;
    match command {
        Command::List(arguments) => list(output, connected, &able, arguments).await,
        Command::Sources(options) => list_sources(output, &able, options.format).await,
    }
}

async fn list(
    output: &mut Output,
    connected: &Accounts,
    able: &[Account<'_, dyn PasteSource + '_>],
    arguments: &ListArguments,
) -> Result<ExitCode, Failure> {
    let address = merged_list::normalize_email(output, &arguments.address)?;
    let (mut items, mut reading) = (Vec::new(), LoadReport::default());
    for (profile, source) in able {
        let pastes = reading.add_listed(profile, source.pastes(&address).await);
        let pastes = pastes.into_iter();
        items.extend(pastes.map(|paste| PasteItem::new(profile, paste)));
    }
    reading.add_unusable(&connected.missing);
    value_list::list(
        output,
        arguments.format.format,
        &items,
        &reading,
        &[
            "profile",
            "source",
            "id",
            "title",
            "date",
            "emails",
            "attribution",
        ],
        cells,
    );
    if arguments.format.format == ListFormat::Table {
        merged_list::print_attribution(output, able);
    }
    reading.finish()
}

fn cells(found: &PasteItem) -> Vec<Vec<u8>> {
    let paste = &found.item;
    let text = |text: &Option<RawText>| {
        text.as_ref()
            .map_or_else(Vec::new, |text| text.as_bytes().to_vec())
    };
    vec![
        found.profile.as_str().as_bytes().to_vec(),
        paste.source.as_bytes().to_vec(),
        paste.id.as_bytes().to_vec(),
        text(&paste.title),
        text(&paste.date),
        paste
            .emails
            .map_or_else(Vec::new, |count| count.to_string().into_bytes()),
        found
            .attribution
            .as_ref()
            .map_or_else(Vec::new, |line| line.as_bytes().to_vec()),
    ]
}

async fn list_sources(
    output: &mut Output,
    able: &[Account<'_, dyn PasteSource + '_>],
    format: Format,
) -> Result<ExitCode, Failure> {
    let mut asked = MergedList::default();
    for (profile, source) in able {
        asked.add(profile, source.services().await);
    }
    asked.print(output, format, able);
    asked.finish(output)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cli::test_provider::{self, ScriptedProvider},
        entity::error::ProviderError,
    };
    use serde_json::Value;
    use std::sync::Arc;

    #[tokio::test]
    async fn pastes_of_an_address_are_attributed() {
        let known = Arc::new(ScriptedProvider {
            pastes: Some(Ok(vec![Paste {
                source: "Pastebin".into(),
                id: "x1".into(),
                emails: Some(7),
                ..Paste::default()
            }])),
            classes: Some(Ok(vec!["Pastebin".into()])),
            ..ScriptedProvider::default()
        });
        let connected = test_provider::accounts(&[("a", &known)]);
        let (mut output, out, _) = Output::in_memory();
        let list = |format| {
            Command::List(ListArguments {
                address: "a@b.example".to_owned(),
                format: ListFormatOption { format, bom: None },
            })
        };
        let end = answer(&mut output, &connected, &list(ListFormat::Json)).await;
        assert_eq!(end.unwrap(), ExitCode::Done);
        output.flush();
        let answer: Value = serde_json::from_str(&out.text()).unwrap();
        let item = &answer["items"][0];
        let names: Vec<_> = item.as_object().unwrap().keys().cloned().collect();
        assert_eq!(
            names,
            [
                "attribution",
                "date",
                "emails",
                "id",
                "profile",
                "provider",
                "source",
                "title"
            ]
        );
        assert_eq!(item["emails"], 7);
        let (mut output, out, _) = Output::in_memory();
        let sources = Command::Sources(FormatOption::default());
        let end = super::answer(&mut output, &connected, &sources).await;
        assert_eq!(end.unwrap(), ExitCode::Done);
        output.flush();
        assert_eq!(out.text(), "Pastebin\n\nWhose it is\n");
    }

    #[tokio::test]
    async fn an_account_without_a_list_of_services_fails_no_other() {
        let known = Arc::new(ScriptedProvider {
            classes: Some(Ok(vec!["Pastebin".into()])),
            ..ScriptedProvider::default()
        });
        let unable = Arc::new(ScriptedProvider {
            classes: Some(Err(ProviderError::Unsupported {
                why: "in prose alone".into(),
            })),
            ..ScriptedProvider::default()
        });
        let sources = Command::Sources(FormatOption::default());
        for accounts in [
            [("a", &known), ("b", &unable)],
            [("b", &unable), ("a", &known)],
        ] {
            let connected = test_provider::accounts(&accounts);
            let (mut output, out, _) = Output::in_memory();
            let end = answer(&mut output, &connected, &sources).await;
            assert_eq!(end.unwrap(), ExitCode::Done);
            output.flush();
            assert!(out.text().starts_with("Pastebin\n"));
        }
        let connected = test_provider::accounts(&[("b", &unable)]);
        let (mut output, _, _) = Output::in_memory();
        let end = answer(&mut output, &connected, &sources).await;
        assert_eq!(end.unwrap_err().exit, ExitCode::Usage);
    }
}
