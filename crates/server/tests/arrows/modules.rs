//! Which modules of a crate name which: read from the tokens of its sources.
//!
//! A `pub use` is no edge: whoever takes a name through it names the module that has it. What
//! only tests name is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::sources;

/// The path of a module within its crate. The root's is empty.
pub(super) type Module = Vec<String>;

/// The sources of a module.
#[derive(Default)]
struct Source {
    /// The paths that it names, as they are written.
    names: BTreeSet<Vec<String>>,
    /// What it shows of others: the name, and the path.
    shows: BTreeMap<String, Vec<String>>,
}

/// From each module of a folder of sources to those that it names, with one of the names.
/// Its ancestors are left out.
pub(super) fn modules(folder: &Path) -> BTreeMap<Module, BTreeMap<Module, String>> {
    let mut read = Read::default();
    let mut files: Vec<PathBuf> = Vec::new();
    sources(folder, &mut files);
    for file in &files {
        let tokens: TokenStream = fs::read_to_string(file).unwrap().parse().unwrap();
        let module = module_of(file.strip_prefix(folder).unwrap());
        read.module(&module, tokens);
    }
    let tests = std::mem::take(&mut read.tests);
    read.all
        .retain(|module, _| !tests.iter().any(|test| module.starts_with(test)));
    let all = &read.all;
    let edges = all.iter().map(|(module, source)| {
        let mut named = BTreeMap::new();
        for name in &source.names {
            let Some((to, name)) = absolute(module, name, all).and_then(|it| owner(&it, all))
            else {
                continue;
            };
            if !module.starts_with(&to) {
                named.entry(to).or_insert(name);
            }
        }
        (module.clone(), named)
    });
    edges.collect()
}

fn module_of(file: &Path) -> Module {
    let parts = file.with_extension("");
    let parts = parts.iter().map(|part| part.to_str().unwrap().to_owned());
    let mut parts: Module = parts.collect();
    if matches!(parts.last().unwrap().as_str(), "mod" | "lib" | "main") {
        parts.pop();
    }
    parts
}

/// A path from the root of the crate, if it names something of the crate.
fn absolute(base: &Module, name: &[String], all: &BTreeMap<Module, Source>) -> Option<Vec<String>> {
    let ups = name.iter().take_while(|part| *part == "super").count();
    match name.first()?.as_str() {
        "crate" => Some(name[1..].to_vec()),
        "self" => Some([base, &name[1..]].concat()),
        "super" => Some([&base[..base.len().checked_sub(ups)?], &name[ups..]].concat()),
        child => {
            let its = [base.as_slice(), &[child.to_owned()]].concat();
            all.contains_key(&its).then(|| [base, name].concat())
        }
    }
}

/// The module that has what a path names, and the rest of the path.
fn owner(path: &[String], all: &BTreeMap<Module, Source>) -> Option<(Module, String)> {
    let mut path = path.to_vec();
    // Shown by a module that shows it of another, and so on.
    for _ in 0..8 {
        let (module, rest) = (0..=path.len()).rev().find_map(|end| {
            let (module, rest) = path.split_at(end);
            all.contains_key(module).then_some((module, rest))
        })?;
        let shown = rest.first().and_then(|name| all[module].shows.get(name));
        let shown = shown.and_then(|shown| absolute(&module.to_vec(), shown, all));
        match shown {
            Some(shown) if shown != path => path = [&shown, &rest[1..]].concat(),
            _ => return Some((module.to_vec(), rest.join("::"))),
        }
    }
    None
}

#[derive(Default)]
struct Read {
    all: BTreeMap<Module, Source>,
    /// Modules that only tests have.
    tests: BTreeSet<Module>,
}

impl Read {
    fn module(&mut self, module: &Module, tokens: TokenStream) {
        self.all.entry(module.clone()).or_default();
        self.tokens(module, tokens);
    }

    fn tokens(&mut self, module: &Module, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            let rest = &tokens[at..];
            at += if is_for_tests(rest) {
                self.test(module, rest)
            } else if let Some(name) = inline(rest) {
                let TokenTree::Group(body) = &rest[2] else {
                    unreachable!("an inline module has a body")
                };
                let child = [module.as_slice(), &[name]].concat();
                self.module(&child, body.stream());
                3
            } else if is_word(rest, "use") {
                let end = position(rest, ';');
                let is_shown = is_public(&tokens[..at]);
                let tree: TokenStream = rest[1..end].iter().cloned().collect();
                self.used(module, &[], tree, is_shown);
                end
            } else {
                self.other(module, rest)
            };
        }
    }

    /// What only tests have. Its length is returned.
    fn test(&mut self, module: &Module, tokens: &[TokenTree]) -> usize {
        let is_use = tokens
            .iter()
            .position(|it| word(it) == Some("use".to_owned()));
        let body = tokens.iter().position(
            |it| matches!(it, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace),
        );
        let end = position(tokens, ';');
        let body = body.unwrap_or(end);
        let of_module = tokens[..end.min(body)]
            .windows(2)
            .find(|pair| word(&pair[0]) == Some("mod".to_owned()));
        if let Some(name) = of_module.and_then(|pair| word(&pair[1])) {
            self.tests.insert([module.as_slice(), &[name]].concat());
        }
        match is_use.is_some_and(|at| at < body) {
            true => end + 1,
            false => end.min(body) + 1,
        }
    }

    /// The paths of a tree of uses.
    fn used(&mut self, module: &Module, before: &[String], tree: TokenStream, is_shown: bool) {
        let mut path = before.to_vec();
        let mut called: Option<String> = None;
        let mut is_renamed = false;
        let mut has_branches = false;
        let end = |read: &mut Self, path: &mut Vec<String>, called: &mut Option<String>| {
            if path.len() > before.len() {
                read.use_of(module, path, called.take(), is_shown);
            }
            *path = before.to_vec();
        };
        for token in tree {
            match &token {
                TokenTree::Ident(ident) if ident == "as" => is_renamed = true,
                TokenTree::Ident(ident) if is_renamed => {
                    called = Some(ident.to_string());
                    is_renamed = false;
                }
                TokenTree::Ident(ident) => path.push(ident.to_string()),
                TokenTree::Punct(punct) if punct.as_char() == '*' => path.push("*".to_owned()),
                TokenTree::Punct(punct) if punct.as_char() == ',' => {
                    if !std::mem::take(&mut has_branches) {
                        end(self, &mut path, &mut called);
                    }
                    path = before.to_vec();
                }
                TokenTree::Group(group) => {
                    self.used(module, &path, group.stream(), is_shown);
                    has_branches = true;
                }
                _ => {}
            }
        }
        if !has_branches {
            end(self, &mut path, &mut called);
        }
    }

    fn use_of(&mut self, module: &Module, path: &[String], called: Option<String>, is_shown: bool) {
        let mut path = path.to_vec();
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let Some(source) = self.all.get_mut(module) else {
            return;
        };
        match is_shown {
            true => {
                let name = called.or_else(|| path.last().cloned());
                source.shows.insert(name.unwrap_or_default(), path);
            }
            false => {
                source.names.insert(path);
            }
        }
    }

    /// A path, or any other token. The length is returned.
    fn other(&mut self, module: &Module, tokens: &[TokenTree]) -> usize {
        if let TokenTree::Group(group) = &tokens[0] {
            self.tokens(module, group.stream());
            return 1;
        }
        let Some(first) = word(&tokens[0]) else {
            return 1;
        };
        let mut path = vec![first];
        let mut length = 1;
        while let [TokenTree::Punct(one), TokenTree::Punct(two), next, ..] = &tokens[length..]
            && (one.as_char(), two.as_char()) == (':', ':')
            && let Some(next) = word(next)
        {
            path.push(next);
            length += 3;
        }
        if path.len() > 1
            && let Some(source) = self.all.get_mut(module)
        {
            source.names.insert(path);
        }
        length
    }
}

fn word(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        _ => None,
    }
}

fn is_word(tokens: &[TokenTree], wanted: &str) -> bool {
    matches!(tokens.first(), Some(TokenTree::Ident(ident)) if ident == wanted)
}

/// Where a mark stands first, or the end.
fn position(tokens: &[TokenTree], mark: char) -> usize {
    let is_mark = |it: &TokenTree| matches!(it, TokenTree::Punct(it) if it.as_char() == mark);
    tokens.iter().position(is_mark).unwrap_or(tokens.len())
}

/// Whether tokens begin with `#[cfg(test)]`.
fn is_for_tests(tokens: &[TokenTree]) -> bool {
    match tokens {
        [TokenTree::Punct(mark), TokenTree::Group(group), ..] => {
            mark.as_char() == '#' && group.stream().to_string().replace(' ', "") == "cfg(test)"
        }
        _ => false,
    }
}

/// The name of a module whose body follows.
fn inline(tokens: &[TokenTree]) -> Option<String> {
    match tokens {
        [first, name, TokenTree::Group(_), ..] if word(first)? == "mod" => word(name),
        _ => None,
    }
}

/// Whether what follows some tokens is public, to whomever.
fn is_public(before: &[TokenTree]) -> bool {
    match before {
        [.., last] if word(last).is_some_and(|it| it == "pub") => true,
        [.., word_before, TokenTree::Group(group)] => {
            group.delimiter() == Delimiter::Parenthesis
                && word(word_before).is_some_and(|it| it == "pub")
        }
        _ => false,
    }
}
