//! How a moment is named, and what is refused.

use attache_core::Timestamp;
use attache_testkit::world::acme::{AN_HOUR, BEN, HUGO, MILL};
use attache_testkit::world::wishes::{attach, user_of};
use attache_testkit::world::{Answer, Ask, World, acme};
use serde_json::json;

const MEMBERS: &str = "/api/v1/resources/customer:%231/members";

fn admin(ask: Ask<'_>) -> Ask<'_> {
    ask.by("deputy")
}

async fn get(world: &World, path: &str) -> Answer {
    admin(world.get(path)).send().await
}

async fn as_of(world: &World, moment: &str) -> Answer {
    admin(world.get(MEMBERS))
        .header("Attache-At", moment)
        .send()
        .await
}

fn refused(answer: &Answer, field: &str, words: &str) {
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(answer.at("/type"), "/problems/as-of", "{}", answer.body);
    assert_eq!(answer.at("/errors/0/field"), field, "{}", answer.body);
    let reason = answer.at("/errors/0/reason");
    assert!(reason.as_str().unwrap().contains(words), "{reason}");
}

#[tokio::test]
async fn each_way_to_name_a_moment_means_the_same() {
    let world = World::new().await;
    let then = get(&world, MEMBERS).await;
    let (revision, at) = (world.revision().await, world.now());
    world.pass(60);
    world.operate(&[attach(MILL, HUGO)]).await;
    let now = get(&world, MEMBERS).await;
    assert_ne!(now.body, then.body);
    assert_eq!(now.header("attache-at"), None);
    let in_query = at.to_string().replace(':', "%3A");
    for path in [
        format!("{MEMBERS}?revision={revision}"),
        format!("{MEMBERS}?at={in_query}"),
        format!("{MEMBERS}?at={at}&catalogue=then"),
    ] {
        let past = get(&world, &path).await;
        assert_eq!((past.status, &past.body), (200, &then.body), "{path}");
        assert_eq!(past.revision(), revision);
        assert_eq!(past.header("attache-at"), Some(&*at.to_string()));
    }
    let tenth = at.to_string().replace(".000Z", "+00:00");
    for moment in [format!("revision={revision}"), at.to_string(), tenth] {
        let past = as_of(&world, &moment).await;
        assert_eq!((past.status, &past.body), (200, &then.body), "{moment}");
    }
    // Both, where they agree.
    let both = admin(world.get(&format!("{MEMBERS}?revision={revision}")));
    let both = both.header("Attache-At", &format!("revision={revision}"));
    assert_eq!(both.send().await.body, then.body);
    // The present by name: the same members, at the instant of the last entry.
    let last = world.revision().await;
    let present = as_of(&world, &format!("revision={last}")).await;
    assert_eq!(present.body, now.body);
    assert_eq!(
        present.header("attache-at"),
        Some(&*world.now().to_string())
    );
}

#[tokio::test]
async fn what_cannot_be_shown_is_refused_and_says_why() {
    let world = World::new().await;
    let last = world.revision().await;
    let began = world.entries_after(0).await[0].at;
    let before = Timestamp::from_millis(began.as_millis() - 1);
    let soon = Timestamp::from_millis(world.now().as_millis() + 1);
    for (moment, words) in [
        (
            before.to_string(),
            format!("before the tenant began, at {began}"),
        ),
        (
            "revision=0".to_owned(),
            format!("before the tenant began, at {began}"),
        ),
        (
            soon.to_string(),
            format!("in the future: it is {} now", world.now()),
        ),
        (
            format!("revision={}", last + 1),
            format!("the last revision, which is {last}"),
        ),
        (
            "revision=18446744073709551616".to_owned(),
            "the last revision".to_owned(),
        ),
        ("yesterday".to_owned(), "must be an instant".to_owned()),
        ("2026-03-03".to_owned(), "must be an instant".to_owned()),
    ] {
        refused(&as_of(&world, &moment).await, "Attache-At", &words);
    }
    let twice = admin(world.get(MEMBERS)).header("Attache-At", "revision=1");
    let twice = twice.header("Attache-At", "revision=1").send().await;
    refused(&twice, "Attache-At", "must stand once");
    for (query, field, words) in [
        ("at=2026-03-03", "at", "must be an instant"),
        ("at=2026-03-03T10:30:00+01:00", "at", "%2B"),
        ("revision=last", "revision", "must be a revision"),
        ("revision=1&at=2026-03-03T09:30:00Z", "revision", "at"),
        ("revision=1&revision=2", "revision", "repeated"),
        ("revision=1&catalogue=now", "catalogue", "must be then"),
        ("revision=0", "revision", "before the tenant began"),
    ] {
        refused(
            &get(&world, &format!("{MEMBERS}?{query}")).await,
            field,
            words,
        );
    }
    let differs = admin(world.get(&format!("{MEMBERS}?revision=2")));
    let differs = differs.header("Attache-At", "revision=3").send().await;
    refused(&differs, "Attache-At", "another moment than revision");
    // Without a moment, catalogue is no parameter.
    let alone = get(&world, &format!("{MEMBERS}?catalogue=then")).await;
    assert_eq!(alone.at("/type"), "/problems/invalid");
}

#[tokio::test]
async fn what_ends_counts_at_the_instant_that_is_asked_about() {
    let world = World::new().await;
    let added = world.now();
    let ends = Timestamp::from_millis(added.as_millis() + AN_HOUR * 1_000);
    world.pass(2 * AN_HOUR);
    let kai = |answer: &Answer| {
        let members = answer.each("/items", "user");
        members.iter().any(|user| user["first_name"] == "Kai")
    };
    assert!(!kai(&get(&world, MEMBERS).await));
    let last = world.state().await.at().as_millis();
    for (millis, is_there) in [(0, true), (-1, true)] {
        let at = Timestamp::from_millis(last + millis);
        let is_member = as_of(&world, &at.to_string()).await;
        assert_eq!(is_member.status, 200, "{}", is_member.body);
        assert!(millis < 0 || kai(&is_member) == is_there, "{at}");
    }
    // The end that acme's people have, to the millisecond.
    let state = world.state().await;
    let end = state.next_expiry().unwrap();
    assert!(end <= ends);
    for (millis, is_there) in [(-1, true), (0, false), (1, false)] {
        let at = Timestamp::from_millis(end.as_millis() + millis);
        let answer = as_of(&world, &at.to_string()).await;
        assert_eq!(kai(&answer), is_there, "{at}");
    }
}

#[tokio::test]
async fn at_least_is_of_the_present() {
    let world = World::new().await;
    let ask = |at_least: u64| {
        let ask = admin(world.get(MEMBERS)).header("Attache-At", "revision=3");
        ask.header("Attache-At-Least", &at_least.to_string())
    };
    let last = world.revision().await;
    let answer = ask(last).send().await;
    assert_eq!(
        (answer.status, answer.revision()),
        (200, 3),
        "{}",
        answer.body
    );
    assert_eq!(ask(last + 1).send().await.status, 503);
    // Another server reads what it must.
    let other = world.beside().await;
    other.revision().await;
    world.operate(&[attach(MILL, HUGO)]).await;
    let last = world.revision().await;
    let moment = format!("revision={last}");
    let answer = admin(other.get(MEMBERS))
        .header("Attache-At", &moment)
        .send()
        .await;
    assert_eq!(
        (answer.status, answer.revision()),
        (200, last),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn probes_and_documents_take_no_notice() {
    let world = World::new().await;
    for path in [
        "/healthz",
        "/readyz",
        "/openapi/attache.json",
        "/problems/as-of",
        "/.well-known/authzen-configuration",
    ] {
        let answer = world
            .get(path)
            .header("Attache-At", "nonsense")
            .send()
            .await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("attache-at"), None, "{path}");
    }
}

#[tokio::test]
async fn a_dialects_refusal_has_its_own_form() {
    let world = World::new().await;
    for operation in attache_testkit::examples::all() {
        let mut ask = world.ask(operation.method, &operation.path);
        if let Some(body) = &operation.body {
            ask = ask.json(body);
        }
        let ask = ask.header("Attache-At", "nonsense").by("deputy");
        let answer = ask.send().await;
        assert_eq!(answer.status, 400, "{operation:?}: {}", answer.body);
        let error = &operation.dialect.error;
        let body = answer.json();
        let fields: Vec<&str> = error.fields.to_vec();
        assert!(
            fields.iter().all(|field| !body[*field].is_null()),
            "{operation:?}: {body}"
        );
        let message = body[error.message].as_str().unwrap();
        assert!(message.contains("Attache-At"), "{operation:?}: {message}");
    }
}

#[tokio::test]
async fn a_user_is_checked_as_of_then() {
    let world = World::new().await;
    let question = json!({
        "subject": {"type": "user", "id": "#2"},
        "action": {"name": "customers.users.add"},
        "resource": {"type": "customer", "id": "#1"},
    });
    let check = async |moment: Option<u64>| {
        let ask = admin(world.post("/access/v1/evaluation")).json(&question);
        let ask = match moment {
            Some(revision) => ask.header("Attache-At", &format!("revision={revision}")),
            None => ask,
        };
        ask.send().await.at("/decision")
    };
    let revision = world.revision().await;
    let owner = attache_core::command::GrantRef {
        resource: attache_core::Locator::of(MILL.0, attache_core::Ref::Number(MILL.1)),
        subject: user_of(BEN),
        role: "owner".into(),
        parameters: attache_core::model::Parameters::none(),
    };
    let revoke = attache_core::Command::Revoke { grant: owner };
    world
        .write(acme::tenant(), attache_core::Actor::Operator, &[revoke])
        .await;
    assert_eq!(check(None).await, false);
    assert_eq!(check(Some(revision)).await, true);
    assert_eq!(check(Some(revision + 1)).await, false);
}
