//! One `[profiles.NAME]`: an account at a provider. A profile with a wrong member is left out; one whose `read_only_failure`
//! is misspelled is read-only.

use super::{
    Overrides, ProfileConfig,
    problem::{ProblemScope, printable},
    suggest::{suggest, suggestion},
    toml_reader::{RenamedMember, TableReader, TomlReader, Value, members, parse_string},
};
use crate::entity::{
    files::FileSettings,
    fingerprint::FingerprintKey,
    key::{ProfileName, ProviderId},
    option::{
        AddressForm, KeyNeed, OptionForm, OptionSpec, OptionValue, OptionValues, ProviderSpec,
    },
    profile::{AdapterSettings, KeySource},
};
use std::{
    ops::Range,
    path::{Path, PathBuf},
    time::Duration,
};
use toml::de::{DeTable, DeValue};

/// The members that every profile can have and that stand before those that providers declare.
const FIRST_MEMBERS: &[&str] = &[
    "provider",
    "base_url",
    "key",
    "jwt",
    "environment",
    "short",
    "read_only",
    "team_id",
    "path",
    "mapping",
    "encoding",
    "domains",
    "alias_domain",
    "archive_password",
    "watch",
];

/// Those that stand behind them.
const LAST_MEMBERS: &[&str] = &[
    "rpm",
    "page_size",
    "bulk_size",
    "verify_seconds",
    "allow_insecure_http",
    "ca_file",
    "proxy",
    "attribution",
    "account",
];

/// The settings that these providers declare, each once.
fn declared_options(providers: &[ProviderSpec]) -> Vec<OptionSpec> {
    let mut all: Vec<OptionSpec> = Vec::new();
    for option in providers.iter().flat_map(|provider| provider.options) {
        if all.iter().all(|known| known.name != option.name) {
            all.push(*option);
        }
    }
    all
}

/// Every member that a profile can have where these are the providers. A member that one of them declares may stand in
/// a profile of any: it is checked there, and its provider does not look at it.
pub fn profile_members(providers: &[ProviderSpec]) -> Vec<&'static str> {
    let own = declared_options(providers)
        .into_iter()
        .map(|option| option.name);
    let first = FIRST_MEMBERS.iter().copied();
    first
        .chain(own)
        .chain(LAST_MEMBERS.iter().copied())
        .collect()
}

/// Names that earlier files, or the documents of others, use.
const RENAMED_MEMBERS: &[RenamedMember] = &[
    ("key_command", "key = { command = [\"…\"] }"),
    ("key_file", "key = { file = \"…\" }"),
    ("key_env", "key = { env = \"…\" }"),
    ("keyring", "key = { keyring = \"…\" }"),
    ("url", "base_url = \"https://…\""),
    ("team", "team_id = \"…\""),
    ("verify", "verify_seconds = [1, 10, 60]"),
    ("readonly", "read_only = true"),
    ("insecure_http", "allow_insecure_http = true"),
    ("ca", "ca_file = \"…\""),
];

/// Names under which people keep a key in clear.
const PLAIN_KEY_MEMBERS: &[&str] = &["api_key", "apikey", "token", "secret", "password"];

const KEY_HINT: &str = "take it out, and say where it is: key = { command = [\"pass\", \"show\", \"…\"] }, or { file = \"…\" } with mode 0600; then make a new key at the provider, this one has been seen";

/// What a profile whose provider is not known is read as; it is not used.
const UNKNOWN_PROVIDER: ProviderSpec = ProviderSpec {
    id: "",
    base_url: "",
    key: KeyNeed::Required,
    address: AddressForm::Http,
    options: &[],
};

/// A profile's settings where the file says nothing but its provider.
pub fn default_settings(
    name: ProfileName,
    provider: ProviderId,
    base_url: &str,
    providers: &[ProviderSpec],
) -> AdapterSettings {
    let mut values = OptionValues::default();
    for option in declared_options(providers) {
        values.set(option.name, option.form.default_value());
    }
    AdapterSettings {
        name,
        provider,
        base_url: base_url.to_owned(),
        team_id: None,
        options: values,
        rpm: None,
        page_size: None,
        bulk_size: None,
        verify: [1, 10, 60].map(Duration::from_secs).to_vec(),
        allow_insecure_http: false,
        insecure_http_flag: false,
        ca_file: None,
        proxy: None,
        read_only: false,
        environment: String::new(),
        short: None,
        attribution: None,
        files: FileSettings {
            watch: true,
            ..FileSettings::default()
        },
        state: None,
        // Whoever connects the profile puts the installation's own in.
        fingerprint: FingerprintKey::new([0; 32]),
    }
}

/// Reads one profile; `None` where it cannot be used, with its problems reported.
pub(super) fn read_profile(
    reader: &mut TomlReader<'_>,
    name: &str,
    span: Range<usize>,
    value: &Value<'_>,
    providers: &[ProviderSpec],
    overrides: &Overrides,
) -> Option<ProfileConfig> {
    let about = ProblemScope::Profile(name.to_owned());
    let title = format!("profile {}", printable(name));
    let Some(table) = value.get_ref().as_table() else {
        let hint = "write [profiles.acme] and its members below".to_owned();
        reader.report(&about, span, format!("{title} is not a table"), hint);
        return None;
    };
    let spelled = ProfileName::new(name);
    if spelled.is_err() {
        let hint = "a profile's name is made of a-z, 0-9 and -".to_owned();
        reader.report(&about, span.clone(), format!("{title}: not a name"), hint);
    }
    for (member, span, _) in
        members(table).filter(|(member, ..)| PLAIN_KEY_MEMBERS.contains(member))
    {
        let message =
            format!("{title}: {member} would be a key in clear text, which is not accepted");
        reader.report(&about, span, message, KEY_HINT.to_owned());
    }
    let clear = members(table).any(|(member, ..)| PLAIN_KEY_MEMBERS.contains(&member));
    let known: Vec<_> = table
        .iter()
        .filter(|(member, _)| !PLAIN_KEY_MEMBERS.contains(&&**member.get_ref()))
        .map(|(member, value)| (member.clone(), value.clone()))
        .collect();
    let table: DeTable<'_> = known.into_iter().collect();
    let home = PathBase::new(reader, overrides);
    let members = profile_members(providers);
    let mut section = TableReader::open(reader, about, &title, &table, &members, RENAMED_MEMBERS);
    let spec = read_provider(&mut section, &span, providers).unwrap_or(UNKNOWN_PROVIDER);
    let address = match spec.address {
        AddressForm::Http => url_of(&mut section, "base_url"),
        AddressForm::Path => section
            .string("base_url")
            .map(|path| home.resolve(&path).to_string_lossy().into_owned()),
    };
    let settings = AdapterSettings {
        base_url: address.unwrap_or_else(|| spec.base_url.to_owned()),
        ..default_settings(
            spelled.clone().ok()?,
            ProviderId::new(spec.id),
            spec.base_url,
            providers,
        )
    };
    let mut settings = read_settings(&mut section, settings, &home, overrides, providers);
    settings.files = files(&mut section, &home);
    if spec.address == AddressForm::Path
        && settings.files.paths.is_empty()
        && settings.base_url.is_empty()
    {
        section.report_missing(
            &span,
            "has no path",
            "add path = [\"…\"]: files, folders, archives or globs",
        );
    }
    let account = section.read_member("account", "\"…\", a name of a-z, 0-9 and -", |value| {
        parse_string(value).filter(|name| ProfileName::new(name).is_ok())
    });
    let api_key = read_key_source(&mut section, "key", &home);
    let jwt = read_key_source(&mut section, "jwt", &home);
    let archive_password = read_key_source(&mut section, "archive_password", &home);
    if spec.key == KeyNeed::None && section.value("key").is_some() {
        section.report_invalid("key", "is not used by this provider", "take it out");
    }
    if spec.key == KeyNeed::Required && section.value("key").is_none() && !clear {
        section.report_missing(&span, "has no key", "add key = { command = [\"…\"] }, or { file = \"…\" }, { env = \"…\" }, { keyring = \"…\" }");
    }
    (!section.report_invalid && !clear).then_some(ProfileConfig {
        settings,
        key: api_key,
        jwt,
        archive_password,
        account,
    })
}

/// A short name: one to eight printable ASCII characters.
fn short(value: &DeValue<'_>) -> Option<String> {
    parse_string(value).filter(|text| {
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        printable && (1..=8).contains(&text.len())
    })
}

fn read_settings(
    section: &mut TableReader<'_, '_, '_>,
    base: AdapterSettings,
    home: &PathBase,
    overrides: &Overrides,
    providers: &[ProviderSpec],
) -> AdapterSettings {
    let mut values = base.options.clone();
    for option in declared_options(providers) {
        let value = match option.form {
            OptionForm::Flag => section.boolean(option.name).map(OptionValue::Flag),
            OptionForm::Choice(words) => {
                section.keyword(option.name, words).map(OptionValue::Choice)
            }
            OptionForm::Url => url_of(section, option.name).map(|url| OptionValue::Url(Some(url))),
        };
        if let Some(value) = value {
            values.set(option.name, value);
        }
    }
    let read_only = section
        .boolean("read_only")
        .unwrap_or_else(|| section.is_invalid("read_only"));
    AdapterSettings {
        team_id: section.read_member("team_id", "\"…\", a header's value", parse_header),
        options: values,
        rpm: section.integer("rpm", 1),
        page_size: section.integer("page_size", 1),
        bulk_size: section.integer("bulk_size", 1),
        verify: section
            .read_member(
                "verify_seconds",
                "[1, 10, 60], seconds from 0 to 3600",
                parse_durations,
            )
            .unwrap_or_else(|| base.verify.clone()),
        allow_insecure_http: section.boolean("allow_insecure_http").unwrap_or_default(),
        insecure_http_flag: overrides.insecure_http,
        ca_file: section.string("ca_file").map(|path| home.resolve(&path)),
        proxy: read_proxy(section),
        read_only: read_only || overrides.read_only,
        environment: section.string("environment").unwrap_or_default(),
        short: section.read_member("short", "\"PD\", one to eight printable characters", short),
        attribution: section.string("attribution"),
        ..base
    }
}

/// Where the leaks are, of a profile whose leaks are in files.
fn files(section: &mut TableReader<'_, '_, '_>, home: &PathBase) -> FileSettings {
    const PATHS: &str = "[\"case-41/*.zip\"], at least one path";
    let paths = section.read_member("path", PATHS, |value| match value.as_str() {
        Some(_) => Some(vec![parse_string(value)?]),
        None => texts(value),
    });
    FileSettings {
        paths: paths
            .unwrap_or_default()
            .iter()
            .map(|path| home.resolve(path))
            .collect(),
        mapping: section.string("mapping").map(|path| home.resolve(&path)),
        encoding: section.string("encoding").filter(|label| label != "auto"),
        domains: section
            .read_member("domains", "[\"acme.example\"]", texts)
            .unwrap_or_default(),
        alias_domain: section.string("alias_domain"),
        archive_password: None,
        watch: section.boolean("watch").unwrap_or(true),
    }
}

fn texts(value: &DeValue<'_>) -> Option<Vec<String>> {
    let list = value.as_array()?;
    let all: Vec<String> = list
        .iter()
        .map(|value| parse_string(value.get_ref()))
        .collect::<Option<_>>()?;
    (!all.is_empty()).then_some(all)
}

fn read_provider(
    section: &mut TableReader<'_, '_, '_>,
    span: &Range<usize>,
    providers: &[ProviderSpec],
) -> Option<ProviderSpec> {
    let ids: Vec<&'static str> = providers.iter().map(|spec| spec.id).collect();
    let Some(value) = section.value("provider") else {
        let hint = format!("add provider = \"…\", one of: {}", ids.join(", "));
        section.report_missing(span, "has no provider", &hint);
        return None;
    };
    let word = value.get_ref().as_str().unwrap_or_default();
    let row = providers.iter().find(|spec| spec.id == word);
    if row.is_none() {
        let hint = suggestion(&suggest(word, ids.iter().copied()), || {
            format!("one of: {}", ids.join(", "))
        });
        // What is no short word of letters may be a key in the wrong place, which is never quoted.
        let is_word = (1..=16).contains(&word.len())
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        let what = if is_word {
            format!("is {word}, which is none that is known")
        } else {
            "is none that is known".to_owned()
        };
        section.report_invalid("provider", &what, &hint);
    }
    row.copied()
}

/// `https://host[:port][/prefix]`, without a slash at its end.
fn url_of(section: &mut TableReader<'_, '_, '_>, member: &'static str) -> Option<String> {
    section.read_member(
        member,
        "\"https://host/prefix\", without user, password, question mark or #",
        |value| {
            let url = url::Url::parse(&parse_string(value)?).ok()?;
            let plain = matches!(url.scheme(), "https" | "http")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none();
            plain.then(|| url.as_str().trim_end_matches('/').to_owned())
        },
    )
}

pub(super) fn read_proxy(section: &mut TableReader<'_, '_, '_>) -> Option<String> {
    section.read_member("proxy", "\"http://host:port\"", |value| {
        let text = parse_string(value)?;
        let url = url::Url::parse(&text).ok()?;
        (matches!(url.scheme(), "http" | "https") && url.has_host() && url.password().is_none())
            .then_some(text)
    })
}

fn parse_header(value: &DeValue<'_>) -> Option<String> {
    parse_string(value).filter(|text| text.bytes().all(|byte| (0x20..0x7f).contains(&byte)))
}

fn parse_durations(value: &DeValue<'_>) -> Option<Vec<Duration>> {
    let list = value.as_array()?;
    let mut times: Vec<Duration> = list
        .iter()
        .map(|value| {
            let number: f64 = match value.get_ref() {
                DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse().ok()?,
                DeValue::Float(number) => number.as_str().parse().ok()?,
                _ => return None,
            };
            (0.0..=3600.0)
                .contains(&number)
                .then(|| Duration::from_secs_f64(number))
        })
        .collect::<Option<_>>()?;
    times.sort_unstable();
    (1..=20).contains(&times.len()).then_some(times)
}

/// A program and its arguments.
pub(super) fn parse_command_line(value: &DeValue<'_>) -> Option<Vec<String>> {
    let words: Vec<String> = value
        .as_array()?
        .iter()
        .map(|word| word.get_ref().as_str().map(str::to_owned))
        .collect::<Option<_>>()?;
    words
        .first()
        .is_some_and(|program| !program.trim().is_empty())
        .then_some(words)
}

/// Where a key is found: a table of exactly one of the four sources.
pub(super) fn read_key_source(
    section: &mut TableReader<'_, '_, '_>,
    name: &'static str,
    home: &PathBase,
) -> Option<KeySource> {
    let value = section.value(name)?;
    let form = "{ command = [\"…\"] }, { file = \"…\" }, { env = \"…\" } or { keyring = \"…\" }";
    if value.get_ref().is_str() {
        section.report_invalid(
            name,
            "stands in clear text, which is not accepted",
            KEY_HINT,
        );
        return None;
    }
    let source = section.read_member(name, form, |value| {
        let table = value.as_table()?;
        let (source, value) = table.iter().next().filter(|_| table.len() == 1)?;
        let value = value.get_ref();
        match &**source.get_ref() {
            "command" => parse_command_line(value).map(KeySource::Command),
            "file" => parse_string(value).map(|path| KeySource::File(home.resolve(&path))),
            "env" => parse_string(value)
                .filter(|name| !name.contains('='))
                .map(KeySource::Env),
            "keyring" => parse_string(value).map(KeySource::Keyring),
            _ => None,
        }
    });
    if matches!(source, Some(KeySource::Keyring(_))) && !cfg!(feature = "keyring") {
        section.report_invalid(
            name,
            "is in the key store, which this program was built without",
            "build it with --features keyring, or use a command",
        );
    }
    source
}

/// What a relative path and `~` are relative to: the file, not where the program was started.
pub(super) struct PathBase {
    directory: Option<PathBuf>,
    home: Option<PathBuf>,
}

impl PathBase {
    pub(super) fn new(reader: &TomlReader<'_>, overrides: &Overrides) -> Self {
        Self {
            directory: reader.path().and_then(Path::parent).map(Path::to_owned),
            home: overrides.home.clone(),
        }
    }

    pub(super) fn resolve(&self, path: &str) -> PathBuf {
        match (path.strip_prefix("~/"), &self.home, &self.directory) {
            (Some(rest), Some(home), _) => home.join(rest),
            (None, _, Some(directory)) => directory.join(path),
            _ => path.into(),
        }
    }
}
