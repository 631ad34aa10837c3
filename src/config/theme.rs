//! Role colours → [`Styles`]. A theme is a file of roles in `assets/themes/`; the terminal's own background stays, and
//! its foreground where a theme names no other; nothing is told by colour alone: see [`super::glyphs`].

use super::{
    Overrides,
    glyphs::Glyphs,
    problem::{Problem, ProblemScope, printable},
    suggest::{suggest, suggestion},
    toml_reader::{TableReader, TomlReader, members},
};
use ratatui::style::{Color, Modifier, Style};
use strum::VariantNames;
use toml::de::DeTable;

/// Which theme.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    strum::Display,
    strum::EnumIter,
    strum::EnumString,
    strum::VariantNames,
)]
#[strum(serialize_all = "lowercase")]
pub enum ThemeName {
    /// Light where `COLORFGBG` says so, else dark.
    #[default]
    Auto,
    /// For a dark background.
    Dark,
    /// For a light background.
    Light,
    /// Without colour.
    Mono,
    /// Catppuccin Mocha, for a dark background.
    Catppuccin,
    /// Solarized, for its dark background.
    Solarized,
}

/// How many colours the terminal has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorDepth {
    /// Any: `COLORTERM` is `truecolor` or `24bit`.
    #[default]
    True,
    /// 256: `TERM` says so.
    Indexed,
    /// The sixteen with a name.
    Sixteen,
}

/// Whether to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::Display, strum::EnumString)]
#[strum(serialize_all = "lowercase")]
pub enum ColorChoice {
    /// Unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Whatever `NO_COLOR` says.
    Always,
    /// Never.
    Never,
}

/// How the row under the cursor is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::Display, strum::EnumString)]
#[strum(serialize_all = "lowercase")]
pub enum CursorChoice {
    /// As a bar; on a slow line by its marker alone.
    #[default]
    Auto,
    /// As a bar.
    Row,
    /// By its marker alone.
    Marker,
}

macro_rules! roles {
    ($($(#[doc = $help:literal])+ $field:ident = $name:literal,)+) => {
        /// What each role looks like.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Styles { $($(#[doc = $help])+ pub $field: Style,)+ }

        /// The roles, as a theme file spells them.
        pub const ROLES: &[&str] = &[$($name),+];

        impl Styles {
            fn each(&mut self, mut change: impl FnMut(&mut Style)) {
                $(change(&mut self.$field);)+
            }

            fn role(&mut self, name: &str) -> Option<&mut Style> {
                match name { $($name => Some(&mut self.$field),)+ _ => None }
            }
        }
    };
}

roles! {
    /// Everything that has no role of its own.
    text = "text",
    /// What may be overlooked.
    dim = "dim",
    /// The frame of a pane.
    border = "border",
    /// The frame of the pane that has the focus.
    border_focused = "border-focused",
    /// What the eye should find.
    accent = "accent",
    /// The cursor's marker.
    cursor = "cursor",
    /// The whole row under the cursor, in the pane that has the focus.
    cursor_row = "cursor-row",
    /// The marker of a marked row.
    marked = "marked",
    /// Titles.
    title = "title",
    /// Keys in hints and help.
    key_hint = "key-hint",
    /// Done, verified, fixed.
    ok = "ok",
    /// Look at this.
    warn = "warn",
    /// Failed.
    error = "error",
    /// Under way.
    pending = "pending",
    /// Plain http, read-only, production: on every frame.
    banner = "banner",
    /// A part of provider text that was hidden and is written out.
    escape = "escape",
    /// The provider says: no risk.
    risk_none = "risk-none",
    /// The provider says: low risk.
    risk_low = "risk-low",
    /// The provider says: medium risk.
    risk_medium = "risk-medium",
    /// The provider says: high risk.
    risk_high = "risk-high",
}

/// The look that was chosen, resolved: nothing of the environment is asked again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedTheme {
    /// Which theme; never [`ThemeName::Auto`].
    pub name: ThemeName,
    /// ASCII instead of box drawing and symbols.
    pub ascii: bool,
    /// How the row under the cursor is shown; with the marker alone, `cursor-row` has no style.
    pub cursor: CursorChoice,
    /// Every role's style.
    pub styles: Styles,
}

impl ResolvedTheme {
    /// The symbols that go with it.
    pub fn glyphs(&self) -> &'static Glyphs {
        if self.ascii {
            &super::glyphs::ASCII
        } else {
            &super::glyphs::UNICODE
        }
    }
}

impl Default for ResolvedTheme {
    fn default() -> Self {
        resolve(&ThemeSettings::default(), &Overrides::default())
    }
}

/// `[theme]` as it was written.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ThemeSettings {
    name: ThemeName,
    ascii: Option<bool>,
    color: ColorChoice,
    cursor: CursorChoice,
    roles: Vec<(String, Style)>,
}

/// Reads `[theme]`.
pub(super) fn read_theme(reader: &mut TomlReader<'_>, table: &DeTable<'_>) -> ThemeSettings {
    const MEMBERS: &[&str] = &["name", "ascii", "color", "cursor", "roles"];
    let mut section =
        TableReader::open(reader, ProblemScope::Theme, "[theme]", table, MEMBERS, &[]);
    let mut written = ThemeSettings {
        name: section
            .one_of("name", ThemeName::VARIANTS)
            .unwrap_or_default(),
        ascii: section.boolean("ascii"),
        color: section
            .one_of("color", &["auto", "always", "never"])
            .unwrap_or_default(),
        cursor: section
            .one_of("cursor", &["auto", "row", "marker"])
            .unwrap_or_default(),
        roles: Vec::new(),
    };
    if let Some(value) = section.value("roles") {
        match value.get_ref().as_table() {
            Some(roles) => written.roles = read_roles(section.reader, roles),
            None => section.report_invalid("roles", "is not a table", "write [theme.roles]"),
        }
    }
    written
}

fn read_roles(reader: &mut TomlReader<'_>, table: &DeTable<'_>) -> Vec<(String, Style)> {
    let mut roles = Vec::new();
    for (name, span, value) in members(table) {
        if !ROLES.contains(&name) {
            let close = suggest(name, ROLES.iter().copied());
            let hint = suggestion(&close, || format!("the roles are {}", ROLES.join(", ")));
            let message = format!("[theme.roles]: unknown role {}", printable(name));
            reader.report(&ProblemScope::Theme, span, message, hint);
        } else if let Some(style) = value.get_ref().as_str().and_then(parse_style) {
            roles.push((name.to_owned(), style));
        } else {
            let message = format!("[theme.roles]: {name} is not a style");
            let hint = "for example \"light-red bold\", \"#ff8800 on black\", \"underline\", \"\"";
            reader.report(&ProblemScope::Theme, value.span(), message, hint.to_owned());
        }
    }
    roles
}

/// Reads `light-red on black bold`.
fn parse_style(text: &str) -> Option<Style> {
    let mut style = Style::new();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        style = match word {
            "bold" => style.add_modifier(Modifier::BOLD),
            "italic" => style.add_modifier(Modifier::ITALIC),
            "underline" => style.add_modifier(Modifier::UNDERLINED),
            "reverse" => style.add_modifier(Modifier::REVERSED),
            "on" => style.bg(words.next()?.parse().ok()?),
            color => style.fg(color.parse().ok()?),
        };
    }
    Some(style)
}

/// One of the built-in themes, and what is wrong with its file (nothing: a test sees to it).
pub fn builtin(name: ThemeName) -> (Styles, Vec<Problem>) {
    let text = match name {
        ThemeName::Auto | ThemeName::Dark => include_str!("../../assets/themes/dark.toml"),
        ThemeName::Light => include_str!("../../assets/themes/light.toml"),
        ThemeName::Mono => include_str!("../../assets/themes/mono.toml"),
        ThemeName::Catppuccin => include_str!("../../assets/themes/catppuccin.toml"),
        ThemeName::Solarized => include_str!("../../assets/themes/solarized.toml"),
    };
    let mut reader = TomlReader::new(None, text);
    let mut styles = Styles::default();
    let roles = reader
        .parse()
        .map(|table| read_roles(&mut reader, table.get_ref()))
        .unwrap_or_default();
    for missing in ROLES
        .iter()
        .filter(|role| !roles.iter().any(|(name, _)| name == *role))
    {
        let message = format!("role {missing} is missing");
        reader.report(&ProblemScope::Theme, 0..0, message, String::new());
    }
    apply(&mut styles, &roles);
    (styles, reader.into_problems())
}

fn apply(styles: &mut Styles, roles: &[(String, Style)]) {
    for (name, style) in roles {
        if let Some(role) = styles.role(name) {
            *role = *style;
        }
    }
}

/// Chooses: the command line before the file, `NO_COLOR` before a theme, and `--color always` before `NO_COLOR`.
pub(super) fn resolve(written: &ThemeSettings, overrides: &Overrides) -> ResolvedTheme {
    let color = overrides.color.unwrap_or(written.color);
    let plain = match color {
        ColorChoice::Never => true,
        ColorChoice::Always => false,
        ColorChoice::Auto => overrides.no_color,
    };
    let name = match written.name {
        _ if plain => ThemeName::Mono,
        ThemeName::Auto if is_light(overrides.color_fg_bg.as_deref()) => ThemeName::Light,
        ThemeName::Auto => ThemeName::Dark,
        chosen @ (ThemeName::Dark
        | ThemeName::Light
        | ThemeName::Mono
        | ThemeName::Catppuccin
        | ThemeName::Solarized) => chosen,
    };
    let (mut styles, _) = builtin(name);
    let mut roles = written.roles.clone();
    if name == ThemeName::Mono {
        for (_, style) in &mut roles {
            (style.fg, style.bg) = (None, None);
        }
    }
    apply(&mut styles, &roles);
    styles.each(|style| {
        for color in [&mut style.fg, &mut style.bg].into_iter().flatten() {
            *color = nearest_of(*color, overrides.depth);
        }
    });
    if written.cursor == CursorChoice::Marker {
        styles.cursor_row = Style::new();
    }
    ResolvedTheme {
        name,
        cursor: written.cursor,
        ascii: overrides.ascii || written.ascii.unwrap_or(overrides.ascii_locale),
        styles,
    }
}

/// The nearest colour that a terminal has.
fn nearest_of(color: Color, depth: ColorDepth) -> Color {
    match (color, depth) {
        (Color::Rgb(red, green, blue), ColorDepth::Indexed) => indexed(red, green, blue),
        (Color::Rgb(red, green, blue), ColorDepth::Sixteen) => named(red, green, blue),
        (Color::Indexed(index @ 16..), ColorDepth::Sixteen) => {
            let [red, green, blue] = parts_of_index(index);
            named(red, green, blue)
        }
        _ => color,
    }
}

/// The steps of a part in the cube of 216 colours.
const CUBE_STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The parts of a colour of the cube of 216 or of the 24 grays.
fn parts_of_index(index: u8) -> [u8; 3] {
    let step = |at: u8| CUBE_STEPS.get(usize::from(at % 6)).copied().unwrap_or(0);
    if let Some(gray) = index.checked_sub(232) {
        return [8 + 10 * gray; 3];
    }
    let at = index.saturating_sub(16);
    [step(at / 36), step(at / 6), step(at)]
}

/// The nearest of the cube of 216 colours and the 24 grays of a terminal with 256.
fn indexed(red: u8, green: u8, blue: u8) -> Color {
    let step = |part: u8| {
        let nearest = (0..6_u8).min_by_key(|at| CUBE_STEPS[usize::from(*at)].abs_diff(part));
        nearest.unwrap_or(0)
    };
    let distance = |other: [u8; 3]| -> u32 {
        let parts = [red, green, blue].into_iter().zip(other);
        parts
            .map(|(one, other)| u32::from(one.abs_diff(other)).pow(2))
            .sum()
    };
    let cube = [red, green, blue].map(step);
    let of_cube = cube.map(|at| CUBE_STEPS[usize::from(at)]);
    let mean = (u32::from(red) + u32::from(green) + u32::from(blue)) / 3;
    let gray = (mean.saturating_sub(3) / 10).min(23) as u8;
    if distance([8 + 10 * gray; 3]) < distance(of_cube) {
        return Color::Indexed(232 + gray);
    }
    Color::Indexed(16 + 36 * cube[0] + 6 * cube[1] + cube[2])
}

/// The one of the sixteen with the same hue, bright where the colour is; a gray for a colour without a hue.
fn named(red: u8, green: u8, blue: u8) -> Color {
    let parts = [red, green, blue];
    let most = parts.into_iter().max().unwrap_or(0);
    let least = parts.into_iter().min().unwrap_or(0);
    let lightness = u16::midpoint(u16::from(most), u16::from(least));
    if u16::from(most - least) * 4 < u16::from(most) {
        return match lightness {
            0..=42 => Color::Black,
            43..=148 => Color::DarkGray,
            149..=225 => Color::Gray,
            _ => Color::White,
        };
    }
    // A part counts where it is nearer to the strongest than to the weakest.
    let strong = parts.map(|part| most - part < part - least);
    let bright = lightness >= 128;
    match (strong, bright) {
        ([true, true, _], false) => Color::Yellow,
        ([true, true, _], true) => Color::LightYellow,
        ([true, false, false], false) => Color::Red,
        ([true, false, false], true) => Color::LightRed,
        ([true, false, true], false) => Color::Magenta,
        ([true, false, true], true) => Color::LightMagenta,
        ([false, true, false], false) => Color::Green,
        ([false, true, false], true) => Color::LightGreen,
        ([false, true, true], false) => Color::Cyan,
        ([false, true, true], true) => Color::LightCyan,
        ([false, false, _], false) => Color::Blue,
        ([false, false, _], true) => Color::LightBlue,
    }
}

/// Whether `COLORFGBG` (`foreground;background`) names a light background.
fn is_light(color_fg_bg: Option<&str>) -> bool {
    color_fg_bg
        .and_then(|value| value.rsplit(';').next())
        .is_some_and(|background| matches!(background, "7" | "15"))
}

/// Whether a style names a colour.
pub fn has_color(style: Style) -> bool {
    [style.fg, style.bg]
        .into_iter()
        .flatten()
        .any(|color| color != Color::Reset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_by_number_has_the_parts_of_which_it_is_the_nearest() {
        for index in 16..=255_u8 {
            let [red, green, blue] = parts_of_index(index);
            let nearest = indexed(red, green, blue);
            // Some grays of the cube are among the grays, too.
            let Color::Indexed(found) = nearest else {
                panic!("{nearest:?}");
            };
            assert_eq!(parts_of_index(found), [red, green, blue], "{index}");
        }
        assert_eq!(
            nearest_of(Color::Indexed(150), ColorDepth::Sixteen),
            Color::LightGreen
        );
        assert_eq!(
            nearest_of(Color::Indexed(22), ColorDepth::Sixteen),
            Color::Green
        );
        assert_eq!(
            nearest_of(Color::Indexed(22), ColorDepth::Indexed),
            Color::Indexed(22)
        );
        assert_eq!(nearest_of(Color::Red, ColorDepth::Sixteen), Color::Red);
    }
}
