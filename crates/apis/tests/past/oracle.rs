//! A random history, written through the APIs. After each write, many reads are answered in the
//! present; asked again as of then, they are answered alike, to the byte.

use attache_core::Timestamp;
use attache_testkit::examples;
use attache_testkit::scene::Scene;
use attache_testkit::world::acme::{ADA, DOMAIN};
use attache_testkit::world::{Answer, Ask, World, ids};
use serde_json::{Value, json};

use crate::dice::Dice;
use crate::writes;

/// How many writes are tried, unless somebody asks for more: `ATTACHE_STEPS=2000`.
const STEPS: usize = 300;
/// How many answers are asked for again.
const AGAIN: usize = 1_200;

/// A read to send: its method, its path and its body.
type Read = (&'static str, String, Value);

fn reads() -> Vec<Read> {
    let own = [
        "users?page_size=100",
        "users/%232",
        "users/n1",
        "users/%232/resources?page_size=100",
        "users/%2311/resources?page_size=100",
        "resources?page_size=100",
        "resources/customer:%231",
        "resources/customer:new",
        "resources/customer:%231/ancestors",
        "resources/reseller:%231/children?page_size=100",
        "resources/customer:%231/members?sort=name&page_size=100",
        "resources/customer:%231/members?include=effective&page_size=100",
        "resources/workspace:%231/members?include=effective&page_size=100",
        "resources/customer:%231/members/%232",
        "resources/customer:%231/grants?page_size=100",
        "resources/tenant/members?text=a&page_size=100",
        "groups?page_size=100",
        "groups/g1/users?page_size=100",
        "grants?subject=user:%232&page_size=100",
        "roles/viewer",
        "catalogue",
    ];
    let mut reads: Vec<Read> = own
        .iter()
        .map(|path| ("GET", format!("/api/v1/{path}"), Value::Null))
        .collect();
    let examples = examples::all().into_iter().filter(|it| !it.writes());
    reads.extend(examples.map(|it| ("GET", it.path, Value::Null)));
    let resource = json!({"type": "customer", "id": "#1"});
    let action = json!({"name": "customers.users.list"});
    for user in ["#2", "#11", "n1"] {
        let subject = json!({"type": "user", "id": user});
        let question = json!({"subject": subject, "action": action, "resource": resource});
        reads.push(("POST", "/access/v1/evaluation".to_owned(), question));
        let search = json!({"subject": subject, "action": action,
            "resource": {"type": "customer"}});
        reads.push(("POST", "/access/v1/search/resource".to_owned(), search));
        let search = json!({"subject": subject, "resource": resource});
        reads.push(("POST", "/access/v1/search/action".to_owned(), search));
        let explain = json!({"subject": format!("user:{user}"),
            "permission": "customers.users.add", "resource": "customer:#1"});
        reads.push(("POST", "/api/v1/explain".to_owned(), explain));
    }
    let search = json!({"subject": {"type": "user"}, "action": action, "resource": resource});
    reads.push(("POST", "/access/v1/search/subject".to_owned(), search));
    reads
}

fn ask<'a>(scene: &'a Scene, (method, path, body): &Read) -> Ask<'a> {
    let world: &World = &scene.world;
    let ask = world.ask(method, path);
    let ask = match body.is_null() {
        true => ask,
        false => ask.json(body),
    };
    // Of one dialect; the others take no notice.
    let ask = ask.header("X-Tenant", DOMAIN);
    // Problems name it.
    let ask = ask.header("X-Correlation-Id", ids::NOTHING);
    ask.header("Authorization", &format!("Bearer {}", scene.token(ADA)))
}

/// An answer of the present.
struct Recorded {
    read: usize,
    revision: u64,
    at: Timestamp,
    /// Whether it was given at the instant of the revision.
    is_of_revision: bool,
    status: u16,
    body: String,
}

impl Recorded {
    fn is(&self, answer: &Answer) -> bool {
        (answer.status, &answer.body) == (self.status, &self.body)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_answered_then_is_answered_again_as_of_then() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let steps = std::env::var("ATTACHE_STEPS").ok();
    let steps = steps.map_or(STEPS, |text| text.parse().unwrap());
    let reads = reads();
    let mut dice = Dice::new(7);
    let mut recorded = Vec::new();
    let mut written = 0;
    for _ in 0..steps {
        world.pass_millis(1 + dice.below(9_000) as i64);
        let before = world.revision().await;
        let wish = writes::any(&mut dice, world);
        let bearer = format!("Bearer {}", scene.token(ADA));
        let sent = writes::ask(world, &wish).header("Authorization", &bearer);
        let answer = sent.send().await;
        assert!(answer.status < 500, "{wish:?}: {}", answer.body);
        let revision = world.revision().await;
        written += u64::from(revision > before);
        for _ in 0..12 {
            let read = dice.below(reads.len());
            let answer = ask(&scene, &reads[read]).send().await;
            assert!(answer.status < 500, "{:?}: {}", reads[read], answer.body);
            assert_eq!(answer.revision(), revision);
            recorded.push(Recorded {
                read,
                revision,
                at: world.now(),
                is_of_revision: revision > before,
                status: answer.status,
                body: answer.body,
            });
        }
    }
    world.pass(3_600);
    // Each read must have been answered with something, and with different things.
    for (n, read) in reads.iter().enumerate() {
        let answers = recorded.iter().filter(|it| it.read == n);
        let good = answers.clone().filter(|it| it.status == 200).count();
        assert!(good > 0, "{read:?} was never answered");
    }
    // While no whole state of then was made, those about one resource are answered from what
    // they touch: from the histories of things, and from the newest entries.
    world.make_histories().await;
    let about_one: Vec<&Recorded> = recorded
        .iter()
        .filter(|it| is_about_one(&reads[it.read]))
        .collect();
    assert!(about_one.len() > steps, "{} of them", about_one.len());
    let mut asked = 0;
    for _ in 0..AGAIN {
        let was = about_one[dice.below(about_one.len())];
        ask_again(&scene, &reads[was.read], was, &mut dice).await;
        asked += 1;
    }
    for _ in 0..AGAIN.max(recorded.len() / 2) {
        let was = &recorded[dice.below(recorded.len())];
        ask_again(&scene, &reads[was.read], was, &mut dice).await;
        asked += 1;
    }
    println!(
        "{written} entries, {} answers, {asked} asked again",
        recorded.len()
    );
    assert!(
        written * 3 > steps as u64,
        "{written} of {steps} were written"
    );
}

/// Whether a read is about the users of one resource, or about one user there.
fn is_about_one((_, path, _): &Read) -> bool {
    let is_list = path.contains("/members?") && !path.contains("/tenant/");
    let of_dialects = ["/third-party/", "/auth/api/v1/customers/", "/chatbots/"];
    let is_list = is_list || of_dialects.iter().any(|part| path.contains(part));
    is_list || path.ends_with("/evaluation")
}

async fn ask_again(scene: &Scene, read: &Read, was: &Recorded, dice: &mut Dice) {
    let by_revision = was.is_of_revision && dice.below(2) == 0;
    let moment = match by_revision {
        true => format!("revision={}", was.revision),
        false => was.at.to_string(),
    };
    let again = ask(scene, read).header("Attache-At", &moment);
    let again = again.send().await;
    assert!(
        was.is(&again),
        "{read:?} as of {moment}, at revision {}:\n{} {}\nand it was\n{} {}",
        was.revision,
        again.status,
        again.body,
        was.status,
        was.body
    );
    assert_eq!(again.revision(), was.revision, "{read:?} as of {moment}");
    assert_eq!(again.header("attache-at"), Some(&*was.at.to_string()));
}
