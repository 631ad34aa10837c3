//! What this session has sent to its terminal, in all and by what it was sent for: figures that are counted with each
//! frame and shown where they are asked for.

use super::message::Message;
use crate::action::Action;
use std::collections::BTreeMap;

/// What was sent so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Frames.
    pub frames: u64,
    /// Bytes, of frames and beside them.
    pub bytes: u64,
    /// Bytes that were no part of a frame.
    pub beside: u64,
    /// Writes that the terminal has taken.
    pub writes: u64,
}

/// What a frame was drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The first one.
    Start,
    /// The terminal has another size.
    Resize,
    /// Something was typed into a prompt or as an answer.
    Typing,
    /// Something was asked for.
    Action(Action),
    /// No key: an answer came, or what follows the cursor followed it.
    Itself,
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Start => f.write_str("the start"),
            Self::Resize => f.write_str("another size"),
            Self::Typing => f.write_str("typing"),
            Self::Action(action) => action.fmt(f),
            Self::Itself => f.write_str("without a key"),
        }
    }
}

/// The frames of one cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub frames: u64,
    /// Keys that led to them: several may share a frame.
    pub keys: u64,
    /// Bytes of all of them.
    pub bytes: u64,
    /// Bytes of the last.
    pub last: u64,
    /// Bytes of the largest.
    pub most: u64,
}

impl Tally {
    /// Bytes a key, or a frame where there was no key; rounded.
    pub fn average(&self) -> u64 {
        let by = if self.keys == 0 {
            self.frames
        } else {
            self.keys
        };
        (self.bytes + by / 2).checked_div(by).unwrap_or(0)
    }
}

/// What was sent, and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// In all.
    pub traffic: Traffic,
    /// Frames that were left out because the line was busy.
    pub dropped: u64,
    /// The frame before this one.
    pub last: Option<(Cause, u64)>,
    tallies: BTreeMap<Cause, Tally>,
    cause: Option<Cause>,
    keys: u64,
}

impl Default for Sent {
    fn default() -> Self {
        Self {
            traffic: Traffic::default(),
            dropped: 0,
            last: None,
            tallies: BTreeMap::new(),
            cause: Some(Cause::Start),
            keys: 0,
        }
    }
}

impl Sent {
    /// Takes note of why the next frame is drawn. Of several causes the last one counts.
    pub(super) fn because(&mut self, message: &Message) {
        let cause = match message {
            Message::ActionAsked { action, .. } => Cause::Action(*action),
            Message::Typed { .. } | Message::Pasted(_) => Cause::Typing,
            Message::Resized { .. } => Cause::Resize,
            _ => return,
        };
        self.cause = Some(cause);
        self.keys += u64::from(cause != Cause::Resize);
    }

    /// A frame was drawn, and so much has been sent by now.
    pub fn frame(&mut self, traffic: Traffic) {
        let before = std::mem::replace(&mut self.traffic, traffic);
        if traffic.frames == before.frames {
            // Nothing looked different: it costs nothing, and the next frame is for the same reason.
            return;
        }
        let beside = traffic.beside.saturating_sub(before.beside);
        let bytes = traffic
            .bytes
            .saturating_sub(before.bytes)
            .saturating_sub(beside);
        let cause = self.cause.take().unwrap_or(Cause::Itself);
        let tally = self.tallies.entry(cause).or_default();
        tally.frames += 1;
        tally.keys += std::mem::take(&mut self.keys);
        tally.bytes += bytes;
        tally.last = bytes;
        tally.most = tally.most.max(bytes);
        self.last = Some((cause, bytes));
    }

    /// By what it was for, what took most first.
    pub fn tallies(&self) -> Vec<(Cause, Tally)> {
        let mut all: Vec<_> = self
            .tallies
            .iter()
            .map(|(cause, tally)| (*cause, *tally))
            .collect();
        all.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.bytes));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn asked(action: Action) -> Message {
        Message::ActionAsked {
            action,
            read: Duration::ZERO,
        }
    }

    fn by_now(frames: u64, bytes: u64, beside: u64) -> Traffic {
        Traffic {
            frames,
            bytes,
            beside,
            writes: frames,
        }
    }

    #[test]
    fn a_frame_counts_for_the_key_that_it_was_drawn_for() {
        let mut sent = Sent::default();
        sent.frame(by_now(1, 5_000, 0));
        sent.because(&asked(Action::Down));
        sent.because(&asked(Action::Down));
        sent.frame(by_now(2, 5_060, 0));
        sent.frame(by_now(3, 5_400, 100));
        // A frame without a change is none.
        sent.because(&asked(Action::Redraw));
        sent.frame(by_now(3, 5_400, 100));
        assert_eq!(sent.last, Some((Cause::Itself, 240)));
        let tallies = sent.tallies();
        let of = |cause| tallies.iter().find(|(other, _)| *other == cause).unwrap().1;
        assert_eq!(tallies[0].0, Cause::Start);
        let down = of(Cause::Action(Action::Down));
        assert_eq!((down.frames, down.keys, down.bytes), (1, 2, 60));
        assert_eq!((down.average(), of(Cause::Itself).average()), (30, 240));
        assert_eq!(tallies.len(), 3);
    }
}
