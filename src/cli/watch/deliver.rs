//! Delivers the messages that wait: each channel one after the other, the oldest first, beside the rounds. Everything is at
//! least once, with one id through every attempt: a message leaves the memory when it was taken, not before.

use super::{
    channels::{self, Channels, Ready},
    clock::now,
};
use crate::{
    config::channel::Channel,
    entity::{
        message::Message,
        seen::{EventKind, MarkKey},
    },
    notify::{
        Outcome,
        body::{self, Form, More},
        hook, schedule, webhook,
    },
    seen::{Seen, SeenError, Waiting},
};
use std::{
    collections::{HashMap, HashSet},
    ffi::OsString,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::watch, time::Instant};

/// One round's attempts take at most so long, where it is the only one.
const ONCE: Duration = Duration::from_secs(30);

/// What a delivery has to say; whoever has the terminal says it.
pub(super) enum Said {
    /// A line for people.
    Notice(String),
    /// A line of the audit log: an action and what came of it.
    Audit(&'static str, String),
    /// Bytes for the terminal.
    Bytes(Vec<u8>),
}

/// What deliveries need; clones share everything.
#[derive(Clone)]
pub(super) struct Deliverer {
    pub(super) seen: Seen,
    pub(super) channels: Arc<Channels>,
    pub(super) marks: MarkKey,
    /// A program that failed is tried again in the next round.
    pub(super) every: i64,
    more: Arc<Mutex<HashMap<String, More>>>,
    /// Watches that run on other hosts: those know more of their messages than is in the memory.
    elsewhere: Arc<Mutex<HashSet<String>>>,
    said: Arc<Mutex<Vec<Said>>>,
    wake: watch::Sender<u64>,
    speak: watch::Sender<u64>,
}

impl Deliverer {
    pub(super) fn new(seen: Seen, channels: Channels, marks: MarkKey, every: Duration) -> Self {
        Self {
            seen,
            channels: Arc::new(channels),
            marks,
            every: i64::try_from(every.as_secs()).unwrap_or(i64::MAX),
            more: Arc::default(),
            elsewhere: Arc::default(),
            said: Arc::default(),
            wake: watch::Sender::new(0),
            speak: watch::Sender::new(0),
        }
    }

    /// Whether anybody is told.
    pub(super) fn is_empty(&self) -> bool {
        self.channels.ready.is_empty()
    }

    /// Keeps what is known of a message's leaks until it is delivered; it is never on disk.
    pub(super) fn keep(&self, id: &str, more: More) {
        if !more.is_empty() {
            lock(&self.more).insert(id.to_owned(), more);
        }
    }

    /// Leaves the messages of these watches to the hosts that they run on. A watch that runs here from now on is
    /// delivered here, with what is in the memory.
    pub(super) fn leave(&self, elsewhere: HashSet<String>) {
        let mut held = lock(&self.elsewhere);
        if *held != elsewhere {
            *held = elsewhere;
            drop(held);
            self.wake();
        }
    }

    /// There may be messages that were not there.
    pub(super) fn wake(&self) {
        self.wake.send_modify(|count| *count += 1);
    }

    /// What was to be said since the last time.
    pub(super) fn take_said(&self) -> Vec<Said> {
        std::mem::take(&mut *lock(&self.said))
    }

    /// Ends when there is something to say.
    pub(super) async fn something_said(&self) {
        let mut heard = self.speak.subscribe();
        if lock(&self.said).is_empty() {
            heard.changed().await.ok();
        }
    }

    fn say(&self, said: Said) {
        lock(&self.said).push(said);
        self.speak.send_modify(|count| *count += 1);
    }

    /// Delivers for ever.
    pub(super) async fn run(&self) {
        let all = self.channels.ready.keys();
        let all = all.map(|channel| async move {
            loop {
                if self.channel(channel, None).await.is_err() {
                    // The memory cannot be read or written: the rounds say so.
                    std::future::pending::<()>().await;
                }
            }
        });
        futures_util::future::join_all(all).await;
        std::future::pending::<()>().await;
    }

    /// Makes the attempts of one round, three at most for each message.
    pub(super) async fn once(&self) -> Result<(), SeenError> {
        let deadline = Instant::now() + ONCE;
        let all = self.channels.ready.keys();
        let all = all.map(|channel| self.channel(channel, Some(deadline)));
        for done in futures_util::future::join_all(all).await {
            done?;
        }
        Ok(())
    }

    /// Delivers what waits for one channel.
    async fn channel(&self, channel: &Channel, deadline: Option<Instant>) -> Result<(), SeenError> {
        let mut woken = self.wake.subscribe();
        // Where one round is made, a message that failed is tried again at once.
        let mut again: Option<String> = None;
        let mut tried: Vec<String> = Vec::new();
        loop {
            let Some(waiting) = self.oldest(channel).await? else {
                if deadline.is_some() {
                    return Ok(());
                }
                woken.changed().await.ok();
                continue;
            };
            let is_again = again.as_ref() == Some(&waiting.id);
            if deadline.is_some() && tried.contains(&waiting.id) && !is_again {
                return Ok(());
            }
            let due = waiting.due - now();
            if due > 0 && !is_again {
                if deadline.is_some() {
                    return Ok(());
                }
                let time = Duration::from_secs(due.unsigned_abs());
                tokio::select! {
                    () = tokio::time::sleep(time) => {}
                    changed = woken.changed() => drop(changed),
                }
                continue;
            }
            let attempt = self.attempt(channel, &waiting);
            let (tries, wait) = match deadline {
                None => attempt.await?,
                Some(deadline) => match tokio::time::timeout_at(deadline, attempt).await {
                    Ok(done) => done?,
                    Err(_) => return Ok(()),
                },
            };
            let Some(deadline) = deadline else { continue };
            again = None;
            tried.push(waiting.id.clone());
            if let (Channel::Webhook(_), Some(wait)) = (channel, wait)
                && let Some(soon) = schedule::soon(tries, wait)
                && Instant::now() + Duration::from_secs(soon) < deadline
            {
                tokio::time::sleep(Duration::from_secs(soon)).await;
                again = Some(waiting.id);
            }
        }
    }

    async fn oldest(&self, channel: &Channel) -> Result<Option<Waiting>, SeenError> {
        let name = channel.to_string();
        let mut waiting = self.seen.ask(|store| store.waiting()).await?;
        waiting.retain(|one| one.channel == name && !one.dead);
        let elsewhere = lock(&self.elsewhere).clone();
        if !elsewhere.is_empty() {
            waiting.retain(|one| {
                let message = Message::from_bytes(&one.body);
                message.is_none_or(|message| !elsewhere.contains(&message.watch))
            });
        }
        // What quiet hours hold must not keep back what they do not.
        waiting.sort_by(|one, two| {
            let is_later = |one: &Waiting| one.due > now() && one.tries == 0;
            (is_later(one), one.made, &one.id).cmp(&(is_later(two), two.made, &two.id))
        });
        Ok(waiting.into_iter().next())
    }

    /// One attempt. Returns how many were made, and, where it failed and will be made again, the wait that was asked for.
    async fn attempt(
        &self,
        channel: &Channel,
        waiting: &Waiting,
    ) -> Result<(u32, Option<Option<u64>>), SeenError> {
        let tries = waiting.tries + 1;
        let next = now() + self.next(channel, tries, None).unwrap_or(0);
        let (id, was) = (waiting.id.clone(), waiting.tries);
        let begun = self
            .seen
            .ask(move |store| store.begin(&id, was, next))
            .await?;
        if !begun {
            // Another process has it.
            return Ok((tries, None));
        }
        if waiting.tries == 0 {
            self.note_told(channel).await?;
        }
        let outcome = match Message::from_bytes(&waiting.body) {
            Some(_) if self.is_off(channel).await? => Outcome::Unwanted,
            Some(message) => self.send(channel, &message).await,
            None => Outcome::failed("it cannot be read any more"),
        };
        let id = waiting.id.clone();
        match outcome {
            Outcome::Delivered => {
                lock(&self.more).remove(&id);
                self.seen.ask(move |store| store.drop_message(&id)).await?;
                Ok((tries, None))
            }
            Outcome::Unwanted => {
                self.switch_off(channel).await?;
                self.end(channel, &id, "it is not wanted any more: 410")
                    .await?;
                Ok((tries, None))
            }
            Outcome::Failed { why, wait } => {
                let Some(delay) = self.next(channel, tries, wait) else {
                    self.end(channel, &id, &why).await?;
                    return Ok((tries, None));
                };
                tracing::warn!(channel = %channel, tries, why, "a message was not delivered");
                let due = now() + delay;
                self.seen
                    .ask(move |store| store.settle(&id, due, false))
                    .await?;
                Ok((tries, Some(wait)))
            }
        }
    }

    /// Seconds until the attempt after `tries`; none where there is no other.
    fn next(&self, channel: &Channel, tries: u32, wait: Option<u64>) -> Option<i64> {
        match channel {
            Channel::Webhook(_) => schedule::webhook(tries, wait, fastrand::f64())
                .map(|delay| i64::try_from(delay).unwrap_or(i64::MAX)),
            Channel::Hook(_) => (!schedule::is_hook_over(tries)).then_some(self.every),
            Channel::Terminal => None,
        }
    }

    /// A message is not tried any more by itself.
    async fn end(&self, channel: &Channel, id: &str, why: &str) -> Result<(), SeenError> {
        lock(&self.more).remove(id);
        let kept = id.to_owned();
        self.seen
            .ask(move |store| store.settle(&kept, now(), true))
            .await?;
        self.say(Said::Notice(format!(
            "stanch: {channel} was not told: {why}; stanch watch deliveries retry {id} tries it again"
        )));
        Ok(())
    }

    pub(super) async fn send(&self, channel: &Channel, message: &Message) -> Outcome {
        let Some(ready) = self.channels.ready.get(channel) else {
            return Outcome::failed("it is not configured any more");
        };
        let detail = ready.detail();
        match ready {
            Ready::Terminal(way) => {
                let bytes = self.channels.bytes(*way, &message.text());
                self.say(Said::Bytes(bytes));
                Outcome::Delivered
            }
            Ready::Hook(program, _) => {
                let body = body::body(message, Form::Standard, detail, &self.more_of(message));
                hook::run(program, &body, &self.environment(message)).await
            }
            Ready::Webhook(webhook) => {
                let form = channels::form(webhook);
                let body = body::body(message, form, detail, &self.more_of(message));
                let webhook = webhook.clone();
                // A key may come from a command.
                let read = tokio::task::spawn_blocking(move || channels::ready_address(&webhook));
                match read.await {
                    Ok(Ok((address, _))) => webhook::send(&address, &message.id, now(), body).await,
                    Ok(Err(failure)) => Outcome::failed(failure.message),
                    Err(_) => Outcome::failed("its secret cannot be read"),
                }
            }
        }
    }

    fn more_of(&self, message: &Message) -> More {
        lock(&self.more)
            .get(&message.id)
            .cloned()
            .unwrap_or_default()
    }

    /// The environment of a program: what key commands get, and counts.
    fn environment(&self, message: &Message) -> Vec<(OsString, OsString)> {
        let mut environment = self.channels.environment.clone();
        let count = |kind| message.count(kind).to_string();
        let own = [
            ("STANCH_EVENT", message.topic.to_string()),
            ("STANCH_ID", message.id.clone()),
            ("STANCH_WATCH", message.watch.clone()),
            ("STANCH_TOTAL", message.total().to_string()),
            ("STANCH_NEW", count(EventKind::New)),
            ("STANCH_AGAIN", count(EventKind::Again)),
            ("STANCH_REGRESSED", count(EventKind::Regressed)),
            ("STANCH_DISPUTED", count(EventKind::Disputed)),
            ("STANCH_SUMMARY", message.text()),
        ];
        environment.extend(own.map(|(name, value)| (name.into(), value.into())));
        environment
    }

    /// When a channel may be told next.
    pub(super) async fn free_at(&self, channel: &Channel) -> Result<i64, SeenError> {
        let told = self.told(channel).await?;
        let gap = i64::try_from(self.channels.notify.gap.as_secs()).unwrap_or(i64::MAX);
        let most = self.channels.notify.most_an_hour;
        Ok(schedule::next(&told, now(), gap, most))
    }

    async fn told(&self, channel: &Channel) -> Result<Vec<i64>, SeenError> {
        let name = format!("told {channel}");
        let bytes = self.seen.ask(move |store| store.note(&name)).await?;
        let bytes = bytes.unwrap_or_default();
        Ok(serde_json::from_slice(&bytes).unwrap_or_default())
    }

    async fn note_told(&self, channel: &Channel) -> Result<(), SeenError> {
        let mut told = self.told(channel).await?;
        let hour = (now() - 3600).min(now() - self.channels.notify.gap.as_secs().cast_signed());
        told.retain(|at| *at > hour);
        told.push(now());
        let name = format!("told {channel}");
        let bytes = crate::entity::json::to_vec(&told).unwrap_or_default();
        self.seen
            .ask(move |store| store.set_note(&name, &bytes))
            .await
    }

    /// What tells a webhook's configuration from another one.
    fn fingerprint(&self, channel: &Channel) -> Vec<u8> {
        let text = match self.channels.ready.get(channel) {
            Some(Ready::Webhook(webhook)) => format!("{webhook:?}"),
            _ => String::new(),
        };
        self.marks.secret(text.as_bytes()).to_le_bytes().to_vec()
    }

    async fn is_off(&self, channel: &Channel) -> Result<bool, SeenError> {
        let name = format!("off {channel}");
        let off = self.seen.ask(move |store| store.note(&name)).await?;
        Ok(off.is_some_and(|off| off == self.fingerprint(channel)))
    }

    async fn switch_off(&self, channel: &Channel) -> Result<(), SeenError> {
        if self.is_off(channel).await? {
            return Ok(());
        }
        let (name, mark) = (format!("off {channel}"), self.fingerprint(channel));
        self.seen
            .ask(move |store| store.set_note(&name, &mark))
            .await?;
        self.say(Said::Notice(format!(
            "stanch: {channel} answers 410 and is switched off until its configuration changes"
        )));
        self.say(Said::Audit("webhook-off", channel.to_string()));
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
