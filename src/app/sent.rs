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
    pub out_of_frame_bytes: u64,
    /// Writes that the terminal has taken.
    pub writes: u64,
}

/// What a frame was drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FrameCause {
    /// The first one.
    Start,
    /// The terminal has another size.
    Resize,
    /// Something was typed into a prompt or as an answer.
    Typing,
    /// Something was asked for.
    Action(Action),
    /// No key: an answer came, or what follows the cursor followed it.
    Background,
}

impl std::fmt::Display for FrameCause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Start => f.write_str("the start"),
            Self::Resize => f.write_str("another size"),
            Self::Typing => f.write_str("typing"),
            Self::Action(action) => action.fmt(f),
            Self::Background => f.write_str("without a key"),
        }
    }
}

/// The frames of one cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CauseTraffic {
    /// How many.
    pub frames: u64,
    /// Keys that led to them: several may share a frame.
    pub keys: u64,
    /// Bytes of all of them.
    pub bytes: u64,
    /// Bytes of the last.
    pub last: u64,
    /// Bytes of the largest.
    pub largest: u64,
}

impl CauseTraffic {
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
pub struct TrafficStats {
    /// In all.
    pub total: Traffic,
    /// Frames that were left out because the line was busy.
    pub dropped_frames: u64,
    /// The frame before this one.
    pub last_frame: Option<(FrameCause, u64)>,
    causes_by_bytes: BTreeMap<FrameCause, CauseTraffic>,
    cause: Option<FrameCause>,
    keys: u64,
}

impl Default for TrafficStats {
    fn default() -> Self {
        Self {
            total: Traffic::default(),
            dropped_frames: 0,
            last_frame: None,
            causes_by_bytes: BTreeMap::new(),
            cause: Some(FrameCause::Start),
            keys: 0,
        }
    }
}

impl TrafficStats {
    /// Takes note of why the next frame is drawn. Of several causes the last one counts.
    pub(super) fn set_cause(&mut self, message: &Message) {
        let cause = match message {
            Message::ActionRequested { action, .. } => FrameCause::Action(*action),
            Message::KeyTyped { .. } | Message::TextPasted(_) => FrameCause::Typing,
            Message::TerminalResized { .. } => FrameCause::Resize,
            _ => return,
        };
        self.cause = Some(cause);
        self.keys += u64::from(cause != FrameCause::Resize);
    }

    /// A frame was drawn, and so much has been sent by now.
    pub fn record_frame(&mut self, traffic: Traffic) {
        let before = std::mem::replace(&mut self.total, traffic);
        if traffic.frames == before.frames {
            // Nothing looked different: it costs nothing, and the next frame is for the same reason.
            return;
        }
        let beside = traffic
            .out_of_frame_bytes
            .saturating_sub(before.out_of_frame_bytes);
        let bytes = traffic
            .bytes
            .saturating_sub(before.bytes)
            .saturating_sub(beside);
        let cause = self.cause.take().unwrap_or(FrameCause::Background);
        let tally = self.causes_by_bytes.entry(cause).or_default();
        tally.frames += 1;
        tally.keys += std::mem::take(&mut self.keys);
        tally.bytes += bytes;
        tally.last = bytes;
        tally.largest = tally.largest.max(bytes);
        self.last_frame = Some((cause, bytes));
    }

    /// By what it was for, what took most first.
    pub fn causes_by_bytes(&self) -> Vec<(FrameCause, CauseTraffic)> {
        let mut all: Vec<_> = self
            .causes_by_bytes
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
        Message::ActionRequested {
            action,
            read_at: Duration::ZERO,
        }
    }

    fn by_now(frames: u64, bytes: u64, beside: u64) -> Traffic {
        Traffic {
            frames,
            bytes,
            out_of_frame_bytes: beside,
            writes: frames,
        }
    }

    #[test]
    fn a_frame_counts_for_the_key_that_it_was_drawn_for() {
        let mut sent = TrafficStats::default();
        sent.record_frame(by_now(1, 5_000, 0));
        sent.set_cause(&asked(Action::Down));
        sent.set_cause(&asked(Action::Down));
        sent.record_frame(by_now(2, 5_060, 0));
        sent.record_frame(by_now(3, 5_400, 100));
        // A frame without a change is none.
        sent.set_cause(&asked(Action::Redraw));
        sent.record_frame(by_now(3, 5_400, 100));
        assert_eq!(sent.last_frame, Some((FrameCause::Background, 240)));
        let tallies = sent.causes_by_bytes();
        let of = |cause| tallies.iter().find(|(other, _)| *other == cause).unwrap().1;
        assert_eq!(tallies[0].0, FrameCause::Start);
        let down = of(FrameCause::Action(Action::Down));
        assert_eq!((down.frames, down.keys, down.bytes), (1, 2, 60));
        assert_eq!(
            (down.average(), of(FrameCause::Background).average()),
            (30, 240)
        );
        assert_eq!(tallies.len(), 3);
    }
}
