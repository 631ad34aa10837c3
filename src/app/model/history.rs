//! Lines that were typed: filters and commands, the newest last. They come back at the next start.

/// The most lines of each kind.
pub const MAX_LINES: usize = 100;

/// Lines that were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Filters.
    pub filters: Vec<String>,
    /// Lines of the palette; never one with a secret.
    pub commands: Vec<String>,
}

impl History {
    /// Remembers a filter.
    pub fn remember_filter(&mut self, line: &str) {
        remember(&mut self.filters, line);
    }

    /// Remembers a line of the palette.
    pub fn remember_command(&mut self, line: &str) {
        remember(&mut self.commands, line);
    }
}

fn remember(lines: &mut Vec<String>, line: &str) {
    if line.trim().is_empty() {
        return;
    }
    lines.retain(|other| other != line);
    lines.push(line.to_owned());
    if lines.len() > MAX_LINES {
        lines.remove(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_remembered_once_and_the_oldest_goes() {
        let mut history = History::default();
        for line in ["a", " ", "b", "a"] {
            history.remember_filter(line);
        }
        assert_eq!(history.filters, ["b", "a"]);
        for number in 0..=MAX_LINES {
            history.remember_command(&number.to_string());
        }
        assert_eq!(history.commands.len(), MAX_LINES);
        assert_eq!(history.commands.first().map(String::as_str), Some("1"));
    }
}
