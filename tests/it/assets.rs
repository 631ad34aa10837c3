//! The files of `assets/` that configuration reads: complete, in order, and equal to the defaults in the code.

use ratatui::style::Style;
use stanch::config::{
    Config, Overrides, default_settings,
    glyphs::{ASCII, UNICODE},
    place::SAMPLE,
    profile_members,
    theme::{ROLES, Styles, ThemeName, builtin, has_color},
};
use stanch::entity::{
    key::{ProfileName, ProviderId},
    option::ProviderSpec,
};
use stanch::provider::{REGISTRY, Registration};
use std::path::Path;
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
fn switched_on() -> String {
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
    let text = switched_on();
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
    for name in [ThemeName::Dark, ThemeName::Light, ThemeName::Mono] {
        let (styles, problems) = builtin(name);
        assert_eq!(problems, [], "{name}");
        assert_ne!(styles, Styles::default(), "{name}");
        assert_eq!(
            styles.text,
            Style::new(),
            "{name} keeps the terminal's own colours"
        );
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
        assert_eq!(glyphs.masked().width(), 8);
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
