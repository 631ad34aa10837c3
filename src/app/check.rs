//! Lookups: what `:check` asks every profile that can tell, and the answers as they come. Nothing of it is kept: what
//! was looked up goes with the request, the answers with the overlay.

use super::{
    effect::{Effect, LookupEffect},
    model::Context,
    notice::Severity,
    overlay::{Overlay, update::OverlayUpdate},
    prompt::{Prompt, PromptKind},
};
use crate::entity::{
    capability::Ability,
    key::{ProfileName, RequestId},
    lookup::{
        self, Lookup, LookupAnswer, LookupKind, Verdict,
        input::{self, LONGEST_SECRET, Refusal},
    },
    secret::Secret,
};
use std::fmt;
use strum::IntoEnumIterator;
use zeroize::{Zeroize, Zeroizing};

/// Fewer columns than this make lines of an answer fold.
const NARROW: u16 = 80;

/// A line that is typed and not shown. Its `Debug` says nothing, and its bytes are zeroed on drop.
#[derive(Clone, PartialEq, Eq)]
pub struct HiddenLine {
    /// Room that is never moved, so that no copy stays behind.
    bytes: Zeroizing<Vec<u8>>,
    /// Whether something had no room: what is there is not what was typed.
    cut: bool,
}

impl HiddenLine {
    /// An empty line.
    pub fn new() -> Self {
        Self {
            bytes: Zeroizing::new(Vec::with_capacity(LONGEST_SECRET)),
            cut: false,
        }
    }

    /// Adds a character; one that has no room any more is refused.
    pub fn push(&mut self, c: char) -> bool {
        let mut bytes = [0; 4];
        let fits = self.push_text(c.encode_utf8(&mut bytes).as_bytes());
        bytes.zeroize();
        fits
    }

    /// Adds text at once, all of it or nothing.
    pub fn push_text(&mut self, text: &[u8]) -> bool {
        let fits = self.bytes.len() + text.len() <= LONGEST_SECRET;
        if fits {
            self.bytes.extend_from_slice(text);
        }
        self.cut |= !fits;
        fits
    }

    /// Whether something of what was typed had no room.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// Takes the last character away.
    pub fn pop(&mut self) {
        let kept = self
            .bytes
            .iter()
            .rposition(|byte| byte & 0xC0 != 0x80)
            .unwrap_or(0);
        self.bytes[kept..].zeroize();
        self.bytes.truncate(kept);
    }

    /// Empties it.
    pub fn clear(&mut self) {
        self.bytes.zeroize();
        self.bytes.reserve_exact(LONGEST_SECRET);
        self.cut = false;
    }

    /// How many characters it has.
    pub fn characters(&self) -> usize {
        let first = |byte: &&u8| **byte & 0xC0 != 0x80;
        self.bytes.iter().filter(first).count()
    }

    /// What was typed.
    pub fn secret(&self) -> Secret {
        Secret::new(self.bytes.to_vec())
    }
}

impl Default for HiddenLine {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for HiddenLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HiddenLine")
    }
}

/// What a lookup has come to so far.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckOverlay {
    /// Which request it belongs to.
    pub request: RequestId,
    /// What kind of thing was looked up.
    pub kind: LookupKind,
    /// What may be shown of it.
    pub shown: Option<String>,
    /// Each profile that was asked, and its answers once they came.
    pub profiles: Vec<(ProfileName, Option<Vec<LookupAnswer>>)>,
    /// First line shown.
    pub scroll: usize,
}

impl CheckOverlay {
    /// Whether an answer is still to come.
    pub fn is_waiting(&self) -> bool {
        self.profiles.iter().any(|(_, answers)| answers.is_none())
    }

    /// What all answers together come to; `None` while some are to come.
    pub fn verdict(&self) -> Option<Verdict> {
        let answers = self
            .profiles
            .iter()
            .filter_map(|(_, answers)| answers.as_ref());
        (!self.is_waiting()).then(|| lookup::verdict(answers.flatten()))
    }

    /// Lines that it takes at most on a screen of so many columns.
    pub(super) fn rows(&self, columns: u16) -> usize {
        // On a narrow screen what stands beside a name goes below it, and our words take two lines.
        let folds = if columns < NARROW { 2 } else { 1 };
        let of = |answer: &LookupAnswer| {
            answer.result.as_ref().map_or(2, |finding| {
                4 + finding.breaches.len() * 2 + finding.pastes.len() + finding.accounts.len()
            })
        };
        let answers = self
            .profiles
            .iter()
            .filter_map(|(_, answers)| answers.as_ref());
        folds * (4 + self.profiles.len() * 3 + answers.flatten().map(of).sum::<usize>())
    }
}

/// Whether a palette line names a secret that stands on the line itself.
pub(super) fn holds_secret(line: &str) -> bool {
    let mut words = line.split_whitespace().map(str::to_lowercase);
    let is_kind = |word: String| word.parse::<LookupKind>().is_ok_and(LookupKind::is_secret);
    words.next().is_some_and(|word| word == "check")
        && words.next().is_some_and(is_kind)
        && words.next().is_some()
}

/// `:check KIND …`.
pub(super) fn command(update: &mut OverlayUpdate<'_>, kind: &str, value: &str) -> Vec<Effect> {
    let now = update.now.since_start;
    let Ok(kind) = kind.to_lowercase().parse::<LookupKind>() else {
        let kinds: Vec<_> = LookupKind::iter().map(|kind| kind.to_string()).collect();
        let text = format!("what can be checked: {}", kinds.join(", "));
        update.notices.push(Severity::Error, text, None, now);
        return Vec::new();
    };
    if let Err(why) = possible(update.context()) {
        update.notices.push(Severity::Info, why, None, now);
        return Vec::new();
    }
    match (kind.is_secret(), value) {
        (true, "") => {
            *update.prompt = Some(Prompt::new(
                PromptKind::Hidden {
                    kind,
                    line: HiddenLine::new(),
                },
                "",
            ));
            Vec::new()
        }
        (true, _) => {
            let what = in_words(kind);
            let text =
                format!("{what} is not typed on this line: it can be seen and is remembered");
            let hint = Some(format!(":check {kind} asks for it, hidden"));
            update.notices.push(Severity::Error, text, hint, now);
            Vec::new()
        }
        (false, "") => {
            let text = format!("{} is missing", in_words(kind));
            let hint = Some(format!(":check {kind} VALUE"));
            update.notices.push(Severity::Error, text, hint, now);
            Vec::new()
        }
        (false, value) => match input::lookup(kind, value) {
            Ok(lookup) => ask(update, &lookup),
            Err(refusal) => refused(update, refusal, None),
        },
    }
}

/// What is looked up, in words.
fn in_words(kind: LookupKind) -> &'static str {
    match kind {
        LookupKind::Email => "an e-mail address",
        LookupKind::Domain => "a domain",
        LookupKind::Password => "a password",
        LookupKind::Card => "a card number",
        LookupKind::Ssn => "a social security number",
    }
}

/// Why nothing can be looked up; `Ok` if something can.
pub fn possible(context: Context<'_>) -> Result<(), String> {
    if context
        .data
        .profiles
        .iter()
        .any(|state| state.profile.capabilities.can(Ability::Lookup))
    {
        Ok(())
    } else {
        Err("no profile here can look anything up".into())
    }
}

/// A hidden line was finished.
pub(super) fn hidden(
    update: &mut OverlayUpdate<'_>,
    kind: LookupKind,
    line: &HiddenLine,
) -> Vec<Effect> {
    let lookup = if line.is_cut() {
        Err(Refusal {
            message: "that is longer than any secret".to_owned(),
            hint: "",
        })
    } else {
        input::secret(kind, &line.secret())
    };
    match lookup {
        Ok(lookup) => ask(update, &lookup),
        Err(refusal) => refused(update, refusal, Some(format!(":check {kind} asks again"))),
    }
}

/// Says why nothing is asked.
fn refused(update: &mut OverlayUpdate<'_>, refusal: Refusal, hint: Option<String>) -> Vec<Effect> {
    let now = update.now.since_start;
    let hint = hint.unwrap_or_else(|| refusal.hint.to_owned());
    update
        .notices
        .push(Severity::Error, refusal.message, Some(hint), now);
    Vec::new()
}

fn ask(update: &mut OverlayUpdate<'_>, lookup: &Lookup) -> Vec<Effect> {
    let request = update.requests.next_id();
    let names: Vec<ProfileName> = update
        .data
        .profiles
        .iter()
        .filter(|state| state.profile.capabilities.can(Ability::Lookup))
        .map(|state| state.profile.binding.name.clone())
        .collect();
    update.overlays.push(Overlay::Check(Box::new(CheckOverlay {
        request,
        kind: lookup.kind(),
        shown: lookup.shown(),
        profiles: names.iter().map(|name| (name.clone(), None)).collect(),
        scroll: 0,
    })));
    names
        .into_iter()
        .map(|profile| {
            Effect::Lookup(LookupEffect::Lookup {
                request,
                profile,
                lookup: Box::new(lookup.clone()),
            })
        })
        .collect()
}

/// Answers came.
pub(super) fn answered(
    update: &mut OverlayUpdate<'_>,
    request: RequestId,
    profile: &ProfileName,
    answers: Vec<LookupAnswer>,
) -> Vec<Effect> {
    let open = update
        .overlays
        .iter_mut()
        .find_map(|overlay| match overlay {
            Overlay::Check(check) if check.request == request => Some(check),
            _ => None,
        });
    let place = open.and_then(|check| check.profiles.iter_mut().find(|(name, _)| name == profile));
    if let Some((_, place)) = place {
        *place = Some(answers);
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_line_takes_back_whole_characters_and_shows_nothing() {
        let mut line = HiddenLine::new();
        for c in "pä€".chars() {
            assert!(line.push(c));
        }
        assert_eq!(
            (line.characters(), &format!("{line:?}")[..]),
            (3, "HiddenLine")
        );
        line.pop();
        line.pop();
        assert_eq!(line.secret().expose(), b"p");
        line.clear();
        assert_eq!(line.characters(), 0);
        line.pop();
        assert!((0..LONGEST_SECRET).all(|_| line.push('x')) && !line.is_cut());
        assert!(!line.push('x') && line.is_cut());
        line.clear();
        assert!(!line.is_cut());
    }

    #[test]
    fn a_secret_on_the_line_is_seen_before_it_is_remembered() {
        for line in [
            "check password hunter2",
            " Check  CARD 4111",
            "check ssn 0000 x",
        ] {
            assert!(holds_secret(line), "{line}");
        }
        for line in ["check password", "check email a@b.example", "password x"] {
            assert!(!holds_secret(line), "{line}");
        }
    }
}
