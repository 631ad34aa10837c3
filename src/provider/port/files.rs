//! Providers whose leaks are in files: what a reading of them finds, and where a leak stands.

use crate::entity::{
    error::ProviderError,
    files::{FieldSource, ImportReport, Origin},
    key::RemoteId,
    leak::LeakBatch,
    page::FileChange,
};
use async_trait::async_trait;

/// What is wanted of a reading that keeps nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportQuery {
    /// Rejects that are listed.
    pub rejects: usize,
    /// Leaks that are given as they would be read.
    pub rows: usize,
    /// Records that are described field by field; the reading ends behind them.
    pub described: Option<usize>,
}

/// What it found.
#[derive(Debug, Default)]
pub struct Import {
    /// File by file.
    pub report: ImportReport,
    /// The first leaks.
    pub sample: LeakBatch,
    /// The first records, field by field.
    pub described: Vec<Vec<FieldSource>>,
    /// A column that the mapping names and a table has not.
    pub misfit: Option<String>,
}

/// The files that leaks are in.
#[async_trait]
pub trait FileSource: Send + Sync {
    /// Reads everything and keeps nothing.
    async fn import(&self, query: ImportQuery) -> Result<Import, ProviderError>;

    /// What the reading that is on its way, or was the last one, found until now.
    fn report(&self) -> ImportReport;

    /// Where a leak stands.
    async fn origin(&self, id: &RemoteId) -> Result<Origin, ProviderError>;

    /// Looks whether files have changed since they were read, or came. It costs little, and is asked every other second.
    async fn look(&self) -> Result<FileChange, ProviderError>;

    /// A mapping for a table, filled in with what its header was understood as.
    async fn template(&self) -> Result<String, ProviderError>;
}
