//! The files of `assets/` that configuration reads: complete, in order, and equal to the defaults in the code.

use ratatui::style::{Color, Style};
use stanch::config::{
    Config, Overrides, default_settings,
    glyphs::{ASCII, UNICODE},
    location::SAMPLE,
    profile_members,
    theme::{ColorDepth, ROLES, Styles, ThemeName, builtin, has_color},
};
use stanch::entity::{
    key::{ProfileName, ProviderId},
    option::{OptionValue, ProviderSpec},
};
use stanch::provider::{REGISTRY, Registration};
use std::path::Path;
use strum::IntoEnumIterator;
use unicode_width::UnicodeWidthStr as _;

fn providers() -> Vec<ProviderSpec> {
    REGISTRY.iter().map(Registration::spec).collect()
}

fn load(text: &str) -> Config {
    Config::load(
        Some((Path::new("config.toml"), text)),
        &providers(),
        &Overrides::default(),
    )
}

/// The sample with every option that is switched off switched on.
fn sample_with_all_options() -> String {
    let lines: Vec<&str> = SAMPLE
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(option) if option.starts_with(|c: char| !c.is_whitespace()) => option,
            _ => line,
        })
        .collect();
    lines.join("\n")
}

#[test]
fn the_sample_configuration_is_the_defaults() {
    let mut config = load(SAMPLE);
    assert_eq!(config.problems, []);
    config.path = None;
    assert_eq!(config, Config::default());
}

#[test]
fn the_samples_profile_shows_every_member_with_its_default() {
    let text = sample_with_all_options();
    let text = text.replace("command = [\"wl-copy\"]", "");
    let config = load(&text);
    assert_eq!(config.problems, [], "{text}");
    for member in profile_members(&providers()) {
        assert!(
            text.contains(&format!("\n{member} = ")),
            "{member} is not shown"
        );
    }
    let mut settings = config.profiles[0].settings.clone();
    // These have no default of ours: the sample shows an example, and says so.
    settings.environment.clear();
    settings.team_id = None;
    settings.rpm = None;
    settings.page_size = None;
    settings.bulk_size = None;
    settings.ca_file = None;
    settings.proxy = None;
    settings.attribution = None;
    settings.short = None;
    settings
        .options
        .set("passwords_url", OptionValue::Url(None));
    settings.files.paths.clear();
    settings.files.domains.clear();
    settings.files.mapping = None;
    settings.files.alias_domain = None;
    let name = ProfileName::new("acme").unwrap();
    let provider = ProviderId::new("projectdiscovery");
    let providers = providers();
    let defaults = default_settings(name, provider, providers[0].base_url, &providers);
    assert_eq!(settings, defaults);
}

#[test]
fn every_theme_has_every_role() {
    for name in ThemeName::iter() {
        let (styles, problems) = builtin(name);
        assert_eq!(problems, [], "{name}");
        assert_ne!(styles, Styles::default(), "{name}");
        // Text and background are the terminal's own in every theme: rows are full of them.
        assert_eq!(styles.text, Style::new(), "{name}");
    }
    assert!(ROLES.len() >= 16);
}

#[test]
fn mono_names_no_colour() {
    let (styles, _) = builtin(ThemeName::Mono);
    let all = [
        styles.text,
        styles.dim,
        styles.border,
        styles.border_focused,
        styles.accent,
        styles.cursor,
        styles.cursor_row,
        styles.marked,
        styles.title,
        styles.key_hint,
        styles.ok,
        styles.warn,
        styles.error,
        styles.pending,
        styles.banner,
        styles.escape,
        styles.risk_none,
        styles.risk_low,
        styles.risk_medium,
        styles.risk_high,
    ];
    assert_eq!(all.len(), ROLES.len());
    assert!(all.into_iter().all(|style| !has_color(style)));
}

#[test]
fn a_glyph_is_one_column_and_like_no_other_of_its_family() {
    for glyphs in [UNICODE, ASCII] {
        for (family, members) in glyphs.families() {
            for (at, glyph) in members.iter().enumerate() {
                assert_eq!(glyph.width(), 1, "{family}: {glyph}");
                assert_eq!(glyph.chars().count(), 1, "{family}: {glyph}");
                assert!(!members[..at].contains(glyph), "{family}: {glyph} twice");
            }
        }
        assert_eq!(glyphs.secret_mask().width(), 8);
    }
}

#[test]
fn ascii_is_ascii() {
    let border = ASCII.border;
    let frame = [
        border.top_left,
        border.top_right,
        border.bottom_left,
        border.bottom_right,
        border.vertical_left,
        border.vertical_right,
        border.horizontal_top,
        border.horizontal_bottom,
    ];
    let families = ASCII.families();
    let all = families
        .iter()
        .flat_map(|(_, members)| members)
        .chain(&frame);
    for glyph in all {
        assert!(glyph.is_ascii(), "{glyph}");
    }
}

/// The colours of a theme for text, with the background that it is for.
const BACKGROUNDS: &[(ThemeName, [u8; 3])] = &[
    (ThemeName::Dark, [0x00, 0x00, 0x00]),
    (ThemeName::Light, [0xff, 0xff, 0xff]),
    (ThemeName::Catppuccin, [0x1e, 0x1e, 0x2e]),
    (ThemeName::Solarized, [0x00, 0x2b, 0x36]),
];

/// A colour's parts; those with a name are xterm's.
fn parts(color: Color) -> [u8; 3] {
    match color {
        Color::Rgb(red, green, blue) => [red, green, blue],
        Color::Indexed(gray @ 232..) => [8 + 10 * (gray - 232); 3],
        Color::Indexed(index @ 16..) => {
            let step = |at: u8| [0, 95, 135, 175, 215, 255][usize::from(at % 6)];
            let at = index - 16;
            [step(at / 36), step(at / 6), step(at)]
        }
        Color::Black => [0, 0, 0],
        Color::Gray => [0xe5, 0xe5, 0xe5],
        Color::White => [0xff, 0xff, 0xff],
        Color::Cyan => [0, 0xcd, 0xcd],
        Color::LightCyan => [0, 0xff, 0xff],
        Color::LightGreen => [0, 0xff, 0],
        Color::LightYellow => [0xff, 0xff, 0],
        Color::LightRed => [0xff, 0, 0],
        other => panic!("{other:?} is in no theme"),
    }
}

/// The relative luminance of WCAG 2.
fn luminance(parts: [u8; 3]) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.039_28 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    };
    let [red, green, blue] = parts.map(linear);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[test]
fn text_of_every_theme_has_a_contrast_of_at_least_four_and_a_half_to_one() {
    for (name, background) in BACKGROUNDS {
        let (styles, _) = builtin(*name);
        for (role, style) in [
            ("text", styles.text),
            ("dim", styles.dim),
            ("accent", styles.accent),
            ("cursor", styles.cursor),
            ("cursor-row", styles.cursor_row),
            ("marked", styles.marked),
            ("title", styles.title),
            ("key-hint", styles.key_hint),
            ("ok", styles.ok),
            ("warn", styles.warn),
            ("error", styles.error),
            ("pending", styles.pending),
            ("banner", styles.banner),
            ("risk-none", styles.risk_none),
            ("risk-low", styles.risk_low),
            ("risk-medium", styles.risk_medium),
            ("risk-high", styles.risk_high),
        ] {
            // The terminal's own text on its own background is the terminal's matter.
            let Some(color) = style.fg else { continue };
            let under = style.bg.map_or(*background, parts);
            let (one, other) = (luminance(parts(color)), luminance(under));
            let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
            assert!(contrast >= 4.5, "{name}: {role} has {contrast:.2}");
        }
    }
}

#[test]
fn a_terminal_with_fewer_colours_gets_the_nearest_of_its_own() {
    let styles = |depth| {
        let overrides = Overrides {
            depth,
            ..Overrides::default()
        };
        let text = "[theme]\nname = \"catppuccin\"";
        let path = std::path::Path::new("config.toml");
        Config::load(Some((path, text)), &providers(), &overrides)
            .theme
            .styles
    };
    let red = |depth| styles(depth).error.fg;
    assert_eq!(red(ColorDepth::True), Some(Color::Rgb(0xf3, 0x8b, 0xa8)));
    assert_eq!(red(ColorDepth::Indexed), Some(Color::Indexed(211)));
    assert_eq!(red(ColorDepth::Sixteen), Some(Color::LightRed));
    let dim = |depth| styles(depth).dim.fg;
    assert_eq!(dim(ColorDepth::Sixteen), Some(Color::Gray));
}

/// The units are those of a user; what systemd says of them is nothing.
#[test]
#[expect(clippy::print_stderr, reason = "a test that is left out says so")]
fn systemd_has_nothing_to_say_of_the_units() {
    let home = tempfile::tempdir().unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(home.path(), mode).unwrap();
    let units = [
        "stanch-watch.service",
        "stanch-watch.timer",
        "stanch-watchd.service",
    ];
    for unit in units {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/systemd");
        let text = std::fs::read_to_string(path.join(unit)).unwrap();
        let text = text.replace("/usr/bin/stanch", env!("CARGO_BIN_EXE_stanch"));
        std::fs::write(home.path().join(unit), text).unwrap();
    }
    for unit in units {
        let verify = std::process::Command::new("systemd-analyze")
            .args(["verify", "--user"])
            .arg(home.path().join(unit))
            .env("XDG_RUNTIME_DIR", home.path())
            .output();
        let Ok(verify) = verify else {
            eprintln!("there is no systemd-analyze: the units were not looked at");
            return;
        };
        // Of other units of the machine it may have something to say.
        let said = String::from_utf8_lossy(&verify.stderr);
        let ours: Vec<&str> = said
            .lines()
            .filter(|line| line.contains("stanch"))
            .collect();
        assert!(ours.is_empty(), "{ours:?}");
    }
}
