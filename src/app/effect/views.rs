//! What saved views need.

use super::{Failure, Request};
use crate::app::message::Message;
use std::path::PathBuf;

/// What saved views need.
#[derive(Clone, Debug, PartialEq)]
pub enum ViewsEffect {
    /// Read the file of views.
    LoadViews,
    /// Write the file of views anew.
    SaveViews {
        /// What it says.
        text: String,
        /// The file that is there could not be read: it is kept beside.
        keep_backup: bool,
    },
    /// Write views to a new file.
    ExportViews {
        /// Where.
        path: PathBuf,
        /// What it says.
        text: String,
        /// How many there are.
        count: usize,
    },
    /// Read views from a file.
    ImportViews(PathBuf),
}

impl Request for ViewsEffect {
    type Reply = Message;

    fn failure_reply(self, failure: Failure) -> Message {
        let why = failure.reason().to_owned();
        match self {
            Self::LoadViews => Message::ViewsLoaded {
                // Which file that is, its task alone knew.
                path: PathBuf::from("the saved views"),
                result: Err(why),
            },
            Self::SaveViews { .. } => Message::ViewsSaved(Err(why)),
            Self::ExportViews { path, .. } => Message::ViewsExported {
                path,
                result: Err(why),
            },
            Self::ImportViews(_) => Message::ViewsImported(Err(why)),
        }
    }
}
