//! Turns each effect into a task that ends by sending exactly one message, whatever happens to it: done, called off,
//! or dead. What is in flight is counted here, so that idle can be seen.

use super::services::Services;
use crate::{
    app::{
        effect::{Effect, Failure, LoopEffect, Request},
        message::Message,
    },
    entity::key::RequestId,
};
use futures_util::{FutureExt, future::BoxFuture};
use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// A message on its way to the loop, and whether it is the end of an effect.
#[derive(Debug)]
pub struct Envelope {
    /// The message.
    pub message: Message,
    /// It ends an effect.
    pub completes_effect: bool,
}

/// Runs effects.
pub struct Executor {
    services: Arc<Services>,
    sender: mpsc::Sender<Envelope>,
    in_flight: usize,
    tokens: HashMap<RequestId, CancellationToken>,
}

/// Messages that may wait for the loop; a task that has one more waits itself.
pub const QUEUE_CAPACITY: usize = 256;

impl Executor {
    /// An executor and the receiving end of its channel.
    pub fn new(services: Arc<Services>) -> (Self, mpsc::Receiver<Envelope>) {
        let (sender, receiver) = mpsc::channel(QUEUE_CAPACITY);
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
    pub fn on_completed(&mut self) {
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

    /// Starts an effect; answers what the loop does itself.
    pub fn start(&mut self, effect: Effect) -> Option<LoopEffect> {
        match effect {
            Effect::Loop(effect) => return Some(effect),
            Effect::Data(it) => self.spawn(it, |to, it| {
                async move { to.perform_data(it).await }.boxed()
            }),
            Effect::Jobs(it) => self.spawn(it, |to, it| {
                async move { to.perform_jobs(it).await }.boxed()
            }),
            Effect::Claims(it) => {
                self.spawn(it, |to, it| {
                    async move { to.perform_claims(it).await }.boxed()
                });
            }
            Effect::Notes(it) => self.spawn(it, |to, it| async move { to.notes(it).await }.boxed()),
            Effect::Access(it) => {
                self.spawn(it, |to, it| {
                    async move { to.perform_access(it).await }.boxed()
                });
            }
            Effect::Lookup(it) => {
                self.spawn(it, |to, it| {
                    async move { to.perform_lookup(it).await }.boxed()
                });
            }
            Effect::Reveal(it) => {
                self.spawn(it, |to, it| {
                    async move { to.perform_reveal(it).await }.boxed()
                });
            }
            Effect::Output(it) => {
                self.spawn(it, |to, it| {
                    async move { to.perform_output(it).await }.boxed()
                });
            }
            Effect::Evidence(it) => {
                self.spawn(it, |to, it| {
                    async move { to.perform_evidence(it).await }.boxed()
                });
            }
            Effect::Marks(it) => self.spawn(it, |to, it| async move { to.marks(it).await }.boxed()),
            Effect::News(it) => self.spawn(it, |to, it| async move { to.news(it).await }.boxed()),
            Effect::Views(it) => self.spawn(it, |to, it| {
                async move { to.perform_views(it).await }.boxed()
            }),
            Effect::Tools(it) => self.spawn(it, |to, it| async move { to.tools(it).await }.boxed()),
            Effect::Session(it) => {
                self.spawn(it, |to, it| {
                    async move { to.perform_session(it).await }.boxed()
                });
            }
        }
        None
    }

    fn spawn<R: Request<Reply = Message>>(
        &mut self,
        request: R,
        perform: fn(Arc<Services>, R) -> BoxFuture<'static, Message>,
    ) {
        self.in_flight += 1;
        let token = request
            .token()
            .map(|request| self.tokens.entry(request).or_default().clone())
            .unwrap_or_default();
        let (services, sender) = (Arc::clone(&self.services), self.sender.clone());
        tokio::spawn(async move {
            // It may hold a hundred thousand changes: it is copied here, and not where keys wait.
            let kept = request.for_failure();
            let work = AssertUnwindSafe(perform(services, request)).catch_unwind();
            let done = tokio::select! {
                biased;
                () = token.cancelled() => Err(Failure::Cancelled),
                done = work => done.map_err(|_| Failure::Panicked),
            };
            let panicked = done.as_ref().err() == Some(&Failure::Panicked);
            let message = done.unwrap_or_else(|failure| kept.failure_reply(failure));
            let of_a_bug = panicked.then_some(Envelope {
                message: Message::TaskPanicked,
                completes_effect: false,
            });
            // The loop is gone only when the program ends.
            for part in of_a_bug.into_iter().chain(page_parts(&message)) {
                sender.send(part).await.ok();
            }
            sender
                .send(Envelope {
                    message,
                    completes_effect: true,
                })
                .await
                .ok();
        });
    }
}

/// The parts of a page but for the last one: keys come in between, and wait for a part at most.
fn page_parts(message: &Message) -> impl Iterator<Item = Envelope> + use<> {
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
            let before_the_last = 0..leaks.leaks.part_count().saturating_sub(1);
            before_the_last.map(move |part| Envelope {
                message: Message::PagePartLoaded {
                    request,
                    profile: profile.clone(),
                    page,
                    leaks: Arc::clone(&leaks),
                    part,
                },
                completes_effect: false,
            })
        })
}
