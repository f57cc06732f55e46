//! A customer with very many members, and a user with very many customers,
//! beside lists of 25.

use crate::asking::Asking;
use crate::comparison::{Comparison, Figures, Goal};
use crate::figure_names::{BYTES, P99, PER_SECOND};
use crate::lists::LISTS;
use crate::raw::{Wire, request};
use crate::world::World;
use crate::wrk::{Ask, Asks};
use crate::{Failure, table};

/// How many users a page holds, as many as a small customer has.
const PAGE: usize = 25;
/// The page that is far back.
const FAR: usize = 2_000;
/// Two at a time, on as many cores: what is asked takes long.
const CONNECTIONS: usize = 2;
const BYTES_PER_SECOND: &str = "bytes/s";

/// A path that is asked for again and again.
fn again(asking: &Asking, world: &World, name: &str, path: &str) -> Result<Asks, Failure> {
    let token = world.tokens.first().ok_or("there is no token")?;
    let bytes = request("GET", path, token, &[], "");
    let answer = Wire::open(asking.server.address)?
        .ask(&bytes)?
        .expect(200)?;
    let answer_bytes = answer.bytes();
    let ask = Ask {
        bytes,
        answer_bytes,
    };
    Asks::new(asking.file(name), &[ask], &[0])
}

/// The cursor behind so many members, in the order of their names.
fn cursor(asking: &Asking, world: &World, path: &str, behind: usize) -> Result<String, Failure> {
    let token = world.tokens.first().ok_or("there is no token")?;
    let mut wire = Wire::open(asking.server.address)?;
    let (mut seen, mut cursor) = (0, String::new());
    while seen < behind {
        let size = (behind - seen).min(1_000);
        let path = format!("{path}?page_size={size}{cursor}");
        let page = wire.ask(&request("GET", &path, token, &[], ""))?;
        let page = page.expect(200)?.json()?;
        let next = page["next"]
            .as_str()
            .ok_or("there are not so many members")?;
        cursor = format!("&cursor={next}");
        seen += size;
    }
    Ok(cursor)
}

fn per_byte(mut figures: Figures) -> Figures {
    let of = |name: &str| figures.get(name).copied().unwrap_or_default();
    let bytes = of(PER_SECOND) * of(BYTES);
    figures.insert(BYTES_PER_SECOND.to_owned(), bytes);
    figures
}

pub(crate) fn measure(
    asking: &Asking,
    world: &World,
    rounds: usize,
) -> Result<Vec<Comparison>, Failure> {
    let shape = world.shape;
    let id = world.ids.customer(shape.customers + 1);
    let far = FAR.min(shape.crowd as usize / PAGE / 2);
    let worth = format!("/auth/api/v1/customers/{id}/users?items_per_page={PAGE}");
    let own = format!("/api/v1/resources/{id}/members");
    table::note("looking for a page far back");
    let cursor = cursor(asking, world, &own, (far - 1) * PAGE)?;
    let by_name = format!("{own}?page_size={PAGE}");
    let found = format!("{by_name}&text=user-00000");
    let user = format!(
        "/api/v1/users/user-{:07}/resources?page_size=1000",
        shape.users
    );
    let ask = |name: &str, path: &str| again(asking, world, name, path);
    let first = ask("first", &worth)?;
    let deep = ask("deep", &format!("{worth}&page={far}"))?;
    let first_by_name = ask("first-by-name", &by_name)?;
    let deep_by_name = ask("deep-by-name", &format!("{by_name}{cursor}"))?;
    let filtered = ask("filtered", &found)?;
    let customers = ask("customers", &user)?;
    let token = world.tokens.get(..1).unwrap_or_default();
    let small = |name: &str| {
        let list = LISTS.iter().find(|list| list.name == name);
        let list = list.ok_or("there is no such list")?;
        Ok::<_, Failure>(list.asks(asking, world, token, "beside")?.0)
    };
    let (small_worth, small_own) = (small("Worth")?, small("attache's own")?);
    let members = shape.crowd;
    let shown = |work: &str, beside: &str| {
        let goal = Goal::shown("requests/s ÷ those of 25 members");
        Comparison::new(&format!("{work} of {members} members"), beside, goal)
    };
    let apart = |work: &str| {
        let goal = Goal::at_most(1.5, "requests/s of the first page ÷ its own");
        Comparison::new(work, "the first page", goal)
    };
    let mut first_page = shown("first page, Worth,", "first page of 25 members");
    let mut far_page = apart(&format!("page {far} of {members} members, Worth"));
    let mut first_name = shown("first page by name", "first page of 25 members");
    let mut far_name = apart(&format!("page {far} by name of {members} members"));
    let mut text = Comparison::new(
        &format!("{members} members filtered by a text, sorted by name"),
        "nothing",
        Goal::at_most(20.0, P99),
    );
    let mut reached = Comparison::new(
        &format!("list a user's {} customers", shape.everywhere),
        "list 25 members, attache's own",
        Goal::at_least(0.5, "bytes/s ÷ its"),
    );
    for round in 1..=rounds {
        table::note(&format!("round {round}"));
        let ask = |asks: &Asks| asking.ask_over(asks, CONNECTIONS);
        let (ours, deep, beside) = (ask(&first)?, ask(&deep)?, ask(&small_worth)?);
        first_page.divided(PER_SECOND, ours.clone(), beside);
        let of = |figures: &Figures| figures.get(PER_SECOND).copied().unwrap_or(f64::NAN);
        far_page.round(of(&ours) / of(&deep), deep, Some(ours));
        let (ours, deep) = (ask(&first_by_name)?, ask(&deep_by_name)?);
        let beside = ask(&small_own)?;
        first_name.divided(PER_SECOND, ours.clone(), beside.clone());
        far_name.round(of(&ours) / of(&deep), deep, Some(ours));
        let ours = ask(&filtered)?;
        let p99 = ours.get(P99).copied().unwrap_or(f64::NAN);
        text.round(p99, ours, None);
        let ours = per_byte(ask(&customers)?);
        reached.divided(BYTES_PER_SECOND, ours, per_byte(beside));
    }
    Ok(vec![
        first_page, far_page, first_name, far_name, text, reached,
    ])
}
