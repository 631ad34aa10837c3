//! The tables of the file, one after the other.

use super::{
    ClipboardVia, Overrides, Policy, ProfileConfig,
    commands::{self, UserCommand},
    console::{self, Console},
    hooks,
    keymap::Keymap,
    problem::{ProblemScope, printable},
    profile,
    store::{self, StoreConfig},
    suggest::{suggest, suggestion},
    theme,
    toml_reader::{TableReader, TomlReader, members},
    watching::{self, Watching},
};
use crate::entity::option::ProviderSpec;
use toml::de::{DeTable, DeValue};

/// What counts while the file, or a member of its policy, is not understood.
pub(super) const STRICTEST_POLICY: Policy = Policy {
    confirm_above: 50,
    require_reason: true,
    reveal: false,
    copy_secrets: false,
    undo_others: false,
};

/// Where the tables go.
pub(super) struct ConfigBuilder<'c, 'a> {
    pub(super) reader: &'c mut TomlReader<'a>,
    pub(super) providers: &'c [ProviderSpec],
    pub(super) overrides: &'c Overrides,
    pub(super) profiles: &'c mut Vec<ProfileConfig>,
    pub(super) policy: &'c mut Policy,
    pub(super) reasons: &'c mut Vec<String>,
    pub(super) console: &'c mut Console,
    pub(super) commands: &'c mut Vec<UserCommand>,
    pub(super) clipboard: &'c mut ClipboardVia,
    pub(super) keymap: &'c mut Keymap,
    pub(super) theme: &'c mut theme::ThemeSettings,
    pub(super) store: &'c mut Option<StoreConfig>,
    pub(super) watching: &'c mut Watching,
}

const TABLES: &[&str] = &[
    "profiles",
    "policy",
    "console",
    "clipboard",
    "theme",
    "keymap",
    "commands",
    "store",
    "watch",
    "watches",
    "notify",
    "hooks",
    "webhooks",
    "report",
];

pub(super) fn read_sections(target: &mut ConfigBuilder<'_, '_>, document: &DeTable<'_>) {
    for (name, span, value) in members(document) {
        let known = TABLES.contains(&name);
        match value.get_ref() {
            DeValue::Table(table) if known => read_table(target, name, table),
            _ if known => {
                let example = match name {
                    "profiles" => "[profiles.acme]",
                    "keymap" => "[keymap.leaks]",
                    "policy" => "[policy]",
                    "store" => "[store] and below it url = \"postgres://…\"",
                    "console" => "[console]",
                    "commands" => "[commands.ticket]",
                    "watch" => "[watch] and below it every = \"15m\"",
                    "watches" => "[watches.vip]",
                    "notify" => "[notify] and below it terminal = \"bell\"",
                    "hooks" => "[hooks.mail]",
                    "webhooks" => "[webhooks.soc]",
                    "report" => "[report] and below it limits = [{ within = \"7d\" }]",
                    "clipboard" => "[clipboard] and below it via = \"osc52\"",
                    _ => "[theme] and below it name = \"dark\"",
                };
                if name == "policy" {
                    *target.policy = STRICTEST_POLICY;
                }
                let message = format!("{name} is not a table");
                let hint = format!("write {example}");
                let about = match name {
                    "store" => ProblemScope::Store,
                    "watch" | "watches" | "notify" | "hooks" | "webhooks" | "report" => {
                        ProblemScope::Watch
                    }
                    _ => ProblemScope::File,
                };
                target.reader.report(&about, span, message, hint);
            }
            _ => {
                let close = suggest(name, TABLES.iter().copied());
                if close.contains(&"policy") {
                    *target.policy = STRICTEST_POLICY;
                }
                let hint = suggestion(&close, || format!("known here: {}", TABLES.join(", ")));
                let message = format!("unknown member {}", printable(name));
                target
                    .reader
                    .report(&ProblemScope::Unknown, span, message, hint);
            }
        }
    }
    for (name, _, value) in members(document) {
        if let (COMMANDS, DeValue::Table(table)) = (name, value.get_ref()) {
            *target.commands = commands::read(target.reader, table, target.keymap);
        }
        // Whom they tell may stand below them.
        if let ("watches", DeValue::Table(table)) = (name, value.get_ref()) {
            watching::check_channels(target.reader, table, target.watching);
        }
    }
}

/// The table of the operator's own programs.
const COMMANDS: &str = "commands";

fn read_table(target: &mut ConfigBuilder<'_, '_>, name: &str, table: &DeTable<'_>) {
    match name {
        "profiles" => {
            for (name, span, value) in members(table) {
                if let Some(profile) = profile::read_profile(
                    target.reader,
                    name,
                    span,
                    value,
                    target.providers,
                    target.overrides,
                ) {
                    target.profiles.push(profile);
                }
            }
        }
        "policy" => {
            let webhooks;
            (*target.policy, *target.reasons, webhooks) = read_policy(target.reader, table);
            target.watching.webhooks_allowed = webhooks;
        }
        "watch" => target.watching.watch = watching::watch(target.reader, table),
        "watches" => {
            target.watching.watches = watching::watches(target.reader, table, target.providers);
        }
        "notify" => {
            target.watching.notify = watching::notify(target.reader, table, target.providers);
        }
        "hooks" => {
            let home = profile::PathBase::new(target.reader, target.overrides);
            target.watching.hooks = hooks::hooks(target.reader, table, &home);
        }
        "webhooks" => {
            let home = profile::PathBase::new(target.reader, target.overrides);
            target.watching.webhooks = hooks::webhooks(target.reader, table, &home);
        }
        "report" => {
            if let Some(limits) = watching::report(target.reader, table, target.providers) {
                target.watching.limits = limits;
            }
        }
        "console" => *target.console = console::read(target.reader, table),
        // They are compared with the keys, which may stand below them.
        "commands" => {}
        "clipboard" => *target.clipboard = read_clipboard(target.reader, table),
        "theme" => *target.theme = theme::read_theme(target.reader, table),
        "store" => {
            let home = profile::PathBase::new(target.reader, target.overrides);
            let given = target.overrides.store_url.is_some();
            *target.store = store::read(target.reader, table, &home, given);
        }
        _ => {
            let keymap = std::mem::take(target.keymap);
            *target.keymap = super::keymap::apply_tables(target.reader, table, keymap);
        }
    }
}

fn read_policy(reader: &mut TomlReader<'_>, table: &DeTable<'_>) -> (Policy, Vec<String>, bool) {
    const MEMBERS: &[&str] = &[
        "confirm_above",
        "require_reason",
        "reasons",
        "reveal",
        "copy_secrets",
        "undo_others",
        "webhooks",
    ];
    let default = Policy::default();
    let mut section = TableReader::open(
        reader,
        ProblemScope::Policy,
        "[policy]",
        table,
        MEMBERS,
        &[],
    );
    let confirm_above = section.integer("confirm_above", 0);
    let reasons = section.read_member(
        "reasons",
        "[\"phished\", \"left the company\"]",
        console::reasons,
    );
    let mut flag = |name, default, strictest| {
        let given = section.boolean(name);
        given.unwrap_or(if section.is_invalid(name) {
            strictest
        } else {
            default
        })
    };
    let policy = Policy {
        confirm_above: confirm_above.map_or(default.confirm_above, |number| number as usize),
        require_reason: flag(
            "require_reason",
            default.require_reason,
            STRICTEST_POLICY.require_reason,
        ),
        reveal: flag("reveal", default.reveal, STRICTEST_POLICY.reveal),
        copy_secrets: flag(
            "copy_secrets",
            default.copy_secrets,
            STRICTEST_POLICY.copy_secrets,
        ),
        undo_others: flag(
            "undo_others",
            default.undo_others,
            STRICTEST_POLICY.undo_others,
        ),
    };
    let webhooks = flag("webhooks", true, false);
    (policy, reasons.unwrap_or_default(), webhooks)
}

#[derive(strum::EnumString)]
#[strum(serialize_all = "lowercase")]
enum Via {
    Osc52,
    Desktop,
    Command,
    File,
    Off,
}

fn read_clipboard(reader: &mut TomlReader<'_>, table: &DeTable<'_>) -> ClipboardVia {
    const MEMBERS: &[&str] = &["via", "command"];
    const WORDS: &[&str] = &["osc52", "desktop", "command", "file", "off"];
    let mut section = TableReader::open(
        reader,
        ProblemScope::Clipboard,
        "[clipboard]",
        table,
        MEMBERS,
        &[],
    );
    let via = section.one_of("via", WORDS);
    let command = section.read_member(
        "command",
        "[\"program\", \"argument\"]",
        profile::parse_command_line,
    );
    // Nothing leaves by a way that was not asked for.
    let via = via.or(section.is_invalid("via").then_some(Via::Off));
    match (via, command) {
        (None | Some(Via::Osc52), None) => ClipboardVia::Osc52,
        (Some(Via::File), None) => ClipboardVia::File,
        (Some(Via::Off), _) => ClipboardVia::Off,
        (Some(Via::Desktop), None) if cfg!(feature = "desktop-clipboard") => ClipboardVia::Desktop,
        (Some(Via::Desktop), None) => {
            section.report_invalid(
                "via",
                "names a way that this program was built without",
                "build it with --features desktop-clipboard, or take osc52",
            );
            ClipboardVia::Off
        }
        (Some(Via::Command), Some(command)) => ClipboardVia::Command(command),
        (Some(Via::Command), None) => {
            if !section.is_invalid("command") {
                let hint = "add command = [\"program\", \"argument\"]";
                section.report_invalid("via", "is command, and there is no command", hint);
            }
            ClipboardVia::Off
        }
        (_, Some(_)) => {
            let hint = "write via = \"command\", or remove it";
            section.report_invalid("command", "is not used", hint);
            ClipboardVia::Off
        }
    }
}
