//! `stanch breaches`: the catalogue of breaches.

use super::{
    asked::{self, Asked},
    connect,
    entities::{load::Reading, plain, rows},
    exit::ExitCode,
    failure::{Failure, FailureKind},
    format::{Format, FormatOption, ListFormat, ListFormatOption},
    session::Session,
};
use crate::{
    entity::{
        breach::{Breach, BreachQuery},
        capability::Capabilities,
        error::ProfileError,
        key::{ProfileName, ProviderId},
        profile::Profile,
        text::Text,
    },
    export::{breach::breach_json, json},
};
use serde::{Serialize, Serializer};

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
    #[arg(long, value_name = "YES|NO", value_parser = super::parse::yes_or_no())]
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

/// Who has a catalogue.
pub(super) fn has_catalogue(able: &Capabilities) -> bool {
    able.breaches
}

/// A breach, and whose catalogue it is in.
struct Found {
    profile: ProfileName,
    provider: ProviderId,
    breach: Breach,
    attribution: Option<String>,
}

impl Found {
    fn of(profile: &Profile, breach: Breach) -> Self {
        Self {
            profile: profile.binding.name.clone(),
            provider: profile.binding.provider.clone(),
            breach,
            attribution: profile.attribution.clone(),
        }
    }
}

impl Serialize for Found {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Json<'a, B> {
            profile: &'a ProfileName,
            provider: &'a ProviderId,
            #[serde(flatten)]
            breach: B,
            attribution: &'a Option<String>,
        }
        Json {
            profile: &self.profile,
            provider: &self.provider,
            breach: breach_json(&self.breach),
            attribution: &self.attribution,
        }
        .serialize(serializer)
    }
}

/// Asks the catalogue.
pub async fn run(session: &mut Session, command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::List(arguments) => list(session, arguments).await,
        Command::Show(arguments) => {
            one(session, arguments.format.format, Some(&arguments.name)).await
        }
        Command::Latest(options) => one(session, options.format, None).await,
        Command::Classes(options) => classes(session, options.format).await,
    }
}

async fn list(session: &mut Session, arguments: &ListArguments) -> Result<ExitCode, Failure> {
    let config = session.config_for_command()?;
    let connected = connect::connect_some(session, &config)?;
    let able = connected.able(has_catalogue, "has a catalogue of breaches")?;
    let query = BreachQuery {
        domain: arguments.domain.clone(),
        spam: arguments.spam,
    };
    let (mut items, mut reading) = (Vec::new(), Reading::default());
    for (profile, provider) in &able {
        match provider.breaches(&query).await {
            Ok(breaches) => {
                let count = breaches.len() as u64;
                reading.add(profile, count, Some(count), None);
                let breaches = breaches.into_iter();
                items.extend(breaches.map(|breach| Found::of(profile, breach)));
            }
            Err(error) => reading.add(profile, 0, None, Some(&error)),
        }
    }
    reading.miss(&connected.missing);
    plain::list(
        &mut session.output,
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
        asked::attribution(&mut session.output, &able);
    }
    reading.end()
}

fn cells(found: &Found) -> Vec<Vec<u8>> {
    let breach = &found.breach;
    let text = |text: &Option<Text>| {
        text.as_ref()
            .map_or_else(Vec::new, |text| text.as_bytes().to_vec())
    };
    let classes: Vec<_> = breach.data_classes.iter().map(Text::as_bytes).collect();
    vec![
        found.profile.as_str().as_bytes().to_vec(),
        breach.name.as_bytes().to_vec(),
        text(&breach.title),
        text(&breach.domain),
        text(&breach.date),
        text(&breach.added_at),
        word(breach.accounts),
        classes.join(&b", "[..]),
        word(breach.verified),
        word(breach.spam),
        word(found.attribution.as_ref()),
    ]
}

fn word(value: Option<impl ToString>) -> Vec<u8> {
    value.map_or_else(Vec::new, |value| value.to_string().into_bytes())
}

/// One breach: by its name, or the latest. The first catalogue that has it is enough.
async fn one(
    session: &mut Session,
    format: Format,
    name: Option<&str>,
) -> Result<ExitCode, Failure> {
    let config = session.config_for_command()?;
    let connected = connect::connect_some(session, &config)?;
    let able = connected.able(has_catalogue, "has a catalogue of breaches")?;
    let mut failure = None;
    for (profile, provider) in &able {
        let answer = match name {
            Some(name) => provider.breach(name).await,
            None => provider.latest_breach().await,
        };
        match answer {
            Ok(breach) => {
                print(session, format, &Found::of(profile, breach));
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

fn print(session: &mut Session, format: Format, found: &Found) {
    let output = &mut session.output;
    match format {
        Format::Json => output.json(&json::answer("item", found)),
        Format::Table => {
            let mut fields = rows::breach(Some(&found.breach));
            fields.push(("profile", rows::word(&found.profile)));
            fields.push(("attribution", rows::either(found.attribution.as_ref())));
            fields.retain(|(_, value)| !value.as_str().is_empty());
            output.fields(&fields);
        }
    }
}

async fn classes(session: &mut Session, format: Format) -> Result<ExitCode, Failure> {
    let config = session.config_for_command()?;
    let connected = connect::connect_some(session, &config)?;
    let able = connected.able(has_catalogue, "has a catalogue of breaches")?;
    let mut asked = Asked::default();
    for (profile, provider) in &able {
        asked.add(profile, provider.data_classes().await);
    }
    asked.print(&mut session.output, format, &able);
    asked.end(&mut session.output)
}
