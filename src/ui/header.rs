//! The first line: who we are, every profile with its state, and what must be seen on every frame.

use super::{Look, frame, text, value::news_sign};
use crate::{
    app::{
        model::{Context, JournalAccess, Pane, ProfileState},
        news::NewsDesk,
        paging::PagingState,
        refresh::{self, AutoRefresh},
        wake,
    },
    entity::{error::ProviderError, key::ProfileName, news::NewsCounts, number::group_digits},
};
use ratatui::{buffer::Buffer, layout::Rect, text::Span};
use std::collections::BTreeSet;
use strum::IntoEnumIterator;

/// How much the header says of each profile: as much as fits for all of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum HeaderWidth {
    /// Name and state, cut short.
    Short,
    /// Name, state, wait.
    Name,
    /// The budget too.
    Budget,
    /// Team and environment too.
    Team,
    /// Everything, the provider too.
    Provider,
}

/// From the most to the least.
const HEADER_WIDTHS: [HeaderWidth; 5] = [
    HeaderWidth::Provider,
    HeaderWidth::Team,
    HeaderWidth::Budget,
    HeaderWidth::Name,
    HeaderWidth::Short,
];

/// Draws the header. Banners come first: they are what a narrow screen must not cut off. All profiles are there at
/// every width, each with less to say where there is less room.
pub fn draw(
    context: Context<'_>,
    (auto, desk): (AutoRefresh, &NewsDesk),
    look: &Look,
    area: Rect,
    buffer: &mut Buffer,
) {
    let styles = &look.styles;
    let mut spans = vec![text::literal(" stanch ", styles.accent)];
    let news = desk.counts();
    if news.all() > 0 {
        spans.push(text::from_ui(
            format!(" {} ", badge(news, look, area.width)),
            styles.banner,
        ));
        spans.push(text::literal(" ", styles.text));
    }
    for profile in desk.blind() {
        spans.push(text::from_ui(format!(" blind {profile} "), styles.banner));
        spans.push(text::literal(" ", styles.text));
    }
    for banner in banners(context) {
        spans.push(text::from_ui(format!(" {banner} "), styles.banner));
        spans.push(text::literal(" ", styles.text));
    }
    let used: usize = spans.iter().map(Span::width).sum();
    let room = usize::from(area.width).saturating_sub(used);
    let mut shown = Vec::new();
    for detail in HEADER_WIDTHS {
        shown = environments(context, look, detail);
        shown.extend(profiles(context, look, detail));
        if shown.iter().map(Span::width).sum::<usize>() <= room {
            break;
        }
    }
    spans.extend(shown);
    if let Some(words) = refresh::read_at(auto, context) {
        let used: usize = spans.iter().map(Span::width).sum();
        if used + words.len() + 2 <= usize::from(area.width) {
            spans.push(text::from_ui(format!("  {words}"), styles.dim));
        }
    }
    frame::line(spans, area, 0, buffer);
}

/// The words of the environments, once for all profiles, where there is no room for them beside each: no frame is without.
fn environments(context: Context<'_>, look: &Look, detail: HeaderWidth) -> Vec<Span<'static>> {
    let profiles = context.data.profiles.iter();
    let words: BTreeSet<String> = profiles
        .map(|state| state.profile.environment.to_uppercase())
        .filter(|word| !word.is_empty() && detail < HeaderWidth::Team)
        .collect();
    if words.is_empty() {
        return Vec::new();
    }
    let words: Vec<String> = words.into_iter().collect();
    vec![text::from_ui(
        format!("{} ", words.join("/")),
        look.styles.warn,
    )]
}

/// How many leaks there are news of: in words, and where that takes a third of the line, by signs.
fn badge(news: NewsCounts, look: &Look, width: u16) -> String {
    let words = news.to_string();
    if words.len() <= usize::from(width) / 3 {
        return words;
    }
    let each = news.each();
    let short: Vec<String> = each
        .map(|(kind, count)| format!("{}{}", news_sign(look, kind), compact_number(count)))
        .collect();
    short.join(" ")
}

fn profiles(context: Context<'_>, look: &Look, detail: HeaderWidth) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    for state in &context.data.profiles {
        if !spans.is_empty() {
            let gap = if detail == HeaderWidth::Short {
                " "
            } else {
                "  "
            };
            spans.push(text::literal(gap, look.styles.text));
        }
        spans.extend(profile(context, look, state, detail));
    }
    spans
}

fn banners(context: Context<'_>) -> Vec<String> {
    let mut banners: Vec<String> = context.setup.banner.iter().cloned().collect();
    if context.access.write_lock
        || context
            .data
            .profiles
            .iter()
            .all(|state| state.profile.read_only)
            && !context.data.profiles.is_empty()
    {
        banners.push("READ-ONLY".into());
    }
    match &context.access.journal {
        JournalAccess::Writer => {}
        JournalAccess::Follower { .. } => banners.push("OTHER CONSOLE WRITES".into()),
        JournalAccess::ReadOnly { .. } => banners.push("JOURNAL READ-ONLY".into()),
    }
    let team = context.access.team.as_ref();
    if let Some(lost) = team.and_then(|team| team.state.lost.as_ref()) {
        let at = lost.parse::<jiff::Timestamp>().ok();
        let at = at.map(|at| at.to_zoned(context.setup.zone.clone()));
        banners.push(at.map_or_else(
            || "TEAM STORE LOST".to_owned(),
            |at| format!("TEAM STORE LOST AT {}", at.strftime("%H:%M:%S")),
        ));
    }
    if context
        .data
        .profiles
        .iter()
        .any(|state| state.profile.insecure)
    {
        banners.push("PLAIN HTTP".into());
    }
    banners
}

fn profile(
    context: Context<'_>,
    look: &Look,
    state: &ProfileState,
    detail: HeaderWidth,
) -> Vec<Span<'static>> {
    let styles = &look.styles;
    let profile = &state.profile;
    let name = profile.binding.name.as_str();
    let mut spans = vec![text::from_ui(
        if detail == HeaderWidth::Short {
            short_profile_name(context, name)
        } else {
            name.to_owned()
        },
        styles.title,
    )];
    // One profile needs nothing to be told apart by.
    if detail == HeaderWidth::Provider && context.data.profiles.len() > 1 {
        spans.push(text::from_ui(
            format!(" {}", profile.provider_title),
            styles.dim,
        ));
    }
    if detail >= HeaderWidth::Team {
        spans.extend(team_spans(look, state));
    }
    spans.push(profile_state(look, state, detail));
    if profile.read_only && detail >= HeaderWidth::Budget {
        spans.push(text::literal(" read-only", styles.warn));
    }
    let budget = &state.budget;
    let now = context.now.wall;
    let seconds = |until: jiff::Timestamp| until.duration_since(now).as_secs().max(0) + 1;
    if let Some(until) = budget.held_up(now) {
        let left = seconds(until);
        let words = if detail == HeaderWidth::Short {
            format!(" {left}s")
        } else {
            format!(" rate-limited, {left} s")
        };
        spans.push(text::from_ui(words, styles.pending));
    }
    if let Some(part) = budget.held_up_part(now)
        && detail >= HeaderWidth::Budget
    {
        let words = format!(
            " {} rate-limited, {} s",
            part.name,
            seconds(part.wait_until)
        );
        spans.push(text::from_ui(words, styles.pending));
    }
    if let (Some(limit), Some(left)) = (budget.limit, budget.remaining(now))
        && detail >= HeaderWidth::Budget
    {
        spans.push(text::from_ui(
            format!(" {left}/{limit} per min"),
            styles.dim,
        ));
    }
    spans
}

/// Environment and team.
fn team_spans(look: &Look, state: &ProfileState) -> Vec<Span<'static>> {
    let (styles, profile) = (&look.styles, &state.profile);
    let mut spans = Vec::new();
    if !profile.environment.is_empty() {
        spans.push(text::from_ui(
            format!(" {}", profile.environment.to_uppercase()),
            styles.warn,
        ));
    }
    if !profile.binding.team.is_empty() {
        spans.push(text::literal(" team ", styles.dim));
        spans.extend(
            text::fit(
                profile.binding.team.as_bytes(),
                16,
                styles.text,
                styles.escape,
            )
            .spans,
        );
    }
    spans
}

/// How a profile is, and how much came from it: in words, or by a glyph and a number where there is little room.
fn profile_state(look: &Look, state: &ProfileState, detail: HeaderWidth) -> Span<'static> {
    let (styles, glyphs, paging) = (&look.styles, look.glyphs, &state.paging);
    let kept = paging.rows_retained.max(paging.rows_received);
    let have = group_digits(kept);
    let of = paging.total.map_or_else(|| have.clone(), group_digits);
    let short = detail == HeaderWidth::Short;
    let narrow = detail <= HeaderWidth::Name;
    if let (PagingState::Loading, Some(progress), false) =
        (paging.state, &state.budget.reading, narrow)
    {
        return text::from_ui(format!(" {}", progress.in_words()), styles.pending);
    }
    let (words, style) = match paging.state {
        PagingState::Idle if narrow => (" -".to_owned(), styles.dim),
        PagingState::Idle => (" not asked yet".to_owned(), styles.dim),
        PagingState::Loading if short => (format!(" {}", glyphs.pending), styles.pending),
        PagingState::Loading if narrow => (
            format!(" {} {}", glyphs.pending, group_digits(paging.rows_received)),
            styles.pending,
        ),
        PagingState::Loading if paging.total.is_none() => (" loading".to_owned(), styles.pending),
        PagingState::Loading => (
            format!(" loading {} of {of}", group_digits(paging.rows_received)),
            styles.pending,
        ),
        PagingState::Complete if short => (format!(" {}", compact_number(kept)), styles.text),
        PagingState::Complete => (format!(" {have}"), styles.text),
        PagingState::Incomplete => match &paging.error {
            Some(_) if short => (format!(" {}", glyphs.failed), styles.error),
            Some(error) if narrow || kept == 0 => (
                format!(" {} {}", glyphs.failed, failure_label(error)),
                styles.error,
            ),
            Some(error) => (
                format!(" {} {}, have {have}", glyphs.failed, failure_label(error)),
                styles.error,
            ),
            None if short => (
                format!(" {} {}", glyphs.unknown, compact_number(kept)),
                styles.warn,
            ),
            // Nobody can say of how many.
            None if paging.incomplete_reason().is_some() => {
                (format!(" have {have}, not all"), styles.warn)
            }
            None => (format!(" have {have} of {of}"), styles.warn),
        },
    };
    text::from_ui(words, style)
}

/// A failure in a word that says whose turn it is: a key that was refused is the operator's.
pub fn failure_label(error: &ProviderError) -> &'static str {
    match error {
        ProviderError::Unauthorised { .. } | ProviderError::Forbidden { .. } => "refused",
        ProviderError::Payment { .. } => "wants payment",
        ProviderError::RateLimited { .. } => "rate-limited",
        ProviderError::NotFound { .. } => "not found",
        other => other.kind(),
    }
}

/// So many letters of a name are left where there is room for no more.
pub const SHORT_NAME_CHARS: usize = crate::app::columns::SHORT_NAME_CHARS;

/// A profile as it is called where there is room: `Leaks.ai (acme-la)`.
pub fn profile_title(context: Context<'_>, name: &ProfileName) -> String {
    match context.data.profile(name) {
        Some(state) => format!("{} ({name})", state.profile.provider_title),
        None => name.to_string(),
    }
}

/// What a source is called in lists and on a narrow header: the profile's own short name, else its provider's where no
/// other profile is of that provider, else the profile's name cut short.
pub fn short_profile_name(context: Context<'_>, name: &str) -> String {
    let profiles = &context.data.profiles;
    let of = |state: &&ProfileState| state.profile.binding.name.as_str() == name;
    let Some(state) = profiles.iter().find(of) else {
        return cut(context, name);
    };
    if let Some(short) = &state.profile.short {
        return short.clone();
    }
    let provider = &state.profile.binding.provider;
    let same = profiles
        .iter()
        .filter(|other| other.profile.binding.provider == *provider);
    if profiles.len() > 1 && same.count() == 1 {
        return abbreviated(&state.profile.provider_title);
    }
    cut(context, name)
}

/// A provider's title in at most [`SHORT_NAME_CHARS`] columns: whole where it fits, else the capitals of one word, the first
/// letter and the last of two words, the initials of more.
fn abbreviated(title: &str) -> String {
    if title.chars().count() <= SHORT_NAME_CHARS {
        return title.to_owned();
    }
    let words: Vec<&str> = title.split_whitespace().collect();
    let initial = |word: &&str| word.chars().next();
    let short: String = match &words[..] {
        [first, second] => initial(first).into_iter().chain(second.chars()).collect(),
        [word] => {
            let capitals: String = word.chars().filter(char::is_ascii_uppercase).collect();
            if capitals.len() > 1 {
                capitals
            } else {
                (*word).to_owned()
            }
        }
        words => words.iter().filter_map(initial).collect(),
    };
    short.chars().take(SHORT_NAME_CHARS).collect()
}

/// A profile's name cut short: the words that all names begin with say nothing, so these go first.
fn cut(context: Context<'_>, name: &str) -> String {
    let names = || {
        context
            .data
            .profiles
            .iter()
            .map(|state| state.profile.binding.name.as_str())
    };
    let shared = names()
        .map(|other| {
            let same = name.bytes().zip(other.bytes());
            same.take_while(|(one, two)| one == two).count()
        })
        .min()
        .filter(|_| context.data.profiles.len() > 1)
        .unwrap_or(0);
    let whole = |other: &str| matches!(other.as_bytes().get(shared), None | Some(b'-'));
    let words = if names().all(whole) {
        shared
    } else {
        let begin = name.get(..shared).unwrap_or_default();
        begin.rfind('-').map_or(0, |dash| dash + 1)
    };
    let rest = name.get(words..).unwrap_or_default();
    let rest = rest.trim_start_matches('-');
    let shown = if rest.is_empty() { name } else { rest };
    shown.chars().take(SHORT_NAME_CHARS).collect()
}

/// A number in at most four columns.
fn compact_number(number: u64) -> String {
    match number {
        0..10_000 => number.to_string(),
        10_000..1_000_000 => format!("{}k", number / 1_000),
        _ => format!("{}M", number / 1_000_000),
    }
}

/// The names of the panes, where only one is shown.
pub fn draw_tabs(context: Context<'_>, look: &Look, area: Rect, buffer: &mut Buffer) {
    let styles = &look.styles;
    let narrow = area.width < 60;
    let mut spans = Vec::new();
    for (index, pane) in Pane::iter().enumerate() {
        let focused = pane == context.workspace.focus;
        let name = pane.to_string();
        // A narrow line has the numbers of all panes and the name of one.
        let shown = if narrow && !focused {
            format!("{} ", index + 1)
        } else {
            format!("{} {name} ", index + 1)
        };
        let style = if focused { styles.title } else { styles.dim };
        if focused {
            spans.push(text::literal("[", styles.accent));
            spans.push(text::from_ui(shown.trim_end().to_owned(), style));
            spans.push(text::literal("] ", styles.accent));
        } else {
            spans.push(text::literal(" ", style));
            spans.push(text::from_ui(shown, style));
        }
    }
    frame::line(spans, area, 0, buffer);
}

/// Whether any profile waits: the countdown is drawn then.
pub fn has_countdown(context: Context<'_>) -> bool {
    wake::is_waiting_for_budget(context)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_source_is_called_by_what_a_person_knows_it_by() {
        for (title, short) in [
            ("Leaks.ai", "Leaks.ai"),
            ("ProjectDiscovery", "PD"),
            ("Leaked Checker", "LChecker"),
            ("Have I Been Pwned", "HIBP"),
            ("Somethingelse", "Somethin"),
            ("", ""),
        ] {
            assert_eq!(super::abbreviated(title), short);
        }
    }
}
