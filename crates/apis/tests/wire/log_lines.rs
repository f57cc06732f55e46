//! What a line of the log says of a request.

use serde_json::json;

use attache_testkit::lines::Lines;
use attache_testkit::world::acme;
use attache_testkit::world::{World, ids};

/// The one line that says what became of a request.
fn line(lines: &Lines) -> String {
    let said = lines.take();
    let found: Vec<&str> = said.lines().filter(|it| it.contains("answered")).collect();
    assert_eq!(found.len(), 1, "{said}");
    found[0].to_owned()
}

fn says(line: &str, level: &str, parts: &[&str]) {
    assert!(line.contains(&format!(" {level} ")), "{level}: {line}");
    for part in parts {
        assert!(line.contains(part), "{part}: {line}");
    }
}

#[tokio::test]
async fn a_line_names_the_tenant_the_caller_and_the_clients_address() {
    let world = World::new().await;
    let (tenant, caller) = (ids::tenant(1), ids::service(acme::DEPUTY));
    let by = [
        format!("tenant={tenant}"),
        format!("caller=service:{caller}"),
        "client=127.0.0.1".to_owned(),
    ];
    let by: Vec<&str> = by.iter().map(String::as_str).collect();
    let (lines, _reading) = Lines::read();
    // On every API, whether it reads or writes, and whatever is answered.
    for (method, path, status) in [
        ("GET", "/api/v1/users?text=ada", 200),
        ("GET", "/api/v1/users/nobody-known", 404),
        ("POST", "/api/v1/groups", 400),
        ("GET", "/third-party/v1/customers/1/users", 200),
        ("POST", "/access/v1/evaluation", 400),
    ] {
        let ask = world.ask(method, path).by("deputy");
        let ask = match method {
            "POST" => ask.json(&json!({"first_name": "Odile"})),
            _ => ask,
        };
        let answer = ask.send().await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        let line = line(&lines);
        says(&line, "INFO", &by);
        says(&line, "INFO", &[&format!("status={status}")]);
        let secret = world.token("deputy");
        for hidden in [secret, "ada", "nobody-known", "Odile"] {
            assert!(!line.contains(hidden), "{hidden}: {line}");
        }
    }
}

#[tokio::test]
async fn a_line_names_nobody_whose_credential_is_not_good() {
    let world = World::new().await;
    let (lines, _reading) = Lines::read();
    for credential in ["Bearer x", "Bearer attache_nothing", "Basic YWRhOmFkYQ=="] {
        let ask = world.get("/api/v1/me").header("Authorization", credential);
        assert_eq!(ask.send().await.status, 401);
        let line = line(&lines);
        says(&line, "INFO", &["status=401", "client=127.0.0.1"]);
        for part in ["tenant=", "caller=", "nothing", "YWRh"] {
            assert!(!line.contains(part), "{part}: {line}");
        }
    }
}

#[tokio::test]
async fn the_operator_is_named_with_the_tenant_that_it_works_for() {
    let world = World::new().await;
    let (lines, _reading) = Lines::read();
    let ask = world.get("/api/v1/tenants").by_the_operator();
    assert_eq!(ask.send().await.status, 200);
    let all = line(&lines);
    says(&all, "INFO", &["caller=operator"]);
    assert!(!all.contains("tenant="), "{all}");
    let ask = world.get("/api/v1/me").by_the_operator();
    let ask = ask.header("Attache-Tenant", "acme");
    assert_eq!(ask.send().await.status, 200);
    let tenant = format!("tenant={}", ids::tenant(1));
    says(&line(&lines), "INFO", &["caller=operator", &tenant]);
}

#[tokio::test]
async fn probes_of_health_are_at_debug() {
    let world = World::new().await;
    let (lines, _reading) = Lines::read();
    for path in ["/healthz", "/readyz", "/readyz/reads", "/metrics"] {
        assert_eq!(world.get(path).send().await.status, 200, "{path}");
        says(&line(&lines), "DEBUG", &[path, "client=127.0.0.1"]);
    }
    assert_eq!(world.get("/problems").send().await.status, 200);
    says(&line(&lines), "INFO", &["/problems"]);
}
