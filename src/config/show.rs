//! The effective configuration as TOML and as JSON. Where a key comes from is told, the key is not even read.

use super::{
    ClipboardVia, Config, ProfileConfig,
    channel::length_word,
    commands::UserCommand,
    console::refresh_word,
    hooks::{Hook, Webhook, WebhookAddress},
    watching::WatchConfig,
};
use crate::entity::{option::OptionValue, profile::KeySource};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// What is in force, as TOML that could be a configuration file. What nothing was said about is left out.
pub fn to_toml(config: &Config) -> String {
    let mut out = String::new();
    for profile in &config.profiles {
        let _ = writeln!(out, "[profiles.{}]", profile.settings.name);
        write_section(&mut out, &profile_value(profile, &toml_key));
    }
    for (name, value) in [
        ("policy", policy_value(config)),
        ("clipboard", clipboard_value(config)),
        ("console", console_value(config)),
        ("theme", theme_value(config)),
    ] {
        let _ = writeln!(out, "[{name}]");
        write_section(&mut out, &value);
    }
    if config.store.is_some() {
        let _ = writeln!(out, "[store]");
        write_section(&mut out, &store_value(config));
    }
    for command in &config.commands {
        let _ = writeln!(out, "[commands.{}]", command.name);
        write_section(&mut out, &command_value(command));
    }
    let watching = &config.watching;
    for (name, value) in [
        ("watch", watch_value(config)),
        ("notify", notify_value(config)),
        ("report", report_value(config)),
    ] {
        let _ = writeln!(out, "[{name}]");
        write_section(&mut out, &value);
    }
    for watch in &watching.watches {
        let _ = writeln!(out, "[watches.{}]", watch.name);
        write_section(&mut out, &named_watch_value(watch));
    }
    for hook in &watching.hooks {
        let _ = writeln!(out, "[hooks.{}]", hook.name);
        write_section(&mut out, &hook_value(hook));
    }
    for webhook in &watching.webhooks {
        let _ = writeln!(out, "[webhooks.{}]", webhook.name);
        write_section(&mut out, &webhook_value(webhook));
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// What is in force, as JSON; what nothing was said about is null.
pub fn to_json(config: &Config) -> Value {
    let profiles: Vec<Value> = config
        .profiles
        .iter()
        .map(|profile| {
            let mut value = profile_value(profile, &toml_key);
            if let Some(members) = value.as_object_mut() {
                members.insert("name".to_owned(), json!(profile.settings.name));
            }
            value
        })
        .collect();
    let commands: serde_json::Map<String, Value> = config
        .commands
        .iter()
        .map(|command| (command.name.clone(), command_value(command)))
        .collect();
    let watching = &config.watching;
    let watches = watching.watches.iter();
    let watches = watches.map(|watch| (watch.name.clone(), named_watch_value(watch)));
    let hooks = watching.hooks.iter();
    let hooks = hooks.map(|hook| (hook.name.clone(), hook_value(hook)));
    let webhooks = watching.webhooks.iter();
    let webhooks = webhooks.map(|hook| (hook.name.clone(), webhook_value(hook)));
    json!({
        "path": config.path,
        "profiles": profiles,
        "policy": policy_value(config),
        "commands": commands,
        "clipboard": clipboard_value(config),
        "console": console_value(config),
        "theme": theme_value(config),
        "store": store_value(config),
        "watch": watch_value(config),
        "notify": notify_value(config),
        "report": report_value(config),
        "watches": watches.collect::<serde_json::Map<_, _>>(),
        "hooks": hooks.collect::<serde_json::Map<_, _>>(),
        "webhooks": webhooks.collect::<serde_json::Map<_, _>>(),
    })
}

fn write_section(out: &mut String, value: &Value) {
    let members = value.as_object().into_iter().flatten();
    for (name, value) in members.filter(|(_, value)| !value.is_null()) {
        let _ = writeln!(out, "{name} = {}", toml_value(value));
    }
    out.push('\n');
}

/// JSON's strings, numbers and arrays are TOML's too, but for the escape of DEL, which serde_json leaves as it is.
fn toml_value(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{name} = {}", toml_value(value)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(toml_value).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string().replace('\u{7f}', "\\u007F"),
    }
}

/// The team store; null where there is none.
fn store_value(config: &Config) -> Value {
    let Some(store) = &config.store else {
        return Value::Null;
    };
    let path = |path: &Option<std::path::PathBuf>| {
        path.as_ref()
            .map(|path| path.to_string_lossy().into_owned())
    };
    json!({
        "url": store.url,
        "password": store.password.as_ref().map(toml_key),
        "tls": if store.verify { "verify" } else { "off" },
        "ca_file": path(&store.ca_file),
        "cert": path(&store.cert),
        "cert_key": store.cert_key.as_ref().map(toml_key),
        "schema": store.schema,
        "listen_url": store.listen_url,
        "listen": if store.listen { "auto" } else { "off" },
        "poll_ms": store.poll_ms,
        "patience_seconds": store.patience_seconds,
        "fingerprint_key": store.fingerprint_key.as_ref().map(toml_key),
    })
}

fn toml_key(source: &KeySource) -> Value {
    match source {
        KeySource::Command(words) => json!({ "command": words }),
        KeySource::File(path) => json!({ "file": path.to_string_lossy() }),
        KeySource::Env(name) => json!({ "env": name }),
        KeySource::Keyring(entry) => json!({ "keyring": entry }),
    }
}

fn profile_value(profile: &ProfileConfig, key: &dyn Fn(&KeySource) -> Value) -> Value {
    let settings = &profile.settings;
    let environment = Some(&settings.environment).filter(|word| !word.is_empty());
    let seconds: Vec<Value> = settings
        .verify
        .iter()
        .map(|time| match time.subsec_nanos() {
            0 => json!(time.as_secs()),
            _ => json!(time.as_secs_f64()),
        })
        .collect();
    let mut value = json!({
        "provider": settings.provider,
        "base_url": settings.base_url,
        "key": profile.key.as_ref().map(key),
        "jwt": profile.jwt.as_ref().map(key),
        "environment": environment,
        "short": settings.short,
        "read_only": settings.read_only,
        "team_id": settings.team_id,
        "rpm": settings.rpm,
        "page_size": settings.page_size,
        "bulk_size": settings.bulk_size,
        "verify_seconds": seconds,
        "allow_insecure_http": settings.allow_insecure_http,
        "ca_file": settings.ca_file.as_ref().map(|path| path.to_string_lossy()),
        "proxy": settings.proxy,
        "attribution": settings.attribution,
        "account": profile.account,
    });
    if let Some(members) = value.as_object_mut() {
        members.extend(settings.options.iter().map(|(name, value)| {
            let value = match value {
                OptionValue::Flag(flag) => json!(flag),
                OptionValue::Choice(word) => json!(word),
                OptionValue::Url(url) => json!(url),
            };
            (name.to_owned(), value)
        }));
    }
    value
}

fn policy_value(config: &Config) -> Value {
    let policy = config.policy;
    let reasons = Some(&config.reasons).filter(|reasons| !reasons.is_empty());
    json!({
        "confirm_above": policy.confirm_above,
        "require_reason": policy.require_reason,
        "reasons": reasons,
        "reveal": policy.reveal,
        "copy_secrets": policy.copy_secrets,
        "undo_others": policy.undo_others,
        "webhooks": config.watching.webhooks_allowed,
    })
}

fn console_value(config: &Config) -> Value {
    json!({
        "mouse": config.console.mouse,
        "refresh": refresh_word(config.console.refresh),
        "times": config.console.times.to_string(),
    })
}

fn command_value(command: &UserCommand) -> Value {
    let keys = Some(command.keys_text()).filter(|keys| !keys.is_empty());
    json!({
        "key": keys,
        "context": command.context.to_string(),
        "command": command.command,
        "confirm": command.confirm,
    })
}

fn clipboard_value(config: &Config) -> Value {
    let (via, command) = match &config.clipboard {
        ClipboardVia::Osc52 => ("osc52", None),
        ClipboardVia::Desktop => ("desktop", None),
        ClipboardVia::Command(words) => ("command", Some(words)),
        ClipboardVia::File => ("file", None),
        ClipboardVia::Off => ("off", None),
    };
    json!({ "via": via, "command": command })
}

fn theme_value(config: &Config) -> Value {
    json!({
        "name": config.theme.name.to_string(),
        "ascii": config.theme.ascii,
        "cursor": config.theme.cursor.to_string(),
    })
}

fn watch_value(config: &Config) -> Value {
    let watch = &config.watching.watch;
    let off = |time: Option<std::time::Duration>| time.map_or("off".to_owned(), length_word);
    json!({
        "every": length_word(watch.every),
        "scan_every": length_word(watch.scan_every),
        "share": watch.share,
        "requests_per_day": watch.requests_per_day,
        "kinds": watch.kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>(),
        "console": off(watch.console),
        "heartbeat": off(watch.heartbeat),
    })
}

fn named_watch_value(watch: &WatchConfig) -> Value {
    let kinds = watch.kinds.as_ref();
    json!({
        "view": watch.view,
        "filter": watch.filter,
        "every": watch.every.map(length_word),
        "kinds": kinds.map(|kinds| kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>()),
        "tell": watch.tell.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn notify_value(config: &Config) -> Value {
    let notify = &config.watching.notify;
    let time = |time: jiff::civil::Time| format!("{:02}:{:02}", time.hour(), time.minute());
    let quiet = notify.quiet.as_ref().map(|quiet| {
        let mut members = serde_json::Map::new();
        members.insert("from".to_owned(), json!(time(quiet.from)));
        members.insert("to".to_owned(), json!(time(quiet.to)));
        let zone = quiet.zone.iana_name().map(|name| json!(name));
        members.extend(zone.map(|name| ("zone".to_owned(), name)));
        members.insert("days".to_owned(), json!(quiet.days.to_string()));
        let except = quiet.except.as_ref().map(|filter| json!(filter));
        members.extend(except.map(|filter| ("except".to_owned(), filter)));
        Value::Object(members)
    });
    json!({
        "terminal": notify.terminal.to_string(),
        "storm": notify.storm,
        "gap": length_word(notify.gap),
        "most_an_hour": notify.most_an_hour,
        "quiet": quiet,
    })
}

fn hook_value(hook: &Hook) -> Value {
    json!({
        "exec": hook.exec,
        "timeout_s": hook.timeout.as_secs(),
        "detail": hook.detail.to_string(),
    })
}

/// Of an address that stands in the file all of it: it is the operator's own word, and no secret then.
fn webhook_value(webhook: &Webhook) -> Value {
    let kinds = webhook.kinds.as_ref();
    let path = webhook.ca_file.as_ref();
    json!({
        "url": match &webhook.url {
            WebhookAddress::Plain(url) => json!(url),
            WebhookAddress::Secret(source) => toml_key(source),
        },
        "secret": webhook.secret.as_ref().map(toml_key),
        "old_secret": webhook.old_secret.as_ref().map(toml_key),
        "form": webhook.form.to_string(),
        "detail": webhook.detail.to_string(),
        "timeout_s": webhook.timeout.as_secs(),
        "ca_file": path.map(|path| path.to_string_lossy()),
        "proxy": webhook.proxy,
        "kinds": kinds.map(|kinds| kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>()),
        "quiet": webhook.quiet,
    })
}

fn report_value(config: &Config) -> Value {
    let limits = config.watching.limits.iter().map(|limit| {
        let within = length_word(limit.within);
        if limit.filter.is_empty() {
            json!({ "within": within })
        } else {
            json!({ "filter": limit.filter, "within": within })
        }
    });
    json!({ "limits": limits.collect::<Vec<_>>() })
}
