//! Every place of every API where something is named takes the name in each of its spellings: a
//! UUID in any form (RFC 9562, section 4), a text in any normal form.

use std::collections::BTreeSet;

use attache_http::description::{Name, Of, Style as StyleOfDialect};
use attache_testkit::world::{Answer, World, ids};
use serde_json::{Value, json};

use crate::names::Style;
use crate::table::{OPERATIONS, Row, Slot, row, rows};
use crate::walk::{Request, filled, send};

/// Holds everything.
const ADMIN: &str = "deputy";

/// A name, and others of the same thing.
struct Spelled {
    name: String,
    others: Vec<String>,
}

/// The forms of a UUID that stands in lower case.
fn forms(id: &str) -> Vec<String> {
    let simple = id.replace('-', "");
    vec![
        id.to_owned(),
        id.to_uppercase(),
        simple.to_uppercase(),
        format!("{{{id}}}"),
        format!("urn:uuid:{id}"),
        format!("urn:uuid:{}", id.to_uppercase()),
        simple,
    ]
}

fn of_uuid(id: &str) -> Spelled {
    Spelled {
        name: id.to_owned(),
        others: forms(&id.to_lowercase()),
    }
}

/// Something with a key that is a UUID, or a text with a letter that can be taken apart.
struct Named {
    /// What it is: `user`, `group`, `service`, or the kind of a resource.
    of: &'static str,
    /// The path of the list in which it is.
    path: &'static str,
    /// The key that is a UUID, in upper case.
    key: &'static str,
    /// The key that is a text, composed, and the same decomposed.
    text: [&'static str; 2],
}

#[rustfmt::skip]
const THINGS: &[Named] = &[
    Named { of: "user", path: "users", key: "6F9619FF-8B86-D011-B42D-00C04FC964A1", text: ["zo\u{eb}", "zoe\u{308}"] },
    Named { of: "group", path: "groups", key: "6F9619FF-8B86-D011-B42D-00C04FC964A2", text: ["fr\u{fc}h", "fru\u{308}h"] },
    Named { of: "service", path: "services", key: "6F9619FF-8B86-D011-B42D-00C04FC964A3", text: ["b\u{fc}ro", "bu\u{308}ro"] },
    Named { of: "reseller", path: "resources", key: "6F9619FF-8B86-D011-B42D-00C04FC964A4", text: ["s\u{fc}d", "su\u{308}d"] },
    Named { of: "customer", path: "resources", key: "6F9619FF-8B86-D011-B42D-00C04FC964A5", text: ["m\u{fc}hle", "mu\u{308}hle"] },
    Named { of: "workspace", path: "resources", key: "6F9619FF-8B86-D011-B42D-00C04FC964A6", text: ["b\u{f6}den", "bo\u{308}den"] },
    Named { of: "chatbot", path: "resources", key: "6F9619FF-8B86-D011-B42D-00C04FC964A7", text: ["f\u{e4}hre", "fa\u{308}hre"] },
];

fn thing(of: &str) -> &'static Named {
    THINGS.iter().find(|it| it.of == of).unwrap()
}

async fn done(world: &World, what: &str, body: Value) -> Value {
    let (method, path) = what.split_once(' ').unwrap();
    let ask = world.ask(method, &format!("/api/v1{path}")).by(ADMIN);
    let answer = ask.json(&body).send().await;
    assert!(
        [200, 201, 204].contains(&answer.status),
        "{what}: {}",
        answer.body
    );
    serde_json::from_str(&answer.body).unwrap_or_default()
}

/// A world with two things of each sort, which have something to do with one another: one with
/// a UUID as its key, one with a text.
async fn world() -> World {
    let world = World::with_bodies_of(100_000).await;
    for which in 0..2 {
        let key = |of: &str| match which {
            0 => thing(of).key,
            _ => thing(of).text[0],
        };
        let user = key("user");
        done(
            &world,
            "POST /users",
            json!({"key": user, "first_name": "X"}),
        )
        .await;
        done(
            &world,
            "POST /groups",
            json!({"key": key("group"), "name": "X"}),
        )
        .await;
        done(
            &world,
            "POST /services",
            json!({"key": key("service"), "name": "X"}),
        )
        .await;
        let mut parent = "tenant".to_owned();
        for kind in ["reseller", "customer", "workspace", "chatbot"] {
            let new = json!({"kind": kind, "key": key(kind), "name": "X", "parent": parent});
            let made = done(&world, "POST /resources", new).await;
            parent = made["id"].as_str().unwrap().to_owned();
            let member = json!([{"op": "add_member", "resource": parent, "user": user}]);
            done(&world, "POST /bulk", json!({"operations": member})).await;
        }
        let both = json!([
            {"op": "add_group_user", "group": key("group"), "user": user},
            {"op": "grant", "resource": format!("customer:{}", key("customer")), "subject": format!("user:{user}"), "role": "viewer"},
            {"op": "grant", "resource": format!("customer:{}", key("customer")), "subject": format!("group:{}", key("group")), "role": "viewer"},
            {"op": "grant", "resource": format!("customer:{}", key("customer")), "subject": format!("service:{}", key("service")), "role": "viewer"},
        ]);
        done(&world, "POST /bulk", json!({"operations": both})).await;
        done(
            &world,
            &format!(
                "POST /services/{}/tokens",
                crate::walk::percent(key("service"))
            ),
            json!({}),
        )
        .await;
    }
    world
}

/// The names of a thing in a style: of its key that is a UUID, of its id, of its key that is a
/// text.
async fn spelled(world: &World, named: &Named, style: Style) -> Vec<Spelled> {
    let is_resource = named.path == "resources";
    let front = match is_resource {
        true => format!("{}:", named.of),
        false => String::new(),
    };
    let path = format!("/api/v1/{}/{front}{}", named.path, named.key);
    let found = world.get(&path).by(ADMIN).send().await;
    let id = found.at("/id").as_str().unwrap().to_owned();
    let text = Spelled {
        name: named.text[0].to_owned(),
        others: vec![named.text[1].to_owned()],
    };
    let mut all = vec![of_uuid(named.key), of_uuid(&id), text];
    let put = |all: Vec<Spelled>, around: &dyn Fn(&str) -> String| -> Vec<Spelled> {
        let around_all = all.into_iter().map(|it| Spelled {
            name: around(&it.name),
            others: it.others.iter().map(|it| around(it)).collect(),
        });
        around_all.collect()
    };
    match style {
        Style::Locator => {
            let mut named_by_kind = put(all, &|name| format!("{front}{name}"));
            // An id stands alone too.
            named_by_kind.push(of_uuid(&id));
            named_by_kind
        }
        Style::Subject => {
            let of = named.of;
            let mut typed = put(all, &|name| format!("{of}:{name}"));
            if of == "user" {
                typed.push(of_uuid(&id));
                typed.push(of_uuid(named.key));
            }
            typed
        }
        Style::Entity => {
            let of = named.of;
            put(all, &|name| {
                format!(r#"{{"type": "{of}", "id": "{name}"}}"#)
            })
        }
        Style::Reference => all,
        Style::Uuid => {
            all.pop();
            all
        }
        Style::Number => Vec::new(),
    }
}

/// What stands in the other places of a row.
fn names_in(row: &Row) -> Vec<(&'static str, String)> {
    let customer = format!("customer:{}", thing("customer").key);
    let user = thing("user").key.to_owned();
    let own = row.names().iter().map(|name| (name.slot, own_of(name)));
    let entity = |of: &str| format!(r#"{{"type": "{of}", "id": "{}"}}"#, thing(of).key);
    let all = [
        ("resource", customer),
        ("user", user.clone()),
        ("group", thing("group").key.to_owned()),
        ("service", thing("service").key.to_owned()),
        ("subject", format!("user:{user}")),
        ("grant", "no-such-grant".to_owned()),
        ("token", ids::NOTHING.to_owned()),
        ("issuer", ids::NOTHING.to_owned()),
        ("role", "viewer".to_owned()),
        ("a_role", "viewer".to_owned()),
        ("kind", "workspace".to_owned()),
        ("revision", "2".to_owned()),
        ("tenant", "acme".to_owned()),
        ("entity", entity("customer")),
        ("who", entity("user")),
        ("self", entity("user")),
        ("me", format!("user:{user}")),
    ];
    own.chain(all).collect()
}

/// What stands in a place of a dialect.
fn own_of(name: &Name) -> String {
    let of = match name.of {
        Of::Role(role) => return role.to_owned(),
        Of::Member(_) | Of::Stranger(_) => "user",
        Of::Reseller => "reseller",
        Of::Customer => "customer",
        Of::Workspace => "workspace",
        Of::Chatbot => "chatbot",
    };
    match name.style {
        StyleOfDialect::Number => "1".to_owned(),
        StyleOfDialect::Uuid | StyleOfDialect::Reference => thing(of).key.to_owned(),
    }
}

/// The things that a place can name.
fn fitting(slot: &Slot) -> Vec<&'static Named> {
    use crate::names::Kind;
    let kind = |of: &'static str| match of {
        "user" => Kind::User,
        "group" => Kind::Group,
        "service" => Kind::Service,
        kind => Kind::Resource(kind),
    };
    let things = THINGS.iter().filter(|it| (slot.is_of)(kind(it.of)));
    things.collect()
}

/// A request, which changes nothing wherever its names are found, and its body.
struct Harmless {
    row: Row,
    body: String,
    /// The places of names that it can be asked with.
    slots: Vec<Slot>,
    /// A tag that nothing has, so that what is found is not changed.
    is_guarded: bool,
}

fn is_question(row: &Row) -> bool {
    row.method == "GET"
        || row.path.starts_with("/access/")
        || row.path.starts_with("/api/v1/explain")
        || row.path.contains("dry_run=true")
}

/// Every place of every row, each in a request that changes nothing.
fn requests() -> Vec<Harmless> {
    let mut all = Vec::new();
    for row in rows() {
        let slots = row.slots();
        let (in_path, in_body): (Vec<Slot>, Vec<Slot>) = slots
            .into_iter()
            .partition(|slot| row.path.contains(&format!("{{{}}}", slot.name)));
        let (slots, is_guarded) = match is_question(&row) {
            true => ([in_path, in_body].concat(), false),
            // What stands in bodies is asked with the operations of a bulk, and below.
            false => (in_path, true),
        };
        let body = row.body.to_owned();
        all.push(Harmless {
            row,
            body,
            slots,
            is_guarded,
        });
    }
    let fails = r##"{"op": "remove_user", "user": "#99999"}"##;
    for operation in OPERATIONS {
        let row = row("POST", "/api/v1/bulk", operation);
        all.push(Harmless {
            slots: row.slots(),
            body: format!(r#"{{"operations": [{operation}, {fails}]}}"#),
            row,
            is_guarded: false,
        });
    }
    // What is so already, or cannot be.
    let taken = thing("workspace").key;
    let new = r#"{"kind": "workspace", "key": "TAKEN", "name": "X", "parent": "{resource}"}"#;
    for (method, path, body) in [
        ("POST", "/api/v1/resources", new),
        (
            "POST",
            "/api/v1/resources/{resource}/grants",
            r#"{"subject": "{subject}", "role": "viewer"}"#,
        ),
        ("GET", "/api/v1/users?key={user}", ""),
    ] {
        let row = row(method, path, body);
        let slots = row.slots();
        // Of the resource of a grant, a customer is one with such a role.
        let slots = slots
            .into_iter()
            .filter(|it| !path.ends_with("grants") || it.name == "subject");
        all.push(Harmless {
            slots: slots.collect(),
            body: body.replace("TAKEN", taken),
            row,
            is_guarded: false,
        });
    }
    all
}

/// What an answer says, without what is of the request.
fn told(answer: &Answer) -> (u16, String) {
    let body = match serde_json::from_str::<Value>(&answer.body) {
        Ok(mut json) => {
            if let Some(object) = json.as_object_mut() {
                object.remove("correlation_id");
            }
            json.to_string()
        }
        Err(_) => answer.body.clone(),
    };
    (answer.status, body)
}

async fn asked(world: &World, harmless: &Harmless, slot: &Slot, name: &str) -> Answer {
    let names = names_in(&harmless.row);
    let request = Request {
        method: harmless.row.method,
        path: filled(harmless.row.path, &names, (slot.name, name), true),
        body: filled(&harmless.body, &names, (slot.name, name), false),
    };
    let tag = harmless
        .is_guarded
        .then_some(("If-Match", "\"of-nothing\""));
    send(world, ADMIN, &request, tag).await
}

/// Parts of requests that are refused whatever they name, so that nothing is changed: by an
/// operation at the end of a bulk, something else that is not there, or a key that is taken.
const ALWAYS_REFUSED: &[&str] = &[
    "/bulk",
    "/{grant}",
    "/{token}",
    "/invitation",
    "status=nonsense",
    "TAKEN",
    "nobody-1",
];

#[tokio::test]
async fn every_place_takes_a_name_in_each_of_its_spellings() {
    let world = world().await;
    let mut names = Vec::new();
    for named in THINGS {
        for style in [
            Style::Locator,
            Style::Reference,
            Style::Subject,
            Style::Uuid,
            Style::Entity,
        ] {
            for spelled in spelled(&world, named, style).await {
                names.push((named.of, style, spelled));
            }
        }
    }
    let (mut compared, mut different) = (0, Vec::new());
    let mut found = BTreeSet::new();
    let mut places = BTreeSet::new();
    for harmless in requests() {
        for slot in &harmless.slots {
            for named in fitting(slot) {
                let fits = |it: &&(&str, Style, Spelled)| it.0 == named.of && it.1 == slot.style;
                for (_, _, spelled) in names.iter().filter(fits) {
                    let place = format!(
                        "{} {} {} {{{}}}",
                        harmless.row.method, harmless.row.path, harmless.row.body, slot.name
                    );
                    let before = world.revision().await;
                    let answer = asked(&world, &harmless, slot, &spelled.name).await;
                    // What is given once may be shown otherwise when it is given again.
                    let answer = match world.revision().await == before {
                        true => answer,
                        false => asked(&world, &harmless, slot, &spelled.name).await,
                    };
                    if answer.status < 400 || answer.status == 412 {
                        found.insert(place.clone());
                    }
                    places.insert(place.clone());
                    let told_first = told(&answer);
                    for other in &spelled.others {
                        let (status, told) = told(&asked(&world, &harmless, slot, other).await);
                        // The members that a list would attach are named as they were sent.
                        let told = (status, told.replace(other, &spelled.name));
                        compared += 1;
                        if told != told_first {
                            different.push(format!(
                                "{place} {}: {told_first:?}\n{other}: {told:?}",
                                spelled.name
                            ));
                        }
                    }
                }
            }
        }
    }
    println!("{compared} spellings compared in {} places", places.len());
    assert!(
        different.is_empty(),
        "{}\n{}",
        different.join("\n\n"),
        different.len()
    );
    let is_refused = |place: &&String| ALWAYS_REFUSED.iter().any(|part| place.contains(part));
    let missed = places
        .iter()
        .filter(|it| !found.contains(*it) && !is_refused(it));
    let missed: Vec<&String> = missed.collect();
    assert!(missed.is_empty(), "nothing is found at all: {missed:#?}");
}

#[tokio::test]
async fn ids_of_tokens_issuers_and_tenants_are_taken_in_every_form() {
    let world = world().await;
    let trusted = json!({"issuer": "https://one.example", "audience": "attache"});
    let issuer = done(&world, "POST /issuers", trusted).await;
    let token = done(&world, "POST /services/glance/tokens", json!({})).await;
    let user = done(
        &world,
        "POST /users",
        json!({"external_auth_id": ids::NOTHING}),
    )
    .await;
    let id = |json: &Value| json["id"].as_str().unwrap().to_owned();
    let tenant = ids::tenant(1).to_string();
    for (front, id) in [
        ("/issuers/", id(&issuer)),
        ("/services/glance/tokens/", id(&token)),
        ("/users?external_auth_id=", ids::NOTHING.to_owned()),
        ("/tenants/", tenant.clone()),
        ("/entries?subject=user:", id(&user)),
    ] {
        let get = async |id: &str| {
            let path = format!("/api/v1{front}{}", crate::walk::percent(id));
            let ask = world.get(&path);
            let ask = match front == "/tenants/" {
                true => ask.by_the_operator(),
                false => ask.by(ADMIN),
            };
            told(&ask.send().await)
        };
        let first = get(&id).await;
        assert_eq!(first.0, 200, "{front}{id}: {}", first.1);
        let total: Value = serde_json::from_str(&first.1).unwrap();
        assert_ne!(total["total"], 0, "{front}");
        for form in forms(&id) {
            assert_eq!(get(&form).await, first, "{front}{form}");
        }
    }
    for form in forms(&tenant) {
        let ask = world.get("/api/v1/users").by_the_operator();
        let answer = ask.header("Attache-Tenant", &form).send().await;
        assert_eq!(answer.status, 200, "{form}: {}", answer.body);
    }
}
