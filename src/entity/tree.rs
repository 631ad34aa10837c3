//! The files of a stealer's archive as a tree: paths that share folders share their lines.

use super::{
    raw_text::RawText,
    visible::{Visible, escape},
};
use std::collections::BTreeMap;

/// Deeper folders stay on one line: a path is made by whoever made the archive.
const MAX_DEPTH: usize = 32;

/// What stands before a name: while others follow, for the last one, and below each of the two.
struct Guides {
    more: &'static str,
    last: &'static str,
    below_more: &'static str,
    below_last: &'static str,
}

const UNICODE_GUIDES: Guides = Guides {
    more: "├── ",
    last: "└── ",
    below_more: "│   ",
    below_last: "    ",
};
const ASCII_GUIDES: Guides = Guides {
    more: "|-- ",
    last: "`-- ",
    below_more: "|   ",
    below_last: "    ",
};

#[derive(Default)]
struct Folder<'a>(BTreeMap<&'a [u8], Folder<'a>>);

/// The lines of a tree, one a file or folder, by name.
pub fn render_lines(paths: &[RawText], ascii: bool) -> Vec<Visible> {
    let mut root = Folder::default();
    for path in paths {
        let mut folder = &mut root;
        for name in path_parts(path.as_bytes()) {
            folder = folder.0.entry(name).or_default();
        }
    }
    let mut lines = Vec::with_capacity(paths.len());
    let guides = if ascii {
        &ASCII_GUIDES
    } else {
        &UNICODE_GUIDES
    };
    draw(&root, guides, "", &mut lines);
    lines
}

/// The names of a path, of either system; the last one holds what is deeper than we go.
fn path_parts(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let parts = path.splitn(MAX_DEPTH, |byte| matches!(byte, b'/' | b'\\'));
    parts.filter(|part| !part.is_empty())
}

fn draw(folder: &Folder<'_>, guides: &Guides, before: &str, lines: &mut Vec<Visible>) {
    let mut left = folder.0.len();
    for (name, below) in &folder.0 {
        left -= 1;
        let (guide, under) = if left == 0 {
            (guides.last, guides.below_last)
        } else {
            (guides.more, guides.below_more)
        };
        // Only the name is a stranger's: blanks of ours in front of it are none to point out.
        lines.push(escape(name).with_prefix(&format!("{before}{guide}")));
        draw(below, guides, &format!("{before}{under}"), lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(paths: &[&str], ascii: bool) -> Vec<String> {
        let paths: Vec<_> = paths.iter().map(|path| RawText::from(*path)).collect();
        let lines = render_lines(&paths, ascii);
        lines.iter().map(|line| line.as_str().to_owned()).collect()
    }

    #[test]
    fn paths_of_both_systems_share_their_folders() {
        let paths = [
            "DE[1]/Chrome/passwords.txt",
            "DE[1]\\Chrome\\cookies.txt",
            "/DE[1]/screen.jpg",
            "info.txt",
        ];
        assert_eq!(
            drawn(&paths, false),
            [
                "├── DE[1]",
                "│   ├── Chrome",
                "│   │   ├── cookies.txt",
                "│   │   └── passwords.txt",
                "│   └── screen.jpg",
                "└── info.txt",
            ]
        );
        assert_eq!(drawn(&paths, true)[3], "|   |   `-- passwords.txt");
    }

    #[test]
    fn below_the_last_folder_the_guides_are_blank_and_only_names_are_escaped() {
        let paths = ["all.zip/Users/\tx", "all.zip/Users/ y"];
        let lines = drawn(&paths, false);
        assert_eq!(
            lines,
            [
                "└── all.zip",
                "    └── Users",
                "        ├── \\tx",
                "        └── \\x20y",
            ]
        );
    }

    #[test]
    fn a_hostile_path_is_shown_and_goes_no_deeper() {
        let deep = "a/".repeat(100_000);
        assert_eq!(drawn(&[&deep], false).len(), MAX_DEPTH);
        let lines = drawn(&["a/\u{1b}[2J\n"], false);
        assert!(!lines[1].contains('\u{1b}') && !lines[1].contains('\n'));
    }
}
