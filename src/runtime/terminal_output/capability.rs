//! What terminals understand, by their `TERM`: facts out of their terminfo entries, written down here so that none has
//! to be found and read at the start. A sequence that an entry does not have is never sent to its terminal.

/// How a terminal moves rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScrollMode {
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
pub struct TerminalCapabilities {
    /// How it moves rows.
    pub scroll: ScrollMode,
    /// It erases to the end of the line (`el`).
    pub erase_line: bool,
    /// It erases so many cells (`ech`).
    pub erase_cells: bool,
    /// It moves the cursor by steps, and to a row or a column alone (`cuu` to `cub`, `cr`, `ind`, `vpa`, `hpa`).
    pub relative_moves: bool,
    /// It slants letters (`sitm`). GNU screen takes the same number for another thing.
    pub italic: bool,
    /// It dims letters (`dim`).
    pub dim: bool,
    /// It shows a frame at once when told to, or takes no notice.
    pub synchronized_output: bool,
}

impl TerminalCapabilities {
    /// What every terminal with a cursor understands.
    pub const PLAIN: Self = Self {
        scroll: ScrollMode::None,
        erase_line: false,
        erase_cells: false,
        relative_moves: false,
        italic: false,
        dim: true,
        synchronized_output: false,
    };

    /// xterm, and those that call themselves so.
    const XTERM: Self = Self {
        scroll: ScrollMode::Scroll,
        erase_line: true,
        erase_cells: true,
        relative_moves: true,
        italic: true,
        dim: true,
        synchronized_output: true,
    };

    /// The facts of a `TERM`.
    pub fn from_term(term: &str) -> Self {
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
                erase_cells: false,
                ..Self::XTERM
            }
        } else if named(&["screen"]) {
            Self {
                erase_cells: false,
                italic: false,
                synchronized_output: false,
                ..Self::XTERM
            }
        } else if named(&["linux"]) {
            // No `indn` and `rin`.
            Self {
                scroll: ScrollMode::Lines,
                italic: false,
                synchronized_output: false,
                ..Self::XTERM
            }
        } else if named(&["gnome", "nsterm", "iterm2"]) {
            Self {
                scroll: ScrollMode::Lines,
                erase_cells: false,
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
