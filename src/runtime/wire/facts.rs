//! What terminals understand, by their `TERM`: facts out of their terminfo entries, written down here so that none has
//! to be found and read at the start. A sequence that an entry does not have is never sent to its terminal.

/// How a terminal moves rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shift {
    /// Not at all: rows are painted anew.
    None,
    /// A scroll region and a sequence that scrolls it by so many rows (`csr`, `indn`, `rin`).
    Scroll,
    /// A scroll region in which lines are deleted and inserted (`csr`, `dl`, `il`).
    Lines,
}

#[expect(clippy::struct_excessive_bools, reason = "each is an ability")]
/// What a terminal understands beside absolute positions and colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// How it moves rows.
    pub shift: Shift,
    /// It erases to the end of the line (`el`).
    pub erase_line: bool,
    /// It erases so many cells (`ech`).
    pub erase: bool,
    /// It moves the cursor by steps, and to a row or a column alone (`cuu` to `cub`, `cr`, `ind`, `vpa`, `hpa`).
    pub steps: bool,
    /// It slants letters (`sitm`). GNU screen takes the same number for another thing.
    pub italic: bool,
    /// It dims letters (`dim`).
    pub dim: bool,
    /// It shows a frame at once when told to, or takes no notice.
    pub at_once: bool,
}

impl Facts {
    /// What every terminal with a cursor understands.
    pub const PLAIN: Self = Self {
        shift: Shift::None,
        erase_line: false,
        erase: false,
        steps: false,
        italic: false,
        dim: true,
        at_once: false,
    };

    /// xterm, and those that call themselves so.
    const XTERM: Self = Self {
        shift: Shift::Scroll,
        erase_line: true,
        erase: true,
        steps: true,
        italic: true,
        dim: true,
        at_once: true,
    };

    /// The facts of a `TERM`.
    pub fn of(term: &str) -> Self {
        let named = |names: &[&str]| {
            names.iter().any(|name| {
                term.strip_prefix(name)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            })
        };
        // The first match counts. `rep` is used nowhere: many that call themselves xterm do not have it.
        if named(&["tmux"]) {
            // No `ech` in its entry.
            Self {
                erase: false,
                ..Self::XTERM
            }
        } else if named(&["screen"]) {
            Self {
                erase: false,
                italic: false,
                at_once: false,
                ..Self::XTERM
            }
        } else if named(&["linux"]) {
            // No `indn` and `rin`.
            Self {
                shift: Shift::Lines,
                italic: false,
                at_once: false,
                ..Self::XTERM
            }
        } else if named(&["gnome", "nsterm", "iterm2"]) {
            Self {
                shift: Shift::Lines,
                erase: false,
                ..Self::XTERM
            }
        } else if named(&["rxvt"]) {
            Self {
                dim: false,
                ..Self::XTERM
            }
        } else if named(&["putty"]) {
            Self {
                dim: false,
                italic: false,
                ..Self::XTERM
            }
        } else if named(&[
            "xterm",
            "alacritty",
            "kitty",
            "konsole",
            "vte",
            "st",
            "mintty",
        ]) {
            Self::XTERM
        } else {
            Self::PLAIN
        }
    }
}
