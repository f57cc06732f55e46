//! A dialect that is left out of a list.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use attache_apis::dialects;
use attache_testkit::world::World;

type Names = BTreeSet<String>;

/// The names of what is in a folder, from the root of the repository.
fn names(folder: &str, wanted: fn(&Path) -> bool) -> Names {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let entries = fs::read_dir(root.join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let names = paths.filter(|path| wanted(path));
    names
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

fn all() -> Names {
    let names = dialects().into_iter().map(|it| it.name.to_owned());
    names.collect()
}

#[test]
fn every_dialect_has_a_folder_tests_a_page_and_a_link() {
    let (all, is_folder) = (all(), Path::is_dir as fn(&Path) -> bool);
    assert_eq!(names("crates/dialects/src", is_folder), all, "sources");
    let mut tests = names("crates/dialects/tests/dialects", |path| {
        path.join("published.json").exists()
    });
    assert_eq!(tests, all, "tests with a published.json");
    // What is run is what stands in main.rs.
    let main = include_str!("main.rs");
    tests.retain(|name| main.contains(&format!("\nmod {name};")));
    assert_eq!(tests, all, "modules of the tests");
    let mut pages = names("docs/dialects", Path::is_file);
    assert!(pages.remove("README"));
    assert_eq!(pages, all, "pages");
    let index = include_str!("../../../../docs/dialects/README.md");
    let links = all
        .iter()
        .filter(|name| index.contains(&format!("({name}.md)")));
    assert_eq!(links.cloned().collect::<Names>(), all, "links");
}

#[tokio::test]
async fn every_dialect_is_served_as_it_is_described() {
    let world = World::new().await;
    let page = world.get("/docs/swagger-initializer.js").send().await.body;
    for dialect in attache_dialects::all() {
        let described = dialect.description;
        assert_eq!(dialect.api.name(), described.name);
        assert_eq!(dialect.api.prefix(), described.prefix);
        let document = format!("/openapi/{}.json", described.name);
        assert_eq!(world.get(&document).send().await.status, 200);
        assert!(page.contains(&document), "{document}");
        let routes = dialect.api.routes().into_iter();
        let routes: Names = routes
            .map(|it| format!("{} {}", it.method, it.path))
            .collect();
        let examples = described.examples.iter();
        let examples: Vec<String> = examples
            .map(|it| format!("{} {}", it.method, it.path))
            .collect();
        assert_eq!(routes.len(), examples.len(), "{}", described.name);
        assert_eq!(routes, examples.into_iter().collect(), "{}", described.name);
        for route in &routes {
            assert!(route.contains(described.prefix), "{route}");
        }
    }
}

/// Two dialects cannot be at the same paths, nor have the same name.
#[test]
fn names_and_prefixes_are_told_apart() {
    let names = dialects().len();
    assert_eq!(all().len(), names);
    for (place, one) in dialects().iter().enumerate() {
        for other in &dialects()[place + 1..] {
            let (one, other) = (format!("{}/", one.prefix), format!("{}/", other.prefix));
            assert!(
                !one.starts_with(&other) && !other.starts_with(&one),
                "{one} {other}"
            );
        }
    }
}
