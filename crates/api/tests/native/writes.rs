//! Every write of the API, on things that are there.

use serde_json::{Value, json};

use crate::ask::{ask, done, get};
use attache_testkit::world::{Ask, World};

/// A write that does something. None of them is in the way of another, in the
/// order in which they stand.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    /// Its path in the document.
    pub(crate) route: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) body: Value,
    /// The status if all goes well.
    pub(crate) status: u16,
}

impl Write {
    /// A request for it, without a credential.
    pub(crate) fn ask<'a>(&self, world: &'a World) -> Ask<'a> {
        let ask = ask(world, self.method, &self.path);
        match &self.body {
            Value::Null => ask,
            body => ask.json(body),
        }
    }
}

/// A world in which all of this can be done, and the writes.
pub(crate) async fn all() -> (World, Vec<Write>) {
    // The catalogue is a large body.
    let world = World::with_bodies_of(100_000).await;
    let trusted = |issuer: &str| json!({"issuer": issuer, "audience": "attache"});
    let mut issuers = Vec::new();
    for issuer in ["https://one.example", "https://two.example"] {
        let made = done(&world, "POST /issuers", trusted(issuer)).await;
        issuers.push(made.at("/id").as_str().unwrap().to_owned());
    }
    done(&world, "POST /users/%234/invitation", Value::Null).await;
    let tokens = get(&world, "/services/brief/tokens").await;
    let grants = "/resources/customer:%231/grants?subject=user:%232&role=owner";
    let grants = get(&world, grants).await;
    let mut catalogue = get(&world, "/catalogue").await;
    let new = json!({"name": "customers.paint", "description": "Paint a customer."});
    catalogue["permissions"].as_array_mut().unwrap().push(new);
    let first = |list: &Value| list["items"][0]["id"].as_str().unwrap().to_owned();
    let named = [
        ("{token}", first(&tokens)),
        ("{grant}", first(&grants)),
        ("{issuer}", issuers[0].clone()),
        ("{other issuer}", issuers[1].clone()),
    ];
    let table = table(catalogue);
    let writes = table.into_iter().map(|(route, what, body, status)| {
        let (method, path) = what.split_once(' ').unwrap();
        let mut path = path.to_owned();
        for (name, id) in &named {
            path = path.replace(name, id);
        }
        Write {
            route,
            method,
            path,
            body,
            status,
        }
    });
    let writes = writes.collect();
    (world, writes)
}

type Row = (&'static str, &'static str, Value, u16);

#[rustfmt::skip]
fn table(catalogue: Value) -> Vec<Row> {
    let trusted = |issuer: &str| json!({"issuer": issuer, "audience": "attache"});
    let helper = json!({"kind": "customer", "label": "Helper", "permissions": ["customers.view"]});
    vec![
        ("/users", "POST /users", json!({"key": "nina", "first_name": "Nina"}), 201),
        ("/users/{user}", "PATCH /users/greta", json!({"phone": "+1"}), 200),
        ("/users/{user}", "PUT /users/rosa", json!({"first_name": "Rosa"}), 201),
        ("/users/{user}", "PUT /users/%237", json!({"first_name": "Eva"}), 200),
        ("/users/{user}/invitation", "POST /users/%234/invitation", json!({"expires_at": "2027-01-01T00:00:00Z"}), 201),
        ("/users/{user}/invitation", "DELETE /users/%234/invitation", Value::Null, 204),
        ("/users/{user}", "DELETE /users/%2310", Value::Null, 204),
        ("/groups", "POST /groups", json!({"name": "Early shift"}), 201),
        ("/groups/{group}", "PATCH /groups/%231", json!({"name": "Late shift"}), 200),
        ("/groups/{group}/users/{user}", "PUT /groups/%232/users/greta", Value::Null, 201),
        ("/groups/{group}/users/{user}", "DELETE /groups/%232/users/%236", Value::Null, 204),
        ("/groups/{group}", "DELETE /groups/%231", Value::Null, 204),
        ("/services", "POST /services", json!({"name": "Billing"}), 201),
        ("/services/{service}", "PATCH /services/glance", json!({"name": "Glance"}), 200),
        ("/services/{service}/tokens", "POST /services/glance/tokens", json!({"expires_at": "2027-01-01T00:00:00Z"}), 201),
        ("/services/{service}/tokens/{token}", "DELETE /services/brief/tokens/{token}", Value::Null, 204),
        ("/services/{service}", "DELETE /services/reader", Value::Null, 204),
        ("/resources", "POST /resources", json!({"kind": "customer", "parent": "reseller:#1", "name": "Dock"}), 201),
        ("/resources/{resource}", "PATCH /resources/customer:%234", json!({"key": "mine"}), 200),
        ("/resources/{resource}/move", "POST /resources/customer:%234/move", json!({"parent": "reseller:#2"}), 200),
        ("/resources/{resource}", "DELETE /resources/chatbot:lighthouse", Value::Null, 204),
        ("/resources/{resource}/members", "PUT /resources/customer:%232/members", json!({"users": ["greta"]}), 200),
        ("/resources/{resource}/members/{user}", "PUT /resources/customer:%232/members/%232", json!({"expires_at": "2027-01-01T00:00:00Z"}), 201),
        ("/resources/{resource}/members/{user}", "PUT /resources/customer:%233/members/%232", json!({"expires_at": "2027-01-01T00:00:00Z"}), 200),
        ("/resources/{resource}/members/{user}", "DELETE /resources/customer:%231/members/%235", Value::Null, 204),
        ("/resources/{resource}/grants", "POST /resources/customer:%231/grants", json!({"subject": "group:#2", "role": "agent"}), 201),
        ("/resources/{resource}/grants/{grant}", "DELETE /resources/customer:%231/grants/{grant}", Value::Null, 204),
        ("/roles/{role}", "PUT /roles/helper", helper, 201),
        ("/roles/{role}", "PUT /roles/glance", json!({"kind": "customer", "label": "Glance"}), 200),
        ("/roles/{role}", "DELETE /roles/everything", Value::Null, 204),
        ("/kinds/{kind}", "PUT /kinds/site", json!({"parents": ["tenant"]}), 201),
        ("/kinds/{kind}", "PUT /kinds/site", json!({"parents": ["tenant", "reseller"]}), 200),
        ("/kinds/{kind}", "DELETE /kinds/site", Value::Null, 204),
        ("/catalogue", "PUT /catalogue", catalogue, 200),
        ("/issuers", "POST /issuers", trusted("https://three.example"), 201),
        ("/issuers/{issuer}", "PUT /issuers/{issuer}", trusted("https://four.example"), 200),
        ("/issuers/{issuer}", "DELETE /issuers/{other issuer}", Value::Null, 204),
        ("/bulk", "POST /bulk", json!({"operations": [{"op": "add_group", "name": "Bulky"}]}), 200),
    ]
}

/// The operations of the document that are no reads, as `METHOD path`, with
/// the names of their headers.
pub(crate) async fn documented(world: &World) -> Vec<(String, Vec<String>)> {
    let document = world.get("/openapi/attache.json").send().await.json();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let parameters = attache_testkit::shape::parameters(operation).into_iter();
            let headers = parameters.filter_map(|it| Some(it.strip_prefix("header ")?.to_owned()));
            // A question that stands in a body writes nothing.
            // An import is begun, and tells later what it wrote.
            if method != "get" && path != "/explain" && path != "/import" {
                let what = format!("{} {path}", method.to_uppercase());
                found.push((what, headers.collect()));
            }
        }
    }
    found
}

#[tokio::test]
async fn all_of_the_tenants_writes_stand_in_the_table_and_take_a_key() {
    let (world, writes) = all().await;
    // Those of the operator are tested with the tenants, and accepting, which shows no
    // credential and is good once, with the invitations.
    let elsewhere = [
        "POST /tenants",
        "PATCH /tenants/{tenant}",
        "POST /invitations/accept",
    ];
    for (what, headers) in documented(&world).await {
        let is_here = writes
            .iter()
            .any(|it| format!("{} {}", it.method, it.route) == what);
        let takes_a_key = headers.iter().any(|header| header == "Idempotency-Key");
        assert_eq!(is_here, !elsewhere.contains(&what.as_str()), "{what}");
        // Asked twice, it says the same by itself, or is refused.
        let by_nature = ["PATCH /tenants/{tenant}", "POST /invitations/accept"];
        let by_nature = by_nature.contains(&what.as_str());
        assert_eq!(takes_a_key, !by_nature, "{what}");
    }
}

#[tokio::test]
async fn each_becomes_one_entry() {
    let (world, writes) = all().await;
    for write in writes {
        let before = world.revision().await;
        let answer = write.ask(&world).by(crate::ask::ADMIN).send().await;
        assert_eq!(answer.status, write.status, "{write:?}: {}", answer.body);
        assert_eq!(world.revision().await, before + 1, "{write:?}");
        assert_eq!(answer.revision(), before + 1, "{write:?}");
        let entry = get(&world, &format!("/entries/{}", before + 1)).await;
        assert_eq!(entry["correlation_id"], crate::ask::CORRELATION);
    }
}

#[tokio::test]
async fn what_is_made_is_found_where_the_answer_says() {
    let (world, writes) = all().await;
    for write in writes.into_iter().filter(|it| it.status == 201) {
        let made = write.ask(&world).by(crate::ask::ADMIN).send().await;
        let place = made.header("location").unwrap().to_owned();
        let found = world.get(&place).by(crate::ask::ADMIN).send().await;
        assert_eq!(found.status, 200, "{place}: {}", found.body);
        if made.body.is_empty() {
            // Whoever may put it there may not read it for that.
            continue;
        }
        let (mut made_json, found_json) = (made.json(), found.json());
        for once in ["secret", "token"] {
            made_json.as_object_mut().unwrap().remove(once);
        }
        assert_eq!(made_json, found_json, "{place}");
        let shows_a_secret = ["/services/{service}/tokens", "/users/{user}/invitation"];
        if !shows_a_secret.contains(&write.route) {
            assert_eq!(made.header("etag"), found.header("etag"), "{place}");
        }
    }
}
