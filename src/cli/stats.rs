//! `stanch stats`: public statistics.

use super::{
    accounts,
    context::CommandContext,
    entities::{load, rows},
    exit::ExitCode,
    failure::Failure,
    format::{Format, FormatOption},
    merged_list,
    output::Column,
};
use crate::{
    entity::{
        account::{Stats, StatsSubject},
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
pub async fn run(session: &mut CommandContext, command: &Command) -> Result<ExitCode, Failure> {
    let (subject, unmask, format) = match command {
        Command::Domain(arguments) => (
            StatsSubject::Domain(merged_list::with_verification(
                &mut session.output,
                &arguments.name,
            )?),
            false,
            arguments.format.format,
        ),
        Command::Email(arguments) => (
            StatsSubject::Email(merged_list::normalize_email(
                &mut session.output,
                &arguments.address,
            )?),
            arguments.unmask_email,
            arguments.format.format,
        ),
    };
    let config = session.config_for_command()?;
    let connected = accounts::connect_required(session, &config)?;
    let able = connected.supporting(|it| it.stats(), "has public statistics")?;
    // They are public and go out without a key: every account would get the same.
    let (profile, source) = able[0];
    let stats = source
        .stats(&subject, unmask)
        .await
        .map_err(|error| load::list_failure(&profile.binding.name, &error))?;
    match format {
        Format::Json => session.output.json(&json::answer("stats", &stats)),
        Format::Table => print(session, &stats),
    }
    Ok(ExitCode::Done)
}

fn print(session: &mut CommandContext, stats: &Stats) {
    let totals = stats.totals;
    let mut fields = vec![
        ("subject", rows::text(&stats.subject)),
        ("leaks", rows::optional_printable(totals.leaks)),
        ("devices", rows::optional_printable(totals.devices)),
        ("personal", rows::optional_printable(totals.personal)),
        ("employees", rows::optional_printable(totals.employees)),
        ("customers", rows::optional_printable(totals.customers)),
        ("combolists", rows::optional_printable(totals.combolists)),
    ];
    fields.retain(|(_, value)| !value.as_str().is_empty());
    let output = &mut session.output;
    output.key_values(&fields);
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
                    rows::printable(country.count),
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
                    rows::printable(url.count),
                    rows::optional_printable(url.class),
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
                    rows::printable(point.count),
                    rows::optional_printable(point.class),
                    rows::printable(&point.month),
                ]
            })
            .collect(),
    );
}
