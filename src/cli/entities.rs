//! `stanch domains|users|leaks|connections list|count|show`. Leaks are read whole ([`load`]) through the console's own
//! paging; what is made of them is grouped and sorted here ([`order`]) and printed ([`item`]).

pub(super) mod columns;
pub(super) mod count;
pub(super) mod filter;
pub(super) mod item;
pub(super) mod list;
mod listed;
pub(super) mod load;
pub(super) mod order;
pub(super) mod rows;
pub(super) mod show;
pub(super) mod value_list;

use super::{
    change, claims,
    context::CommandContext,
    exit::ExitCode,
    failure::Failure,
    files::FromOptions,
    fix,
    format::{FormatOption, ListFormatOption},
};
use crate::entity::key::{EntityKey, Kind};

/// What can be read of every kind.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Command {
    /// List what matches.
    List(ListArguments),
    /// Count what matches.
    Count(CountArguments),
    /// Show one in full.
    Show(ShowArguments),
}

/// What can be done with leaks.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum LeaksCommand {
    /// Reading, as with every kind.
    #[command(flatten)]
    Read(Command),
    /// Mark leaks fixed.
    Fix(change::Arguments),
    /// Reopen leaks.
    Reopen(change::Arguments),
    /// Set the status of leaks; what a provider cannot store is kept by us.
    #[command(
        override_usage = "stanch leaks set [OPTIONS] <STATUS> <--filter <EXPR>|--ids-from <FILE|->|KEY...>"
    )]
    Set(fix::SetArguments),
    /// Take leaks on: who else reads the journal sees who works on them.
    Claim(claims::Arguments),
    /// Give claimed leaks back.
    Release(claims::Arguments),
}

/// `list`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ListArguments {
    /// Only what matches; stanch --help has the language.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// In this order: fields with commas between them, - before one to turn it round. Leaks: seen, added, found, news,
    /// login, domain, url, status, host, country, risk, key; the others: name, leaks, unresolved, seen.
    #[arg(
        long,
        value_name = "KEYS",
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    pub sort: Vec<String>,
    /// At most this many.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Of leaks: these columns of a table or CSV, with commas between them.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// Of leaks: these members of JSON and JSON Lines alone, with commas between them.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub fields: Vec<String>,
    /// Of leaks: as this saved view shows them; --filter narrows it, --sort and --columns go before its own.
    #[arg(long, value_name = "NAME")]
    pub view: Option<String>,
    /// The form of the result.
    #[command(flatten)]
    pub format: ListFormatOption,
    /// Where the leaks are.
    #[command(flatten)]
    pub from: FromOptions,
}

/// `count`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct CountArguments {
    /// Only what matches; stanch --help has the language.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// By the values of this field.
    #[arg(long, value_name = "FIELD")]
    pub by: Option<String>,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
    /// Where the leaks are.
    #[command(flatten)]
    pub from: FromOptions,
}

/// `show`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ShowArguments {
    /// Which one: profile:kind:id.
    #[arg(value_name = "KEY")]
    pub key: EntityKey,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
    /// Where the leaks are.
    #[command(flatten)]
    pub from: FromOptions,
}

/// Reads one kind.
pub async fn run(
    session: &mut CommandContext,
    kind: Kind,
    command: &Command,
) -> Result<ExitCode, Failure> {
    match (command, kind) {
        (Command::List(arguments), Kind::Leak) => list::list_leaks(session, arguments).await,
        (Command::List(arguments), Kind::Domain | Kind::User | Kind::Connection) => {
            list::list_groups(session, kind, arguments).await
        }
        (Command::Count(arguments), kind) => count::run(session, kind, arguments).await,
        (Command::Show(arguments), kind) => show::run(session, kind, arguments).await,
    }
}
