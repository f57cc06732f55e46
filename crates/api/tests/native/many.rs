//! Users with more groups, and catalogues with more roles, than an answer names.

use serde_json::{Value, json};

use crate::ask::{ADMIN, admin, ask, get};
use attache_core::Command;
use attache_testkit::world::World;
use attache_testkit::world::acme::{MILL, NAMELESS};
use attache_testkit::world::wishes::{attach, catalogue, grant, group, group_of, into_group, role};

/// In how many groups more than an answer names the user is.
const MORE: u64 = 50;

/// A user in 150 groups, each of which is a viewer of the mill. `deciding` is one role more,
/// that the last group holds.
async fn world(deciding: Option<&str>) -> World {
    let world = World::new().await;
    world.operate(&[attach(MILL, NAMELESS)]).await;
    let groups = 1_000..1_150;
    let commands: Vec<Command> = groups
        .flat_map(|number| {
            [
                group(number, None, "Crew"),
                into_group(number, NAMELESS),
                grant(MILL, group_of(number), "viewer"),
            ]
        })
        .collect();
    world.operate(&commands).await;
    if let Some(role) = deciding {
        world.operate(&[grant(MILL, group_of(1_149), role)]).await;
    }
    world
}

fn is_bounded(shown: &Value) {
    let via = shown["via"].as_array().unwrap();
    assert_eq!(via.len(), 100);
    // The membership, which is the closest, is among them.
    assert_eq!(via[0]["type"], "direct", "{}", via[0]);
    assert_eq!(shown["more_via"], MORE + 1, "{shown}");
}

#[tokio::test]
async fn a_user_in_many_groups_is_shown_with_the_closest_and_a_count_of_the_others() {
    let world = world(None).await;
    let member = format!("/resources/customer:%231/members/%23{NAMELESS}");
    is_bounded(&get(&world, &member).await);
    for include in ["direct", "effective"] {
        let path = format!("/resources/customer:%231/members?include={include}");
        let list = get(&world, &path).await;
        let items = list["items"].as_array().unwrap();
        let (many, few): (Vec<&Value>, Vec<&Value>) = items
            .iter()
            .partition(|it| it["user"]["number"] == NAMELESS);
        is_bounded(many[0]);
        assert!(!few.is_empty());
        for other in few {
            assert_eq!(other.get("more_via"), None, "{other}");
        }
    }
    let reached = get(&world, &format!("/users/%23{NAMELESS}/resources")).await;
    let items = reached["items"].as_array().unwrap().iter();
    let mill = items
        .clone()
        .find(|it| it["resource"]["number"] == 1 && it["resource"]["kind"] == "customer");
    is_bounded(mill.unwrap());
    // Lists that are answered whole too.
    let path =
        format!("/users/%23{NAMELESS}/resources?kind=customer&fields=resource.number,more_via");
    let lines = ask(&world, "GET", &path).by(ADMIN);
    let lines = lines.header("Accept", "application/x-ndjson").send().await;
    let first: Value = serde_json::from_str(lines.body.lines().next().unwrap()).unwrap();
    assert_eq!(
        first,
        json!({"resource": {"number": 1}, "more_via": MORE + 1})
    );
}

/// All that was tried, and how much more there was.
fn tried(explanation: &Value) -> (Vec<&Value>, u64) {
    let steps = explanation["steps"].as_array().unwrap().iter();
    let tried = steps.clone().flat_map(|it| it["tried"].as_array().unwrap());
    let more = steps.filter_map(|it| it["more_tried"].as_u64());
    (tried.collect(), more.sum())
}

#[tokio::test]
async fn an_explanation_names_what_is_worth_most_and_counts_the_others() {
    for (deciding, decision, verdict) in [(Some("owner"), true, "allows"), (None, false, "lacks")] {
        let world = world(deciding).await;
        let question = json!({
            "subject": format!("user:#{NAMELESS}"),
            "permission": "customers.change",
            "resource": "customer:#1",
        });
        let answer = admin(&world, "POST /explain", question).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let said = answer.json();
        assert_eq!(said["decision"], decision, "{}", said["message"]);
        let (named, more) = tried(&said);
        assert_eq!(named.len(), 100);
        assert_eq!(more, MORE + 1 + u64::from(decision));
        assert!(named.iter().any(|it| it["verdict"] == verdict));
        assert!(named.iter().any(|it| it["type"] == "membership"));
    }
}

#[tokio::test]
async fn an_explanation_names_the_first_roles_and_counts_the_others() {
    let world = World::new().await;
    let mut roles = world.state().await.catalogue().unwrap().clone();
    let changes = ["customers.change".to_owned()];
    for number in 1_000..1_100 {
        let name = format!("changer-{number}");
        roles.roles.push(role(number, &name, "customer", &changes));
    }
    world.operate(&[catalogue(roles)]).await;
    let question = json!({
        "subject": "user:#6",
        "permission": "customers.change",
        "resource": "customer:#1",
    });
    let said = admin(&world, "POST /explain", question).await.json();
    let here = &said["steps"][0];
    assert_eq!(here["roles"].as_array().unwrap().len(), 20, "{here}");
    let more = here["more_roles"].as_u64().unwrap();
    assert!((80..90).contains(&more), "{more}");
    let message = said["message"].as_str().unwrap();
    assert!(
        message.contains(&format!(" and {more} more on ")),
        "{message}"
    );
}
