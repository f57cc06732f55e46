//! Tenants never meet.

use crate::ask::{ask, is};
use crate::existence::of_nothing;
use crate::{reads, writes};
use attache_testkit::world::{World, acme, globex, ids};

/// What stands in an answer about acme only.
fn of_acme(body: &str) -> bool {
    let own = [ids::user(1).to_string(), ids::tenant(1).to_string()];
    own.iter().any(|id| body.contains(id)) || body.contains("Okafor")
}

#[tokio::test]
async fn the_admin_of_another_tenant_reads_nothing_of_acme() {
    let (world, reads) = reads::all().await;
    for read in reads {
        let send = |path: &str| ask(&world, "GET", path).by("globex").send();
        let answer = send(&read.path).await;
        assert!(!of_acme(&answer.body), "{read:?}: {}", answer.body);
        if read.of_the_operator {
            is(&answer, 403, "operator-only");
        }
        // Of the catalogue and the entries both have what every tenant begins with.
        let has_both = ["/roles", "/kinds", "/entries"];
        if read.route.contains('{') && !has_both.iter().any(|it| read.route.starts_with(it)) {
            let nothing = send(&of_nothing(&read.path)).await;
            assert_eq!(answer.status, nothing.status, "{read:?}");
            assert_eq!(answer.body, nothing.body, "{read:?}");
            assert!(answer.status >= 400, "{read:?}");
        }
    }
}

#[tokio::test]
async fn nor_does_it_write_there() {
    let (world, writes) = writes::all().await;
    let before = world.revision().await;
    // What begins something new begins it in globex.
    let begins = |it: &writes::Write| !it.route.contains('{') || it.path == "/users/rosa";
    for write in writes.into_iter().filter(|it| !begins(it)) {
        let answer = write.ask(&world).by("globex").send().await;
        assert!(!of_acme(&answer.body), "{write:?}: {}", answer.body);
        let is_catalogue = ["/roles", "/kinds"]
            .iter()
            .any(|it| write.route.starts_with(it));
        if !is_catalogue {
            assert!(
                [400, 404].contains(&answer.status),
                "{write:?}: {}",
                answer.body
            );
        }
    }
    assert_eq!(world.revision().await, before);
}

/// What a service of acme is answered at a host, with or without `Attache-Tenant`.
async fn at(world: &World, host: &str, tenant: Option<&str>, path: &str) -> u16 {
    let mut ask = world.get(path).by("deputy").header("Host", host);
    if let Some(tenant) = tenant {
        ask = ask.header("Attache-Tenant", tenant);
    }
    ask.send().await.status
}

const OF_EACH_API: [&str; 3] = [
    "/api/v1/me",
    "/api/v1/users",
    "/third-party/v1/customers/1/users",
];

#[tokio::test]
async fn an_api_token_is_refused_at_the_web_domain_of_another_tenant() {
    let world = World::new().await;
    for path in OF_EACH_API {
        for host in ["globex.example", "GLOBEX.example:8443", "globex.example."] {
            assert_eq!(at(&world, host, None, path).await, 403, "{host} {path}");
        }
        for host in [
            acme::DOMAIN,
            "ACME.example:8443",
            "localhost",
            "nobody.example",
        ] {
            assert_eq!(at(&world, host, None, path).await, 200, "{host} {path}");
        }
    }
}

#[tokio::test]
async fn an_api_token_is_good_for_the_tenant_that_the_header_names_only_if_it_is_its_own() {
    let world = World::new().await;
    let own = ids::tenant(1).to_string();
    for path in OF_EACH_API {
        for tenant in ["acme", &own] {
            // The header counts before the host.
            for host in [globex::DOMAIN, "localhost"] {
                let status = at(&world, host, Some(tenant), path).await;
                assert_eq!(status, 200, "{tenant} {path}");
            }
        }
        for tenant in ["globex", "nowhere", ids::NOTHING, "", "ACME"] {
            for host in [acme::DOMAIN, "localhost"] {
                let status = at(&world, host, Some(tenant), path).await;
                assert_eq!(status, 403, "{tenant} {path}");
            }
        }
    }
}

#[tokio::test]
async fn a_whole_url_in_the_request_line_counts_before_the_host() {
    let world = World::new().await;
    let token = world.token("deputy");
    for (host, status) in [(globex::DOMAIN, 403), (acme::DOMAIN, 200)] {
        let head = format!("GET http://{host}/api/v1/me HTTP/1.1\r\nAuthorization: Bearer {token}");
        let (answered, _, body) = world.raw_text(&head, b"").await;
        assert_eq!(answered, status, "{body}");
    }
}
