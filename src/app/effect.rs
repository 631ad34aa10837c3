//! I/O that `update` asks for, in the imperative: plain data that owns its inputs, never a closure. It nests by what it is
//! for, and beside each effect stands what becomes of it when its task dies: see [`Request`].

mod access;
mod claims;
mod console;
mod data;
mod evidence;
mod jobs;
mod lookup;
mod marks;
mod news;
mod notes;
mod output;
mod request;
mod reveal;
mod session;
mod tools;
mod views;

pub use access::AccessEffect;
pub use claims::ClaimEffect;
pub use console::LoopEffect;
pub use data::DataEffect;
pub use evidence::EvidenceEffect;
pub use jobs::JobEffect;
pub use lookup::LookupEffect;
pub use marks::MarksEffect;
pub use news::NewsEffect;
pub use notes::NotesEffect;
pub use output::OutputEffect;
pub use request::{Failure, Request};
pub use reveal::RevealEffect;
pub use session::SessionEffect;
pub use tools::ToolEffect;
pub use views::ViewsEffect;

use crate::entity::key::{EntityKey, ProfileName, RequestId};

/// What the audit log is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditNote {
    /// Whose data.
    pub profile: Option<ProfileName>,
    /// What was done: `reveal`, `copy`, `export`, `plan`, ….
    pub action: &'static str,
    /// To which leaks.
    pub keys: Vec<EntityKey>,
    /// `asked`, `done`, `refused: …`.
    pub outcome: String,
    /// Anything else worth a line; never a value of a secret.
    pub detail: Option<String>,
}

/// One piece of I/O.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// What providers and the journal know.
    Data(DataEffect),
    /// What jobs need.
    Jobs(JobEffect),
    /// What claims need.
    Claims(ClaimEffect),
    /// What notes and the history of a leak need.
    Notes(NotesEffect),
    /// Whether this console may write.
    Access(AccessEffect),
    /// What a lookup needs.
    Lookup(LookupEffect),
    /// What a reveal needs.
    Reveal(RevealEffect),
    /// What leaves the console, and marks that come from a file.
    Output(OutputEffect),
    /// What a bundle of evidence needs.
    Evidence(EvidenceEffect),
    /// What named sets of marks need.
    Marks(MarksEffect),
    /// What the memory of what was seen is asked for.
    News(NewsEffect),
    /// What saved views need.
    Views(ViewsEffect),
    /// What programs of the operator's own need.
    Tools(ToolEffect),
    /// What the next start needs.
    Session(SessionEffect),
    /// What the loop does itself.
    Loop(LoopEffect),
}

impl Effect {
    /// Calls off everything that belongs to a request.
    pub fn cancel(request: RequestId) -> Self {
        Self::Loop(LoopEffect::CancelRequest(request))
    }
}
