//! `[watch]`, `[watches]`, `[notify]` and `[report]`: what is watched, how often, who is told, and the agreed times.
//! What is wrong here stops `stanch watch`: a watch that tells nobody is worse than none.

mod quiet;

use quiet::quiet as read_quiet;
pub use quiet::{Days, Quiet};

use super::{
    channel::{Channel, is_name, kinds, length},
    console::MIN_REFRESH,
    hooks::{Hook, Webhook},
    problem::{ProblemScope, printable},
    toml_reader::{TableReader, TomlReader, members},
};
use crate::{
    entity::{option::ProviderSpec, seen::EventKind},
    filter::{self, Filter},
};
use std::time::Duration;
use toml::de::{DeTable, DeValue};

/// Everything that a watch, a report and a handoff take from the configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Watching {
    /// `[watch]`.
    pub watch: WatchSettings,
    /// `[watches.NAME]`, in the order of the file.
    pub watches: Vec<WatchConfig>,
    /// `[notify]`.
    pub notify: Notify,
    /// `[hooks.NAME]`.
    pub hooks: Vec<Hook>,
    /// `[webhooks.NAME]`.
    pub webhooks: Vec<Webhook>,
    /// `[policy] webhooks`.
    pub webhooks_allowed: bool,
    /// `[report] limits`: the first that fits.
    pub limits: Vec<Limit>,
}

impl Default for Watching {
    fn default() -> Self {
        let limit = |filter: &str, days: u64| Limit {
            filter: filter.to_owned(),
            within: Duration::from_secs(days * 86_400),
        };
        Self {
            watch: WatchSettings::default(),
            watches: Vec::new(),
            notify: Notify::default(),
            hooks: Vec::new(),
            webhooks: Vec::new(),
            webhooks_allowed: true,
            limits: vec![limit("risk:high or class:employee", 2), limit("", 7)],
        }
    }
}

/// How accounts are watched.
#[derive(Clone, Debug, PartialEq)]
pub struct WatchSettings {
    /// Between two rounds.
    pub every: Duration,
    /// A whole reading is due after so long, whatever a probe says.
    pub scan_every: Duration,
    /// The part of a configured rate that a watch takes, from 0 to 1.
    pub share: f64,
    /// Requests a day and profile; 0 for any number.
    pub requests_per_day: u32,
    /// What is told.
    pub kinds: Vec<EventKind>,
    /// Rounds of the console; none where it makes none.
    pub console: Option<Duration>,
    /// How often channels are told that the watch is alive.
    pub heartbeat: Option<Duration>,
}

impl Default for WatchSettings {
    fn default() -> Self {
        Self {
            every: Duration::from_secs(15 * 60),
            scan_every: Duration::from_secs(6 * 3600),
            share: 0.5,
            requests_per_day: 0,
            kinds: EventKind::TOLD.to_vec(),
            console: None,
            heartbeat: None,
        }
    }
}

/// One watch.
#[derive(Clone, Debug, PartialEq)]
pub struct WatchConfig {
    /// Its name.
    pub name: String,
    /// The saved view that it takes.
    pub view: Option<String>,
    /// The filter that it takes, where it has no view.
    pub filter: Option<String>,
    /// Between two rounds; as `[watch]` where it is not said.
    pub every: Option<Duration>,
    /// What it tells; as `[watch]` where it is not said.
    pub kinds: Option<Vec<EventKind>>,
    /// Whom it tells.
    pub tell: Vec<Channel>,
}

/// Which bytes a terminal is told with.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, strum::Display, strum::EnumString, strum::EnumIter,
)]
#[strum(serialize_all = "lowercase")]
pub enum TerminalWay {
    /// None.
    #[default]
    Off,
    /// What the terminal says of itself decides.
    Auto,
    /// A bell.
    Bell,
    /// iTerm2, WezTerm, Ghostty, kitty.
    Osc9,
    /// foot, rxvt-unicode, Ghostty, WezTerm, Konsole.
    Osc777,
    /// kitty, foot.
    Osc99,
}

/// The words of [`TerminalWay`].
pub const TERMINAL_WAYS: &[&str] = &["off", "auto", "bell", "osc9", "osc777", "osc99"];

/// `[notify]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Notify {
    /// How a terminal is told.
    pub terminal: TerminalWay,
    /// More events than this in a round are one message.
    pub storm: u32,
    /// A channel tells at most once in this time.
    pub gap: Duration,
    /// And at most so often in an hour.
    pub most_an_hour: u32,
    /// When nothing is told.
    pub quiet: Option<Quiet>,
}

impl Default for Notify {
    fn default() -> Self {
        Self {
            terminal: TerminalWay::Off,
            storm: 500,
            gap: Duration::from_secs(5 * 60),
            most_an_hour: 12,
            quiet: None,
        }
    }
}

/// An agreed time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Which leaks; empty for all.
    pub filter: String,
    /// Within which they are to be fixed.
    pub within: Duration,
}

fn duration(section: &mut TableReader<'_, '_, '_>, name: &'static str) -> Option<Duration> {
    section.read_member(name, "\"15m\": a number and s, m, h, d or w", |value| {
        length(value.as_str()?)
    })
}

#[expect(
    clippy::option_option,
    reason = "what is not said is not what is switched off"
)]
fn duration_or_off(
    section: &mut TableReader<'_, '_, '_>,
    name: &'static str,
) -> Option<Option<Duration>> {
    section.read_member(
        name,
        "\"off\", or a time such as \"15m\"",
        |value| match value.as_str()? {
            "off" => Some(None),
            other => length(other).filter(|time| !time.is_zero()).map(Some),
        },
    )
}

fn filter_of(
    section: &mut TableReader<'_, '_, '_>,
    name: &'static str,
    ids: &[&'static str],
) -> Option<String> {
    let words = section.read_member(name, "\"class:employee\", a filter", |value| {
        value.as_str().map(str::to_owned)
    })?;
    match filter::parse(&words, ids) {
        Ok(filter) if !is_of_marks(&filter) => Some(words),
        Ok(_) => {
            let hint = "leave marked out: nothing is marked outside of the console";
            section.report_invalid(name, "asks for marks", hint);
            None
        }
        Err(error) => {
            let hint = error.hint.clone();
            section.report_invalid(name, "is no filter", &hint);
            None
        }
    }
}

fn is_of_marks(filter: &Filter) -> bool {
    filter.has_term(|term| matches!(term, filter::Term::Marked))
}

/// `[watch]`.
pub(super) fn watch(reader: &mut TomlReader<'_>, table: &DeTable<'_>) -> WatchSettings {
    const MEMBERS: &[&str] = &[
        "every",
        "scan_every",
        "share",
        "requests_per_day",
        "kinds",
        "console",
        "heartbeat",
    ];
    let default = WatchSettings::default();
    let mut section =
        TableReader::open(reader, ProblemScope::Watch, "[watch]", table, MEMBERS, &[]);
    let share = section.read_member("share", "0.5, above 0 and at most 1", |value| {
        let number: f64 = match value {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse().ok()?,
            DeValue::Float(number) => number.as_str().parse().ok()?,
            _ => return None,
        };
        (number > 0.0 && number <= 1.0).then_some(number)
    });
    let every = duration(&mut section, "every");
    if every.is_some_and(|every| every.is_zero()) {
        section.report_invalid("every", "is no time", "write every = \"15m\"");
    }
    let console = duration_or_off(&mut section, "console").flatten();
    if console.is_some_and(|console| console < MIN_REFRESH) {
        section.report_invalid("console", "is too short", "write \"30s\" or more");
    }
    WatchSettings {
        every: every
            .filter(|every| !every.is_zero())
            .unwrap_or(default.every),
        scan_every: duration(&mut section, "scan_every").unwrap_or(default.scan_every),
        share: share.unwrap_or(default.share),
        requests_per_day: section.integer("requests_per_day", 0).unwrap_or_default(),
        kinds: kinds(&mut section).unwrap_or(default.kinds),
        console: console.filter(|console| *console >= MIN_REFRESH),
        heartbeat: duration_or_off(&mut section, "heartbeat").flatten(),
    }
}

/// Every `[watches.NAME]`.
pub(super) fn watches(
    reader: &mut TomlReader<'_>,
    table: &DeTable<'_>,
    providers: &[ProviderSpec],
) -> Vec<WatchConfig> {
    const MEMBERS: &[&str] = &["view", "filter", "every", "kinds", "tell"];
    const TELL: &str = "[\"terminal\", \"hook:NAME\", \"webhook:NAME\"]";
    let ids: Vec<&'static str> = providers.iter().map(|spec| spec.id).collect();
    let mut found = Vec::new();
    for (name, span, value) in members(table) {
        let Some(entries) = value.get_ref().as_table().filter(|_| is_name(name)) else {
            let message = format!("{} is no watch", printable(name));
            let hint = "write [watches.vip], the name of a-z, 0-9 and -, and below it filter = \"…\" or view = \"…\"";
            reader.report(&ProblemScope::Watch, span, message, hint.to_owned());
            continue;
        };
        let title = format!("[watches.{name}]");
        let mut section =
            TableReader::open(reader, ProblemScope::Watch, &title, entries, MEMBERS, &[]);
        let view = section.string("view");
        let filter = filter_of(&mut section, "filter", &ids);
        if view.is_some() && filter.is_some() {
            section.report_invalid("filter", "stands beside a view", "take one of the two out");
        }
        let tell = section.read_member("tell", TELL, |value| {
            let channels = value.as_array()?.iter();
            channels
                .map(|value| value.get_ref().as_str()?.parse().ok())
                .collect::<Option<Vec<Channel>>>()
        });
        found.push(WatchConfig {
            name: name.to_owned(),
            view,
            filter,
            every: duration(&mut section, "every").filter(|every| !every.is_zero()),
            kinds: kinds(&mut section),
            tell: tell.unwrap_or_default(),
        });
    }
    found
}

/// Reports channels of watches that nothing is called.
pub(super) fn check_channels(
    reader: &mut TomlReader<'_>,
    table: &DeTable<'_>,
    watching: &Watching,
) {
    for (name, _, value) in members(table) {
        let watch = watching.watches.iter().find(|watch| watch.name == name);
        let (Some(watch), Some(entries)) = (watch, value.get_ref().as_table()) else {
            continue;
        };
        let unknown = watch.tell.iter().find_map(|channel| match channel {
            Channel::Terminal => None,
            Channel::Hook(name) => {
                let known = watching.hooks.iter().any(|hook| hook.name == *name);
                (!known).then(|| format!("[hooks.{name}]"))
            }
            Channel::Webhook(name) => {
                let known = watching.webhooks.iter().any(|hook| hook.name == *name);
                (!known).then(|| format!("[webhooks.{name}]"))
            }
        });
        let tell = entries
            .iter()
            .find(|(member, _)| &**member.get_ref() == "tell");
        if let (Some(unknown), Some((_, value))) = (unknown, tell) {
            let message = format!("[watches.{name}]: tell names {unknown}, which cannot be used");
            let hint = format!("add {unknown}, or take it out of tell");
            reader.report(&ProblemScope::Watch, value.span(), message, hint);
        }
    }
}

/// `[notify]` and `[notify.quiet]`.
pub(super) fn notify(
    reader: &mut TomlReader<'_>,
    table: &DeTable<'_>,
    providers: &[ProviderSpec],
) -> Notify {
    const MEMBERS: &[&str] = &["terminal", "storm", "gap", "most_an_hour", "quiet"];
    let default = Notify::default();
    let mut section =
        TableReader::open(reader, ProblemScope::Watch, "[notify]", table, MEMBERS, &[]);
    let mut notify = Notify {
        terminal: section
            .one_of("terminal", TERMINAL_WAYS)
            .unwrap_or_default(),
        storm: section.integer("storm", 1).unwrap_or(default.storm),
        gap: duration(&mut section, "gap").unwrap_or(default.gap),
        most_an_hour: section
            .integer("most_an_hour", 1)
            .unwrap_or(default.most_an_hour),
        quiet: None,
    };
    if let Some(value) = section.value("quiet") {
        match value.get_ref() {
            DeValue::Table(table) => {
                notify.quiet = read_quiet(reader, &value.span(), table, providers);
            }
            _ => section.report_invalid("quiet", "is not a table", "write [notify.quiet]"),
        }
    }
    notify
}

/// `[report]`.
pub(super) fn report(
    reader: &mut TomlReader<'_>,
    table: &DeTable<'_>,
    providers: &[ProviderSpec],
) -> Option<Vec<Limit>> {
    const FORM: &str = "[{ filter = \"risk:high\", within = \"2d\" }, { within = \"7d\" }]";
    let ids: Vec<&'static str> = providers.iter().map(|spec| spec.id).collect();
    let mut section = TableReader::open(
        reader,
        ProblemScope::Watch,
        "[report]",
        table,
        &["limits"],
        &[],
    );
    section.read_member("limits", FORM, |value| {
        let mut limits = Vec::new();
        for value in value.as_array()? {
            let entries = value.get_ref().as_table()?;
            let (mut filter, mut within) = (String::new(), None);
            for (name, value) in entries {
                match &**name.get_ref() {
                    "filter" => value.get_ref().as_str()?.clone_into(&mut filter),
                    "within" => within = length(value.get_ref().as_str()?),
                    _ => return None,
                }
            }
            let parsed = filter::parse(&filter, &ids).ok()?;
            if is_of_marks(&parsed) {
                return None;
            }
            let within = within.filter(|within| !within.is_zero())?;
            limits.push(Limit { filter, within });
        }
        (!limits.is_empty()).then_some(limits)
    })
}
