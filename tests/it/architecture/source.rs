//! Source files as tokens.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::{collections::BTreeSet, fs, path::Path};

/// A file below `src/`.
pub(super) struct Source {
    /// Its path below `src/`.
    pub(super) name: String,
    /// Its text.
    pub(super) text: String,
    tokens: Vec<Token>,
}

/// A token, and the line that it begins on.
#[derive(Clone, Debug, PartialEq)]
struct Token {
    kind: TokenKind,
    line: usize,
}

#[derive(Clone, Debug, PartialEq)]
enum TokenKind {
    Word(String),
    Sign(char),
    Literal(String),
    Open(char),
    Close,
}

/// Every file below `src/`, by name.
pub(super) fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut sources, mut directories) = (Vec::new(), vec![root.clone()]);
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
                let text = fs::read_to_string(&path).unwrap();
                sources.push(Source::from_text(name, &text));
            }
        }
    }
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(sources.len() > 50, "{} files", sources.len());
    sources
}

impl Source {
    pub(super) fn from_text(name: &str, text: &str) -> Self {
        let stream: TokenStream = text
            .parse()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut tokens = Vec::new();
        flatten(stream, &mut tokens);
        Self {
            name: name.to_owned(),
            text: text.to_owned(),
            tokens,
        }
    }

    /// The module at the root of the crate that the file is in.
    pub(super) fn top_module(&self) -> String {
        let first = self.name.split('/').next().unwrap();
        first.trim_end_matches(".rs").to_owned()
    }

    /// The file's own module path.
    pub(super) fn module(&self) -> Vec<String> {
        let path = self.name.trim_end_matches(".rs").split('/');
        let module: Vec<_> = path.map(str::to_owned).collect();
        if module == ["lib"] || module == ["main"] {
            Vec::new()
        } else {
            module
        }
    }

    /// Lines up to the tests at its end.
    pub(super) fn lines(&self) -> usize {
        let tests = self
            .text
            .lines()
            .position(|line| line.starts_with("#[cfg(test)]"));
        tests.unwrap_or_else(|| self.text.lines().count())
    }

    /// Every path that begins at a root, without the root; `super` is resolved to `crate`.
    pub(super) fn paths(&self, root: &str) -> Vec<(Vec<String>, usize)> {
        let (mut found, mut read) = (Vec::new(), 0);
        for (at, token) in self.tokens.iter().enumerate() {
            if at < read {
                continue;
            }
            let continues = self.is_continued(at);
            let TokenKind::Word(word) = &token.kind else {
                continue;
            };
            if continues || !self.is_join(at + 1) {
                continue;
            }
            let prefix = match &word[..] {
                word if word == root => Vec::new(),
                "super" if root == "crate" => {
                    let mut module = self.module();
                    module.pop();
                    module
                }
                "self" if root == "crate" => self.module(),
                _ => continue,
            };
            read = self.expand(at + 3, prefix, &mut found);
        }
        found
    }

    /// Every path of two words or more, from its first word on.
    pub(super) fn all_paths(&self) -> Vec<(Vec<String>, usize)> {
        let (mut found, mut read) = (Vec::new(), 0);
        for (at, token) in self.tokens.iter().enumerate() {
            let TokenKind::Word(word) = &token.kind else {
                continue;
            };
            if at >= read && !self.is_continued(at) && self.is_join(at + 1) {
                read = self.expand(at + 3, vec![word.clone()], &mut found);
            }
        }
        found
    }

    /// What the file brings in with `use`: the name that it has here, and its path as it is written.
    pub(super) fn uses(&self) -> Vec<(String, Vec<String>)> {
        let mut found = Vec::new();
        for (at, token) in self.tokens.iter().enumerate() {
            if token.kind == TokenKind::Word("use".to_owned()) {
                self.read_use(at + 1, &[], &mut found);
            }
        }
        found
    }

    /// Reads a tree of names; answers where it ends.
    fn read_use(
        &self,
        mut at: usize,
        prefix: &[String],
        found: &mut Vec<(String, Vec<String>)>,
    ) -> usize {
        let mut path = prefix.to_vec();
        let kind = |at: usize| self.tokens.get(at).map(|token| &token.kind);
        loop {
            match kind(at) {
                Some(TokenKind::Word(word)) if word != "as" => path.push(word.clone()),
                Some(TokenKind::Open('{')) => {
                    at += 1;
                    while !matches!(kind(at), None | Some(TokenKind::Close)) {
                        at = self.read_use(at, &path, found);
                        if self.is_sign(at, ',') {
                            at += 1;
                        }
                    }
                    return at + 1;
                }
                Some(TokenKind::Sign(':')) => {}
                _ => break,
            }
            at += 1;
        }
        if path.last().is_some_and(|word| word == "self") {
            path.pop();
        }
        let mut name = path.last().cloned();
        if kind(at) == Some(&TokenKind::Word("as".to_owned())) {
            if let Some(TokenKind::Word(word)) = kind(at + 1) {
                name = Some(word.clone());
            }
            at += 2;
        }
        if self.is_sign(at, '*') {
            return at + 1;
        }
        found.extend(name.map(|name| (name, path)));
        at
    }

    fn is_sign(&self, at: usize, sign: char) -> bool {
        self.tokens
            .get(at)
            .is_some_and(|token| token.kind == TokenKind::Sign(sign))
    }

    /// Whether a path goes on here: a type after a single colon begins one.
    fn is_continued(&self, at: usize) -> bool {
        at > 1 && self.is_join(at - 2)
    }

    /// Whether a mutable reference to a type of this name stands somewhere.
    pub(super) fn has_mutable(&self, name: &str) -> bool {
        let word = |at: usize| match self.tokens.get(at).map(|token| &token.kind) {
            Some(TokenKind::Word(word)) => Some(&word[..]),
            _ => None,
        };
        (1..self.tokens.len()).any(|at| {
            // A lifetime is a sign and a word.
            let borrowed = self.is_sign(at - 1, '&') || (at > 2 && self.is_sign(at - 3, '&'));
            let mut last = at + 1;
            while self.is_join(last + 1) {
                last += 3;
            }
            word(at) == Some("mut") && borrowed && word(last) == Some(name)
        })
    }

    /// Whether something of a type of this name is named, such as a variant.
    /// Whether it names a variant of an enum, which begins with a capital letter as its functions do not.
    pub(super) fn names_variant_of(&self, name: &str) -> bool {
        let is_variant = |token: Option<&Token>| match token.map(|token| &token.kind) {
            Some(TokenKind::Word(word)) => word.starts_with(char::is_uppercase),
            _ => false,
        };
        (0..self.tokens.len()).any(|at| {
            self.tokens[at].kind == TokenKind::Word(name.to_owned())
                && self.is_join(at + 1)
                && is_variant(self.tokens.get(at + 3))
        })
    }

    fn is_join(&self, at: usize) -> bool {
        self.is_sign(at, ':') && self.is_sign(at + 1, ':')
    }

    /// Reads a path or a tree of paths; answers where it ends.
    fn expand(
        &self,
        mut at: usize,
        mut path: Vec<String>,
        found: &mut Vec<(Vec<String>, usize)>,
    ) -> usize {
        while let Some(token) = self.tokens.get(at) {
            match &token.kind {
                TokenKind::Word(word) if word == "super" => {
                    path.pop();
                }
                TokenKind::Word(word) => path.push(word.clone()),
                TokenKind::Sign('*') => path.push("*".into()),
                TokenKind::Open('{') => {
                    at += 1;
                    while !matches!(
                        self.tokens.get(at).map(|token| &token.kind),
                        None | Some(TokenKind::Close)
                    ) {
                        let start = at;
                        at = self.expand(at, path.clone(), found);
                        // `as Name`, and the comma.
                        while !self.is_sign(at, ',')
                            && !matches!(
                                self.tokens.get(at).map(|token| &token.kind),
                                None | Some(TokenKind::Close)
                            )
                        {
                            at += 1;
                        }
                        if self.is_sign(at, ',') {
                            at += 1;
                        }
                        assert!(at > start, "{}: a use that cannot be read", self.name);
                    }
                    return at + 1;
                }
                TokenKind::Sign(_)
                | TokenKind::Literal(_)
                | TokenKind::Open(_)
                | TokenKind::Close => break,
            }
            at += 1;
            if !self.is_join(at) {
                found.push((path, token.line));
                return at;
            }
            at += 2;
        }
        at
    }

    /// Every word of the code.
    pub(super) fn words(&self) -> Vec<(String, usize)> {
        self.tokens
            .iter()
            .filter_map(|token| match &token.kind {
                TokenKind::Word(word) => Some((word.clone(), token.line)),
                _ => None,
            })
            .collect()
    }

    /// Every literal, as it is written.
    pub(super) fn strings(&self) -> Vec<(String, usize)> {
        self.tokens
            .iter()
            .filter_map(|token| match &token.kind {
                TokenKind::Literal(text) if text.contains('"') => Some((text.clone(), token.line)),
                _ => None,
            })
            .collect()
    }

    /// The lines that say `kind::name`.
    pub(super) fn calls(&self, kind: &str, name: &str) -> Vec<usize> {
        let word = |at: usize, word: &str| {
            self.tokens
                .get(at)
                .is_some_and(|token| token.kind == TokenKind::Word(word.to_owned()))
        };
        (0..self.tokens.len())
            .filter(|at| word(*at, kind) && self.is_join(at + 1) && word(at + 3, name))
            .map(|at| self.tokens[at].line)
            .collect()
    }

    /// The names of members that the file writes as JSON: the fields of what it can serialize, with their other names,
    /// and the keys that it writes itself.
    pub(super) fn json_members(&self) -> BTreeSet<String> {
        let mut members = BTreeSet::new();
        let word = |at: usize| match self.tokens.get(at).map(|token| &token.kind) {
            Some(TokenKind::Word(word)) => Some(&word[..]),
            _ => None,
        };
        let mut serialized = false;
        for (at, token) in self.tokens.iter().enumerate() {
            match &token.kind {
                TokenKind::Word(name) => match &name[..] {
                    "Serialize" => serialized |= self.is_derived(at),
                    "struct" if serialized => {
                        self.fields(at + 1, &mut members);
                        serialized = false;
                    }
                    "enum" => serialized = false,
                    _ => {}
                },
                TokenKind::Literal(text) if text.starts_with('"') => {
                    let key = self.is_sign(at + 1, ':') && !self.is_join(at + 1);
                    let entry = at > 1
                        && self.tokens[at - 1].kind == TokenKind::Open('(')
                        && matches!(word(at - 2), Some("serialize_entry" | "serialize_field"));
                    let renamed =
                        at > 1 && self.is_sign(at - 1, '=') && word(at - 2) == Some("rename");
                    if key || entry || renamed {
                        members.insert(text.trim_matches('"').to_owned());
                    }
                }
                _ => {}
            }
        }
        members
    }

    /// Whether a word stands in the list of a `derive`.
    fn is_derived(&self, at: usize) -> bool {
        let before = self.tokens[..at].iter().rev();
        let mut before = before.skip_while(|token| {
            matches!(&token.kind, TokenKind::Word(_) | TokenKind::Sign(',' | ':'))
                && token.kind != TokenKind::Word("derive".to_owned())
        });
        let opens = before.next().map(|token| &token.kind) == Some(&TokenKind::Open('('));
        opens && before.next().map(|token| &token.kind) == Some(&TokenKind::Word("derive".into()))
    }

    /// The names of the fields of the struct whose name stands here.
    fn fields(&self, mut at: usize, members: &mut BTreeSet<String>) {
        while !matches!(
            self.tokens.get(at).map(|token| &token.kind),
            None | Some(TokenKind::Open(_) | TokenKind::Sign(';'))
        ) {
            at += 1;
        }
        if self.tokens.get(at).map(|token| &token.kind) != Some(&TokenKind::Open('{')) {
            return;
        }
        let mut depth = 1;
        while depth > 0 && at + 1 < self.tokens.len() {
            at += 1;
            match &self.tokens[at].kind {
                TokenKind::Open(_) => depth += 1,
                TokenKind::Close => depth -= 1,
                TokenKind::Word(name)
                    if depth == 1
                        && self.is_sign(at + 1, ':')
                        && !self.is_join(at + 1)
                        && !self.is_continued(at) =>
                {
                    members.insert(name.trim_start_matches("r#").to_owned());
                }
                _ => {}
            }
        }
    }

    /// Every `.name(`.
    pub(super) fn methods(&self) -> Vec<(String, usize)> {
        let named = self.tokens.windows(3);
        named
            .filter_map(
                |window| match [&window[0].kind, &window[1].kind, &window[2].kind] {
                    [
                        TokenKind::Sign('.'),
                        TokenKind::Word(name),
                        TokenKind::Open('('),
                    ] => Some((name.clone(), window[1].line)),
                    _ => None,
                },
            )
            .collect()
    }

    /// Every `name!(`.
    pub(super) fn macros(&self) -> Vec<(String, usize)> {
        let named = self.tokens.windows(3);
        named
            .filter_map(
                |window| match [&window[0].kind, &window[1].kind, &window[2].kind] {
                    [
                        TokenKind::Word(name),
                        TokenKind::Sign('!'),
                        TokenKind::Open(_),
                    ] => Some((name.clone(), window[0].line)),
                    _ => None,
                },
            )
            .collect()
    }
}

/// Lays the groups open; leaves out doc comments, and what is compiled for tests alone.
fn flatten(stream: TokenStream, out: &mut Vec<Token>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let line = tree.span().start().line;
        match tree {
            TokenTree::Punct(sign) if sign.as_char() == '#' => {
                if let Some(TokenTree::Punct(inner)) = trees.peek()
                    && inner.as_char() == '!'
                {
                    trees.next();
                }
                let Some(TokenTree::Group(attribute)) = trees.peek().cloned() else {
                    out.push(Token {
                        kind: TokenKind::Sign('#'),
                        line,
                    });
                    continue;
                };
                trees.next();
                let words = attribute.stream().to_string().replace(' ', "");
                if words == "cfg(test)" {
                    // The item: up to its body or its semicolon.
                    for tree in trees.by_ref() {
                        let ends = match &tree {
                            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                            TokenTree::Punct(sign) => sign.as_char() == ';',
                            TokenTree::Ident(_) | TokenTree::Literal(_) => false,
                        };
                        if ends {
                            break;
                        }
                    }
                } else if !words.starts_with("doc=") {
                    open(&attribute, line, out);
                }
            }
            TokenTree::Group(group) => open(&group, line, out),
            TokenTree::Ident(word) => out.push(Token {
                kind: TokenKind::Word(word.to_string()),
                line,
            }),
            TokenTree::Punct(sign) => out.push(Token {
                kind: TokenKind::Sign(sign.as_char()),
                line,
            }),
            TokenTree::Literal(literal) => out.push(Token {
                kind: TokenKind::Literal(literal.to_string()),
                line,
            }),
        }
    }
}

fn open(group: &Group, line: usize, out: &mut Vec<Token>) {
    let sign = match group.delimiter() {
        Delimiter::Parenthesis => '(',
        Delimiter::Brace => '{',
        Delimiter::Bracket => '[',
        Delimiter::None => ' ',
    };
    out.push(Token {
        kind: TokenKind::Open(sign),
        line,
    });
    flatten(group.stream(), out);
    out.push(Token {
        kind: TokenKind::Close,
        line: group.span_close().start().line,
    });
}
