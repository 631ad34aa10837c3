//! The formats of a result.

/// Of everything that prints one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// One object, for programs.
    Json,
}

/// Of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ListFormat {
    /// For people.
    #[default]
    Table,
    /// One object with all items.
    Json,
    /// One item a line.
    Jsonl,
    /// Comma-separated values, made inert.
    Csv,
}

impl ListFormat {
    /// The row of [`crate::export::FORMATS`] that writes it; a table is made by the output itself.
    pub fn writer(self) -> Option<&'static str> {
        match self {
            Self::Table => None,
            Self::Json => Some("json"),
            Self::Jsonl => Some("jsonl"),
            Self::Csv => Some("csv"),
        }
    }
}

/// `--format table|json`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct FormatOption {
    /// The form of the result.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: Format,
}

/// `--format table|json|jsonl|csv`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct ListFormatOption {
    /// The form of the result.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ListFormat,
    /// Whether CSV begins with a byte order mark, by which spreadsheets know UTF-8; on standard output it is no.
    #[arg(long, value_name = "yes|no", value_parser = super::values::yes_or_no(), hide_possible_values = true)]
    pub bom: Option<bool>,
}
