//! `stanch pastes`: pastes that hold an address.

use super::{
    asked::{self, Asked},
    connect::{self, Account, Connected},
    entities::{load::Reading, plain},
    exit::ExitCode,
    failure::Failure,
    format::{Format, FormatOption, ListFormat, ListFormatOption},
    output::Output,
    session::Session,
};
use crate::{
    entity::{
        breach::Paste,
        key::{ProfileName, ProviderId},
        text::Text,
    },
    export::breach::paste_json,
    provider::PasteSource,
};
use serde::{Serialize, Serializer};

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
struct Found {
    profile: ProfileName,
    provider: ProviderId,
    paste: Paste,
    attribution: Option<String>,
}

impl Serialize for Found {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Json<'a, P> {
            profile: &'a ProfileName,
            provider: &'a ProviderId,
            #[serde(flatten)]
            paste: P,
            attribution: &'a Option<String>,
        }
        Json {
            profile: &self.profile,
            provider: &self.provider,
            paste: paste_json(&self.paste),
            attribution: &self.attribution,
        }
        .serialize(serializer)
    }
}

/// Asks for pastes.
pub async fn run(session: &mut Session, command: &Command) -> Result<ExitCode, Failure> {
    let config = session.config_for_command()?;
    let connected = connect::connect_some(session, &config)?;
    answer(&mut session.output, &connected, command).await
}

async fn answer(
    output: &mut Output,
    connected: &Connected,
    command: &Command,
) -> Result<ExitCode, Failure> {
    let able = connected.able(|it| it.pastes(), "knows pastes")?;
    match command {
        Command::List(arguments) => list(output, connected, &able, arguments).await,
        Command::Sources(options) => sources(output, &able, options.format).await,
    }
}

async fn list(
    output: &mut Output,
    connected: &Connected,
    able: &[Account<'_, dyn PasteSource + '_>],
    arguments: &ListArguments,
) -> Result<ExitCode, Failure> {
    let address = asked::email(output, &arguments.address)?;
    let (mut items, mut reading) = (Vec::new(), Reading::default());
    for (profile, source) in able {
        let pastes = reading.add_listed(profile, source.pastes(&address).await);
        items.extend(pastes.into_iter().map(|paste| Found {
            profile: profile.binding.name.clone(),
            provider: profile.binding.provider.clone(),
            paste,
            attribution: profile.attribution.clone(),
        }));
    }
    reading.miss(&connected.missing);
    plain::list(
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
        asked::attribution(output, able);
    }
    reading.end()
}

fn cells(found: &Found) -> Vec<Vec<u8>> {
    let paste = &found.paste;
    let text = |text: &Option<Text>| {
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

async fn sources(
    output: &mut Output,
    able: &[Account<'_, dyn PasteSource + '_>],
    format: Format,
) -> Result<ExitCode, Failure> {
    let mut asked = Asked::default();
    for (profile, source) in able {
        asked.add(profile, source.services().await);
    }
    asked.print(output, format, able);
    asked.end(output)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cli::fake::{self, Fake},
        entity::error::ProviderError,
    };
    use serde_json::Value;
    use std::sync::Arc;

    #[tokio::test]
    async fn pastes_of_an_address_are_attributed() {
        let known = Arc::new(Fake {
            pastes: Some(Ok(vec![Paste {
                source: "Pastebin".into(),
                id: "x1".into(),
                emails: Some(7),
                ..Paste::default()
            }])),
            classes: Some(Ok(vec!["Pastebin".into()])),
            ..Fake::default()
        });
        let connected = fake::connected(&[("a", &known)]);
        let (mut output, out, _) = Output::captured();
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
        let (mut output, out, _) = Output::captured();
        let sources = Command::Sources(FormatOption::default());
        let end = super::answer(&mut output, &connected, &sources).await;
        assert_eq!(end.unwrap(), ExitCode::Done);
        output.flush();
        assert_eq!(out.text(), "Pastebin\n\nWhose it is\n");
    }

    #[tokio::test]
    async fn an_account_without_a_list_of_services_fails_no_other() {
        let known = Arc::new(Fake {
            classes: Some(Ok(vec!["Pastebin".into()])),
            ..Fake::default()
        });
        let unable = Arc::new(Fake {
            classes: Some(Err(ProviderError::Unsupported {
                why: "in prose alone".into(),
            })),
            ..Fake::default()
        });
        let sources = Command::Sources(FormatOption::default());
        for accounts in [
            [("a", &known), ("b", &unable)],
            [("b", &unable), ("a", &known)],
        ] {
            let connected = fake::connected(&accounts);
            let (mut output, out, _) = Output::captured();
            let end = answer(&mut output, &connected, &sources).await;
            assert_eq!(end.unwrap(), ExitCode::Done);
            output.flush();
            assert!(out.text().starts_with("Pastebin\n"));
        }
        let connected = fake::connected(&[("b", &unable)]);
        let (mut output, _, _) = Output::captured();
        let end = answer(&mut output, &connected, &sources).await;
        assert_eq!(end.unwrap_err().exit, ExitCode::Usage);
    }
}
