//! Lookups: what `:check` asks every profile that can tell, and the answers as they come. Nothing of it is kept: what
//! was looked up goes with the request, the answers with the overlay.

mod state;

pub use state::{LookupOverlay, SecretInput};

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
        Lookup, LookupAnswer, LookupKind,
        input::{self, Refusal},
    },
};
use strum::IntoEnumIterator;

/// Whether a palette line names a secret that stands on the line itself.
pub(super) fn contains_secret(line: &str) -> bool {
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
    if let Err(why) = check_available(update.context()) {
        update.notices.push(Severity::Info, why, None, now);
        return Vec::new();
    }
    match (kind.is_secret(), value) {
        (true, "") => {
            *update.prompt = Some(Prompt::new(
                PromptKind::Secret {
                    kind,
                    line: SecretInput::new(),
                },
                "",
            ));
            Vec::new()
        }
        (true, _) => {
            let what = kind_label(kind);
            let text =
                format!("{what} is not typed on this line: it can be seen and is remembered");
            let hint = Some(format!(":check {kind} asks for it, hidden"));
            update.notices.push(Severity::Error, text, hint, now);
            Vec::new()
        }
        (false, "") => {
            let text = format!("{} is missing", kind_label(kind));
            let hint = Some(format!(":check {kind} VALUE"));
            update.notices.push(Severity::Error, text, hint, now);
            Vec::new()
        }
        (false, value) => match input::parse_lookup(kind, value) {
            Ok(lookup) => start_lookup(update, &lookup),
            Err(refusal) => notify_refusal(update, refusal, None),
        },
    }
}

/// What is looked up, in words.
fn kind_label(kind: LookupKind) -> &'static str {
    match kind {
        LookupKind::Email => "an e-mail address",
        LookupKind::Domain => "a domain",
        LookupKind::Password => "a password",
        LookupKind::Card => "a card number",
        LookupKind::Ssn => "a social security number",
    }
}

/// Why nothing can be looked up; `Ok` if something can.
pub fn check_available(context: Context<'_>) -> Result<(), String> {
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
pub(super) fn on_secret_entered(
    update: &mut OverlayUpdate<'_>,
    kind: LookupKind,
    line: &SecretInput,
) -> Vec<Effect> {
    let lookup = if line.is_truncated() {
        Err(Refusal {
            message: "that is longer than any secret".to_owned(),
            hint: "",
        })
    } else {
        input::parse_secret(kind, &line.to_secret())
    };
    match lookup {
        Ok(lookup) => start_lookup(update, &lookup),
        Err(refusal) => notify_refusal(update, refusal, Some(format!(":check {kind} asks again"))),
    }
}

/// Says why nothing is asked.
fn notify_refusal(
    update: &mut OverlayUpdate<'_>,
    refusal: Refusal,
    hint: Option<String>,
) -> Vec<Effect> {
    let now = update.now.since_start;
    let hint = hint.unwrap_or_else(|| refusal.hint.to_owned());
    update
        .notices
        .push(Severity::Error, refusal.message, Some(hint), now);
    Vec::new()
}

fn start_lookup(update: &mut OverlayUpdate<'_>, lookup: &Lookup) -> Vec<Effect> {
    let request = update.requests.next_id();
    let names: Vec<ProfileName> = update
        .data
        .profiles
        .iter()
        .filter(|state| state.profile.capabilities.can(Ability::Lookup))
        .map(|state| state.profile.binding.name.clone())
        .collect();
    let overlay = LookupOverlay {
        request,
        kind: lookup.kind(),
        display_text: lookup.display_text(),
        profiles: names.iter().map(|name| (name.clone(), None)).collect(),
        scroll: 0,
    };
    update.overlays.push(overlay.into());
    names
        .into_iter()
        .map(|profile| {
            Effect::Lookup(LookupEffect::RunLookup {
                request,
                profile,
                lookup: Box::new(lookup.clone()),
            })
        })
        .collect()
}

/// Answers came.
pub(super) fn on_answered(
    update: &mut OverlayUpdate<'_>,
    request: RequestId,
    profile: &ProfileName,
    answers: Vec<LookupAnswer>,
) -> Vec<Effect> {
    let mut lookups = update.overlays.iter_mut().filter_map(Overlay::lookup_mut);
    let open = lookups.find(|lookup| lookup.request == request);
    let place = open.and_then(|check| check.profiles.iter_mut().find(|(name, _)| name == profile));
    if let Some((_, place)) = place {
        *place = Some(answers);
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::lookup::input::MAX_SECRET_BYTES;

    #[test]
    fn a_hidden_line_takes_back_whole_characters_and_shows_nothing() {
        let mut line = SecretInput::new();
        for c in "pä€".chars() {
            assert!(line.push(c));
        }
        assert_eq!(
            (line.char_count(), &format!("{line:?}")[..]),
            (3, "HiddenLine")
        );
        line.pop();
        line.pop();
        assert_eq!(line.to_secret().expose(), b"p");
        line.clear();
        assert_eq!(line.char_count(), 0);
        line.pop();
        assert!((0..MAX_SECRET_BYTES).all(|_| line.push('x')) && !line.is_truncated());
        assert!(!line.push('x') && line.is_truncated());
        line.clear();
        assert!(!line.is_truncated());
    }

    #[test]
    fn a_secret_on_the_line_is_seen_before_it_is_remembered() {
        for line in [
            "check password hunter2",
            " Check  CARD 4111",
            "check ssn 0000 x",
        ] {
            assert!(contains_secret(line), "{line}");
        }
        for line in ["check password", "check email a@b.example", "password x"] {
            assert!(!contains_secret(line), "{line}");
        }
    }
}
