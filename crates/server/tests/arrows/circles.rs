//! Modules that name one another in a circle can only be read together. A module may name
//! its children and its ancestors; between siblings and cousins, names go one way.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::crates;
use super::modules::{Module, modules};

/// From a module to those that it names, with a name that it takes from each.
type Edges = BTreeMap<Module, BTreeMap<Module, String>>;

/// The modules of each circle.
fn circles(edges: &Edges) -> BTreeSet<BTreeSet<Module>> {
    let reached: BTreeMap<&Module, BTreeSet<&Module>> = edges
        .keys()
        .map(|from| (from, reachable(from, edges)))
        .collect();
    let mut found = BTreeSet::new();
    for (from, reaches) in &reached {
        let mutual = reaches.iter().filter(|to| {
            let back = reached.get(**to);
            back.is_some_and(|back| back.contains(from))
        });
        let mutual: BTreeSet<Module> = mutual.map(|to| (**to).clone()).collect();
        if mutual.contains(*from) {
            found.insert(mutual);
        }
    }
    found
}

fn reachable<'e>(from: &Module, edges: &'e Edges) -> BTreeSet<&'e Module> {
    let mut seen = BTreeSet::new();
    let mut next: Vec<&Module> = edges
        .get(from)
        .into_iter()
        .flat_map(BTreeMap::keys)
        .collect();
    while let Some(module) = next.pop() {
        if seen.insert(module) {
            next.extend(edges.get(module).into_iter().flat_map(BTreeMap::keys));
        }
    }
    seen
}

/// A circle as people read it: each name that keeps it closed.
fn told(krate: &str, circle: &BTreeSet<Module>, edges: &Edges) -> String {
    let mut lines = vec![format!("a circle in crates/{krate}:")];
    for from in circle {
        for (to, name) in edges.get(from).into_iter().flatten() {
            if circle.contains(to) {
                let (from, to) = (from.join("::"), to.join("::"));
                lines.push(format!("  {from} names {to}::{name}"));
            }
        }
    }
    lines.join("\n")
}

#[test]
fn no_modules_name_one_another_in_a_circle() {
    let mut found = Vec::new();
    for folder in fs::read_dir(crates()).unwrap() {
        let folder = folder.unwrap().path();
        let krate = folder.file_name().unwrap().to_str().unwrap();
        let edges = modules(&folder.join("src"));
        let circles = circles(&edges);
        found.extend(circles.iter().map(|circle| told(krate, circle, &edges)));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn circles_are_found_between_siblings_and_cousins_only() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    // `a::one` and `a::two` by name, `a` and `b` through what `a` shows of its child. A
    // child may name its ancestors, a text and a test whatever they like.
    write("lib.rs", "mod a;\nmod b;\nmod c;\npub struct Root;");
    write(
        "a/mod.rs",
        "mod one;\nmod two;\npub(crate) use one::{One as First};\npub struct Whole;",
    );
    write(
        "a/one.rs",
        "use super::{Whole, two::Two};\nuse crate::Root;\npub struct One(Whole, Root, Two);",
    );
    write("a/two.rs", "pub struct Two(Option<super::one::One>);");
    write(
        "b.rs",
        "use crate::a::First;\npub fn b(_: First) { crate::c::c!() }",
    );
    write(
        "c.rs",
        "// crate::b::b\npub const TEXT: &str = \"crate::b::b\";\n\
         #[cfg(test)]\nmod tests {\n use crate::b::b;\n}",
    );
    let edges = modules(folder.path());
    let module = |path: &str| -> Module { path.split("::").map(str::to_owned).collect() };
    let circle = BTreeSet::from([module("a::one"), module("a::two")]);
    assert_eq!(circles(&edges), BTreeSet::from([circle]));
    let of_b: Vec<&Module> = edges[&module("b")].keys().collect();
    assert_eq!(of_b, [&module("a::one"), &module("c")]);
}
