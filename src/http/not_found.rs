//! How contracts say "not found".

/// How a contract says that there is nothing of what was asked for. Its status is always 404.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NotFound {
    /// It does not: a 404 is never an answer of this operation.
    #[default]
    Never,
    /// `{"success":false,"message":"…"}`, in words that name what was not found.
    Failure,
    /// `{"message":"…"}`, with or without `success`, in words that name what was not found.
    Message,
    /// `{"type":"…","status":404,"detail":"…"}`.
    Problem,
    /// `{"statusCode":404,"message":"…"}`.
    Status,
    /// The same, or no body at all.
    StatusOrNothing,
    /// A sentence in plain text about a range of hashes.
    Words,
}
