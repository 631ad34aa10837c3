//! The console's own rounds, off unless they are asked for: a few requests now and then tell whether an account is worth
//! reading again. What has changed is read as soon as nothing is in the way, and a round that finds nothing shows nothing.

use super::{
    NewsDesk, NewsError,
    looking::{Look, Looked, What},
};
use crate::{
    app::{
        effect::{Effect, NewsEffect},
        model::DataUpdate,
        notice::Severity,
        paging,
    },
    config::console::{parse_refresh, refresh_word},
    entity::{key::ProfileName, query::LeakQuery, seen::Account},
};
use std::{sync::Arc, time::Duration};

/// Where something is in the way, it is tried again after so long.
const PUT_OFF: Duration = Duration::from_secs(5);

/// Nothing is read by itself so soon after a key.
const AFTER_KEY: Duration = Duration::from_secs(3);

/// What to do about an account that cannot be read.
const BLIND: &str = "its list is as it was read last; stanch doctor says more, R tries again";

/// Where another process asks the provider, its memory is looked at this often.
const FOLLOW: Duration = Duration::from_secs(10);

/// Failed rounds in a row make the next one wait twice as long each time, up to this.
const LONGEST: Duration = Duration::from_secs(3_600);

/// What is due of the rounds: accounts are asked, or read. `is_busy` says that something is asked, typed or changed.
pub(super) fn due(desk: &mut NewsDesk, update: &mut DataUpdate<'_>, is_busy: bool) -> Vec<Effect> {
    let (now, is_on) = (
        update.now.since_start,
        desk.is_on() && desk.cursor.is_some(),
    );
    let end = desk.cursor.map_or(0, |cursor| cursor.end);
    let rounds = &mut desk.rounds;
    let mut effects = Vec::new();
    if rounds.read_due.is_some_and(|due| due <= now) && !rounds.changed.is_empty() {
        let is_typing = rounds.key_at.is_some_and(|at| now < at + AFTER_KEY);
        if is_busy || is_typing {
            rounds.read_due = Some(now + PUT_OFF);
        } else {
            rounds.read_due = None;
            for profile in std::mem::take(&mut rounds.changed) {
                let query: Arc<LeakQuery> = Arc::default();
                effects.extend(paging::start(update, &profile, query));
            }
        }
    }
    let Some(every) = rounds.every else {
        return effects;
    };
    if rounds.is_asking || rounds.due.is_none_or(|due| due > now) {
        return effects;
    }
    if !is_on || update.data.is_loading() {
        rounds.due = Some(now + PUT_OFF);
        return effects;
    }
    let profiles = update.data.profiles.iter();
    let accounts: Vec<Look> = profiles
        .map(|state| Account::from(&state.profile.binding))
        .filter(|account| !rounds.refused.contains(&account.profile))
        .map(|account| Look {
            probe: rounds.probes.get(&account.profile).cloned(),
            known: rounds.known.get(&account.profile).copied(),
            is_old: rounds.is_old(&account.profile, now),
            account,
        })
        .collect();
    rounds.due = Some(now + every);
    if !accounts.is_empty() {
        rounds.is_asking = true;
        let every = i64::try_from(every.as_secs()).unwrap_or(i64::MAX);
        effects.push(Effect::News(NewsEffect::Look {
            accounts,
            after: end,
            every,
        }));
    }
    effects
}

/// Accounts were asked.
pub(super) fn on_looked(
    desk: &mut NewsDesk,
    update: &mut DataUpdate<'_>,
    result: Result<Vec<Looked>, NewsError>,
) {
    let now = update.now.since_start;
    let rounds = &mut desk.rounds;
    rounds.is_asking = false;
    let looked = match result {
        Ok(looked) => looked,
        Err(error) => {
            super::give_up(desk, update, &error);
            return;
        }
    };
    let Some(every) = rounds.every else {
        return;
    };
    let all_failed = !looked.is_empty() && looked.iter().all(|one| one.what.has_failed());
    rounds.failures = if all_failed { rounds.failures + 1 } else { 0 };
    let factor = 1_u32 << rounds.failures.saturating_sub(1).min(10);
    let mut wait = every.saturating_mul(factor).min(LONGEST.max(every));
    if !looked.is_empty() && looked.iter().all(|one| one.what == What::Followed) {
        wait = wait.min(FOLLOW);
    }
    rounds.due = Some(now + wait);
    for Looked { profile, what } in looked {
        if what.is_blind() {
            if rounds.blind.insert(profile.clone())
                && let What::Failed { why, .. } = &what
            {
                let text = format!("{profile} cannot be read: {why}");
                let hint = Some(BLIND.to_owned());
                update.notices.push(Severity::Warning, text, hint, now);
            }
        } else if !what.has_failed() {
            rounds.blind.remove(&profile);
        }
        match what {
            What::Quiet { whole } => {
                rounds.known.insert(profile, whole);
            }
            What::Followed => {}
            What::Changed { probe } => {
                if let Some(probe) = probe {
                    let heard = (probe, update.now.wall);
                    rounds.heard.insert(profile.clone(), heard);
                }
                rounds.changed.insert(profile);
                rounds.read_due = Some(now);
            }
            What::Failed { is_refused, .. } => {
                if is_refused {
                    rounds.refused.insert(profile);
                }
            }
        }
    }
}

/// Whether an answer changes what is on the screen.
pub(super) fn shows(desk: &NewsDesk, result: &Result<Vec<Looked>, NewsError>) -> bool {
    let Ok(looked) = result else {
        return true;
    };
    looked.iter().any(|one| {
        let was_blind = desk.rounds.blind.contains(&one.profile);
        if was_blind {
            !one.what.has_failed()
        } else {
            one.what.is_blind()
        }
    })
}

/// `:watch 15m`, `:watch off`, and `:watch` alone, which says how it stands.
pub(super) fn command(desk: &mut NewsDesk, update: &mut DataUpdate<'_>, word: Option<&str>) {
    let now = update.now.since_start;
    let every = match word.map(parse_refresh) {
        Some(Ok(every)) => every,
        Some(Err(hint)) => {
            let text = "this is no time between two rounds";
            let hint = Some(hint.to_owned());
            update.notices.push(Severity::Error, text, hint, now);
            return;
        }
        None => {
            let (text, hint) = standing(desk, update);
            update.notices.push(Severity::Info, text, hint, now);
            return;
        }
    };
    desk.rounds.every = every;
    desk.rounds.due = every.map(|every| now + every);
    desk.rounds.failures = 0;
    let text = match every {
        None => "accounts are not watched any more".to_owned(),
        Some(_) => format!("accounts are asked for news every {}", refresh_word(every)),
    };
    update.notices.push(Severity::Info, text, None, now);
}

fn standing(desk: &NewsDesk, update: &DataUpdate<'_>) -> (String, Option<String>) {
    let rounds = &desk.rounds;
    let Some(due) = rounds.due.filter(|_| rounds.every.is_some()) else {
        let hint =
            Some(":watch 15m asks every fifteen minutes whether there is something new".to_owned());
        return ("accounts are not watched".to_owned(), hint);
    };
    let left = due.saturating_sub(update.now.since_start).as_secs();
    let next = if rounds.is_asking {
        "asking now".to_owned()
    } else if left < 90 {
        format!("next in {left} s")
    } else {
        format!("next in {} min", left.div_ceil(60))
    };
    let blind: Vec<&str> = rounds.blind().map(ProfileName::as_str).collect();
    let hint = (!blind.is_empty()).then(|| format!("cannot be read: {}", blind.join(", ")));
    let every = refresh_word(rounds.every);
    (
        format!("accounts are asked for news every {every}, {next}"),
        hint,
    )
}
