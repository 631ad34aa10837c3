//! Which characters are shown as they are. By category, never by a list of known attacks.

use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};
use unicode_width::UnicodeWidthChar;

/// How a character is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CharClass {
    /// Shown; a base for marks.
    Plain,
    /// Shown upon a base, a few at most.
    Mark,
    /// A skin tone: a mark upon a base, and a base by itself.
    Modifier,
    /// Shown as an escape only.
    Hidden,
}

/// The class of a character.
pub(super) fn char_class(c: char) -> CharClass {
    if matches!(c, ' '..='~') {
        return CharClass::Plain;
    }
    let hidden = match c.general_category() {
        GeneralCategory::Control
        | GeneralCategory::Format
        | GeneralCategory::Surrogate
        | GeneralCategory::PrivateUse
        | GeneralCategory::Unassigned
        | GeneralCategory::LineSeparator
        | GeneralCategory::ParagraphSeparator
        | GeneralCategory::SpaceSeparator => true,
        _ => is_default_ignorable(c) || matches!(c, '\u{2800}' | '\u{fff9}'..='\u{fffc}'),
    };
    if hidden {
        CharClass::Hidden
    } else if c.general_category_group() == GeneralCategoryGroup::Mark || c.width() == Some(0) {
        // Letters without a width of their own (medial jamo) would else be piled up without a limit, or be dropped
        // by the drawing library when they stand alone.
        CharClass::Mark
    } else if matches!(c, '\u{1f3fb}'..='\u{1f3ff}') {
        CharClass::Modifier
    } else {
        CharClass::Plain
    }
}

/// Unicode's `Default_Ignorable_Code_Point`: drawn as nothing by a terminal that knows it.
fn is_default_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a character belongs to a script that runs from right to left, by block.
pub(super) fn is_right_to_left_char(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}
