//! Headers that name tenants: one of another tenant's and one of nobody's.

use attache_testkit::examples::all_headers;
use attache_testkit::world::{World, acme, globex, ids};

use crate::callers::all;
use crate::table::{Row, rows};

async fn answer(world: &World, row: &Row, header: (&str, &str)) -> String {
    // Nothing of it is looked at.
    let path = row.path.replace('{', "%7B").replace('}', "%7D");
    let mut ask = world.ask(row.method, &path).by("outside");
    ask = ask.header("X-Correlation-Id", ids::NOTHING);
    ask = ask.header(header.0, header.1);
    for (name, value) in all_headers(acme::DOMAIN) {
        if header.0 != name {
            ask = ask.header(name, value);
        }
    }
    let answer = match row.body {
        "" => ask.send().await,
        body => ask.text(body).send().await,
    };
    answer.all_of_it()
}

#[tokio::test]
async fn another_tenant_is_named_as_none() {
    let (world, _) = all().await;
    let other = ids::tenant(2).to_string();
    for row in &rows() {
        for (header, there, nothing) in [
            ("Attache-Tenant", "globex", "nowhere"),
            ("Attache-Tenant", &other, ids::NOTHING),
            ("X-Tenant", globex::DOMAIN, "nowhere.example"),
        ] {
            let there = answer(&world, row, (header, there)).await;
            let nothing = answer(&world, row, (header, nothing)).await;
            assert_eq!(there, nothing, "{header}: {row:?}");
        }
    }
}
