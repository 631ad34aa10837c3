//! Where the configuration and the state live, and the thin functions that read and create the file.

use super::{Config, Overrides, theme::ColorDepth};
use crate::entity::option::ProviderSpec;
use std::{
    ffi::OsString,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

/// No configuration is longer, in bytes.
const MAX_CONFIG_BYTES: u64 = 4 << 20;

/// Where the configuration is: `$STANCH_CONFIG`, else `stanch/config.toml` in the platform's configuration directory;
/// `None` where there is no home at all. `variable` looks a variable of the environment up.
pub fn config_path(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    path_from_variable(&variable, "STANCH_CONFIG").or_else(|| {
        let directories = directories::BaseDirs::new()?;
        Some(directories.config_dir().join("stanch").join("config.toml"))
    })
}

/// Where the journal, local statuses and the audit log live: `$STANCH_STATE_DIR`, else `stanch` in the platform's
/// state directory, or its local data directory where the platform knows no state directory.
pub fn state_directory(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    path_from_variable(&variable, "STANCH_STATE_DIR").or_else(|| {
        let directories = directories::BaseDirs::new()?;
        let base = directories
            .state_dir()
            .unwrap_or_else(|| directories.data_local_dir());
        Some(base.join("stanch"))
    })
}

fn path_from_variable(variable: &impl Fn(&str) -> Option<OsString>, name: &str) -> Option<PathBuf> {
    variable(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

/// What the environment says about the look, and where home is.
pub fn with_environment(
    variable: impl Fn(&str) -> Option<OsString>,
    overrides: Overrides,
) -> Overrides {
    Overrides {
        ascii_locale: is_ascii_locale(&variable),
        no_color: variable("NO_COLOR").is_some_and(|value| !value.is_empty()),
        depth: color_depth(&variable),
        color_fg_bg: variable("COLORFGBG").and_then(|value| value.into_string().ok()),
        store_url: variable("STANCH_STORE_URL")
            .and_then(|value| value.into_string().ok())
            .filter(|value| !value.is_empty()),
        home: directories::BaseDirs::new().map(|directories| directories.home_dir().to_owned()),
        ..overrides
    }
}

/// How many colours the terminal says that it has. Where neither variable is set, nothing was said, and any may be asked
/// for.
fn color_depth(variable: &impl Fn(&str) -> Option<OsString>) -> ColorDepth {
    let said = |name| variable(name).and_then(|value| value.into_string().ok());
    let color = said("COLORTERM").unwrap_or_default();
    let term = said("TERM").unwrap_or_default();
    if matches!(&*color, "truecolor" | "24bit") || term.contains("direct") || term.is_empty() {
        ColorDepth::True
    } else if term.contains("256color") {
        ColorDepth::Indexed
    } else {
        ColorDepth::Sixteen
    }
}

/// Whether the locale says that nothing but ASCII can be shown: the first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set
/// is `C` or `POSIX`, or names a character set other than UTF-8. Where none is set, as in a container or a bare remote
/// shell, nothing is said about the terminal, and today's are UTF-8.
pub fn is_ascii_locale(variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| variable(name).filter(|value| !value.is_empty()));
    let Some(locale) = set else { return false };
    let locale = locale.to_string_lossy();
    let locale = locale.split('@').next().unwrap_or_default();
    match locale.split_once('.') {
        None => matches!(locale, "C" | "POSIX"),
        Some((_, characters)) => {
            let characters = characters.to_ascii_lowercase().replace(['-', '_'], "");
            characters != "utf8"
        }
    }
}

/// Reads the file and loads it. A file that is not there is no configuration, unless it was `named` on the command
/// line or in the environment; one that cannot be read is a problem.
pub fn read_config(
    path: Option<&Path>,
    named: bool,
    providers: &[ProviderSpec],
    overrides: &Overrides,
) -> Config {
    let Some(path) = path else {
        return Config::load(None, providers, overrides);
    };
    match read_text(path) {
        Ok(text) => Config::load(Some((path, &text)), providers, overrides),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !named => {
            Config::load(None, providers, overrides)
        }
        Err(error) => Config::unreadable(path, &error_reason(&error), overrides),
    }
}

/// The text of the file, where it can be read.
///
/// # Errors
/// As opening and reading it.
pub fn raw(path: &Path) -> io::Result<String> {
    read_text(path)
}

fn read_text(path: &Path) -> io::Result<String> {
    let file = super::open::open(path)?;
    // It names commands that run as the operator: whoever writes it is the operator.
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&file.metadata()?.permissions()) & 0o002 != 0 {
        return Err(io::Error::other("everybody may write it; chmod o-w it"));
    }
    let mut bytes = Vec::new();
    file.take(MAX_CONFIG_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_CONFIG_BYTES {
        let why = format!("it is longer than {} MiB", MAX_CONFIG_BYTES >> 20);
        return Err(io::Error::other(why));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::other("it is not UTF-8"))
}

/// The reason alone, in words that quote nothing.
fn error_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::Other => error.to_string(),
        kind => kind.to_string(),
    }
}

/// The configuration with every option, its default and a comment.
pub const SAMPLE: &str = include_str!("../../assets/config.toml");

/// Writes [`SAMPLE`] to a new file that only its owner can read; an existing file is never touched.
pub fn create(path: &Path) -> io::Result<()> {
    if let Some(directory) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(directory)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(SAMPLE.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_is_what_the_first_variable_says() {
        for (variables, ascii) in [
            (&[][..], false),
            (&[("LANG", "C")], true),
            (&[("LANG", "POSIX")], true),
            (&[("LANG", "C.UTF-8")], false),
            (&[("LANG", "C.utf8")], false),
            (&[("LANG", "de_DE.UTF-8@euro")], false),
            (&[("LANG", "de_DE.ISO-8859-1")], true),
            (&[("LANG", "de_DE")], false),
            (&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")], true),
            (
                &[
                    ("LC_ALL", ""),
                    ("LC_CTYPE", "POSIX"),
                    ("LANG", "en_US.UTF-8"),
                ],
                true,
            ),
            (
                &[("LC_ALL", "en_US.UTF-8"), ("LC_CTYPE", "C"), ("LANG", "C")],
                false,
            ),
            (&[("LC_CTYPE", "C.UTF-8"), ("LANG", "C")], false),
            (&[("LANG", "")], false),
        ] {
            let variable = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| OsString::from(*value))
            };
            assert_eq!(is_ascii_locale(variable), ascii, "{variables:?}");
        }
    }
}
