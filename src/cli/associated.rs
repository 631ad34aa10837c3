//! `stanch associated`: related domains.

use super::{
    asked, connect,
    entities::{load::Reading, plain, rows},
    exit::ExitCode,
    failure::Failure,
    format::{ListFormat, ListFormatOption},
    session::Session,
};
use crate::entity::{
    report::{Associated, AssociatedQuery},
    text::Text,
};

/// `stanch associated`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// One domain; all verified ones unless it is given.
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Only from these sources, with commas between them.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub source: Vec<String>,
    /// Only active ones.
    #[arg(long)]
    pub active: bool,
    /// In the order of this field of the provider's.
    #[arg(long, value_name = "FIELD")]
    pub sort: Option<String>,
    /// Names alone, one a line.
    #[arg(long)]
    pub raw: bool,
    /// The form of the result.
    #[command(flatten)]
    pub format: ListFormatOption,
}

/// Lists related domains.
pub async fn run(session: &mut Session, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let domain = match &arguments.name {
        Some(name) => Some(asked::domain(&mut session.output, name)?),
        None => None,
    };
    let config = session.config_for_command()?;
    let connected = connect::connect_some(session, &config)?;
    let able = connected.able(|it| it.associated_domains(), "lists related domains")?;
    let query = AssociatedQuery {
        domain,
        sources: arguments.source.clone(),
        active: arguments.active.then_some(true),
        sort: arguments.sort.clone(),
        raw: arguments.raw,
    };
    let (mut items, mut reading) = (Vec::new(), Reading::default());
    for (profile, source) in able {
        items.extend(reading.add_listed(profile, source.associated(&query).await));
    }
    reading.miss(&connected.missing);
    let output = &mut session.output;
    if arguments.raw && arguments.format.format == ListFormat::Table {
        for item in &items {
            output.text(&format!("{}\n", rows::text(&item.domain).as_str()));
        }
    } else {
        plain::list(
            output,
            arguments.format.format,
            &items,
            &reading,
            &["domain", "sources", "evidence"],
            cells,
        );
    }
    reading.end()
}

fn cells(item: &Associated) -> Vec<Vec<u8>> {
    let sources: Vec<&[u8]> = item.sources.iter().map(Text::as_bytes).collect();
    let evidence = item.evidence.as_ref().map_or("", |evidence| evidence.get());
    vec![
        item.domain.as_bytes().to_vec(),
        sources.join(&b", "[..]),
        evidence.as_bytes().to_vec(),
    ]
}
