//! The files in a stealer's archive, as full paths. Documented is a list of paths; folders as objects are read too.

use crate::{entity::text::Text, http::json::Value, provider::draft::cap};
use std::borrow::Cow;

/// Paths that are kept; of the others only how many there are.
const PATHS: usize = 10_000;

/// Bytes of a path that are kept.
const PATH: usize = 1024;

/// Deeper than this folders are not opened.
const DEPTH: usize = 32;

/// What a folder's list of files may be called.
const CHILDREN: [&str; 4] = ["children", "files", "tree", "items"];

/// What a file may be called by.
const NAMES: [&str; 3] = ["path", "name", "filename"];

/// All paths, in their order; `None` where there is nothing that could be a tree.
pub(super) fn paths(value: Value<'_>) -> Option<Vec<Text>> {
    if !value.is_array() && !value.is_object() {
        return None;
    }
    let mut walk = Walk::default();
    walk.enter(value, b"", 0);
    if walk.more > 0 {
        walk.paths.push(Text::from(format!("…+{} more", walk.more)));
    }
    Some(walk.paths)
}

#[derive(Default)]
struct Walk {
    paths: Vec<Text>,
    more: u64,
}

impl Walk {
    fn enter(&mut self, value: Value<'_>, folder: &[u8], depth: usize) {
        if depth > DEPTH {
            self.keep(folder);
        } else if value.is_array() {
            for item in value.elements() {
                self.enter(item, folder, depth + 1);
            }
        } else if let Some(name) = value.string() {
            self.keep(&joined(folder, &name));
        } else if let Some(name) = named(value) {
            let path = joined(folder, &name);
            match CHILDREN.iter().find_map(|name| value.get(name)) {
                Some(children) if children.is_array() || children.is_object() => {
                    self.enter(children, &path, depth + 1);
                }
                _ => self.keep(&path),
            }
        } else {
            // A folder as an object: its members are what is in it.
            for (name, inner) in value.members() {
                let path = joined(folder, &name);
                if inner.is_object() || inner.is_array() {
                    self.enter(inner, &path, depth + 1);
                } else {
                    self.keep(&path);
                }
            }
        }
    }

    fn keep(&mut self, path: &[u8]) {
        if path.is_empty() {
            return;
        }
        if self.paths.len() < PATHS {
            self.paths.push(Text::from(path));
        } else {
            self.more += 1;
        }
    }
}

fn named(value: Value<'_>) -> Option<Cow<'_, [u8]>> {
    NAMES.iter().find_map(|name| value.get(name)?.string())
}

fn joined(folder: &[u8], name: &[u8]) -> Vec<u8> {
    let path = if folder.is_empty() || name.is_empty() {
        [folder, name].concat()
    } else {
        [folder, b"/", name].concat()
    };
    cap(Cow::Owned(path), PATH, &mut false).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::json::parse;

    fn read(json: &str) -> Option<Vec<String>> {
        let paths = paths(parse(json.as_bytes()).unwrap())?;
        let text = |path: &Text| String::from_utf8(path.as_bytes().to_vec()).unwrap();
        Some(paths.iter().map(text).collect())
    }

    #[test]
    fn every_shape_becomes_full_paths() {
        let wanted = vec!["a/b.txt".to_owned(), "a/c/d.txt".to_owned()];
        for json in [
            r#"["a/b.txt","a/c/d.txt"]"#,
            r#"[{"name":"a","children":["b.txt",{"name":"c","children":[{"name":"d.txt"}]}]}]"#,
            r#"{"a":{"b.txt":null,"c":["d.txt"]}}"#,
            r#"[{"path":"a/b.txt"},{"path":"a","files":{"c":{"d.txt":7}}}]"#,
        ] {
            assert_eq!(read(json).as_ref(), Some(&wanted), "{json}");
        }
        assert_eq!(read("[]"), Some(Vec::new()));
        assert_eq!(read("7"), None);
        assert_eq!(read("null"), None);
    }

    #[test]
    fn depth_count_and_length_have_an_end() {
        let deep = format!(
            "{}{}",
            r#"{"a":"#.repeat(5000),
            "1".to_owned() + &"}".repeat(5000)
        );
        assert_eq!(read(&deep).unwrap().len(), 1);
        let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
        assert_eq!(read(&deep).unwrap().len(), 0);
        let many = format!("[{}\"x\"]", "\"a\",".repeat(PATHS + 2));
        let paths = read(&many).unwrap();
        assert_eq!(paths.len(), PATHS + 1);
        assert_eq!(paths.last().unwrap(), "…+3 more");
        let long = read(&format!(r#"["{}"]"#, "x".repeat(5000))).unwrap();
        assert!(long[0].ends_with(" …+3976 bytes") && long[0].len() < 1100);
    }
}
