//! The path of `public_url`: a proxy takes it off, and all that is answered has it.

use attache_http::ServerLimits;
use serde_json::{Value, json};

use crate::every_api::BY;
use crate::server::{Served, serve_app};
use attache_testkit::world::World;

const PATH: &str = "/attache";

async fn served(world: &World, url: &str) -> Served {
    serve_app(world.app.clone().reached_at(url), ServerLimits::default()).await
}

struct Asked {
    status: u16,
    location: Option<String>,
    json: Value,
    text: String,
}

async fn ask(served: &Served, world: &World, method: &str, path: &str, body: Value) -> Asked {
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let url = format!("http://{}{path}", served.address);
    let ask = client
        .request(method.parse().unwrap(), url)
        .bearer_auth(world.token(BY));
    let answer = ask.json(&body).send().await.unwrap();
    let location = answer.headers().get("location");
    let location = location.map(|it| it.to_str().unwrap().to_owned());
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    let json = serde_json::from_str(&text).unwrap_or_default();
    Asked {
        status,
        location,
        json,
        text,
    }
}

#[tokio::test]
async fn what_is_made_and_what_goes_wrong_is_named_below_it() {
    let world = World::new().await;
    for (place, (url, path)) in [
        ("https://x.example/attache", PATH),
        ("https://x.example/a/b", "/a/b"),
        ("https://x.example", ""),
        ("", ""),
    ]
    .into_iter()
    .enumerate()
    {
        let served = served(&world, url).await;
        for (method, to, body) in [
            (
                "POST",
                "/api/v1/groups".to_owned(),
                json!({"name": "Early"}),
            ),
            (
                "PUT",
                format!("/api/v1/roles/helper{place}"),
                json!({"kind": "customer", "label": "Helper"}),
            ),
        ] {
            let made = ask(&served, &world, method, &to, body).await;
            let location = made.location.unwrap_or_else(|| panic!("{}", made.text));
            let begin = format!("{path}/api/v1/");
            assert_eq!(made.status, 201);
            assert!(location.starts_with(&begin), "{url:?}: {location}");
            let own = location.strip_prefix(path).unwrap();
            let found = ask(&served, &world, "GET", own, Value::Null).await;
            assert_eq!(found.status, 200, "{own}");
        }
        let problem = ask(&served, &world, "GET", "/api/v1/users/none", Value::Null).await;
        assert_eq!(problem.json["type"], format!("{path}/problems/not-found"));
        let pages = ask(&served, &world, "GET", "/problems", Value::Null).await;
        assert!(
            pages
                .text
                .contains(&format!("href=\"{path}/problems/in-use\""))
        );
        let docs = ask(&served, &world, "GET", "/docs", Value::Null).await;
        assert_eq!(docs.location, Some(format!("{path}/docs/")));
        assert!(served.stop().await.as_secs() < 5);
    }
}

#[tokio::test]
async fn the_documents_name_servers_below_it() {
    let world = World::new().await;
    let served = served(&world, "https://x.example/attache").await;
    for api in attache_apis::all() {
        let name = api.name();
        let own = api.document()["servers"][0]["url"].clone();
        let server = format!("/attache{}", own.as_str().unwrap().trim_end_matches('/'));
        let path = format!("/openapi/{name}.json");
        let document = ask(&served, &world, "GET", &path, Value::Null).await.json;
        let types = &document["components"]["schemas"]["ProblemType"]["enum"];
        for problem in types.as_array().into_iter().flatten() {
            let problem = problem.as_str().unwrap();
            assert!(problem.starts_with("/attache/problems/"), "{problem}");
        }
        let url = document["servers"][0]["url"].clone();
        let url = url.as_str().unwrap().to_owned();
        assert!(
            url.starts_with(PATH) && !url.ends_with('/'),
            "{name}: {url}"
        );
        assert_eq!(url, server, "{name}");
    }
    let page = ask(
        &served,
        &world,
        "GET",
        "/docs/swagger-initializer.js",
        Value::Null,
    )
    .await;
    assert!(
        page.text.contains("/attache/openapi/attache.json"),
        "{}",
        page.text
    );
}
