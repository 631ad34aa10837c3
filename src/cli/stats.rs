//! `stanch stats`: public statistics.

use super::{
    asked, connect,
    entities::{load, rows},
    exit::ExitCode,
    failure::Failure,
    format::{Format, FormatOption},
    output::Column,
    session::Session,
};
use crate::{
    entity::{
        report::{Stats, StatsSubject},
        visible::Visible,
    },
    export::json,
};

/// What they are asked about.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Command {
    /// A domain.
    Domain(DomainArguments),
    /// An address.
    Email(EmailArguments),
}

/// `domain`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct DomainArguments {
    /// The domain.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// `email`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct EmailArguments {
    /// The address.
    #[arg(value_name = "ADDR")]
    pub address: String,
    /// Ask for addresses in full.
    #[arg(long)]
    pub unmask_email: bool,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// Asks for statistics.
pub async fn run(session: &mut Session, command: &Command) -> Result<ExitCode, Failure> {
    let (subject, unmask, format) = match command {
        Command::Domain(arguments) => (
            StatsSubject::Domain(asked::domain(&mut session.output, &arguments.name)?),
            false,
            arguments.format.format,
        ),
        Command::Email(arguments) => (
            StatsSubject::Email(asked::email(&mut session.output, &arguments.address)?),
            arguments.unmask_email,
            arguments.format.format,
        ),
    };
    let config = session.config_for_command()?;
    let connected = connect::connect_some(session, &config)?;
    let able = connected.able(|it| it.stats(), "has public statistics")?;
    // They are public and go out without a key: every account would get the same.
    let (profile, source) = able[0];
    let stats = source
        .stats(&subject, unmask)
        .await
        .map_err(|error| load::of_list(&profile.binding.name, &error))?;
    match format {
        Format::Json => session.output.json(&json::answer("stats", &stats)),
        Format::Table => print(session, &stats),
    }
    Ok(ExitCode::Done)
}

fn print(session: &mut Session, stats: &Stats) {
    let totals = stats.totals;
    let mut fields = vec![
        ("subject", rows::text(&stats.subject)),
        ("leaks", rows::either(totals.leaks)),
        ("devices", rows::either(totals.devices)),
        ("personal", rows::either(totals.personal)),
        ("employees", rows::either(totals.employees)),
        ("customers", rows::either(totals.customers)),
        ("combolists", rows::either(totals.combolists)),
    ];
    fields.retain(|(_, value)| !value.as_str().is_empty());
    let output = &mut session.output;
    output.fields(&fields);
    let mut section = |title: &'static str, lines: Vec<Vec<Visible>>| {
        if !lines.is_empty() {
            output.text("\n");
            let columns = [
                Column::number("COUNT"),
                Column::text("CLASS"),
                Column::text(title),
            ];
            output.table(&columns, &lines);
        }
    };
    section(
        "COUNTRY",
        stats
            .countries
            .iter()
            .map(|country| {
                vec![
                    rows::word(country.count),
                    Visible::default(),
                    rows::text(&country.value),
                ]
            })
            .collect(),
    );
    section(
        "URL",
        stats
            .urls
            .iter()
            .map(|url| {
                vec![
                    rows::word(url.count),
                    rows::either(url.class),
                    rows::text(&url.value),
                ]
            })
            .collect(),
    );
    section(
        "MONTH",
        stats
            .timeline
            .iter()
            .map(|point| {
                vec![
                    rows::word(point.count),
                    rows::either(point.class),
                    rows::word(&point.month),
                ]
            })
            .collect(),
    );
}
