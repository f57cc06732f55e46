//! The page of all documents, from the binary itself.

use attache_testkit::world::World;

#[tokio::test]
async fn it_names_every_document_and_each_is_served() {
    let world = World::new().await;
    let moved = world.get("/docs").send().await;
    assert_eq!(moved.status, 200, "the client follows to /docs/");
    assert!(moved.body.contains("swagger-ui"));
    let settings = world.get("/docs/swagger-initializer.js").send().await;
    assert_eq!(settings.status, 200);
    for api in attache_apis::all() {
        let name = api.name();
        let place = &format!("/openapi/{name}.json");
        assert!(settings.body.contains(place), "{place}");
        let document = world.get(place).send().await;
        assert_eq!(document.status, 200, "{place}");
        assert!(document.json()["openapi"].is_string(), "{name}");
    }
}

#[tokio::test]
async fn all_that_it_needs_comes_from_here() {
    let world = World::new().await;
    let page = world.get("/docs/").send().await;
    assert_eq!(page.status, 200);
    assert!(
        page.header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'self'"), "{policy}");
    let mut assets = 0;
    for attribute in ["src=\"", "href=\""] {
        for rest in page.body.split(attribute).skip(1) {
            let asset = rest.split('"').next().unwrap();
            assert!(!asset.contains("//"), "{asset} is elsewhere");
            let asset = asset.trim_start_matches("./");
            let answer = world.get(&format!("/docs/{asset}")).send().await;
            assert_eq!(answer.status, 200, "{asset}");
            assets += 1;
        }
    }
    assert!(assets >= 4, "{}", page.body);
}

#[tokio::test]
async fn what_is_no_part_of_it_is_not_served() {
    let world = World::new().await;
    for path in [
        "/docs/nothing.js",
        "/docs/..%2F..%2Fetc%2Fpasswd",
        "/docs/%00",
    ] {
        assert_eq!(world.get(path).send().await.status, 404, "{path}");
    }
    assert_eq!(world.post("/docs/").send().await.status, 405);
}
