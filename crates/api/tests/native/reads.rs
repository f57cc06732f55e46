//! Every read of the API, on things that are there.

use serde_json::json;

use crate::ask::{done, get};
use attache_testkit::world::World;

/// A read.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    /// Its path in the document.
    pub(crate) route: &'static str,
    pub(crate) path: String,
    pub(crate) is_list: bool,
    /// Whether it is for the operator.
    pub(crate) of_the_operator: bool,
}

/// A world with something in every list, and the reads.
pub(crate) async fn all() -> (World, Vec<Read>) {
    let world = World::new().await;
    let mut ids = Vec::new();
    for issuer in ["https://one.example", "https://two.example"] {
        let keys = json!({"from": "jwks", "jwks": {"keys": [{"kty": "OKP", "kid": "one"}]}});
        let trusted = json!({"issuer": issuer, "audience": "attache", "keys": keys});
        let made = done(&world, "POST /issuers", trusted).await;
        ids.push(made.at("/id"));
    }
    done(&world, "POST /users/%234/invitation", json!({})).await;
    let token = done(&world, "POST /services/reader/tokens", json!({})).await;
    let grants = get(&world, "/resources/customer:%231/grants").await;
    let import = crate::imports::imported(&world, "", &[("users.csv", "key\nira\n")]).await;
    let text = |id: &serde_json::Value| id.as_str().unwrap().to_owned();
    let named = [
        ("{issuer}", text(&ids[0])),
        ("{import}", text(&import["id"])),
        ("{token}", text(&token.at("/id"))),
        ("{grant}", text(&grants["items"][0]["id"])),
    ];
    let reads = TABLE.iter().map(|(route, path)| {
        let mut path = (*path).to_owned();
        for (name, id) in &named {
            path = path.replace(name, id);
        }
        Read {
            route,
            path,
            is_list: LISTS.contains(route),
            of_the_operator: route.starts_with("/tenants"),
        }
    });
    let reads = reads.collect();
    (world, reads)
}

const TABLE: &[(&str, &str)] = &[
    ("/imports/{import}", "/imports/{import}"),
    ("/me", "/me"),
    ("/users", "/users"),
    ("/users/{user}", "/users/greta"),
    ("/users/{user}/invitation", "/users/%234/invitation"),
    ("/users/{user}/resources", "/users/%232/resources"),
    ("/groups", "/groups"),
    ("/groups/{group}", "/groups/%232"),
    ("/groups/{group}/users", "/groups/%232/users"),
    ("/groups/{group}/users/{user}", "/groups/%232/users/%236"),
    ("/services", "/services"),
    ("/services/{service}", "/services/reader"),
    ("/services/{service}/tokens", "/services/reader/tokens"),
    (
        "/services/{service}/tokens/{token}",
        "/services/reader/tokens/{token}",
    ),
    ("/resources", "/resources"),
    ("/resources/{resource}", "/resources/customer:%231"),
    (
        "/resources/{resource}/children",
        "/resources/reseller:%231/children",
    ),
    (
        "/resources/{resource}/ancestors",
        "/resources/customer:%231/ancestors",
    ),
    (
        "/resources/{resource}/members",
        "/resources/customer:%231/members",
    ),
    (
        "/resources/{resource}/members/{user}",
        "/resources/customer:%231/members/%232",
    ),
    (
        "/resources/{resource}/grants",
        "/resources/customer:%231/grants",
    ),
    (
        "/resources/{resource}/grants/{grant}",
        "/resources/customer:%231/grants/{grant}",
    ),
    ("/grants", "/grants?subject=user:%2311"),
    ("/catalogue", "/catalogue"),
    ("/roles", "/roles"),
    ("/roles/{role}", "/roles/owner"),
    ("/kinds", "/kinds"),
    ("/kinds/{kind}", "/kinds/customer"),
    ("/issuers", "/issuers"),
    ("/issuers/{issuer}", "/issuers/{issuer}"),
    ("/issuers/{issuer}/keys", "/issuers/{issuer}/keys"),
    ("/entries", "/entries"),
    ("/entries/{revision}", "/entries/2"),
    ("/tenants", "/tenants"),
    ("/tenants/{tenant}", "/tenants/acme"),
];

/// The lists that come in pages.
const LISTS: &[&str] = &[
    "/users",
    "/users/{user}/resources",
    "/groups",
    "/groups/{group}/users",
    "/services",
    "/services/{service}/tokens",
    "/resources",
    "/resources/{resource}/children",
    "/resources/{resource}/members",
    "/resources/{resource}/grants",
    "/grants",
    "/roles",
    "/kinds",
    "/issuers",
    "/entries",
    "/tenants",
];

impl Read {
    /// A request for it, by somebody who may.
    pub(crate) fn ask<'a>(&self, world: &'a World) -> attache_testkit::world::Ask<'a> {
        self.ask_with(world, "")
    }

    /// The same, with more in the query string.
    pub(crate) fn ask_with<'a>(
        &self,
        world: &'a World,
        query: &str,
    ) -> attache_testkit::world::Ask<'a> {
        let join = match (query, self.path.contains('?')) {
            ("", _) => "",
            (_, true) => "&",
            (_, false) => "?",
        };
        let ask = crate::ask::ask(world, "GET", &format!("{}{join}{query}", self.path));
        match self.of_the_operator {
            true => ask.by_the_operator(),
            false => ask.by(crate::ask::ADMIN),
        }
    }
}

#[tokio::test]
async fn all_reads_stand_in_the_table_and_answer() {
    let (world, reads) = all().await;
    let document = world.get("/openapi/attache.json").send().await.json();
    let paths = document["paths"].as_object().unwrap();
    // An export is no JSON.
    let gets = paths.iter().filter(|(_, item)| item["get"].is_object());
    for (path, _) in gets.filter(|(path, _)| *path != "/export") {
        assert!(reads.iter().any(|read| read.route == path), "{path}");
    }
    for read in reads {
        assert!(paths[read.route]["get"].is_object(), "{}", read.route);
        let answer = read.ask(&world).send().await;
        assert_eq!(answer.status, 200, "{}: {}", read.path, answer.body);
        let is_paged = answer.json().get("items").is_some();
        let parameters = attache_testkit::shape::parameters(&paths[read.route]["get"]);
        assert_eq!(
            parameters.contains("query cursor"),
            read.is_list,
            "{read:?}"
        );
        assert!(is_paged || !read.is_list, "{read:?}");
    }
}
