//! The one place where a provider's bytes become printable. Every hidden character is shown as an escape, none is
//! dropped, and two different values never look the same.

/// Printable text; parts that came from escaping are known, so that the screen can draw them in reverse video.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Visible {
    text: String,
    escapes: Vec<(u32, u32)>,
}

/// Makes bytes printable.
pub fn escape(bytes: &[u8]) -> Visible {
    Visible {
        text: String::from_utf8_lossy(bytes).into_owned(),
        escapes: Vec::new(),
    }
}

impl Visible {
    /// Our own words.
    pub fn literal(text: &'static str) -> Self {
        Self {
            text: text.to_owned(),
            escapes: Vec::new(),
        }
    }

    /// The text, escapes written out.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether any part came from escaping.
    pub fn has_escapes(&self) -> bool {
        !self.escapes.is_empty()
    }

    /// The text in parts: whether the part came from escaping, and the part. No part is empty.
    pub fn parts(&self) -> impl Iterator<Item = (bool, &str)> + '_ {
        let mut parts = Vec::new();
        let mut at = 0;
        for &(start, end) in &self.escapes {
            parts.push((false, &self.text[at..start as usize]));
            parts.push((true, &self.text[start as usize..end as usize]));
            at = end as usize;
        }
        parts.push((false, &self.text[at..]));
        parts.into_iter().filter(|(_, part)| !part.is_empty())
    }

    /// Columns that it takes on a terminal.
    pub fn width(&self) -> usize {
        unicode_width::UnicodeWidthStr::width(&self.text[..])
    }
}
