//! Paths that end with something behind a name: `/things/{id}.json`.

use attache_http::document::About;
use attache_http::{Api, Errors, PathIds, Problem, in_process};
use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use http::Method;
use utoipa_axum::routes;

use attache_testkit::world::World;

const ABOUT: About = About {
    title: "Things",
    description: "",
    server: "/things/v2",
};

#[utoipa::path(get, path = "/{id}.json", params(("id" = String, Path)), responses((status = 200)))]
async fn get(PathIds(id): PathIds<String>) -> String {
    id
}

#[utoipa::path(
    put,
    path = "/{id}/of/{other}.json",
    params(("id" = String, Path), ("other" = String, Path)),
    responses((status = 200)),
)]
async fn put(PathIds((id, other)): PathIds<(String, String)>) -> String {
    format!("{id} {other}")
}

#[utoipa::path(post, path = "/many.json", responses((status = 200)))]
async fn many() -> &'static str {
    "many"
}

const ERRORS: Errors = Errors::text(|problem: &Problem, _| -> Response {
    (problem.status(), format!("things: {}", problem.status())).into_response()
});

fn things() -> Api {
    let operations = [routes!(get), routes!(put), routes!(many)];
    Api::new("things", "/things/v2", ABOUT, ERRORS).operations(operations)
}

async fn ask(world: &World, method: &str, path: &str) -> (u16, String) {
    let router = attache_http::router(world.app.clone(), vec![things()], axum::Router::new());
    let request = http::Request::builder().method(method).uri(path);
    let request = request.header("Host", "a.example").body(Bytes::new());
    let answer = in_process::ask(router, request.unwrap()).await.unwrap();
    let text = String::from_utf8(answer.body().to_vec()).unwrap();
    (answer.status().as_u16(), text)
}

#[tokio::test]
async fn a_name_is_read_without_its_suffix() {
    let world = World::new().await;
    for (method, path, expected) in [
        ("GET", "/7.json", "7"),
        ("GET", "/a.b.json", "a.b"),
        ("GET", "/a.json.json", "a.json"),
        // The same path (RFC 3986, section 6.2.2.2).
        ("GET", "/7%2Ejson", "7"),
        ("GET", "/%C3%A9.json", "é"),
        ("PUT", "/7/of/8.json", "7 8"),
        ("PUT", "/7.json/of/8.json", "7.json 8"),
        // A path without a name comes first.
        ("POST", "/many.json", "many"),
    ] {
        let answer = ask(&world, method, &format!("/things/v2{path}")).await;
        assert_eq!(answer, (200, expected.to_owned()), "{method} {path}");
    }
}

#[tokio::test]
async fn nothing_is_at_a_path_without_the_suffix() {
    let world = World::new().await;
    for path in [
        "/7",
        "/7.xml",
        "/.json",
        "/7.json/",
        "/7.JSON",
        "/7json",
        "/7/of/8",
        "/7.jso%FF",
    ] {
        for method in ["GET", "PUT", "DELETE"] {
            let answer = ask(&world, method, &format!("/things/v2{path}")).await;
            assert_eq!(
                answer,
                (404, "things: 404 Not Found".to_owned()),
                "{method} {path}"
            );
        }
    }
    let answer = ask(&world, "DELETE", "/things/v2/7.json").await;
    assert_eq!(answer, (405, "things: 405 Method Not Allowed".to_owned()));
}

#[tokio::test]
async fn the_document_and_the_routes_have_the_suffix() {
    let routes = things().routes().into_iter();
    let routes: Vec<(Method, String)> = routes.map(|it| (it.method, it.path)).collect();
    assert_eq!(
        routes,
        [
            (Method::GET, "/things/v2/{id}.json".to_owned()),
            (Method::PUT, "/things/v2/{id}/of/{other}.json".to_owned()),
            (Method::POST, "/things/v2/many.json".to_owned()),
        ]
    );
    let world = World::new().await;
    let (status, text) = ask(&world, "GET", "/openapi/things.json").await;
    assert_eq!(status, 200);
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(document["paths"]["/{id}.json"]["get"].is_object(), "{text}");
}
