//! Turns each effect into a task that ends by sending exactly one message, whatever happens to it: done, called off,
//! or dead. What is in flight is counted here, so that idle can be seen.

use super::services::Services;
use crate::{
    app::{effect::Effect, message::Message},
    entity::{error::ProviderError, key::RequestId},
};
use futures_util::FutureExt;
use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// A message on its way to the loop, and whether it is the end of an effect.
#[derive(Debug)]
pub struct Envelope {
    /// The message.
    pub message: Message,
    /// It ends an effect.
    pub of_effect: bool,
}

/// Runs effects.
pub struct Executor {
    services: Arc<Services>,
    sender: mpsc::Sender<Envelope>,
    in_flight: usize,
    tokens: HashMap<RequestId, CancellationToken>,
}

/// Messages that may wait for the loop; a task that has one more waits itself.
pub const QUEUE: usize = 256;

impl Executor {
    /// An executor and the receiving end of its channel.
    pub fn new(services: Arc<Services>) -> (Self, mpsc::Receiver<Envelope>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        (
            Self {
                services,
                sender,
                in_flight: 0,
                tokens: HashMap::new(),
            },
            receiver,
        )
    }

    /// A sender for what is not the end of an effect: signals, budgets.
    pub fn sender(&self) -> mpsc::Sender<Envelope> {
        self.sender.clone()
    }

    /// How many effects have not ended.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// An effect's message was received.
    pub fn ended(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if self.in_flight == 0 {
            self.tokens.clear();
        }
    }

    /// Calls off everything of a request.
    pub fn cancel(&mut self, request: RequestId) {
        if let Some(token) = self.tokens.remove(&request) {
            token.cancel();
        }
    }

    /// Starts an effect.
    pub fn spawn(&mut self, effect: Effect) {
        self.in_flight += 1;
        let token = match &effect {
            Effect::FetchPage { request, .. }
            | Effect::FetchDomains { request, .. }
            | Effect::FetchNatives { request, .. }
            | Effect::Lookup { request, .. } => self.tokens.entry(*request).or_default().clone(),
            _ => CancellationToken::new(),
        };
        let (services, sender) = (Arc::clone(&self.services), self.sender.clone());
        tokio::spawn(async move {
            // It may hold a hundred thousand changes: it is copied here, and not where keys wait.
            let kept = effect.clone();
            let work = AssertUnwindSafe(services.perform(effect)).catch_unwind();
            let message = tokio::select! {
                biased;
                () = token.cancelled() => called_off(kept),
                done = work => done.unwrap_or_else(|_| Message::EffectFailed { effect: Box::new(kept) }),
            };
            // The loop is gone only when the program ends.
            for part in parts_of(&message) {
                sender.send(part).await.ok();
            }
            sender
                .send(Envelope {
                    message,
                    of_effect: true,
                })
                .await
                .ok();
        });
    }
}

/// The parts of a page but for the last one: keys come in between, and wait for a part at most.
fn parts_of(message: &Message) -> impl Iterator<Item = Envelope> + use<> {
    let page = match message {
        Message::PageLoaded {
            request,
            profile,
            page,
            result: Ok(leaks),
        } => Some((*request, profile.clone(), *page, Arc::clone(leaks))),
        _ => None,
    };
    page.into_iter()
        .flat_map(|(request, profile, page, leaks)| {
            let before_the_last = 0..leaks.leaks.parts().saturating_sub(1);
            before_the_last.map(move |part| Envelope {
                message: Message::LeaksCame {
                    request,
                    profile: profile.clone(),
                    page,
                    leaks: Arc::clone(&leaks),
                    part,
                },
                of_effect: false,
            })
        })
}

/// What the loop is told of an effect that was called off; its request is no longer current, so it is dropped there.
fn called_off(effect: Effect) -> Message {
    match effect {
        Effect::FetchPage {
            request,
            profile,
            page,
            ..
        } => Message::PageLoaded {
            request,
            profile,
            page,
            result: Err(ProviderError::Cancelled),
        },
        Effect::FetchDomains { request, profile } => Message::DomainsLoaded {
            request,
            profile,
            result: Err(ProviderError::Cancelled),
        },
        Effect::FetchNatives {
            request,
            profile,
            kind,
            ..
        } => Message::NativesLoaded {
            request,
            profile,
            kind,
            result: Err(ProviderError::Cancelled),
        },
        // Whoever called it off has closed the overlay: nobody looks at this.
        Effect::Lookup {
            request, profile, ..
        } => Message::LookedUp {
            request,
            profile,
            answers: Vec::new(),
        },
        other => Message::EffectFailed {
            effect: Box::new(other),
        },
    }
}
