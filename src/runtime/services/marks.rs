//! Named sets of marks.

use super::{
    super::{files, mark_sets},
    Services,
};
use crate::app::{effect::MarksEffect, message::Message};
use jiff::Timestamp;

impl Services {
    /// Saves, deletes or reads a set.
    pub(in crate::runtime) async fn marks(&self, effect: MarksEffect) -> Message {
        let state = self.state_directory.clone();
        match effect {
            MarksEffect::SaveSet { name, keys } => {
                let of = name.clone();
                let saved = files::off_thread(move || {
                    mark_sets::save(&state, &of, keys, Timestamp::now()).map(|set| set.keys.len())
                });
                let result = saved.await;
                Message::MarkSetSaved { name, result }
            }
            MarksEffect::DeleteSet(name) => {
                let of = name.clone();
                let result = files::off_thread(move || mark_sets::delete(&state, &of)).await;
                Message::MarkSetDeleted { name, result }
            }
            MarksEffect::LoadSet { name, keep } => {
                let of = name.clone();
                let read = files::off_thread(move || {
                    let sets = mark_sets::read(&state)?;
                    Ok(sets.find(&of).map(|set| set.keys.clone()))
                });
                let result = read.await;
                Message::MarkSetLoaded { name, keep, result }
            }
        }
    }
}
