//! The spells of a leak: each time from when it needed work to when it did not. They are made of what a store holds of
//! it and of its events, in their order.

use crate::entity::{
    seen::{EventKind, NewEvent, SeenLeak, SeenState},
    status::Status,
};

/// How a spell began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Begin {
    /// It was open in the first whole reading.
    Opening,
    /// It became known.
    Known,
    /// It came back: opened again by others.
    CameBack,
    /// We opened it again.
    Reopened,
    /// It is listed again.
    ListedAgain,
}

/// How a spell ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// We fixed it, and the provider says so.
    FixedReadBack,
    /// We keep it as fixed here.
    FixedHere,
    /// Others fixed it.
    FixedElsewhere,
    /// It never was a credential of ours.
    FalsePositive,
    /// It is not listed any more.
    Gone,
}

impl End {
    /// Whether the credential was made worthless.
    pub fn is_fix(self) -> bool {
        matches!(
            self,
            Self::FixedReadBack | Self::FixedHere | Self::FixedElsewhere
        )
    }
}

/// One spell. Times are in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spell {
    /// How it began.
    pub begin: Begin,
    /// When we learnt that it began: the flow's date, which never moves.
    pub from: i64,
    /// When it was known: durations count from here. None where nobody can say.
    pub known: Option<i64>,
    /// How it ended, and when we learnt that; none while it lasts.
    pub end: Option<(End, i64)>,
}

/// The spells of a leak, the first first. `added` is the provider's date of adding, where it is known; `events` are the
/// leak's, in their order.
pub fn spells(leak: &SeenLeak, events: &[NewEvent], added: Option<i64>) -> Vec<Spell> {
    let changes = events
        .iter()
        .filter(|event| !matches!(event.kind, EventKind::New | EventKind::Again));
    let mut state = changes
        .clone()
        .next()
        .map_or(leak.state, |first| first.before);
    let mut spells = Vec::new();
    if state.is_open() {
        spells.push(first(leak, added));
    }
    for event in changes {
        let (was, now) = (state.is_open(), event.after.is_open());
        let came_back = event.kind == EventKind::Regressed;
        if was && came_back {
            // We fixed it and others opened it again before anybody read it as fixed.
            close(&mut spells, End::FixedReadBack, event.at);
        } else if was && !now {
            close(&mut spells, end(event), event.at);
        }
        if now && (!was || came_back) {
            spells.push(Spell {
                begin: begin(event.kind),
                from: event.at,
                known: Some(event.at),
                end: None,
            });
        }
        state = event.after;
    }
    spells
}

fn first(leak: &SeenLeak, added: Option<i64>) -> Spell {
    let is_opening = leak.state.baseline;
    let known = if is_opening {
        added
    } else {
        let latest = added.into_iter().chain(leak.before).max();
        Some(latest.unwrap_or(leak.found))
    };
    Spell {
        begin: if is_opening {
            Begin::Opening
        } else {
            Begin::Known
        },
        from: leak.found,
        known: known.map(|known| known.min(leak.found)),
        end: None,
    }
}

fn close(spells: &mut [Spell], end: End, at: i64) {
    if let Some(last) = spells.last_mut() {
        last.end = Some((end, at));
    }
}

fn begin(kind: EventKind) -> Begin {
    match kind {
        EventKind::Back => Begin::ListedAgain,
        EventKind::Own => Begin::Reopened,
        _ => Begin::CameBack,
    }
}

fn end(event: &NewEvent) -> End {
    let SeenState {
        remote,
        status,
        gone,
        ..
    } = event.after;
    if gone {
        return End::Gone;
    }
    if status == Status::FalsePositive {
        return End::FalsePositive;
    }
    match (event.kind, remote) {
        (EventKind::Own, Status::Fixed) => End::FixedReadBack,
        (EventKind::Own, _) => End::FixedHere,
        _ => End::FixedElsewhere,
    }
}
