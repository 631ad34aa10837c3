//! Where the configuration and the state live, and the thin functions that read and create the file.

use super::{Config, Overrides, ProviderRow};
use std::{
    ffi::OsString,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

/// A configuration of a mebibyte is not one.
const MOST: u64 = 1 << 20;

/// Where the configuration is: `$STANCH_CONFIG`, else `stanch/config.toml` in the platform's configuration directory;
/// `None` where there is no home at all. `variable` looks a variable of the environment up.
pub fn locate(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    given(&variable, "STANCH_CONFIG").or_else(|| {
        let directories = directories::BaseDirs::new()?;
        Some(directories.config_dir().join("stanch").join("config.toml"))
    })
}

/// Where the journal, local statuses and the audit log live: `$STANCH_STATE_DIR`, else `stanch` in the platform's
/// state directory, or its local data directory where the platform knows no state directory.
pub fn state_directory(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    given(&variable, "STANCH_STATE_DIR").or_else(|| {
        let directories = directories::BaseDirs::new()?;
        let base = directories
            .state_dir()
            .unwrap_or_else(|| directories.data_local_dir());
        Some(base.join("stanch"))
    })
}

fn given(variable: &impl Fn(&str) -> Option<OsString>, name: &str) -> Option<PathBuf> {
    variable(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

/// What the environment says about the look, and where home is.
pub fn from_environment(
    variable: impl Fn(&str) -> Option<OsString>,
    overrides: Overrides,
) -> Overrides {
    Overrides {
        no_color: variable("NO_COLOR").is_some_and(|value| !value.is_empty()),
        color_fg_bg: variable("COLORFGBG").and_then(|value| value.into_string().ok()),
        home: directories::BaseDirs::new().map(|directories| directories.home_dir().to_owned()),
        ..overrides
    }
}

/// Reads the file and loads it. A file that is not there is no configuration, unless it was `named` on the command
/// line or in the environment; one that cannot be read is a problem.
pub fn read(
    path: Option<&Path>,
    named: bool,
    providers: &[ProviderRow],
    overrides: &Overrides,
) -> Config {
    let Some(path) = path else {
        return Config::load(None, providers, overrides);
    };
    match text(path) {
        Ok(text) => Config::load(Some((path, &text)), providers, overrides),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !named => {
            Config::load(None, providers, overrides)
        }
        Err(error) => Config::unreadable(path, &why(&error), overrides),
    }
}

fn text(path: &Path) -> io::Result<String> {
    let file = std::fs::File::open(path)?;
    // It names commands that run as the operator: whoever writes it is the operator.
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&file.metadata()?.permissions()) & 0o002 != 0 {
        return Err(io::Error::other("everybody may write it; chmod o-w it"));
    }
    let mut bytes = Vec::new();
    file.take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    String::from_utf8(bytes).map_err(|_| io::Error::other("it is not UTF-8"))
}

/// The reason alone, in words that quote nothing.
fn why(error: &io::Error) -> String {
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
