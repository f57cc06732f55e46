//! Who may ask what.

use serde_json::json;

use crate::ask::{
    ACTIONS, EVALUATION, EVALUATIONS, POINT, RESOURCES, SUBJECTS, ask, entity, question, world,
};
use attache_testkit::world::World;
use attache_testkit::world::wishes::ROOT;

const SEE: &str = "customers.view";

#[tokio::test]
async fn who_may_not_ask_about_others_learns_nothing_of_them() {
    let world = world().await;
    // Ben, nobody, and somebody else who asks.
    let mut answers = Vec::new();
    for subject in [
        ("user", "#2"),
        ("user", "#999"),
        ("service", "keeper"),
        ("x", "#1"),
    ] {
        for resource in [("customer", "#1"), ("customer", "nowhere")] {
            let body = question(subject, SEE, resource);
            let answer = ask(&world, EVALUATION, "nobody", &body).await;
            assert_eq!(answer.status, 403, "{body}");
            answers.push(answer.all_of_it());
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
    insta::assert_snapshot!(answers[0]);
}

#[tokio::test]
async fn everybody_may_ask_about_itself() {
    let world = world().await;
    for (service, expected) in [("reader", true), ("nobody", false)] {
        let body = question(("service", service), SEE, ("customer", "#1"));
        let answer = ask(&world, EVALUATION, service, &body).await;
        assert_eq!(answer.status, 200, "{service}");
        assert_eq!(answer.at("/decision"), expected, "{service}");
    }
}

#[tokio::test]
async fn who_asks_about_itself_does_not_learn_what_is_there() {
    let world = world().await;
    let of = |resource| question(("service", "nobody"), SEE, resource);
    let there = ask(&world, EVALUATION, "nobody", &of(("customer", "#1"))).await;
    let not = ask(&world, EVALUATION, "nobody", &of(("customer", "#999"))).await;
    assert_eq!(there.all_of_it(), not.all_of_it());
    // Who may ask about everybody is told the difference.
    let there = ask(&world, EVALUATION, POINT, &of(("customer", "#1"))).await;
    assert_eq!(there.at("/context/reason/code"), "holds_nothing");
    let not = ask(&world, EVALUATION, POINT, &of(("customer", "#999"))).await;
    assert_eq!(not.at("/context/reason/code"), "unknown_resource");
}

#[tokio::test]
async fn in_a_list_what_may_not_be_asked_is_403_in_its_place() {
    let world = world().await;
    let body = json!({
        "action": {"name": SEE},
        "resource": entity(("customer", "#1")),
        "evaluations": [
            {"subject": entity(("service", "reader"))},
            {"subject": entity(("user", "#2"))},
            {"subject": entity(("user", "#999"))},
        ],
    });
    let answer = ask(&world, EVALUATIONS, "reader", &body).await;
    insta::assert_snapshot!(answer.golden());
    // Without a list, it is the whole answer.
    let body = question(("user", "#2"), SEE, ("customer", "#1"));
    let answer = ask(&world, EVALUATIONS, "reader", &body).await;
    assert_eq!(answer.status, 403);
}

async fn each(world: &World, by: &str, subject: (&str, &str)) -> [u16; 4] {
    let body = question(subject, SEE, ("customer", "#1"));
    let mut statuses = [0; 4];
    let paths = [EVALUATION, SUBJECTS, RESOURCES, ACTIONS];
    for (status, path) in statuses.iter_mut().zip(paths) {
        *status = ask(world, path, by, &body).await.status;
    }
    statuses
}

#[tokio::test]
async fn to_ask_and_to_search_are_two_permissions() {
    let mut world = world().await;
    let permission = |name: &str| [format!("tenants.access.{name}")];
    world
        .caller_with("checks", ROOT, &permission("check"))
        .await;
    world
        .caller_with("searches", ROOT, &permission("search"))
        .await;
    let ben = ("user", "#2");
    assert_eq!(each(&world, "checks", ben).await, [200, 403, 403, 403]);
    assert_eq!(each(&world, "searches", ben).await, [403, 200, 200, 200]);
    // About itself it may search for resources and actions, not for subjects.
    assert_eq!(
        each(&world, "reader", ("service", "reader")).await,
        [200, 403, 200, 200]
    );
    assert_eq!(each(&world, "reader", ben).await, [403, 403, 403, 403]);
    assert_eq!(
        each(&world, "reader", ("user", "#999")).await,
        [403, 403, 403, 403]
    );
}

#[tokio::test]
async fn another_tenants_token_asks_another_tenant() {
    let world = world().await;
    let body = question(("user", "#2"), SEE, ("customer", "#1"));
    let answer = ask(&world, EVALUATION, "globex", &body).await;
    assert_eq!(answer.at("/context/reason/code"), "unknown_subject");
    for path in [SUBJECTS, RESOURCES, ACTIONS] {
        let answer = ask(&world, path, "globex", &body).await;
        assert_eq!(answer.at("/results"), json!([]), "{path}");
    }
    let body = question(("user", "hank"), SEE, ("customer", "#77"));
    let answer = ask(&world, SUBJECTS, "globex", &body).await;
    assert_eq!(answer.each("/results", "id"), ["hank"]);
}

#[tokio::test]
async fn a_token_that_has_expired_is_401() {
    let world = world().await;
    world.pass(attache_testkit::world::acme::AN_HOUR);
    assert_eq!(each(&world, "brief", ("service", "brief")).await, [401; 4]);
}
