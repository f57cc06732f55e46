//! The walk: each row, by each caller, with each thing that is hidden from it.

use attache_testkit::examples::all_headers;
use attache_testkit::world::{Answer, World, acme};
use uuid::Uuid;

use crate::callers::{Caller, all};
use crate::names::{Kind, Pair, Thing, pairs};
use crate::table::{OPERATIONS, Row, Slot, row, rows};

/// Comes back in answers: it must not be a name that is sent.
const CORRELATION: &str = "0195e000-0000-7000-8000-00cc00000001";

/// A request with all names in it.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: String,
    pub(crate) body: String,
}

/// A text with its names. In a path they are percent-encoded.
pub(crate) fn filled(
    text: &str,
    names: &[(&str, String)],
    own: (&str, &str),
    encoded: bool,
) -> String {
    let mut text = text.to_owned();
    let given = names.iter().map(|(name, value)| (*name, value.as_str()));
    for (name, value) in [own].into_iter().chain(given) {
        let value = match encoded {
            true => percent(value),
            false => value.to_owned(),
        };
        text = text.replace(&format!("{{{name}}}"), &value);
    }
    text
}

pub(crate) fn percent(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            true => encoded.push(char::from(byte)),
            false => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

pub(crate) async fn send(
    world: &World,
    caller: &str,
    request: &Request<'_>,
    header: Option<(&str, &str)>,
) -> Answer {
    let ask = world.ask(request.method, &request.path).by(caller);
    let mut ask = ask.header("X-Correlation-Id", CORRELATION);
    for (name, value) in all_headers(acme::DOMAIN).into_iter().chain(header) {
        ask = ask.header(name, value);
    }
    match request.body.as_str() {
        "" => ask.send().await,
        body => ask.text(body).send().await,
    }
}

/// What is asked.
#[derive(Clone, Debug)]
struct Asked {
    row: Row,
    /// That of the row, or a bulk around it.
    body: String,
    /// Whether another shows all ways of naming already.
    is_short: bool,
}

/// The rows of the table, and each operation of a bulk alone, before one that fails and
/// after one that does nothing.
fn requests() -> Vec<Asked> {
    let rows = rows().into_iter().map(|row| Asked {
        body: row.body.to_owned(),
        is_short: false,
        row,
    });
    let mut all: Vec<Asked> = rows.collect();
    let fails = r##"{"op": "remove_user", "user": "#99999"}"##;
    let harmless = r##"{"op": "remove_member", "resource": "customer:#2", "user": "#99999"}"##;
    for operation in OPERATIONS {
        for (operations, is_short) in [
            ((*operation).to_owned(), false),
            (format!("{operation}, {fails}"), true),
            (format!("{harmless}, {operation}"), true),
        ] {
            all.push(Asked {
                row: row("POST", "/api/v1/bulk", operation),
                body: format!(r#"{{"operations": [{operations}]}}"#),
                is_short,
            });
        }
    }
    all
}

/// Where the answers differ because something was done to what is hidden, or would be:
/// the permission to do it to any is the permission to name any.
fn is_done(caller: &str, asked: &Asked, thing: &Thing) -> bool {
    let (method, path, body) = (asked.row.method, asked.row.path, &asked.body);
    let adds = ["customers.users.add", "workspaces.users.add"];
    // Whoever attaches users to a customer or workspace attaches any user of the tenant.
    let attaches = ["outside", "below"].contains(&caller)
        && thing.kind == Kind::User
        && (asked.row.needs.iter().any(|it| adds.contains(it))
            || body.contains(r#""add_member""#) && !body.contains("2020-")
            || method == "PUT" && path.contains("/members?") && body.contains("users")
            || method == "PUT" && path.ends_with("/members")
            || method == "PUT" && path.ends_with("/members/{user}") && !body.contains("2020-"));
    // Whoever grants a role grants it to any group or service.
    let grants = ["outside", "granter", "below", "botkeeper"].contains(&caller)
        && matches!(thing.kind, Kind::Group | Kind::Service)
        && (method == "POST" && path.ends_with("/grants") || body.contains(r#""op": "grant""#));
    attaches || grants
}

/// Whoever may read entries finds what happened to a thing by its id, as of one that is
/// gone.
fn is_history(caller: &str, asked: &Asked, pair: &Pair) -> bool {
    let id = pair
        .there
        .rsplit_once("uuid:")
        .map_or(&*pair.there, |(_, id)| id);
    let id = id.rsplit(':').next().unwrap();
    caller == "clerk"
        && asked.row.path.starts_with("/api/v1/entries?")
        && Uuid::parse_str(id).is_ok()
}

/// An answer without the name that was sent: a permission that is lacking may hold the
/// name of a kind. A number is not shown again.
fn without(answer: &Answer, name: &str) -> String {
    let all = answer.all_of_it();
    let lines = all
        .split('\n')
        .filter(|line| !line.starts_with("content-length: "));
    let all = lines.collect::<Vec<_>>().join("\n");
    match name.bytes().all(|byte| byte.is_ascii_digit()) {
        true => all,
        false => all
            .replace(&percent(name), "<name>")
            .replace(name, "<name>"),
    }
}

/// What tells the two apart, if anything does.
async fn difference(
    world: &World,
    caller: &Caller,
    asked: &Asked,
    slot: &Slot,
    pair: &Pair,
) -> Option<String> {
    let (method, path, body) = (asked.row.method, asked.row.path, &asked.body);
    let names = caller.names_in(&asked.row);
    let with = |name: &str| Request {
        method,
        path: filled(path, &names, (slot.name, name), true),
        body: filled(body, &names, (slot.name, name), false),
    };
    let there = send(world, caller.name, &with(&pair.there), None).await;
    let nothing = send(world, caller.name, &with(&pair.nothing), None).await;
    let (one, other) = (
        without(&there, &pair.there),
        without(&nothing, &pair.nothing),
    );
    (one != other).then(|| {
        let (caller, slot, there) = (caller.name, slot.name, &pair.there);
        format!("{caller}: {method} {path} {body}: {{{slot}}} is {there}\n{one}\n---\n{other}")
    })
}

async fn walk(wanted: &[&str]) {
    let (world, callers) = all().await;
    let before = world.revision().await;
    let (mut compared, mut different) = (0, Vec::new());
    for caller in callers.iter().filter(|it| wanted.contains(&it.name)) {
        for asked in requests() {
            for slot in &asked.row.slots() {
                let hidden = caller.hidden.iter().filter(|it| (slot.is_of)(it.kind));
                for (place, thing) in hidden.enumerate() {
                    if is_done(caller.name, &asked, thing) {
                        continue;
                    }
                    // All ways of naming once, and one way for all other things.
                    let pairs = pairs(thing, slot.style);
                    let ways = if place == 0 && !asked.is_short {
                        pairs.len()
                    } else {
                        1
                    };
                    for pair in pairs.iter().take(ways) {
                        if is_history(caller.name, &asked, pair) {
                            continue;
                        }
                        different.extend(difference(&world, caller, &asked, slot, pair).await);
                        compared += 1;
                    }
                }
            }
        }
        let after = world.revision().await;
        if after != before {
            different.push(format!("{} has changed something", caller.name));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n\n"));
    assert!(compared > 500, "{compared}");
}

#[tokio::test]
async fn a_hidden_thing_is_answered_as_none_to_who_keeps_others() {
    walk(&["outside", "remover"]).await;
}

#[tokio::test]
async fn a_hidden_thing_is_answered_as_none_to_who_grants_and_who_sees_what_is_below() {
    walk(&["granter", "below"]).await;
}

#[tokio::test]
async fn a_hidden_thing_is_answered_as_none_to_who_keeps_a_chatbot_and_to_strangers() {
    walk(&["botkeeper", "nothing"]).await;
}

#[tokio::test]
async fn a_hidden_thing_is_answered_as_none_to_who_works_for_the_tenant() {
    walk(&["clerk", "grouper"]).await;
}
