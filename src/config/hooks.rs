//! `[hooks.NAME]` and `[webhooks.NAME]`: programs and addresses that are told. One that is wrong is left out, and
//! `stanch watch` does not start with it.

use super::{
    channel::{is_name, kinds},
    problem::{ProblemScope, printable},
    profile::{PathBase, parse_command_line, read_key_source},
    toml_reader::{TableReader, TomlReader, members, parse_string},
};
use crate::entity::{profile::KeySource, seen::EventKind};
use std::{ops::Range, path::PathBuf, time::Duration};
use toml::de::{DeTable, DeValue};

/// How much of each leak is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::Display, strum::EnumString)]
#[strum(serialize_all = "lowercase")]
pub enum Detail {
    /// Counts alone.
    Counts,
    /// Keys and kinds too.
    #[default]
    Keys,
    /// Login, URL, domain, class, risk and dates too.
    Leaks,
}

const DETAILS: &[&str] = &["counts", "keys", "leaks"];

/// The form of a webhook's body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::Display, strum::EnumString)]
#[strum(serialize_all = "lowercase")]
pub enum WebhookForm {
    /// Standard Webhooks.
    #[default]
    Standard,
    /// A CloudEvent.
    CloudEvents,
    /// A line of a chat.
    Slack,
}

/// A program that is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Its name.
    pub name: String,
    /// The program and its arguments; no shell.
    pub exec: Vec<String>,
    /// It is ended after so long.
    pub timeout: Duration,
    /// How much it is told.
    pub detail: Detail,
}

/// Where a webhook's address stands: that of a chat is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookAddress {
    /// In the configuration.
    Plain(String),
    /// Where keys are.
    Secret(KeySource),
}

/// An address that is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its name.
    pub name: String,
    /// Where.
    pub url: WebhookAddress,
    /// What messages are signed with.
    pub secret: Option<KeySource>,
    /// What they are signed with too, while the secret is changed.
    pub old_secret: Option<KeySource>,
    /// The form of a body.
    pub form: WebhookForm,
    /// How much it is told.
    pub detail: Detail,
    /// An answer is waited for so long.
    pub timeout: Duration,
    /// A private certificate authority, PEM.
    pub ca_file: Option<PathBuf>,
    /// A proxy's URL.
    pub proxy: Option<String>,
    /// What it is told; everything that its watch tells where nothing is said.
    pub kinds: Option<Vec<EventKind>>,
    /// It keeps quiet hours.
    pub quiet: bool,
}

/// Longest time that a program or an answer may take, in seconds.
const LONGEST: u32 = 3600;

/// Each table below one name; what is none is reported.
fn each<'t, T>(
    reader: &mut TomlReader<'_>,
    table: &'t DeTable<'t>,
    what: &str,
    hint: &str,
    mut read: impl FnMut(&mut TomlReader<'_>, &str, &Range<usize>, &'t DeTable<'t>) -> Option<T>,
) -> Vec<T> {
    let mut found = Vec::new();
    for (name, span, value) in members(table) {
        let Some(entries) = value.get_ref().as_table().filter(|_| is_name(name)) else {
            let message = format!("{} is no {what}", printable(name));
            reader.report(&ProblemScope::Watch, span, message, hint.to_owned());
            continue;
        };
        found.extend(read(reader, name, &span, entries));
    }
    found
}

fn timeout(section: &mut TableReader<'_, '_, '_>, default: u32) -> Duration {
    let seconds = section.integer("timeout_s", 1).unwrap_or(default);
    Duration::from_secs(u64::from(seconds.min(LONGEST)))
}

/// Every `[hooks.NAME]`.
pub(super) fn hooks(
    reader: &mut TomlReader<'_>,
    table: &DeTable<'_>,
    home: &PathBase,
) -> Vec<Hook> {
    const MEMBERS: &[&str] = &["exec", "timeout_s", "detail"];
    const FORM: &str = "[\"/usr/local/bin/program\", \"argument\"]";
    let hint = "write [hooks.mail], the name of a-z, 0-9 and -, and below it exec = [\"program\", \"argument\"]";
    each(
        reader,
        table,
        "hook",
        hint,
        |reader, name, span, entries| {
            let title = format!("[hooks.{name}]");
            let mut section =
                TableReader::open(reader, ProblemScope::Watch, &title, entries, MEMBERS, &[]);
            let exec = section.read_member("exec", FORM, parse_command_line);
            if section.value("exec").is_none() {
                section.report_missing(span, "has no exec", &format!("add exec = {FORM}"));
            }
            let hook = Hook {
                name: name.to_owned(),
                timeout: timeout(&mut section, 30),
                detail: section.one_of("detail", DETAILS).unwrap_or_default(),
                exec: with_home(exec.unwrap_or_default(), home),
            };
            (!section.report_invalid).then_some(hook)
        },
    )
}

/// A program with a slash in its name is found from the file's directory; one without is looked up.
fn with_home(mut exec: Vec<String>, home: &PathBase) -> Vec<String> {
    if let Some(program) = exec.first_mut().filter(|program| program.contains('/')) {
        *program = home.resolve(program).to_string_lossy().into_owned();
    }
    exec
}

/// Every `[webhooks.NAME]`.
pub(super) fn webhooks(
    reader: &mut TomlReader<'_>,
    table: &DeTable<'_>,
    home: &PathBase,
) -> Vec<Webhook> {
    const MEMBERS: &[&str] = &[
        "url",
        "secret",
        "old_secret",
        "form",
        "detail",
        "timeout_s",
        "ca_file",
        "proxy",
        "kinds",
        "quiet",
    ];
    let hint = "write [webhooks.soc], the name of a-z, 0-9 and -, and below it url = \"https://…\" and secret = { file = \"…\" }";
    each(
        reader,
        table,
        "webhook",
        hint,
        |reader, name, span, entries| {
            let title = format!("[webhooks.{name}]");
            let mut section =
                TableReader::open(reader, ProblemScope::Watch, &title, entries, MEMBERS, &[]);
            let url = address(&mut section, span, home);
            let form = section
                .one_of("form", &["standard", "cloudevents", "slack"])
                .unwrap_or_default();
            let secret = read_key_source(&mut section, "secret", home);
            if secret.is_none() && form != WebhookForm::Slack && !section.is_invalid("secret") {
                section.report_missing(
                span,
                "has no secret",
                "add secret = { file = \"…\" }, holding whsec_ and base64 of 24 to 64 random bytes",
            );
            }
            let webhook = Webhook {
                name: name.to_owned(),
                url: url.unwrap_or_else(|| WebhookAddress::Plain(String::new())),
                secret,
                old_secret: read_key_source(&mut section, "old_secret", home),
                form,
                detail: section.one_of("detail", DETAILS).unwrap_or_default(),
                timeout: timeout(&mut section, 20),
                ca_file: section.string("ca_file").map(|path| home.resolve(&path)),
                proxy: super::profile::read_proxy(&mut section),
                kinds: kinds(&mut section),
                quiet: section.boolean("quiet").unwrap_or(false),
            };
            (!section.report_invalid).then_some(webhook)
        },
    )
}

fn address(
    section: &mut TableReader<'_, '_, '_>,
    span: &Range<usize>,
    home: &PathBase,
) -> Option<WebhookAddress> {
    const FORM: &str = "\"https://host/path\", or where it is found: { file = \"…\" }";
    match section.value("url").map(toml::Spanned::get_ref) {
        Some(DeValue::Table(_)) => {
            read_key_source(section, "url", home).map(WebhookAddress::Secret)
        }
        Some(_) => section
            .read_member("url", FORM, |value| {
                let text = parse_string(value)?;
                is_address(&text).then_some(text)
            })
            .map(WebhookAddress::Plain),
        None => {
            section.report_missing(span, "has no url", &format!("add url = {FORM}"));
            None
        }
    }
}

/// Whether a text is an address that a message may go to: https, or http on this machine.
pub fn is_address(text: &str) -> bool {
    let Ok(url) = url::Url::parse(text) else {
        return false;
    };
    let here = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    let scheme = url.scheme() == "https" || url.scheme() == "http" && here;
    scheme
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_leaves_this_machine_never() {
        for good in [
            "https://siem.example/in/stanch",
            "https://hooks.example/T0/B0?x=1",
            "http://127.0.0.1:8080/in",
            "http://[::1]/in",
            "http://localhost/in",
        ] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "http://siem.example/in",
            "http://127.0.0.1.evil.example/",
            "ftp://siem.example/",
            "https://user@siem.example/",
            "https://:pass@siem.example/",
            "https://siem.example/#x",
            "siem.example",
            "",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
