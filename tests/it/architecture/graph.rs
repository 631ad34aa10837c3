//! Which file imports which, and where that goes in a circle.

use super::source::Source;
use std::collections::{BTreeMap, BTreeSet};

/// The files below `src/`, and what each of them imports.
pub(super) struct Graph {
    imports: BTreeMap<String, BTreeMap<String, usize>>,
}

/// The names that a module brings in, and the path behind each.
type Names = BTreeMap<String, Vec<String>>;

impl Graph {
    /// Reads the imports of all files. A path leads to the file that defines its item, also where another file
    /// re-exports it. A parent that names its own children is left out: it only declares and offers them.
    pub(super) fn from_sources(sources: &[Source]) -> Self {
        let modules: BTreeMap<Vec<String>, &Source> = sources
            .iter()
            .map(|source| (source.module(), source))
            .filter(|(module, _)| !module.is_empty())
            .collect();
        let names: BTreeMap<Vec<String>, Names> = modules
            .iter()
            .map(|(module, source)| (module.clone(), names_in_source(source, &modules)))
            .collect();
        let mut imports = BTreeMap::new();
        for (module, source) in &modules {
            let mut found = BTreeMap::new();
            for (path, line) in source.all_paths() {
                let Some(path) = absolute(module, &path, &names[module], &modules) else {
                    continue;
                };
                let Some(target) = resolve(&path, &names, &modules, 0) else {
                    continue;
                };
                if !target.starts_with(module) {
                    found.entry(modules[&target].name.clone()).or_insert(line);
                }
            }
            imports.insert(source.name.clone(), found);
        }
        Self { imports }
    }

    /// Whether one file imports the other.
    pub(super) fn has(&self, from: &str, to: &str) -> bool {
        self.imports
            .get(from)
            .is_some_and(|imports| imports.contains_key(to))
    }

    /// The files that one imports, each with the line of the first import.
    pub(super) fn imports(&self, from: &str) -> impl Iterator<Item = (&str, usize)> {
        let imports = self.imports.get(from).into_iter().flatten();
        imports.map(|(to, line)| (&to[..], *line))
    }

    /// The same graph without these imports.
    pub(super) fn without(&self, exceptions: &[(&str, &str)]) -> Self {
        let mut imports = self.imports.clone();
        for (from, to) in exceptions {
            if let Some(imports) = imports.get_mut(*from) {
                imports.remove(*to);
            }
        }
        Self { imports }
    }

    /// Whether a chain of imports leads from one file to another.
    pub(super) fn reaches(&self, from: &str, to: &str) -> bool {
        self.reachable(from).contains(to)
    }

    /// The files in cycles, in groups: within a group each file reaches every other.
    pub(super) fn cycles(&self) -> Vec<BTreeSet<&str>> {
        let reachable: BTreeMap<&str, BTreeSet<&str>> = self
            .imports
            .keys()
            .map(|from| (&from[..], self.reachable(from)))
            .collect();
        let mut groups: Vec<BTreeSet<&str>> = Vec::new();
        for (file, reached) in &reachable {
            if reached.contains(file) && !groups.iter().any(|group| group.contains(file)) {
                let others = reached.iter().filter(|to| reachable[*to].contains(file));
                groups.push(others.copied().collect());
            }
        }
        groups
    }

    /// What a file imports, and what these import, and so on; the file itself where it is in a cycle.
    fn reachable(&self, from: &str) -> BTreeSet<&str> {
        let (mut reached, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(file) = open.pop() {
            for (to, _) in self.imports(file) {
                if let Some((to, _)) = self.imports.get_key_value(to)
                    && reached.insert(&to[..])
                {
                    open.push(to);
                }
            }
        }
        reached
    }
}

/// The names that a file brings in with `use`, those of other crates aside.
fn names_in_source(source: &Source, modules: &BTreeMap<Vec<String>, &Source>) -> Names {
    let module = source.module();
    let read = source.uses().into_iter().filter_map(|(name, path)| {
        let path = absolute(&module, &path, &Names::new(), modules)?;
        Some((name, path))
    });
    read.collect()
}

/// A path from the root of the crate; nothing where it begins in another crate or at an item of the file itself.
fn absolute(
    module: &[String],
    path: &[String],
    names: &Names,
    modules: &BTreeMap<Vec<String>, &Source>,
) -> Option<Vec<String>> {
    let (first, rest) = path.split_first()?;
    let mut base = match &first[..] {
        "crate" => Vec::new(),
        "self" => module.to_vec(),
        "super" => module[..module.len().checked_sub(1)?].to_vec(),
        name => {
            if let Some(path) = names.get(name) {
                path.clone()
            } else {
                let child = [module, &[name.to_owned()]].concat();
                modules.contains_key(&child).then_some(child)?
            }
        }
    };
    for word in rest {
        match &word[..] {
            "super" => {
                base.pop();
            }
            "self" | "*" => {}
            _ => base.push(word.clone()),
        }
    }
    Some(base)
}

/// The module that defines what a path leads to, through re-exports.
fn resolve(
    path: &[String],
    names: &BTreeMap<Vec<String>, Names>,
    modules: &BTreeMap<Vec<String>, &Source>,
    depth: usize,
) -> Option<Vec<String>> {
    let mut module = Vec::new();
    for (at, word) in path.iter().enumerate() {
        let next = [&module[..], std::slice::from_ref(word)].concat();
        if modules.contains_key(&next) {
            module = next;
            continue;
        }
        let behind = names.get(&module).and_then(|names| names.get(word));
        if let Some(behind) = behind.filter(|_| depth < 16) {
            let path = [behind, &path[at + 1..]].concat();
            return resolve(&path, names, modules, depth + 1);
        }
        break;
    }
    (!module.is_empty()).then_some(module)
}
