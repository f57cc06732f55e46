//! What is allowed and probably not meant: told with the answer, or refused strictly.

use serde_json::{Value, json};

use crate::ask::{admin, done, errors, get, is};
use attache_testkit::world::World;

fn role(permissions: &[&str]) -> Value {
    json!({"kind": "customer", "label": "Helper", "permissions": permissions})
}

fn warnings(answer: &Value) -> Vec<String> {
    let warnings = answer["warnings"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    warnings
        .map(|it| format!("{} {}", text(&it["field"]), text(&it["reason"])))
        .collect()
}

#[tokio::test]
async fn a_permission_that_no_kind_knows_is_told_with_the_write() {
    let world = World::new().await;
    let body = role(&["customers.view", "custmers.change", "customers.deploy"]);
    let made = done(&world, "PUT /roles/helper", body.clone()).await;
    assert_eq!(made.status, 201);
    let said = [
        "permissions[1] custmers.change is of no kind, and is not among the catalogue's permissions; \
         the nearest is customers.change",
    ];
    assert_eq!(warnings(&made.json()), said);
    // It is no part of the role: neither of what is read, nor of its tag.
    let read = admin(&world, "GET /roles/helper", Value::Null).await;
    assert!(read.json().get("warnings").is_none());
    assert_eq!(read.header("etag"), made.header("etag"));
    // What was answered can be sent back.
    let again = done(&world, "PUT /roles/helper", made.json()).await;
    assert_eq!(warnings(&again.json()), said);

    let before = world.revision().await;
    let refused = admin(&world, "PUT /roles/other?strict=true", body).await;
    is(&refused, 400, "invalid");
    assert_eq!(errors(&refused), said);
    assert_eq!(world.revision().await, before);
    let good = role(&["customers.view"]);
    let good = done(&world, "PUT /roles/other?strict=true", good).await;
    assert!(good.json().get("warnings").is_none());
}

#[tokio::test]
async fn a_kind_and_a_catalogue_are_looked_at_alike() {
    let world = World::with_bodies_of(200_000).await;
    let kind = json!({"parents": ["customer"], "members_may": ["project.view"]});
    let made = done(&world, "PUT /kinds/project", kind.clone()).await;
    let said = warnings(&made.json());
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].starts_with("members_may[0] project.view is of no kind"),
        "{said:?}"
    );
    assert!(
        said[0].ends_with("the nearest is projects.view"),
        "{said:?}"
    );
    is(
        &admin(&world, "PUT /kinds/site?strict=true", kind).await,
        400,
        "invalid",
    );

    let catalogue = get(&world, "/catalogue").await;
    let set = done(&world, "PUT /catalogue", catalogue.clone()).await;
    let said = warnings(&set.json());
    assert!(
        said[0].starts_with("kinds.project.members_may[0] "),
        "{said:?}"
    );
    done(&world, "PUT /catalogue", set.json()).await;
    let strict = admin(&world, "PUT /catalogue?strict=true", catalogue).await;
    is(&strict, 400, "invalid");
}

#[tokio::test]
async fn a_scope_that_nothing_fills_is_told() {
    let world = World::new().await;
    let mut body = role(&["customers.view"]);
    body["scoped"] = json!([{
        "scope": "chatbots/{chatbotId}/inboxes/{inboxId}",
        "permissions": ["chatbots.inbox.views.*"],
    }]);
    body["parameters"] = json!([{"name": "inboxId"}, {"name": "chatbotId"}]);
    let made = done(&world, "PUT /roles/helper", body).await;
    let said = warnings(&made.json());
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with(
        "scoped[0].scope begins with chatbots, and the role is granted on a customer"
    ));
    assert!(said[1].starts_with("parameters[1] is chatbotId, which narrows nothing"));
}
