//! `stanch associated`: related domains.

use super::{
    accounts,
    context::CommandContext,
    entities::{load::LoadReport, rows, value_list},
    exit::ExitCode,
    failure::Failure,
    format::{ListFormat, ListFormatOption},
    merged_list,
};
use crate::entity::{
    account::{RelatedDomain, RelatedDomainQuery},
    raw_text::RawText,
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
pub async fn run(session: &mut CommandContext, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let domain = match &arguments.name {
        Some(name) => Some(merged_list::with_verification(&mut session.output, name)?),
        None => None,
    };
    let config = session.config_for_command()?;
    let connected = accounts::connect_required(session, &config)?;
    let able = connected.supporting(|it| it.associated_domains(), "lists related domains")?;
    let query = RelatedDomainQuery {
        domain,
        sources: arguments.source.clone(),
        active: arguments.active.then_some(true),
        sort: arguments.sort.clone(),
        raw: arguments.raw,
    };
    let (mut items, mut reading) = (Vec::new(), LoadReport::default());
    for (profile, source) in able {
        items.extend(reading.add_listed(profile, source.list_associated(&query).await));
    }
    reading.add_unusable(&connected.missing);
    let output = &mut session.output;
    if arguments.raw && arguments.format.format == ListFormat::Table {
        for item in &items {
            output.text(&format!("{}\n", rows::text(&item.domain).as_str()));
        }
    } else {
        value_list::list(
            output,
            arguments.format.format,
            &items,
            &reading,
            &["domain", "sources", "evidence"],
            cells,
        );
    }
    reading.finish()
}

fn cells(item: &RelatedDomain) -> Vec<Vec<u8>> {
    let sources: Vec<&[u8]> = item.sources.iter().map(RawText::as_bytes).collect();
    let evidence = item.evidence.as_ref().map_or("", |evidence| evidence.get());
    vec![
        item.domain.as_bytes().to_vec(),
        sources.join(&b", "[..]),
        evidence.as_bytes().to_vec(),
    ]
}
