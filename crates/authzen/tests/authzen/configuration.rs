//! Where the decision point is.

use attache_apis::router;
use attache_http::{App, Limits, Server, ServerLimits};
use serde_json::Value;

use crate::ask::{CONFIGURATION, world};

#[tokio::test]
async fn it_is_named_by_the_host_that_was_asked() {
    let world = world().await;
    let answer = world.get(CONFIGURATION).send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let base = format!("http://{}", world.address());
    insta::assert_snapshot!(answer.golden().replace(&base, "http://HOST"));
    let asked = world
        .get(CONFIGURATION)
        .header("Host", "Access.Acme.example:81");
    let point: Value = asked.send().await.at("/policy_decision_point");
    assert_eq!(point, "http://Access.Acme.example:81");
}

#[tokio::test]
async fn what_is_no_host_is_400() {
    let world = world().await;
    for host in ["me@acme.example", "a/b"] {
        let answer = world.get(CONFIGURATION).header("Host", host).send().await;
        assert_eq!(answer.status, 400, "{host}");
    }
}

#[tokio::test]
async fn it_is_read_and_nothing_else() {
    let world = world().await;
    for method in ["POST", "PUT", "DELETE"] {
        let answer = world.ask(method, CONFIGURATION).send().await;
        assert_eq!(answer.status, 405, "{method}");
        assert!(answer.header("allow").unwrap().contains("GET"));
    }
}

#[tokio::test]
async fn a_public_url_is_the_name_as_it_stands() {
    let world = world().await;
    let anywhere = "127.0.0.1:0".parse().unwrap();
    let server = Server::bind(anywhere, ServerLimits::default()).await;
    let server = server.unwrap();
    let base = format!("http://{}", server.address());
    let app = App::new(world.tenants.clone(), Limits::default());
    let routes = router(app.reached_at("https://access.acme.example/t1"));
    tokio::spawn(server.serve(routes, std::future::pending()));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for path in [CONFIGURATION.to_owned(), format!("{CONFIGURATION}/t1")] {
        let answer = client.get(format!("{base}{path}")).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let text = answer.text().await.unwrap();
        let configuration: Value = serde_json::from_str(&text).unwrap();
        let point = &configuration["policy_decision_point"];
        assert_eq!(point, "https://access.acme.example/t1");
        let endpoint = &configuration["search_action_endpoint"];
        assert_eq!(
            endpoint,
            "https://access.acme.example/t1/access/v1/search/action"
        );
    }
}
