//! What `stanch version --verbose` says of the build. It asks cargo and the compiler alone, so that the same source is
//! the same program; the commit is told by who packages it.

use std::{env, process::Command};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=STANCH_COMMIT");
    let feature = |(name, _): (String, String)| {
        let name = name.strip_prefix("CARGO_FEATURE_")?;
        (name != "DEFAULT").then(|| name.to_lowercase().replace('_', "-"))
    };
    let mut features: Vec<String> = env::vars().filter_map(feature).collect();
    features.sort();
    println!("cargo::rustc-env=STANCH_FEATURES={}", features.join(" "));
    for name in ["TARGET", "PROFILE"] {
        let value = env::var(name).unwrap_or_default();
        println!("cargo::rustc-env=STANCH_BUILD_{name}={value}");
    }
    let compiler = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = Command::new(compiler).arg("--version").output();
    let version = said.map_or_else(
        |_| String::new(),
        |said| String::from_utf8_lossy(&said.stdout).trim().to_owned(),
    );
    println!("cargo::rustc-env=STANCH_BUILD_COMPILER={version}");
}
