//! Lookups.

use super::Services;
use crate::{
    app::{effect::LookupEffect, message::Message},
    entity::lookup::LookupAnswer,
    provider::require,
};

impl Services {
    /// Looks something up.
    pub(in crate::runtime) async fn perform_lookup(&self, effect: LookupEffect) -> Message {
        match effect {
            LookupEffect::RunLookup {
                request,
                profile,
                lookup,
            } => {
                let provider = self.provider(&profile);
                let answers = match provider.and_then(|it| require(it.lookup())) {
                    Ok(source) => source.look_up(&lookup).await,
                    Err(error) => vec![LookupAnswer {
                        operation: "lookup",
                        result: Err(error),
                    }],
                };
                Message::LookupAnswered {
                    request,
                    profile,
                    answers,
                }
            }
        }
    }
}
