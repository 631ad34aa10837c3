//! A run without a console: the same model, the same effects, driven until what was waited for is there.

use super::{
    clock::Clock,
    executor::{Envelope, Executor},
    services::Services,
};
use crate::app::{self, effect::Effect, message::Message, model::Model};
use std::sync::Arc;
use tokio::sync::mpsc;

/// A model and what carries its effects out.
pub struct Session {
    /// The model.
    pub model: Model,
    executor: Executor,
    receiver: mpsc::Receiver<Envelope>,
    clock: Arc<dyn Clock>,
}

impl Session {
    /// A session that has done nothing yet.
    pub fn new(model: Model, services: Arc<Services>, clock: Arc<dyn Clock>) -> Self {
        let (executor, receiver) = Executor::new(services);
        Self {
            model,
            executor,
            receiver,
            clock,
        }
    }

    /// The moment, put into the model as `update` would.
    pub fn now(&mut self) -> app::message::Now {
        self.model.now = self.clock.now();
        self.model.now
    }

    /// Starts effects. What only a console can do means nothing here.
    pub fn start(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::CancelRequest(request) => self.executor.cancel(request),
                Effect::WriteTerminal(_) | Effect::Suspend | Effect::Redraw | Effect::Quit(_) => {}
                other => self.executor.spawn(other),
            }
        }
    }

    /// Runs until `done` says so or nothing is in flight any more; `seen` looks at the model after each message.
    pub async fn drive(&mut self, done: impl Fn(&Model) -> bool, mut seen: impl FnMut(&Model)) {
        while !done(&self.model) && self.executor.in_flight() > 0 {
            let Some(envelope) = self.receiver.recv().await else {
                return;
            };
            if envelope.of_effect {
                self.executor.ended();
            }
            self.handle(envelope.message);
            seen(&self.model);
        }
    }

    fn handle(&mut self, message: Message) {
        let updated = app::update(&mut self.model, message, self.clock.now());
        self.start(updated.effects);
    }
}
