//! The effective configuration as TOML and as JSON. Where a key comes from is told, the key is not even read.

use super::{ClipboardVia, Config, ProfileConfig, commands::UserCommand, console::refresh_word};
use crate::entity::{option::OptionValue, profile::KeySource};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// What is in force, as TOML that could be a configuration file. What nothing was said about is left out.
pub fn to_toml(config: &Config) -> String {
    let mut out = String::new();
    for profile in &config.profiles {
        let _ = writeln!(out, "[profiles.{}]", profile.settings.name);
        section(&mut out, &profile_value(profile, &toml_key));
    }
    for (name, value) in [
        ("policy", policy_value(config)),
        ("clipboard", clipboard_value(config)),
        ("console", console_value(config)),
        ("theme", theme_value(config)),
    ] {
        let _ = writeln!(out, "[{name}]");
        section(&mut out, &value);
    }
    if config.store.is_some() {
        let _ = writeln!(out, "[store]");
        section(&mut out, &store_value(config));
    }
    for command in &config.commands {
        let _ = writeln!(out, "[commands.{}]", command.name);
        section(&mut out, &command_value(command));
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
    json!({
        "path": config.path,
        "profiles": profiles,
        "policy": policy_value(config),
        "commands": commands,
        "clipboard": clipboard_value(config),
        "console": console_value(config),
        "theme": theme_value(config),
        "store": store_value(config),
    })
}

fn section(out: &mut String, value: &Value) {
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
                OptionValue::Word(word) => json!(word),
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
