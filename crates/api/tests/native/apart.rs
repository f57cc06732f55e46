//! Tenants never meet.

use crate::ask::{ask, is};
use crate::existence::of_nothing;
use crate::{reads, writes};
use attache_testkit::world::ids;

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
    for write in writes.into_iter().filter(|it| it.route.contains('{')) {
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
