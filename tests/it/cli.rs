//! The command line, through the same function as `main`: help, usage errors, and the commands that need no provider.

use insta::assert_snapshot;
use stanch::cli::{context::Environment, exit::ExitCode, output::Output, run_from};
use std::{ffi::OsString, fmt::Write as _, path::Path};

pub(crate) struct CommandOutput {
    pub(crate) exit: ExitCode,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

fn run_with(arguments: &[&str], variables: Vec<(&'static str, OsString)>) -> CommandOutput {
    let (output, out, err) = Output::in_memory();
    let arguments = std::iter::once("stanch").chain(arguments.iter().copied());
    let exit = run_from(
        arguments.map(OsString::from),
        Environment::from_variables(variables),
        output,
    );
    CommandOutput {
        exit,
        stdout: out.text(),
        stderr: err.text(),
    }
}

pub(crate) fn run(arguments: &[&str]) -> CommandOutput {
    run_with(arguments, Vec::new())
}

fn with_config(path: &Path, arguments: &[&str]) -> CommandOutput {
    run_with(arguments, vec![("STANCH_CONFIG", path.into())])
}

#[test]
fn help_is_as_it_was() {
    let ran = run(&["--help"]);
    assert_eq!((ran.exit, &ran.stderr[..]), (ExitCode::Done, ""));
    assert_snapshot!("help", ran.stdout);
    for (name, arguments) in [
        ("help_leaks_fix", &["leaks", "fix", "--help"][..]),
        ("help_leaks_set", &["leaks", "set", "--help"]),
        ("help_leaks_list", &["leaks", "list", "--help"]),
        ("help_check", &["check", "--help"]),
        ("help_check_password", &["check", "password", "--help"]),
        ("help_breaches_list", &["breaches", "list", "--help"]),
        ("help_api_keys_create", &["api-keys", "create", "--help"]),
        ("help_demo", &["demo", "--help"]),
    ] {
        assert_snapshot!(name, run(arguments).stdout);
    }
}

#[test]
fn the_manual_page_is_as_it_was() {
    let ran = run(&["man"]);
    assert_eq!((ran.exit, &ran.stderr[..]), (ExitCode::Done, ""));
    assert_snapshot!("man", ran.stdout);
    for command in [
        "stanch leaks fix",
        "stanch check password",
        "stanch api\\-keys create",
        "stanch verify\\-domain confirm",
        "stanch config init",
    ] {
        assert!(
            ran.stdout.contains(&format!(".SS \"{command}\"")),
            "{command}"
        );
    }
    assert!(
        !ran.stdout.contains("stanch complete "),
        "a hidden command is listed"
    );
    assert!(
        ran.stdout.contains(".SH FILTER\n"),
        "the language has no section"
    );
}

#[test]
fn every_shell_gets_its_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = run(&["completions", shell]);
        assert_eq!(ran.exit, ExitCode::Done);
        assert!(ran.stdout.contains("verify-domain"), "{shell}");
    }
}

#[test]
fn a_wrong_command_line_ends_with_2_and_a_hint() {
    let mut all = String::new();
    for arguments in [
        &["lkeas"][..],
        &["leaks"],
        &["leaks", "list", "--fromat", "json"],
        &["leaks", "list", "--limit", "many"],
        &["leaks", "fix"],
        &["leaks", "fix", "a:leak:1", "--filter", "x"],
        &["leaks", "show", "nokey"],
        &["leaks", "set", "fixed"],
        &["leaks", "set", "done", "a:leak:1"],
        &["check", "email"],
        &["breaches", "list", "--spam", "perhaps"],
        &["api-keys", "create"],
        &["serve", "--listen", "0.0.0.0:80"],
        &["demo", "--today", "tomorrow"],
        &["--filter", "x", "leaks", "list"],
        &["--profile", "a", "leaks", "list", "--profile", "b"],
        &["--color", "blue"],
        &["export", "--format", "csv"],
        &["jobs", "show", "0"],
    ] {
        let ran = run(arguments);
        assert_eq!(
            (ran.exit, &ran.stdout[..]),
            (ExitCode::Usage, ""),
            "{arguments:?}"
        );
        assert!(ran.stderr.starts_with("stanch: "), "{}", ran.stderr);
        let _ = write!(all, "$ stanch {}\n{}", arguments.join(" "), ran.stderr);
    }
    assert_snapshot!("usage", all);
}

#[test]
fn a_secret_as_an_argument_is_refused_and_not_quoted() {
    let mut all = String::new();
    for (arguments, secret) in [
        (&["check", "password", "hunter2"][..], "hunter2"),
        (&["check", "password", "--hunter2"], "hunter2"),
        (&["check", "password", "-hunter2=x"], "hunter2"),
        (&["check", "password", "--hunter2=x", "more"], "hunter2"),
        (&["check", "password", "--", "--hunter2"], "hunter2"),
        (&["check", "--quiet", "card", "5555555555554444"], "5555"),
        (
            &["check", "card", "5555555555554444", "--format", "json"],
            "5555",
        ),
        (&["check", "ssn", "6789"], "6789"),
    ] {
        let ran = run(arguments);
        assert_eq!(
            (ran.exit, &ran.stdout[..]),
            (ExitCode::Usage, ""),
            "{arguments:?}"
        );
        assert!(
            !ran.stderr.contains(secret),
            "{arguments:?}: {}",
            ran.stderr
        );
        assert!(ran.stderr.contains("never an argument"), "{}", ran.stderr);
        if !arguments.contains(&"json") {
            let _ = write!(all, "$ stanch {}\n{}", arguments.join(" "), ran.stderr);
        }
    }
    assert_snapshot!("secret_arguments", all);
}

#[test]
fn with_json_a_usage_error_is_one_line_of_json() {
    for arguments in [
        &["leaks", "list", "--format", "json", "--nope"][..],
        &["leaks", "list", "--format=jsonl", "--nope"],
    ] {
        let ran = run(arguments);
        assert_eq!((ran.exit.code(), ran.stderr.lines().count()), (2, 1));
        let error: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
        assert_eq!(error["schema"], 1);
        assert_eq!(error["exit"], 2);
        assert_eq!(error["error"]["kind"], "usage");
        assert_eq!(error["error"]["profile"], serde_json::Value::Null);
        assert!(
            error["error"]["message"]
                .as_str()
                .unwrap()
                .contains("--nope")
        );
    }
}

#[test]
fn options_that_work_everywhere_work_on_both_sides_of_a_command() {
    let parse = |arguments: &[&str]| {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        stanch::cli::parse(&arguments).unwrap().options
    };
    let before = parse(&[
        "stanch",
        "--read-only",
        "--profile",
        "a",
        "--profile",
        "b",
        "--color",
        "never",
        "leaks",
        "list",
    ]);
    let after = parse(&[
        "stanch",
        "leaks",
        "list",
        "--profile=a",
        "--profile",
        "b",
        "--read-only",
        "--color=never",
    ]);
    assert_eq!(before, after);
    assert_eq!(before.profiles, ["a", "b"]);
    assert!(before.read_only);
}

#[test]
fn a_configuration_is_made_once_found_and_checked() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.toml");
    let shown = format!("{}\n", path.display());
    let ran = with_config(&path, &["config", "path"]);
    assert_eq!((ran.exit, &ran.stdout), (ExitCode::Done, &shown));
    let ran = with_config(&path, &["config", "init"]);
    assert_eq!((ran.exit, &ran.stdout), (ExitCode::Done, &shown));
    let ran = with_config(&path, &["config", "init"]);
    assert_eq!((ran.exit, &ran.stdout[..]), (ExitCode::Usage, ""));
    assert!(ran.stderr.contains("never overwritten"), "{}", ran.stderr);
    let ran = with_config(&path, &["config", "check", "--format", "json"]);
    assert_eq!(ran.exit, ExitCode::Done);
    let answer: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(answer["schema"], 1);
    assert_eq!(answer["config"]["ok"], true);
    assert_eq!(answer["config"]["problems"], serde_json::json!([]));
}

#[test]
fn a_wrong_configuration_is_told_with_file_and_line_and_ends_with_2() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.toml");
    std::fs::write(
        &path,
        "[policy]\nrevael = true\n[profiles.a]\nkey = \"hunter2\"\n",
    )
    .unwrap();
    let ran = with_config(&path, &["config", "check", "--format", "json"]);
    assert_eq!(ran.exit, ExitCode::Usage);
    let answer: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let problems = answer["config"]["problems"].as_array().unwrap();
    assert_eq!(problems[0]["line"], 2);
    assert_eq!(problems[0]["column"], 1);
    assert_eq!(problems[0]["file"], path.to_str().unwrap());
    assert!(problems[0]["hint"].as_str().unwrap().contains("reveal"));
    let ran = with_config(&path, &["config", "check"]);
    assert!(ran.stdout.contains("config.toml:2:1: "), "{}", ran.stdout);
    assert!(!ran.stdout.contains("hunter2"));
    let ran = with_config(&path, &["config", "show"]);
    assert_eq!(ran.exit, ExitCode::Done);
    assert!(ran.stdout.contains("reveal = false"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("hunter2") && !ran.stderr.contains("hunter2"));
}

#[test]
fn quiet_silences_notices_and_no_errors() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.toml");
    std::fs::write(&path, "[policy]\nrevael = true\n").unwrap();
    assert_ne!(with_config(&path, &["config", "show"]).stderr, "");
    assert_eq!(
        with_config(&path, &["config", "show", "--quiet"]).stderr,
        ""
    );
    assert_ne!(
        with_config(&path, &["--quiet", "config", "init"]).stderr,
        ""
    );
}

#[test]
fn keys_are_listed_as_they_are_in_force() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.toml");
    std::fs::write(&path, "[keymap.list]\nmark-fixed = [\"x\"]\n").unwrap();
    let ran = with_config(&path, &["keys"]);
    let line = ran
        .stdout
        .lines()
        .find(|line| line.contains(" mark-fixed "))
        .unwrap();
    assert!(line.starts_with("x "), "{line}");
    let ran = with_config(&path, &["keys", "--markdown"]);
    assert!(ran.stdout.starts_with("<!-- keys -->\n|"));
    assert!(ran.stdout.contains("| `f` | Mark fixed: opens the plan. |"));
}

#[test]
fn exit_codes_are_the_ones_that_scripts_know() {
    use strum::IntoEnumIterator as _;
    let codes: Vec<u8> = ExitCode::iter().map(ExitCode::code).collect();
    assert_eq!(
        codes,
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 129, 130, 143]
    );
    for exit in ExitCode::iter() {
        assert_eq!(ExitCode::from_code(exit.code()), exit);
    }
}

mod output {
    use super::*;
    use stanch::{
        cli::{
            failure::{Failure, FailureKind},
            output::Column,
        },
        entity::visible::escape,
    };
    use std::io;

    struct Broken(io::ErrorKind);

    impl io::Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_table_is_aligned_by_what_the_eye_sees() {
        let (mut output, out, _) = Output::in_memory();
        let rows: Vec<_> = [("a", "1"), ("日本", "20"), ("é", "3")]
            .map(|(a, b)| vec![escape(a.as_bytes()), escape(b.as_bytes())])
            .to_vec();
        output.table(&[Column::text("NAME"), Column::number("N")], &rows);
        assert_eq!(out.text(), "NAME   N\na      1\n日本  20\né      3\n");
    }

    #[test]
    fn a_long_cell_is_cut_with_a_sign_and_a_key_is_not() {
        let (mut output, out, _) = Output::in_memory();
        let long = escape("日".repeat(40).as_bytes());
        output.table(
            &[Column::uncut("K"), Column::text("T")],
            &[vec![long.clone(), long]],
        );
        let text = out.text();
        let line = text.lines().nth(1).unwrap();
        assert_eq!(line.matches('日').count(), 40 + 29);
        assert!(line.ends_with('…'));
    }

    #[test]
    fn a_reader_that_has_seen_enough_is_not_an_error() {
        let mut output = Output::with_writers(
            Box::new(Broken(io::ErrorKind::BrokenPipe)),
            Box::new(io::sink()),
        );
        output.text("x");
        assert!(output.is_closed());
        assert_eq!(output.finish(), Ok(()));
        let mut output = Output::with_writers(
            Box::new(Broken(io::ErrorKind::StorageFull)),
            Box::new(io::sink()),
        );
        output.text("x");
        assert_eq!(output.finish(), Err(io::ErrorKind::StorageFull));
    }

    #[test]
    fn a_failure_is_two_lines() {
        let (mut output, out, err) = Output::in_memory();
        let failure = Failure::new(FailureKind::Policy, "no", "ask");
        assert_eq!(output.failure(&failure), ExitCode::Policy);
        assert_eq!(
            (&out.text()[..], &err.text()[..]),
            ("", "stanch: no\nhint: ask\n")
        );
    }
}
