//! Lookups.

use super::Services;
use crate::{
    app::{effect::LookupEffect, message::Message},
    entity::lookup::LookupAnswer,
    provider::needed,
};

impl Services {
    /// Looks something up.
    pub(in crate::runtime) async fn lookup(&self, effect: LookupEffect) -> Message {
        match effect {
            LookupEffect::Lookup {
                request,
                profile,
                lookup,
            } => {
                let provider = self.provider(&profile);
                let answers = match provider.and_then(|it| needed(it.lookup())) {
                    Ok(source) => source.look_up(&lookup).await,
                    Err(error) => vec![LookupAnswer {
                        operation: "lookup",
                        result: Err(error),
                    }],
                };
                Message::LookedUp {
                    request,
                    profile,
                    answers,
                }
            }
        }
    }
}
