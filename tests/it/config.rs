//! Configuration: fixtures that are in order, fixtures that are not and what is said of them, files and places.

#![expect(
    clippy::unwrap_used,
    reason = "a fixture that is not there fails the test"
)]

use insta::assert_snapshot;
use stanch::{
    action::Action,
    config::{
        ClipboardVia, Config, Overrides, Policy,
        chord::{Chord, parse_sequence, sequence_text},
        keymap::{Context, KeyMatch},
        location,
        problem::ProblemScope,
        show,
        theme::{ColorChoice, ThemeName},
    },
    entity::{
        option::{
            AddressForm, KeyNeed, OptionForm, OptionSpec, OptionValue, OptionValues, ProviderSpec,
        },
        profile::KeySource,
    },
    provider::REGISTRY,
};
use std::{
    ffi::OsString,
    fmt::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

/// Two providers, the first with the settings of the one that has most.
const PROVIDERS: &[ProviderSpec] = &[
    ProviderSpec {
        id: "projectdiscovery",
        base_url: "https://api.example.com",
        key: KeyNeed::Required,
        address: AddressForm::Http,
        options: REGISTRY[0].options,
    },
    ProviderSpec {
        id: "other-provider",
        base_url: "https://other.example.com/api/v1",
        options: &[],
        ..PROVIDER
    },
];

const PROVIDER: ProviderSpec = ProviderSpec {
    id: "",
    base_url: "",
    key: KeyNeed::Required,
    address: AddressForm::Http,
    options: &[],
};

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config");
    std::fs::read_to_string(path.join(name)).unwrap()
}

fn load_with(name: &str, overrides: &Overrides) -> Config {
    let file = Path::new(name).file_name().unwrap();
    let path = Path::new("/etc/stanch").join(file);
    Config::load(Some((&path, &fixture(name))), PROVIDERS, overrides)
}

fn load(name: &str) -> Config {
    load_with(name, &Overrides::default())
}

fn load_text(text: &str) -> Config {
    Config::load(
        Some((Path::new("c.toml"), text)),
        PROVIDERS,
        &Overrides::default(),
    )
}

fn problems(config: &Config) -> String {
    let lines: Vec<String> = config.problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn keys(text: &str) -> Vec<Chord> {
    parse_sequence(text).unwrap()
}

#[test]
fn every_valid_fixture_has_no_problem() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config/valid");
    let mut seen = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let config = load(&format!("valid/{name}"));
        assert_eq!(config.problems, [], "{name}");
        seen += 1;
    }
    assert!(seen >= 3);
}

#[test]
fn every_invalid_fixture_says_what_is_wrong_where_and_what_to_do() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config/invalid");
    let mut names: Vec<String> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut all = String::new();
    for name in names {
        let config = load(&format!("invalid/{name}"));
        assert!(!config.problems.is_empty(), "{name}");
        for problem in &config.problems {
            assert!(
                problem.line.is_some() && problem.column.is_some(),
                "{problem}"
            );
            assert!(
                !problem.message.is_empty() && !problem.hint.is_empty(),
                "{problem}"
            );
        }
        let _ = writeln!(all, "=== {name}\n{}", problems(&config));
    }
    assert!(!all.contains("hunter2"), "a problem quotes a key");
    assert_snapshot!("problems", all);
}

#[test]
fn not_even_a_key_without_quotes_is_quoted() {
    for text in [
        "key = hunter2",
        "[a]\nkey = \"hunter2",
        "hunter2",
        "key = \"x\" hunter2\nkey = 1",
        "[policy]\nreveal = \"hunter2\"\n[clipboard]\nvia = \"hunter2\"",
        "[keymap.leaks]\n\"x\" = [\"hunter2\"]",
    ] {
        let config = load_text(text);
        assert!(!config.problems.is_empty(), "{text}");
        let told: Vec<&str> = config
            .problems
            .iter()
            .map(|problem| &problem.message[..])
            .collect();
        assert!(
            !told.concat().contains("hunter2") || text == "hunter2",
            "{told:?}"
        );
    }
}

#[test]
fn every_option_arrives() {
    let overrides = Overrides {
        home: Some(PathBuf::from("/home/me")),
        ..Overrides::default()
    };
    let config = load_with("valid/everything.toml", &overrides);
    let first = &config.profiles[0];
    let settings = &first.settings;
    assert_eq!(settings.name.as_str(), "acme-pd");
    assert_eq!(settings.base_url, "https://pd.example.com/prefix");
    assert_eq!(
        first.key,
        Some(KeySource::Command(vec![
            "pass".into(),
            "show".into(),
            "pd".into()
        ]))
    );
    assert_eq!(first.jwt, Some(KeySource::Env("ACME_JWT".into())));
    assert_eq!(settings.environment, "prod");
    assert!(settings.read_only && settings.allow_insecure_http);
    assert!(!settings.insecure_http_flag);
    assert_eq!(settings.team_id.as_deref(), Some("team-1"));
    let mut options = OptionValues::default();
    options.set("team_everywhere", OptionValue::Flag(true));
    options.set("auth", OptionValue::Choice("bearer"));
    options.set("lists", OptionValue::Choice("deprecated"));
    options.set("stats_with_key", OptionValue::Flag(true));
    assert_eq!(settings.options, options);
    assert_eq!(
        (settings.rpm, settings.page_size, settings.bulk_size),
        (Some(60), Some(500), Some(50))
    );
    assert_eq!(
        settings.verify,
        [0.5, 2.0, 30.0].map(Duration::from_secs_f64)
    );
    assert_eq!(settings.ca_file, Some(PathBuf::from("/etc/stanch/ca.pem")));
    assert_eq!(settings.proxy.as_deref(), Some("http://127.0.0.1:3128"));
    let second = &config.profiles[1];
    assert_eq!(second.settings.base_url, "https://api.example.com");
    assert_eq!(
        second.key,
        Some(KeySource::File("/home/me/.stanch-key".into()))
    );
    assert_eq!(
        config.policy,
        Policy {
            confirm_above: 10,
            require_reason: true,
            reveal: false,
            copy_secrets: true,
            undo_others: true
        }
    );
    assert_eq!(
        config.clipboard,
        ClipboardVia::Command(vec!["wl-copy".into()])
    );
    assert_eq!(config.theme.name, ThemeName::Mono);
    assert!(config.theme.ascii);
    assert_eq!(
        config.theme.styles.accent.fg, None,
        "mono keeps colours out"
    );
}

#[test]
fn a_wrong_profile_is_left_out_and_the_others_stay() {
    let config = load("invalid/values.toml");
    let names: Vec<&str> = config
        .profiles
        .iter()
        .map(|p| p.settings.name.as_str())
        .collect();
    assert_eq!(names, ["good"]);
    let missing: Vec<&str> = config
        .excluded_profile_problems()
        .map(|(name, _)| name)
        .collect();
    assert!(missing.contains(&"first") && missing.contains(&"third"));
    assert_eq!(config.blocking_problem(), None);
}

#[test]
fn what_forbids_stays_in_force_when_it_is_misspelled() {
    let config = load("invalid/unknown.toml");
    assert!(config.profiles[0].settings.read_only, "read_onyl = true");
    assert!(config.policy.require_reason, "require_raeson = true");
    let config = load("invalid/values.toml");
    assert!(config.policy.require_reason && !config.policy.reveal);
    let config = load("invalid/syntax.toml");
    assert!(config.profiles.is_empty() && !config.policy.reveal);
    assert_eq!(config.blocking_problem().unwrap().scope, ProblemScope::File);
    assert_eq!(load("invalid/clipboard.toml").clipboard, ClipboardVia::Off);
}

#[test]
fn flags_come_after_the_file() {
    let overrides = Overrides {
        profiles: vec!["test-pd".into()],
        read_only: true,
        insecure_http: true,
        ascii: false,
        color: Some(ColorChoice::Always),
        no_color: true,
        ..Overrides::default()
    };
    let config = load_with("valid/everything.toml", &overrides);
    assert_eq!(config.problems, []);
    assert_eq!(config.profiles.len(), 1);
    let settings = &config.profiles[0].settings;
    assert!(settings.read_only && settings.insecure_http_flag);
    assert_eq!(config.theme.name, ThemeName::Light);
    assert!(config.theme.ascii);
}

#[test]
fn no_color_is_mono_and_never_is_too() {
    for (no_color, color, name) in [
        (true, None, ThemeName::Mono),
        (false, Some(ColorChoice::Never), ThemeName::Mono),
        (true, Some(ColorChoice::Always), ThemeName::Dark),
        (false, None, ThemeName::Dark),
    ] {
        let overrides = Overrides {
            no_color,
            color,
            ..Overrides::default()
        };
        assert_eq!(Config::load(None, PROVIDERS, &overrides).theme.name, name);
    }
    let light = Overrides {
        color_fg_bg: Some("0;15".into()),
        ..Overrides::default()
    };
    assert_eq!(
        Config::load(None, PROVIDERS, &light).theme.name,
        ThemeName::Light
    );
}

#[test]
fn a_profile_that_is_asked_for_and_not_there_blocks_a_command() {
    for (name, hint) in [
        ("test-dp", "did you mean test-pd?"),
        ("nobody", "stanch config show lists the profiles"),
    ] {
        let overrides = Overrides {
            profiles: vec![name.into()],
            ..Overrides::default()
        };
        let config = load_with("valid/everything.toml", &overrides);
        let problem = config.blocking_problem().unwrap();
        assert_eq!(
            (&problem.scope, &problem.hint[..]),
            (&ProblemScope::Selection, hint)
        );
    }
    let overrides = Overrides {
        profiles: vec!["first".into()],
        ..Overrides::default()
    };
    let config = load_with("invalid/values.toml", &overrides);
    assert!(
        config
            .blocking_problem()
            .unwrap()
            .message
            .contains("cannot be used")
    );
}

#[test]
fn what_is_shown_reads_back_as_what_is_in_force() {
    let overrides = Overrides {
        home: Some("/home/me".into()),
        ..Overrides::default()
    };
    let config = load_with("valid/everything.toml", &overrides);
    let shown = show::to_toml(&config);
    let again = load_text(&shown);
    assert_eq!(again.problems, [], "{shown}");
    assert_eq!(again.profiles, config.profiles);
    assert_eq!(
        (again.policy, &again.clipboard),
        (config.policy, &config.clipboard)
    );
    assert_eq!(again.watching, config.watching);
}

#[test]
fn what_is_wrong_about_watches_is_said_at_its_place_and_stops_a_watch() {
    for (text, place, said) in [
        ("[watch]\nevery = \"5\"", 2, "every has a wrong value"),
        ("[watch]\nevery = \"0s\"", 2, "every is no time"),
        ("[watch]\nshare = 1.5", 2, "share has a wrong value"),
        (
            "[watch]\nkinds = [\"baseline\"]",
            2,
            "kinds has a wrong value",
        ),
        ("[watch]\nevry = \"5m\"", 2, "unknown member evry"),
        ("[watches.A]", 1, "A is no watch"),
        ("[watches.a]\nfilter = \"clas:x\"", 2, "filter is no filter"),
        ("[watches.a]\nfilter = \"marked\"", 2, "asks for marks"),
        (
            "[watches.a]\nview = \"v\"\nfilter = \"x\"",
            3,
            "beside a view",
        ),
        (
            "[watches.a]\ntell = [\"hook:b\"]",
            2,
            "[hooks.b], which cannot be used",
        ),
        (
            "[watches.a]\ntell = [\"mail\"]",
            2,
            "tell has a wrong value",
        ),
        ("[notify]\nterminal = \"osc8\"", 2, "none of the words"),
        ("[notify]\nquiet = 1", 2, "quiet is not a table"),
        ("[notify.quiet]\nfrom = \"22:00\"", 1, "needs from and to"),
        (
            "[notify.quiet]\nfrom = \"25:00\"\nto = \"7:00\"",
            2,
            "from has a wrong",
        ),
        ("[hooks.a]\ntimeout_s = 3", 1, "has no exec"),
        ("[hooks.a]\nexec = \"a b\"", 2, "exec has a wrong value"),
        (
            "[webhooks.a]\nurl = \"http://a.example\"\nsecret = { env = \"A\" }",
            2,
            "url has a wrong",
        ),
        (
            "[webhooks.a]\nurl = \"https://a.example\"",
            1,
            "has no secret",
        ),
        (
            "[webhooks.a]\nurl = \"https://a.example\"\nsecret = \"whsec_AAAA\"",
            3,
            "clear text",
        ),
        (
            "[report]\nlimits = [{ filter = \"x\" }]",
            2,
            "limits has a wrong value",
        ),
        ("watch = 1", 1, "watch is not a table"),
    ] {
        let config = load_text(text);
        assert!(config.watch_problem().is_some(), "{text}");
        let problem = config.watch_problem().unwrap();
        assert!(problem.message.contains(said), "{text}: {problem}");
        assert!(!problem.message.contains("whsec_"), "{problem}");
        // What a table lacks is said at its beginning.
        let line = problem.line.unwrap();
        assert!(line == place, "{text}: {problem}");
    }
    assert!(
        !load_text("[policy]\nwebhook = true")
            .watching
            .webhooks_allowed
    );
    assert!(load_text("").watching.webhooks_allowed);
}

#[test]
fn a_columns_count_is_of_characters_not_bytes() {
    let config =
        load_text("[policy]\n\"é\" = 1 \nreveal = true\n[theme]\nname = \"é\"\nflavour = 1");
    let places: Vec<String> = config
        .problems
        .iter()
        .map(stanch::config::problem::Problem::location)
        .collect();
    assert_eq!(places, ["c.toml:2:1", "c.toml:5:8", "c.toml:6:1"]);
}

#[test]
fn the_file_is_found_by_variable_then_by_platform() {
    let given = |name: &str| (name == "STANCH_CONFIG").then(|| OsString::from("/x/c.toml"));
    assert_eq!(location::config_path(given), Some("/x/c.toml".into()));
    let empty = |_: &str| Some(OsString::new());
    if let Some(path) = location::config_path(empty) {
        assert!(path.ends_with("stanch/config.toml"));
    }
    let state = |name: &str| (name == "STANCH_STATE_DIR").then(|| OsString::from("/x/s"));
    assert_eq!(location::state_directory(state), Some("/x/s".into()));
}

#[test]
fn a_file_that_is_named_must_be_there_and_one_that_is_not_need_not() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("none.toml");
    let overrides = Overrides::default();
    let config = location::read_config(Some(&path), false, PROVIDERS, &overrides);
    assert_eq!((config.problems, config.path), (vec![], None));
    let config = location::read_config(Some(&path), true, PROVIDERS, &overrides);
    assert_eq!(config.blocking_problem().unwrap().scope, ProblemScope::File);
    std::fs::write(&path, b"\xff").unwrap();
    let config = location::read_config(Some(&path), false, PROVIDERS, &overrides);
    assert!(config.blocking_problem().unwrap().message.contains("UTF-8"));
}

#[cfg(unix)]
#[test]
fn a_new_file_is_private_and_an_old_one_is_never_touched() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a/b/config.toml");
    location::create(&path).unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    std::fs::write(&path, "mine").unwrap();
    let error = location::create(&path).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
}

#[cfg(unix)]
#[test]
fn a_file_that_everybody_may_write_is_not_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.toml");
    std::fs::write(&path, fixture("valid/everything.toml")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
    let config = location::read_config(Some(&path), true, PROVIDERS, &Overrides::default());
    assert!(
        config
            .blocking_problem()
            .unwrap()
            .message
            .contains("chmod o-w")
    );
    assert_eq!(config.profiles, []);
}

#[test]
fn a_key_keeps_its_spelling() {
    for text in [
        "j",
        "G",
        "space",
        "ctrl-d",
        "shift-tab",
        "pgdn",
        "f1",
        "f12",
        "gg",
        "zf",
        "alt-x",
        "-",
        "=",
        "ctrl-space",
        "=u",
        "\\",
        "?",
        ":",
        "g space",
        "ctrl-x f",
        "enter",
        "é",
        "alt-enter",
        "shift-up",
        "ctrl--",
    ] {
        assert_eq!(sequence_text(&keys(text)), text);
    }
    assert_eq!(sequence_text(&keys("g g")), "gg");
    assert_eq!(sequence_text(&keys("u p")), "u p", "up is an arrow");
    for key in keys("g space") {
        assert_eq!(Chord::from(key.event()), key);
    }
    for wrong in [
        "",
        "ctlr-d",
        "c-d",
        "ctrl-m",
        "shift-g",
        "spce",
        "a b c d",
        "ctrl-",
        "f13",
        "ctrl-ctrl-x",
    ] {
        assert!(parse_sequence(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_operators_keys_come_before_the_built_in_ones() {
    let config = load("valid/everything.toml");
    let keymap = &config.keymap;
    let leaks = Context::Leaks.chain();
    assert_eq!(
        keymap.lookup(leaks, &keys("x")),
        KeyMatch::Action(Action::MarkFixed)
    );
    assert_eq!(
        keymap.lookup(leaks, &keys("f")),
        KeyMatch::None,
        "unbound in the leaks"
    );
    let users = Context::Users.chain();
    assert_eq!(
        keymap.lookup(users, &keys("f")),
        KeyMatch::Action(Action::MarkFixed)
    );
    assert_eq!(keymap.keys_for(leaks, Action::MarkFixed), ["x"]);
    assert_eq!(keymap.keys_for(users, Action::ToggleMark), ["t", "ctrl-t"]);
    assert_eq!(keymap.menu_title(&keys("o")), Some("order"));
}

#[test]
fn a_menu_that_is_unbound_frees_its_key() {
    let config = load("valid/keymap.toml");
    let leaks = Context::Leaks.chain();
    assert_eq!(
        config.keymap.lookup(leaks, &keys("y")),
        KeyMatch::Action(Action::Refresh)
    );
    assert_eq!(
        config.keymap.lookup(leaks, &keys("c")),
        KeyMatch::Prefix(vec![("i".into(), Action::CopyId)])
    );
    assert_eq!(config.keymap.lookup(leaks, &keys("gg")), KeyMatch::None);
    assert_eq!(
        config.keymap.lookup(Context::Users.chain(), &keys("gg")),
        KeyMatch::Action(Action::Top)
    );
}

#[test]
fn a_wrong_binding_leaves_the_built_in_one() {
    let config = load("invalid/keymap.toml");
    let leaks = Context::Leaks.chain();
    assert_eq!(
        config.keymap.lookup(leaks, &keys("f")),
        KeyMatch::Action(Action::MarkFixed)
    );
    assert!(matches!(
        config.keymap.lookup(leaks, &keys("y")),
        KeyMatch::Prefix(_)
    ));
    let plan = Context::Plan.chain();
    assert_eq!(config.keymap.keys_for(plan, Action::PlanApply), ["y"]);
    assert_eq!(config.keymap.lookup(plan, &keys("enter")), KeyMatch::None);
    assert_eq!(
        config.keymap.lookup(leaks, &keys("x")),
        KeyMatch::Action(Action::Reopen)
    );
}

#[test]
fn a_key_that_hides_another_counts_and_is_reported() {
    let config = load("invalid/shadow.toml");
    let leaks = Context::Leaks.chain();
    assert_eq!(
        config.keymap.lookup(leaks, &keys("j")),
        KeyMatch::Action(Action::MarkFixed)
    );
    let said: Vec<_> = config
        .problems
        .iter()
        .map(|p| (p.line, &p.message[..]))
        .collect();
    let expected = [
        (Some(3), "keymap: j hides down of global in leaks"),
        (Some(6), "keymap: w is hidden by focus-jobs of list"),
    ];
    assert_eq!(said, expected);
}

proptest::proptest! {
    #[test]
    fn a_key_that_reads_reads_back_from_what_it_is_shown_as(
        text in "(ctrl-|alt-|shift-)?[!-~é日 ]{1,4}|[a-z]{1,3}( (ctrl-)?[a-z]){0,2}|[a-z-]{2,10}",
    ) {
        if let Ok(chords) = parse_sequence(&text) {
            proptest::prop_assert_eq!(parse_sequence(&sequence_text(&chords)).ok(), Some(chords.clone()));
            for chord in chords {
                proptest::prop_assert_eq!(Chord::from(chord.event()), chord);
            }
        }
    }

    #[test]
    fn a_damaged_file_is_a_problem_and_never_a_fault(at in 0_usize..2_000, with in ".{0,4}") {
        let mut text = fixture("valid/everything.toml");
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        text.insert_str(at, &with);
        let config = load_text(&text);
        for problem in &config.problems {
            proptest::prop_assert!(!problem.message.chars().any(char::is_control) || with.chars().any(char::is_control));
        }
    }
}

/// Providers that are not built: settings of their own, no key, a path for an address.
const FICTIONAL_PROVIDERS: &[ProviderSpec] = &[
    ProviderSpec {
        id: "made-up",
        base_url: "https://made.up",
        key: KeyNeed::Optional,
        options: &[
            OptionSpec {
                name: "loud",
                form: OptionForm::Flag,
            },
            OptionSpec {
                name: "colour",
                form: OptionForm::Choice(&["red", "green"]),
            },
        ],
        ..PROVIDER
    },
    ProviderSpec {
        id: "files",
        base_url: "leaks.csv",
        key: KeyNeed::None,
        address: AddressForm::Path,
        ..PROVIDER
    },
];

fn load_with_fictional_providers(text: &str) -> Config {
    let path = Path::new("/etc/stanch/config.toml");
    Config::load(
        Some((path, text)),
        FICTIONAL_PROVIDERS,
        &Overrides::default(),
    )
}

#[test]
fn a_provider_declares_settings_of_its_own() {
    let config =
        load_with_fictional_providers("[profiles.a]\nprovider = \"made-up\"\nloud = true\n");
    assert_eq!(config.problems, []);
    let options = &config.profiles[0].settings.options;
    assert!(options.is_set("loud") && options.is_choice("colour", "red"));
    assert_eq!(config.profiles[0].key, None, "it needs none");
    let config =
        load_with_fictional_providers("[profiles.a]\nprovider = \"made-up\"\ncolour = \"grean\"\n");
    let problem = &config.problems[0];
    assert_eq!((problem.line, problem.column), (Some(3), Some(10)));
    assert!(problem.hint.contains("green"), "{problem}");
    // What no provider declares is no member.
    let config = load_with_fictional_providers(
        "[profiles.a]\nprovider = \"made-up\"\nlists = \"current\"\n",
    );
    assert!(config.problems[0].message.contains("unknown member lists"));
    assert!(
        config.problems[0].hint.contains("loud, colour"),
        "{}",
        config.problems[0]
    );
    let shown = show::to_toml(&load_with_fictional_providers(
        "[profiles.a]\nprovider = \"made-up\"\n",
    ));
    assert!(
        shown.contains("colour = \"red\"") && shown.contains("loud = false"),
        "{shown}"
    );
}

#[test]
fn a_provider_without_a_key_takes_none_and_an_address_may_be_a_path() {
    let config = load_with_fictional_providers(
        "[profiles.a]\nprovider = \"files\"\nbase_url = \"more/leaks.csv\"\n",
    );
    assert_eq!(config.problems, []);
    let settings = &config.profiles[0].settings;
    assert_eq!(settings.base_url, "/etc/stanch/more/leaks.csv");
    let config = load_with_fictional_providers(
        "[profiles.a]\nprovider = \"files\"\nkey = { env = \"KEY\" }\n",
    );
    assert!(config.problems[0].message.contains("key is not used"));
    assert!(config.profiles.is_empty());
}
