//! No answer tells of what its caller does not see, by an id or a name.

use attache_core::ask::Authority;
use attache_core::id::ResourceId;
use attache_core::{Actor, Caller as Who, Locator, Ref, State};
use attache_testkit::examples::all_headers;
use attache_testkit::world::{World, acme};
use uuid::Uuid;

use crate::callers::{Caller, all};
use crate::table::rows;

/// Names and addresses of users that none of the callers may know.
const PERSONAL: [&str; 3] = ["Garbo", "hugo@acme.example", "greta"];

fn who(state: &State, name: &str) -> Who {
    let service = state.find_service(&Ref::text(name)).unwrap();
    let service = state.service_node(service).unwrap().service.id;
    Who {
        tenant: acme::tenant(),
        actor: Actor::Service(service),
    }
}

/// The ids in a text.
fn ids_in(text: &str) -> Vec<Uuid> {
    let parts = text.split(|c: char| !c.is_ascii_hexdigit() && c != '-');
    parts
        .filter_map(|part| Uuid::parse_str(part).ok())
        .collect()
}

async fn reads(world: &World, caller: &Caller) -> Vec<(String, String)> {
    let mut reads = Vec::new();
    let lists = [
        "/api/v1/resources",
        "/api/v1/entries?page_size=1000",
        "/api/v1/me",
    ];
    let rows = rows();
    let gets = rows.iter().filter(|row| row.method == "GET");
    let paths = gets.map(|row| (row.path, caller.names_in(row)));
    let lists = lists.map(|path| (path, Vec::new()));
    for (path, names) in paths.chain(lists) {
        let mut path = path.to_owned();
        for (name, value) in &names {
            path = path.replace(&format!("{{{name}}}"), &value.replace('#', "%23"));
        }
        let mut ask = world.get(&path).by(caller.name);
        for (name, value) in all_headers(acme::DOMAIN) {
            ask = ask.header(name, value);
        }
        let answer = ask.send().await;
        if answer.status == 200 {
            reads.push((path, answer.body));
        }
    }
    reads
}

#[tokio::test]
async fn no_answer_names_what_its_caller_does_not_see() {
    let (world, callers) = all().await;
    let state = world.state().await;
    for caller in &callers {
        let by = who(&state, caller.name);
        let reads = reads(&world, caller).await;
        for (path, body) in &reads {
            for text in PERSONAL {
                assert!(
                    !body.contains(text),
                    "{}: {path}: {text}: {body}",
                    caller.name
                );
            }
            // Entries name everything that happened, by its id.
            if path.starts_with("/api/v1/entries") {
                continue;
            }
            for id in ids_in(body) {
                let locator = Locator::id(ResourceId(id));
                let is_hidden = state.find(&locator).is_some()
                    && Authority::new(&by, &state, world.now())
                        .see(state.view(world.now()), &locator)
                        .is_err();
                // Every caller knows which tenant it is of.
                let is_own_tenant = id == acme::tenant().0;
                assert!(
                    !is_hidden || is_own_tenant,
                    "{}: {path}: {id}: {body}",
                    caller.name
                );
            }
        }
        assert!(!reads.is_empty(), "{}", caller.name);
    }
}
