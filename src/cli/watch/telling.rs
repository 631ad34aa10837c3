//! Moves a watch's place and keeps the messages that the way stands for, in one transaction; and says from time to time
//! that the watch is alive.

use super::{
    clock::now,
    cursor,
    deliver::Said,
    lines::time,
    messages::{Made, Making},
    round::Watcher,
    spec::Spec,
    tell::Telling,
};
use crate::{
    cli::{audit_line, context::CommandContext, failure::Failure},
    config::channel::Channel,
    entity::{
        message::{Message, Topic},
        seen::AccountState,
    },
    filter::Filter,
    seen::{SeenError, Waiting},
    table::Table,
};

/// So often is a place moved again where a message was tried in between.
const TRIES: u32 = 5;

fn failed(error: &SeenError) -> Failure {
    Failure::from(error)
}

/// The name of the place up to which a watch's messages were made.
fn told_name(spec: &Spec) -> String {
    format!("{}{}", super::TOLD, spec.name)
}

impl Watcher {
    /// Moves the place of one watch from `start` to where it told, with its messages.
    pub(super) async fn move_on(
        &self,
        spec: &Spec,
        start: u64,
        telling: &Telling,
        table: Option<&Table>,
    ) -> Result<(), Failure> {
        let made = self.messages(spec, start, telling, table).await?;
        if made.is_empty() {
            if telling.to != start {
                cursor::write(spec, &self.seen, telling.to, now(), Vec::new()).await?;
            }
            return Ok(());
        }
        self.keep(spec, telling.to, &made).await?;
        if spec.file.is_some() {
            cursor::write(spec, &self.seen, telling.to, now(), Vec::new()).await?;
        }
        self.deliverer.wake();
        Ok(())
    }

    async fn messages(
        &self,
        spec: &Spec,
        start: u64,
        telling: &Telling,
        table: Option<&Table>,
    ) -> Result<Vec<Made>, Failure> {
        if spec.tell.is_empty() || self.deliverer.is_empty() {
            return Ok(Vec::new());
        }
        let name = told_name(spec);
        let asked = self
            .seen
            .ask(move |store| Ok((store.cursor(&name)?, store.epoch()?)));
        let (told, epoch) = asked.await.map_err(|error| failed(&error))?;
        // A message begins where the last one of this watch ended, also where a cursor file was not moved.
        let after = told.map_or(start, |told| told.seq.max(start));
        let quiet = self.deliverer.channels.notify.quiet.as_ref();
        let except = quiet.and_then(|quiet| quiet.except.as_deref());
        let except: Option<Filter> = except
            .map(|text| crate::cli::entities::filter::parse(Some(text)))
            .transpose()?;
        let making = Making {
            table,
            marks: &self.marks,
            epoch: &epoch,
            except: except.as_ref(),
            quiet_until: quiet.and_then(|quiet| quiet.until(now())),
        };
        Ok(making.of_watch(spec, telling, after, &self.deliverer.channels))
    }

    /// Keeps messages and moves the places; what was not tried yet is added up with what comes.
    async fn keep(&self, spec: &Spec, to: u64, made: &[Made]) -> Result<(), Failure> {
        let epoch = self.seen.ask(|store| store.epoch()).await;
        let epoch = epoch.map_err(|error| failed(&error))?;
        for _ in 0..TRIES {
            let waiting = self.seen.ask(|store| store.waiting()).await;
            let waiting = waiting.map_err(|error| failed(&error))?;
            let (mut messages, mut replaced) = (Vec::new(), Vec::new());
            for one in made {
                let free = self.deliverer.free_at(&one.channel).await;
                let free = free.map_err(|error| failed(&error))?;
                let mut kept = new(one, free);
                if let Some((old, mut message)) = mergeable(&waiting, one) {
                    let part = if one.held_until.is_some() {
                        "later"
                    } else {
                        "now"
                    };
                    message.add(&one.message);
                    message.id = self.making(&epoch).id(&message, &one.channel, part);
                    kept = Waiting {
                        id: message.id.clone(),
                        made: old.made,
                        due: old.due.max(one.held_until.unwrap_or(i64::MIN)),
                        body: message.to_bytes(),
                        ..kept
                    };
                    replaced.push(old.id.clone());
                }
                self.deliverer.keep(&kept.id, one.more.clone());
                messages.push(kept);
            }
            let mut cursors = vec![(told_name(spec), to)];
            if spec.file.is_none() {
                cursors.push((spec.name.clone(), to));
            }
            let at = now();
            let done = self
                .seen
                .ask(move |store| store.tell(&cursors, at, &messages, &replaced));
            if done.await.map_err(|error| failed(&error))? {
                return Ok(());
            }
        }
        Err(Failure::new(
            crate::cli::failure::FailureKind::Journal,
            "messages cannot be kept: another process delivers them at once",
            "nothing is marked as told; the next round tries again",
        ))
    }

    fn making<'a>(&'a self, epoch: &'a [u8]) -> Making<'a> {
        Making {
            table: None,
            marks: &self.marks,
            epoch,
            except: None,
            quiet_until: None,
        }
    }

    /// Tells hooks and webhooks that the watch is alive, where that is due.
    pub(super) async fn heartbeat(&self) -> Result<(), Failure> {
        let Some(every) = self.config.watching.watch.heartbeat else {
            return Ok(());
        };
        let every = i64::try_from(every.as_secs()).unwrap_or(i64::MAX);
        let epoch = self.seen.ask(|store| store.epoch()).await;
        let epoch = epoch.map_err(|error| failed(&error))?;
        let accounts = self.seen.ask(|store| store.accounts()).await;
        let accounts = accounts.map_err(|error| failed(&error))?;
        for spec in self.own_specs() {
            let name = format!("alive {}", spec.name);
            let asked = name.clone();
            let last = self.seen.ask(move |store| store.note(&asked)).await;
            let last = last.map_err(|error| failed(&error))?;
            let last = last.and_then(|bytes| String::from_utf8(bytes).ok()?.parse::<i64>().ok());
            if last.is_some_and(|last| now() - last < every) {
                continue;
            }
            let messages = self.alive(spec, &epoch, &accounts);
            let at = now().to_string();
            let kept = self.seen.ask(move |store| {
                store.keep_messages(&messages)?;
                store.set_note(&name, at.as_bytes())
            });
            kept.await.map_err(|error| failed(&error))?;
        }
        self.deliverer.wake();
        Ok(())
    }

    fn alive(&self, spec: &Spec, epoch: &[u8], accounts: &[AccountState]) -> Vec<Waiting> {
        let making = self.making(epoch);
        let ready = &self.deliverer.channels.ready;
        let channels = spec.tell.iter();
        let channels = channels
            .filter(|channel| **channel != Channel::Terminal && ready.contains_key(channel));
        channels
            .map(|channel| {
                let mut message = Message {
                    topic: Topic::Alive,
                    at: time(now()),
                    first: now().cast_unsigned(),
                    watch: spec.name.clone(),
                    installation: making.installation(),
                    ..Message::default()
                };
                for state in accounts {
                    let name = state.account.profile.to_string();
                    message.by_profile.insert(name.clone(), 1);
                    message.accounts.insert(name, state.last_whole.map(time));
                }
                message.id = making.id(&message, channel, "alive");
                waiting(channel, &message, now())
            })
            .collect()
    }

    /// Says what deliveries have to say.
    pub(super) async fn speak(&self, session: &mut CommandContext) {
        for said in self.deliverer.take_said() {
            match said {
                Said::Notice(text) => session.output.notice(&text),
                Said::Bytes(bytes) => session.output.terminal(&bytes),
                Said::Audit(action, outcome) => {
                    audit_line::try_write(session, audit_line::line(action, outcome)).await;
                }
            }
        }
    }
}

fn waiting(channel: &Channel, message: &Message, due: i64) -> Waiting {
    Waiting {
        id: message.id.clone(),
        channel: channel.to_string(),
        made: now(),
        due,
        tries: 0,
        dead: false,
        body: message.to_bytes(),
    }
}

/// A message as it waits. What is said of an account does not wait for a gap.
fn new(made: &Made, free: i64) -> Waiting {
    let free = if made.message.topic == Topic::Found {
        free
    } else {
        now()
    };
    let due = free.max(made.held_until.unwrap_or(i64::MIN));
    waiting(&made.channel, &made.message, due)
}

/// The message that waits for the same channel, was never tried, and can be added up with this one.
fn mergeable<'a>(all: &'a [Waiting], made: &Made) -> Option<(&'a Waiting, Message)> {
    if made.message.topic != Topic::Found {
        return None;
    }
    let name = made.channel.to_string();
    let mut fitting = all.iter().filter_map(|one| {
        if one.channel != name || one.tries > 0 || one.dead {
            return None;
        }
        let message = Message::from_bytes(&one.body)?;
        let fits = message.topic == Topic::Found
            && message.watch == made.message.watch
            && (message.held > 0) == made.held_until.is_some();
        fits.then_some((one, message))
    });
    fitting.next_back()
}
