//! `stanch report`: figures on a period, for people who were not there. They are made of what was seen; a reading of the
//! accounts says to which class and domain each leak belongs now.

pub(super) mod ground;
mod period;

use self::ground::Ground;
use super::{
    audit_line,
    context::CommandContext,
    exit::ExitCode,
    failure::{Failure, FailureKind},
    input,
    output::Output,
};
use crate::{
    entity::json as inert,
    export::{self, json},
    report::{self, Figures, words::About},
};
use std::path::PathBuf;

/// `report`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// The first day, UTC; the first of last month without it.
    #[arg(long, value_name = "DAY")]
    pub from: Option<jiff::civil::Date>,
    /// The last day, included; the end of last month without it.
    #[arg(long, value_name = "DAY")]
    pub to: Option<jiff::civil::Date>,
    /// Only leaks that match; stanch --help has the language.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// The form: html needs --output.
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub format: Form,
    /// Write to this new file.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// For whom it is.
    #[arg(long = "for", value_name = "TEXT")]
    pub recipient: Option<String>,
    /// A text file with what people have to say.
    #[arg(long, value_name = "FILE")]
    pub remarks: Option<PathBuf>,
    /// Beside which period.
    #[arg(long, value_name = "WHICH", value_enum, default_value_t)]
    pub compare: Compare,
    /// Ask no provider: classes and domains are not known then.
    #[arg(long)]
    pub offline: bool,
}

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    /// One file, to be passed on.
    Html,
    /// The body of a mail.
    Md,
    /// For programs.
    Json,
    /// One figure a line.
    Csv,
}

/// What the figures are laid beside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Compare {
    /// The period before, of the same length.
    #[default]
    Previous,
    /// Nothing.
    None,
}

/// Bytes of a file of remarks.
const LONGEST_REMARKS: u64 = 64 * 1024;

/// Makes a report.
pub async fn run(session: &mut CommandContext, arguments: &Arguments) -> Result<ExitCode, Failure> {
    if arguments.format == Form::Html && arguments.output.is_none() {
        return Err(Failure::new(
            FailureKind::Usage,
            "an HTML report needs a file",
            "add --output FILE",
        ));
    }
    let today = ground::today();
    let period = period::of(arguments.from, arguments.to, today)?;
    let remarks = arguments.remarks.as_deref().map(remarks).transpose()?;
    let ground = Ground::open(session, arguments.filter.as_deref(), arguments.offline).await?;
    if !ground.has_baseline() {
        return Err(Failure::new(
            FailureKind::Unsupported,
            "nothing was read whole yet: there is nothing to count",
            "stanch watch --once reads the accounts",
        ));
    }
    let input = ground.input(period.begin(), period.end());
    let figures = report::figures(&input);
    let before = (arguments.compare == Compare::Previous).then(|| {
        let previous = period.previous();
        report::figures(&ground.input(previous.begin(), previous.end()))
    });
    let numbers = inert::to_vec(&report::json::numbers(&figures)).unwrap_or_default();
    let about = About {
        recipient: arguments.recipient.clone(),
        remarks,
        from: period.from,
        to: period.to,
        made_at: jiff::Timestamp::from_second(ground.now).unwrap_or_default(),
        accounts: ground.profiles(),
        command: format!(
            "stanch report --from {} --to {} --format {}",
            period.from,
            period.to,
            word(arguments.format)
        ),
        version: env!("CARGO_PKG_VERSION"),
        incomplete: ground
            .incomplete
            .as_ref()
            .map(|failure| failure.message.clone()),
        digest: blake3::hash(&numbers).to_hex().chars().take(16).collect(),
    };
    let text = drawn(arguments.format, &about, &figures, before.as_ref(), &input);
    match &arguments.output {
        None => session.output.bytes(&text),
        Some(path) => {
            export::write_new(path, |out| out.write_all(&text))
                .map_err(|error| Failure::from(&error))?;
            let detail = format!(
                "{} to {}, {}",
                period.from,
                period.to,
                word(arguments.format)
            );
            audit_line::try_write(session, audit_line::line("report", detail)).await;
            session.output.notice(&format!(
                "stanch: the report is in {}",
                input::printable_path(path)
            ));
        }
    }
    if let Some(failure) = ground.incomplete {
        return Err(failure);
    }
    if !figures.adds_up() {
        return Err(Failure::new(
            FailureKind::Internal,
            "a sum of the report does not add up: it is shown among the checks",
            "please report this with the version",
        ));
    }
    Ok(ExitCode::Done)
}

fn word(form: Form) -> &'static str {
    match form {
        Form::Html => "html",
        Form::Md => "md",
        Form::Json => "json",
        Form::Csv => "csv",
    }
}

fn drawn(
    form: Form,
    about: &About,
    figures: &Figures,
    before: Option<&Figures>,
    input: &report::Input,
) -> Vec<u8> {
    match form {
        Form::Html => report::html::report(about, figures, before, &input.coverage).into_bytes(),
        Form::Md => report::md::report(about, figures, &input.coverage).into_bytes(),
        Form::Json => {
            let body = report::json::report(about, figures, before, &input.coverage);
            let mut line = inert::to_vec(&json::answer("report", body)).unwrap_or_default();
            line.push(b'\n');
            line
        }
        Form::Csv => {
            let (mut output, out, _) = Output::in_memory();
            output.csv(&report::csv::COLUMNS, &report::csv::lines(figures));
            output.flush();
            out.text().into_bytes()
        }
    }
}

fn remarks(path: &std::path::Path) -> Result<String, Failure> {
    let failed = |why: &str| {
        Failure::new(
            FailureKind::Usage,
            format!("{} {why}", input::printable_path(path)),
            "name a text file of at most 64 KiB",
        )
    };
    let data = std::fs::metadata(path).map_err(|_| failed("cannot be read"))?;
    if !data.is_file() || data.len() > LONGEST_REMARKS {
        return Err(failed("is no text of at most 64 KiB"));
    }
    std::fs::read_to_string(path).map_err(|_| failed("is no UTF-8 text"))
}
