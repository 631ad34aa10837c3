//! Where keys come from, and what is refused.

use stanch::{
    credential::{CredentialError, read},
    entity::profile::KeySource,
};
use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, symlink},
    path::PathBuf,
};
use tempfile::TempDir;

const KEY: &str = "pdcp-0123456789abcdef";

fn command(words: &[&str]) -> KeySource {
    KeySource::Command(words.iter().map(|word| (*word).to_owned()).collect())
}

fn shell(script: &str) -> KeySource {
    command(&["sh", "-c", script])
}

fn file(directory: &TempDir, content: &[u8], mode: u32) -> PathBuf {
    let path = directory.path().join("key");
    fs::remove_file(&path).ok();
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    path
}

fn key(source: &KeySource) -> String {
    let (secret, notice) = read(source).unwrap();
    assert_eq!(notice, None);
    String::from_utf8(secret.expose().to_vec()).unwrap()
}

#[test]
fn a_command_gives_the_first_line_that_it_prints() {
    assert_eq!(key(&command(&["echo", KEY])), KEY);
    let many = format!("printf '%s\\r\\nlogin: ana\\n' {KEY}; yes | head -c 300000");
    assert_eq!(key(&shell(&many)), KEY);
    assert_eq!(key(&shell(&format!("printf %s {KEY}"))), KEY);
}

#[test]
fn each_line_end_ends_the_key_and_a_byte_order_mark_is_told() {
    let directory = TempDir::new().unwrap();
    for end in ["\n", "\r\n", "\r"] {
        for rest in ["", "login: ana"] {
            let content = format!("{KEY}{end}{rest}");
            let path = file(&directory, content.as_bytes(), 0o600);
            assert_eq!(key(&KeySource::File(path)), KEY, "{content:?}");
            let printed = content.replace('\r', "\\r").replace('\n', "\\n");
            assert_eq!(
                key(&shell(&format!("printf '{printed}'"))),
                KEY,
                "{content:?}"
            );
        }
    }
    let path = file(&directory, format!("\u{feff}{KEY}\r\n").as_bytes(), 0o600);
    let error = read(&KeySource::File(path)).unwrap_err();
    assert!(matches!(error, CredentialError::ByteOrderMark { .. }));
    assert!(error.to_string().contains("byte order mark") && !error.to_string().contains(KEY));
}

#[test]
fn a_command_is_run_without_a_shell_and_with_a_cleaned_environment() {
    assert_eq!(key(&command(&["echo", "$HOME;id"])), "$HOME;id");
    // Cargo's own variables stand for everything that is none of its business.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    assert_eq!(
        key(&shell(
            "echo \"${CARGO_MANIFEST_DIR-cleaned} ${PATH:+path}\""
        )),
        "cleaned path"
    );
}

#[test]
fn a_command_that_fails_says_so_without_what_it_printed() {
    for source in [
        shell(&format!("echo {KEY}; echo {KEY} >&2; exit 3")),
        command(&["/nowhere/pass", KEY]),
        command(&[]),
    ] {
        let error = read(&source).unwrap_err();
        assert!(matches!(error, CredentialError::Command { .. }), "{error}");
        assert!(!format!("{error} {error:?} {}", error.hint()).contains(KEY));
        assert_eq!((error.exit_code(), error.kind()), (2, "config"));
    }
}

#[test]
fn a_file_gives_its_first_line_if_it_is_ours_alone() {
    let directory = TempDir::new().unwrap();
    for mode in [0o600, 0o400] {
        let path = file(&directory, format!("{KEY}\nmore\n").as_bytes(), mode);
        assert_eq!(key(&KeySource::File(path)), KEY);
    }
    for mode in [0o640, 0o604, 0o644, 0o660, 0o700] {
        let path = file(&directory, KEY.as_bytes(), mode);
        let error = read(&KeySource::File(path.clone())).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains(&format!("chmod 0600 {}", path.display())),
            "{text}"
        );
        assert!(!text.contains(KEY));
    }
}

#[test]
fn a_link_a_directory_and_a_pipe_are_no_key_files() {
    let directory = TempDir::new().unwrap();
    let path = file(&directory, KEY.as_bytes(), 0o600);
    let link = directory.path().join("link");
    symlink(&path, &link).unwrap();
    let pipe = directory.path().join("pipe");
    let made = std::process::Command::new("mkfifo")
        .args(["-m", "600"])
        .arg(&pipe)
        .status()
        .unwrap();
    assert!(made.success());
    for path in [link, pipe, directory.path().to_owned()] {
        let error = read(&KeySource::File(path)).unwrap_err();
        assert!(matches!(error, CredentialError::Refused { .. }), "{error}");
    }
    let gone = read(&KeySource::File(directory.path().join("gone"))).unwrap_err();
    assert!(matches!(gone, CredentialError::NoFile { .. }));
}

#[test]
fn a_key_that_cannot_be_sent_is_refused_and_not_quoted() {
    let directory = TempDir::new().unwrap();
    for (content, wanted) in [
        (&b""[..], "empty"),
        (b"\nkey on the second line", "empty"),
        (b"abc\x1bdef", "characters"),
        (b"abc\tdef", "characters"),
        (b"abc\0def", "characters"),
        ("schlüssel-abc".as_bytes(), "characters"),
        (b"abc\xffdef", "characters"),
        (b"   ", "characters"),
        (&[b'k'; 9_000], "too long"),
    ] {
        let path = file(&directory, content, 0o600);
        let error = read(&KeySource::File(path)).unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
        assert!(!format!("{error:?}").contains("abc"));
    }
    let error = read(&shell("printf 'abc\\033def'")).unwrap_err();
    assert!(matches!(error, CredentialError::InvalidCharacters { .. }));
}

#[test]
fn the_environment_comes_with_a_notice() {
    // A variable that is always set where tests run: setting one is not safe beside other threads.
    let value = std::env::var("PATH").unwrap();
    let (secret, notice) = read(&KeySource::Env("PATH".into())).unwrap();
    assert_eq!(secret.expose(), value.as_bytes());
    let notice = notice.unwrap();
    assert!(
        notice.contains("PATH") && !notice.contains(&value),
        "{notice}"
    );
    let error = read(&KeySource::Env("STANCH_TEST_NO_SUCH_KEY".into())).unwrap_err();
    assert!(matches!(error, CredentialError::NoVariable { .. }));
}

#[cfg(not(feature = "keyring"))]
#[test]
fn the_keyring_says_how_to_build_with_it() {
    let error = read(&KeySource::Keyring("acme-pd".into())).unwrap_err();
    assert!(error.to_string().contains("--features keyring"), "{error}");
}
