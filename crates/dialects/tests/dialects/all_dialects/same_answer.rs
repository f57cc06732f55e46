//! An id that is unknown, another tenant's, or not to be seen: one answer, to
//! the byte.

use super::operations::{Dialect, Operation, all};
use super::words::speaks;
use attache_testkit::world::{World, acme, globex, ids};

/// The same operation on other things: unknown, another tenant's, invisible to
/// the service `outsider`.
fn on_other_things(operation: &Operation) -> Vec<Operation> {
    let id = |(kind, number): (&str, u32)| ids::resource(kind, number).to_string();
    let swap = |from: &str, to: &str| {
        let mut other = operation.clone();
        other.path = operation.path.replacen(from, to, 1);
        other
    };
    match operation.dialect {
        Dialect::Voicebot => ["/1/", "/77/", "/999/"]
            .map(|number| swap("/1/", number))
            .into(),
        Dialect::Worth | Dialect::CloudCockpit => [
            id(acme::MILL),
            id(globex::CUSTOMER),
            ids::NOTHING.to_owned(),
        ]
        .map(|customer| swap(&id(acme::MILL), &customer))
        .into(),
        Dialect::ChatCaptain => [
            "harbor/chatbots/concierge".to_owned(),
            "hangar/chatbots/pilot".to_owned(),
            format!("{}/chatbots/{}", id(globex::WORKSPACE), id(globex::CHATBOT)),
            format!("{}/chatbots/{}", ids::NOTHING, ids::NOTHING),
            "harbor/chatbots/pilot".to_owned(),
            "island/chatbots/concierge".to_owned(),
        ]
        .map(|chatbot| swap("harbor/chatbots/concierge", &chatbot))
        .into(),
    }
}

#[tokio::test]
async fn unknown_invisible_and_another_tenants_are_the_same_bytes() {
    let world = World::new().await;
    let revision = world.revision().await;
    for operation in all() {
        let mut answers = Vec::new();
        for other in on_other_things(&operation) {
            let ask = other.ask(&world).by("outsider");
            // The id of the request comes back: it must be the same one.
            let ask = ask.header("X-Correlation-Id", ids::NOTHING);
            let answer = ask.send().await;
            speaks(operation.dialect, &answer);
            assert!([403, 404].contains(&answer.status), "{other:?}");
            answers.push(answer.all_of_it());
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{operation:?}: {answers:#?}");
    }
    assert!(world.entries_after(revision).await.is_empty());
}

/// Whether an operation is on something of the other tenant.
fn is_on_globex(operation: &Operation) -> bool {
    let (customer, chatbot) = (globex::CUSTOMER, globex::CHATBOT);
    let ids = [customer, chatbot].map(|(kind, number)| ids::resource(kind, number).to_string());
    let [customer, chatbot] = &ids;
    let names = ["/77/", "hangar/chatbots/pilot", customer, chatbot];
    names.iter().any(|name| operation.path.contains(name))
}

#[tokio::test]
async fn a_token_of_another_tenant_reaches_nothing_here() {
    let world = World::new().await;
    let revision = world.revision().await;
    for operation in all() {
        let others = on_other_things(&operation).into_iter();
        let mut answers = Vec::new();
        for other in others.filter(|other| !is_on_globex(other)) {
            // It holds every permission, of its own tenant.
            let mut ask = world.ask(other.method, &other.path).by("globex");
            if let Some(body) = &other.body {
                ask = ask.json(body);
            }
            let ask = ask.header("X-Tenant", globex::DOMAIN);
            let ask = ask.header("X-Correlation-Id", ids::NOTHING);
            let answer = ask.send().await;
            speaks(operation.dialect, &answer);
            answers.push(answer.all_of_it());
        }
        assert!(answers.len() > 1, "{operation:?}");
        answers.dedup();
        assert_eq!(answers.len(), 1, "{operation:?}: {answers:#?}");
    }
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn what_is_visible_and_lacking_is_told_apart_where_the_dialect_does() {
    let world = World::new().await;
    for operation in all() {
        let answer = operation.ask(&world).by("glance").send().await;
        assert_eq!(answer.status, 403, "{operation:?}");
        speaks(operation.dialect, &answer);
    }
}

/// What is wrong with a body must not tell what is there either.
#[tokio::test]
async fn a_bad_body_reads_the_same_whether_or_not_the_thing_is_there() {
    let world = World::new().await;
    for operation in all().into_iter().filter(Operation::reads_a_body) {
        for body in [
            "{",
            "{}",
            r#"{"user_ids":["x"],"userId":7,"role":"x","params":{"x":7}}"#,
            r#"{"user_ids":[999],"userId":"x","role":"InboxUser","params":{"x":"7"}}"#,
        ] {
            let mut answers = Vec::new();
            for other in on_other_things(&operation) {
                let ask = world.ask(other.method, &other.path).by("outsider");
                answers.push(ask.text(body).send().await.all_of_it());
            }
            answers.dedup();
            assert_eq!(answers.len(), 1, "{operation:?} {body}: {answers:#?}");
        }
    }
}
