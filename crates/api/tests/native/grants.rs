//! Grants.

use serde_json::{Value, json};

use crate::ask::{ADMIN, admin, ask, by, done, each, errors, get, is};
use attache_testkit::world::{World, ids};

const MILL: &str = "/resources/customer:%231/grants";
const CONCIERGE: &str = "/resources/chatbot:concierge/grants";

#[tokio::test]
async fn a_grant_has_an_id_that_stays() {
    let world = World::new().await;
    let new = json!({"subject": "group:#1", "role": "agent"});
    let made = done(&world, &format!("POST {MILL}"), new.clone()).await;
    let id = made.at("/id").as_str().unwrap().to_owned();
    assert_eq!(made.at("/subject"), format!("group:{}", ids::group(1)));
    let path = format!("{MILL}/{id}");
    assert_eq!(get(&world, &path).await, made.json());
    let before = world.revision().await;
    let again = done(&world, &format!("POST {MILL}"), new.clone()).await;
    assert_eq!(again.body, made.body);
    assert_eq!(world.revision().await, before, "it is granted already");
    let mut until = new.clone();
    until["expires_at"] = json!("2026-03-03T10:30:00Z");
    let now = done(&world, &format!("POST {MILL}"), until).await;
    assert_eq!(now.at("/id"), id, "only its end is another");
    done(&world, &format!("DELETE {path}"), Value::Null).await;
    is(
        &admin(&world, &format!("GET {path}"), Value::Null).await,
        404,
        "not-found",
    );
    let anew = done(&world, &format!("POST {MILL}"), new).await;
    assert_eq!(anew.at("/id"), id);
}

#[tokio::test]
async fn it_ends_at_its_time() {
    let world = World::new().await;
    let until =
        json!({"subject": "group:#1", "role": "agent", "expires_at": "2026-03-03T10:30:00Z"});
    let made = done(&world, &format!("POST {MILL}"), until).await;
    let path = format!("{MILL}/{}", made.at("/id").as_str().unwrap());
    world.pass(3_600);
    for method in ["GET", "DELETE"] {
        is(
            &admin(&world, &format!("{method} {path}"), Value::Null).await,
            404,
            "not-found",
        );
    }
}

#[tokio::test]
async fn other_parameters_are_another_grant() {
    let world = World::new().await;
    let new =
        |inbox: Value| json!({"subject": "user:#6", "role": "InboxUser", "parameters": inbox});
    let mut made = Vec::new();
    for inbox in [json!({"inboxId": "7"}), json!({"inboxId": "8"}), json!({})] {
        let grant = done(&world, &format!("POST {CONCIERGE}"), new(inbox.clone())).await;
        assert_eq!(grant.at("/parameters"), inbox);
        made.push(grant.at("/id"));
    }
    let path = format!("{CONCIERGE}?subject=user:%236&role=InboxUser");
    assert_eq!(each(&world, &path, "/id").await.len(), 3);
    let of_seven = format!("DELETE {CONCIERGE}/{}", made[0].as_str().unwrap());
    done(&world, &of_seven, Value::Null).await;
    let left = each(&world, &path, "/id").await;
    assert!(!left.contains(&made[0]) && left.contains(&made[1]) && left.contains(&made[2]));
    for parameters in [
        json!({"inbox": "7"}),
        json!({"inboxId": ""}),
        json!({"inboxId": 7}),
    ] {
        let answer = admin(&world, &format!("POST {CONCIERGE}"), new(parameters)).await;
        is(&answer, 400, "invalid");
        assert!(
            errors(&answer)[0].starts_with("parameters"),
            "{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn a_parameter_is_one_in_both_normal_forms_and_has_no_hidden_character() {
    let world = World::new().await;
    let (composed, decomposed) = ("Zo\u{eb}", "Zoe\u{308}");
    let new = |inbox: &str| {
        let parameters = json!({"inboxId": inbox});
        json!({"subject": "user:#6", "role": "InboxUser", "parameters": parameters})
    };
    let made = done(&world, &format!("POST {CONCIERGE}"), new(decomposed)).await;
    assert_eq!(made.at("/parameters/inboxId"), composed);
    let again = done(&world, &format!("POST {CONCIERGE}"), new(composed)).await;
    assert_eq!(again.at("/id"), made.at("/id"));
    let operation = |op: &str, inbox: &str| {
        let mut grant = new(inbox);
        grant["op"] = json!(op);
        grant["resource"] = json!("chatbot:concierge");
        json!({"operations": [grant]})
    };
    let bulk = done(&world, "POST /bulk", operation("grant", decomposed)).await;
    assert_eq!(bulk.at("/changes"), 0);
    for inbox in [composed, decomposed] {
        let question = json!({
            "subject": "user:#6", "permission": "chatbots.conversations.list",
            "resource": "chatbot:concierge", "parameters": {"inboxId": inbox},
        });
        let answer = done(&world, "POST /explain", question).await;
        assert_eq!(answer.at("/decision"), true, "{}", answer.body);
    }
    for hidden in [
        "7\n",
        "7\u{0}",
        "7\u{200b}",
        "\u{202e}7",
        " 7",
        "\u{3164}",
        "7/8",
    ] {
        for (path, body) in [
            (format!("POST {CONCIERGE}"), new(hidden)),
            ("POST /bulk".to_owned(), operation("grant", hidden)),
        ] {
            let answer = admin(&world, &path, body).await;
            is(&answer, 400, "invalid");
            let error = &errors(&answer)[0];
            assert!(error.contains("parameters.inboxId"), "{error}");
        }
    }
    let bulk = done(&world, "POST /bulk", operation("revoke", decomposed)).await;
    assert_eq!(bulk.at("/changes"), 1);
}

#[tokio::test]
async fn a_revoke_is_replayed_though_the_grant_is_gone() {
    let world = World::new().await;
    let path = format!("{MILL}?subject=user:%232");
    let id = each(&world, &path, "/id").await[0]
        .as_str()
        .unwrap()
        .to_owned();
    let send = |key: &str| {
        let ask = ask(&world, "DELETE", &format!("{MILL}/{id}")).by(ADMIN);
        ask.header("Idempotency-Key", key).send()
    };
    assert_eq!(send("one").await.status, 204);
    let again = send("one").await;
    assert_eq!(again.status, 204, "{}", again.body);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    is(&send("other").await, 404, "not-found");
}

#[tokio::test]
async fn what_cannot_be_granted_is_named() {
    let world = World::new().await;
    let before = world.revision().await;
    for (subject, role, status, name) in [
        ("user:nobody-known", "owner", 400, "unknown-reference"),
        ("group:#99", "owner", 400, "unknown-reference"),
        ("user:#2", "king", 400, "unknown-reference"),
        ("user:#2", "ChatbotOwner", 400, "invalid"),
        ("user:greta", "owner", 409, "not-a-member"),
    ] {
        let new = json!({"subject": subject, "role": role});
        let answer = admin(&world, &format!("POST {MILL}"), new).await;
        is(&answer, status, name);
    }
    assert_eq!(world.revision().await, before);
}

#[tokio::test]
async fn nobody_grants_what_it_does_not_hold() {
    let mut world = World::new().await;
    let may = ["customers.users.*".to_owned(), "customers.view".to_owned()];
    world
        .caller_with("granter", attache_testkit::world::acme::MILL, &may)
        .await;
    let owner = json!({"subject": "user:#5", "role": "owner"});
    let answer = by(&world, "granter", &format!("POST {MILL}"), owner.clone()).await;
    is(&answer, 403, "exceeds");
    let viewer = json!({"subject": "user:#5", "role": "viewer"});
    let answer = by(&world, "granter", &format!("POST {MILL}"), viewer).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    is(
        &by(&world, "local", &format!("POST {MILL}"), owner).await,
        403,
        "forbidden",
    );
}

#[tokio::test]
async fn the_grants_of_a_subject_are_those_that_the_caller_may_list() {
    let world = World::new().await;
    let of_ben = "/grants?subject=user:%232";
    let roles = each(&world, of_ben, "/role").await;
    assert_eq!(roles.len(), 3, "{roles:?}");
    for (service, expected) in [
        ("reader", vec!["owner"]),
        ("glance", vec![]),
        ("outsider", vec![]),
    ] {
        let answer = by(&world, service, &format!("GET {of_ben}"), Value::Null).await;
        assert_eq!(answer.each("/items", "role"), expected, "{service}");
        assert_eq!(answer.at("/total"), expected.len(), "{service}");
    }
    assert_eq!(
        each(&world, "/grants?subject=group:%232", "/role").await,
        ["viewer"]
    );
    assert_eq!(
        each(&world, &format!("{of_ben}&role=owner"), "/role").await,
        ["owner"]
    );
    let unknown = "GET /grants?subject=user:nobody-known";
    let answer = admin(&world, unknown, Value::Null).await;
    assert_eq!(errors(&answer), ["subject is no user, group or service"]);
}

#[tokio::test]
async fn grants_are_listed_of_the_whole_tenant_and_of_a_role() {
    let world = World::new().await;
    let all = admin(&world, "GET /grants?page_size=1000", Value::Null).await;
    let roles = all.each("/items", "role");
    assert_eq!(all.at("/total"), roles.len());
    let owners = admin(&world, "GET /grants?role=owner", Value::Null).await;
    let expected = roles.iter().filter(|role| *role == "owner").count();
    assert!(expected > 0, "{roles:?}");
    assert_eq!(owners.each("/items", "role"), vec!["owner"; expected]);
    // Pages of one hold the same.
    let mut paged = 0;
    let mut path = "GET /grants?page_size=1".to_owned();
    loop {
        let page = admin(&world, &path, Value::Null).await;
        paged += page.each("/items", "role").len();
        match page.at("/next").as_str() {
            None => break,
            Some(next) => path = format!("GET /grants?page_size=1&cursor={next}"),
        }
    }
    assert_eq!(paged, roles.len());
    // Of what the caller may not list, nothing is told.
    let some = by(&world, "outsider", "GET /grants", Value::Null).await;
    let seen = by(&world, "outsider", "GET /resources", Value::Null).await;
    let seen = seen.each("/items", "id");
    let on = some.each("/items", "resource");
    assert_eq!(some.at("/total"), on.len());
    assert!(!on.is_empty() && on.len() < roles.len(), "{on:?}");
    assert!(on.iter().all(|resource| seen.contains(resource)), "{on:?}");
    let nobody = admin(&world, "GET /grants?role=no-such-role", Value::Null).await;
    assert_eq!(nobody.at("/total"), 0);
}
