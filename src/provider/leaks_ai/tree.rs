//! The files in a stealer's archive, as full paths. Documented is a list of paths; folders as objects are read too.

use crate::{entity::raw_text::RawText, http::json::Value, provider::leak_builder::truncate};
use std::borrow::Cow;

/// Paths that are kept; of the others only how many there are.
const MAX_PATHS: usize = 10_000;

/// Bytes of a path that are kept.
const MAX_PATH_BYTES: usize = 1024;

/// Deeper than this folders are not opened.
const MAX_DEPTH: usize = 32;

/// What a folder's list of files may be called.
const CHILD_MEMBERS: [&str; 4] = ["children", "files", "tree", "items"];

/// What a file may be called by.
const NAME_MEMBERS: [&str; 3] = ["path", "name", "filename"];

/// All paths, in their order; `None` where there is nothing that could be a tree.
pub(super) fn paths(value: Value<'_>) -> Option<Vec<RawText>> {
    if !value.is_array() && !value.is_object() {
        return None;
    }
    let mut walk = TreeWalker::default();
    walk.visit(value, b"", 0);
    if walk.omitted > 0 {
        walk.paths
            .push(RawText::from(format!("…+{} more", walk.omitted)));
    }
    Some(walk.paths)
}

#[derive(Default)]
struct TreeWalker {
    paths: Vec<RawText>,
    omitted: u64,
}

impl TreeWalker {
    fn visit(&mut self, value: Value<'_>, folder: &[u8], depth: usize) {
        if depth > MAX_DEPTH {
            self.add_path(folder);
        } else if value.is_array() {
            for item in value.elements() {
                self.visit(item, folder, depth + 1);
            }
        } else if let Some(name) = value.string() {
            self.add_path(&join_path(folder, &name));
        } else if let Some(name) = find_name(value) {
            let path = join_path(folder, &name);
            match CHILD_MEMBERS.iter().find_map(|name| value.get(name)) {
                Some(children) if children.is_array() || children.is_object() => {
                    self.visit(children, &path, depth + 1);
                }
                _ => self.add_path(&path),
            }
        } else {
            // A folder as an object: its members are what is in it.
            for (name, inner) in value.members() {
                let path = join_path(folder, &name);
                if inner.is_object() || inner.is_array() {
                    self.visit(inner, &path, depth + 1);
                } else {
                    self.add_path(&path);
                }
            }
        }
    }

    fn add_path(&mut self, path: &[u8]) {
        if path.is_empty() {
            return;
        }
        if self.paths.len() < MAX_PATHS {
            self.paths.push(RawText::from(path));
        } else {
            self.omitted += 1;
        }
    }
}

fn find_name(value: Value<'_>) -> Option<Cow<'_, [u8]>> {
    NAME_MEMBERS
        .iter()
        .find_map(|name| value.get(name)?.string())
}

fn join_path(folder: &[u8], name: &[u8]) -> Vec<u8> {
    let path = if folder.is_empty() || name.is_empty() {
        [folder, name].concat()
    } else {
        [folder, b"/", name].concat()
    };
    truncate(Cow::Owned(path), MAX_PATH_BYTES, &mut false).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::json::parse;

    fn read(json: &str) -> Option<Vec<String>> {
        let paths = paths(parse(json.as_bytes()).unwrap())?;
        let text = |path: &RawText| String::from_utf8(path.as_bytes().to_vec()).unwrap();
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
        let many = format!("[{}\"x\"]", "\"a\",".repeat(MAX_PATHS + 2));
        let paths = read(&many).unwrap();
        assert_eq!(paths.len(), MAX_PATHS + 1);
        assert_eq!(paths.last().unwrap(), "…+3 more");
        let long = read(&format!(r#"["{}"]"#, "x".repeat(5000))).unwrap();
        assert!(long[0].ends_with(" …+3976 bytes") && long[0].len() < 1100);
    }
}
