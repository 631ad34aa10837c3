//! Whom watches tell, made ready: programs are found and looked at, secrets have the right form, and what is forbidden is
//! refused, all before the first round.

use super::{WatchArguments, spec::Spec};
use crate::{
    cli::{
        context::CommandContext,
        failure::{Failure, FailureKind},
    },
    clipboard::Multiplexer,
    config::{
        channel::Channel,
        hooks::{self, Hook, Webhook, WebhookAddress, WebhookForm},
        watching::{Notify, TerminalWay, Watching},
    },
    credential,
    entity::profile::KeySource,
    notify::{
        body::{Detail, Form},
        hook::{self, Program},
        terminal::{self, Way},
        webhook::{Address, SigningKey},
    },
};
use std::{collections::BTreeMap, ffi::OsString, time::Duration};
use zeroize::Zeroizing;

/// A channel that can be told.
pub(super) enum Ready {
    /// The terminal.
    Terminal(Way),
    /// A program.
    Hook(Program, Detail),
    /// An address.
    Webhook(Box<Webhook>),
}

/// All of them.
pub(super) struct Channels {
    pub(super) ready: BTreeMap<Channel, Ready>,
    pub(super) notify: Notify,
    /// What a program gets beside the counts.
    pub(super) environment: Vec<(OsString, OsString)>,
    pub(super) multiplexer: Multiplexer,
    is_dumb: bool,
}

/// The name of the program that `--exec` gives.
const EXEC: &str = "exec";

/// Whom the arguments tell, whatever a watch of the configuration says.
pub(super) fn of_arguments(arguments: &WatchArguments, watching: &Watching) -> Vec<Channel> {
    let mut channels = Vec::new();
    if way(arguments, watching) != TerminalWay::Off {
        channels.push(Channel::Terminal);
    }
    if arguments.exec.is_some() {
        channels.push(Channel::Hook(EXEC.to_owned()));
    }
    let webhooks = arguments.webhook.iter().cloned();
    channels.extend(webhooks.map(Channel::Webhook));
    channels
}

fn way(arguments: &WatchArguments, watching: &Watching) -> TerminalWay {
    arguments.terminal.unwrap_or(watching.notify.terminal)
}

/// Makes the channels of watches ready.
pub(super) fn open(
    session: &mut CommandContext,
    arguments: &WatchArguments,
    watching: &Watching,
    specs: &[Spec],
) -> Result<Channels, Failure> {
    let mut channels = empty(session, watching);
    for channel in specs.iter().flat_map(|spec| &spec.tell) {
        if channels.ready.contains_key(channel) {
            continue;
        }
        let ready = match channel {
            Channel::Terminal => {
                let way = chosen(session, way(arguments, watching));
                if !session.output.has_terminal() || way == Way::Nothing {
                    continue;
                }
                Ready::Terminal(way)
            }
            Channel::Hook(name) if name == EXEC && arguments.exec.is_some() => {
                let words: Vec<String> = arguments.exec.iter().cloned().collect();
                let hook = Hook {
                    name: EXEC.to_owned(),
                    exec: words,
                    timeout: Duration::from_secs(30),
                    detail: hooks::Detail::Keys,
                };
                program(session, "--exec", &hook)?
            }
            Channel::Hook(name) => {
                let hook = watching.hooks.iter().find(|hook| hook.name == *name);
                let hook = hook.ok_or_else(|| unknown("hook", name))?;
                program(session, &format!("[hooks.{name}]: exec"), hook)?
            }
            Channel::Webhook(name) => {
                let webhook = watching.webhooks.iter().find(|hook| hook.name == *name);
                let webhook = webhook.ok_or_else(|| unknown("webhook", name))?;
                address(session, watching, webhook)?
            }
        };
        channels.ready.insert(channel.clone(), ready);
    }
    Ok(channels)
}

/// One channel alone, to be tried out.
pub(super) fn one(
    session: &mut CommandContext,
    watching: &Watching,
    name: &str,
) -> Result<(Channel, Channels), Failure> {
    let mut channels = empty(session, watching);
    let webhook = watching.webhooks.iter().find(|hook| hook.name == name);
    let hook = watching.hooks.iter().find(|hook| hook.name == name);
    let (channel, ready) = match (webhook, hook) {
        (Some(webhook), _) => (
            Channel::Webhook(name.to_owned()),
            address(session, watching, webhook)?,
        ),
        (None, Some(hook)) => (
            Channel::Hook(name.to_owned()),
            program(session, &format!("[hooks.{name}]: exec"), hook)?,
        ),
        (None, None) => return Err(unknown("hook or webhook", name)),
    };
    channels.ready.insert(channel.clone(), ready);
    Ok((channel, channels))
}

fn empty(session: &CommandContext, watching: &Watching) -> Channels {
    let text = |name: &str| session.environment.get(name)?.into_string().ok();
    Channels {
        ready: BTreeMap::new(),
        notify: watching.notify.clone(),
        environment: credential::inherited(),
        multiplexer: Multiplexer::detect(text),
        is_dumb: text("TERM").is_none_or(|term| term.is_empty() || term == "dumb"),
    }
}

fn unknown(what: &str, name: &str) -> Failure {
    let shown = crate::entity::visible::escape(name.as_bytes());
    Failure::new(
        FailureKind::NotFound,
        format!("there is no {what} {}", shown.as_str()),
        "stanch config show lists them",
    )
}

fn chosen(session: &CommandContext, way: TerminalWay) -> Way {
    match way {
        TerminalWay::Off => Way::Nothing,
        TerminalWay::Auto => {
            terminal::auto(|name| session.environment.get(name)?.into_string().ok())
        }
        TerminalWay::Bell => Way::Bell,
        TerminalWay::Osc9 => Way::Osc9,
        TerminalWay::Osc777 => Way::Osc777,
        TerminalWay::Osc99 => Way::Osc99,
    }
}

fn program(session: &CommandContext, what: &str, hook: &Hook) -> Result<Ready, Failure> {
    let search = session.environment.get("PATH");
    let found = hook::find(&hook.exec, hook.timeout, search.as_deref());
    let program = found.map_err(|why| {
        Failure::new(
            FailureKind::Config,
            format!("{what} {why}"),
            "name a program that nobody else may write, by its whole path",
        )
    })?;
    let detail = match hook.detail {
        hooks::Detail::Counts => Detail::Counts,
        hooks::Detail::Keys => Detail::Keys,
        hooks::Detail::Leaks => Detail::Leaks,
    };
    Ok(Ready::Hook(program, detail))
}

fn address(
    session: &mut CommandContext,
    watching: &Watching,
    webhook: &Webhook,
) -> Result<Ready, Failure> {
    if !watching.webhooks_allowed {
        return Err(Failure::new(
            FailureKind::Policy,
            "[policy] webhooks forbids every webhook",
            "take the webhook out, or ask whoever wrote the policy",
        ));
    }
    // What is weak or wrong about its secrets is said now, not when the first leak comes.
    let (_, notices) = ready_address(webhook)?;
    for notice in notices {
        session
            .output
            .notice(&format!("stanch: [webhooks.{}]: {notice}", webhook.name));
    }
    Ok(Ready::Webhook(Box::new(webhook.clone())))
}

/// Reads an address and its secrets; they may have changed since the last attempt.
pub(super) fn ready_address(webhook: &Webhook) -> Result<(Address, Vec<String>), Failure> {
    let mut notices = Vec::new();
    let mut read = |source: &KeySource| {
        let (secret, notice) = credential::read(source).map_err(|error| {
            Failure::new(
                FailureKind::Config,
                format!("[webhooks.{}]: {error}", webhook.name),
                error.hint(),
            )
        })?;
        notices.extend(notice);
        Ok::<_, Failure>(secret)
    };
    let mut keys = Vec::new();
    for (what, source) in [
        ("secret", &webhook.secret),
        ("old_secret", &webhook.old_secret),
    ] {
        if let Some(source) = source {
            let key = SigningKey::of(&read(source)?).map_err(|why| {
                Failure::new(
                    FailureKind::Config,
                    format!("[webhooks.{}]: {what} {why}", webhook.name),
                    "write whsec_ and base64 of 24 to 64 random bytes: echo \"whsec_$(openssl rand -base64 32)\"",
                )
            })?;
            keys.push(key);
        }
    }
    let url = match &webhook.url {
        WebhookAddress::Plain(url) => Zeroizing::new(url.clone()),
        WebhookAddress::Secret(source) => {
            let secret = read(source)?;
            Zeroizing::new(String::from_utf8_lossy(secret.expose()).trim().to_owned())
        }
    };
    if !hooks::is_address(&url) {
        return Err(Failure::new(
            FailureKind::Config,
            format!(
                "[webhooks.{}]: url is none that a message may go to",
                webhook.name
            ),
            "https, or http on this machine, without user and password",
        ));
    }
    let address = Address {
        url,
        keys,
        content_type: form(webhook).content_type(),
        timeout: webhook.timeout,
        ca_file: webhook.ca_file.clone(),
        proxy: webhook.proxy.clone(),
    };
    Ok((address, notices))
}

/// The form of a webhook's bodies.
pub(super) fn form(webhook: &Webhook) -> Form {
    match webhook.form {
        WebhookForm::Standard => Form::Standard,
        WebhookForm::CloudEvents => Form::CloudEvents,
        WebhookForm::Slack => Form::Slack,
    }
}

impl Ready {
    /// How much of each leak it is told.
    pub(super) fn detail(&self) -> Detail {
        match self {
            Self::Terminal(_) => Detail::Counts,
            Self::Hook(_, detail) => *detail,
            Self::Webhook(webhook) => match webhook.detail {
                hooks::Detail::Counts => Detail::Counts,
                hooks::Detail::Keys => Detail::Keys,
                hooks::Detail::Leaks => Detail::Leaks,
            },
        }
    }

    /// Whether it keeps quiet hours.
    pub(super) fn is_quiet(&self) -> bool {
        match self {
            Self::Terminal(_) | Self::Hook(..) => true,
            Self::Webhook(webhook) => webhook.quiet,
        }
    }
}

impl Channels {
    /// The bytes for the terminal.
    pub(super) fn bytes(&self, way: Way, text: &str) -> Vec<u8> {
        terminal::bytes(way, text, self.multiplexer, self.is_dumb)
    }
}
