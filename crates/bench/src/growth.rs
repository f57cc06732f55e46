//! Whether an answer takes longer because there is more that was not asked for.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::asking::Asking;
use crate::comparison::{Comparison, Figures, Goal};
use crate::figure_names::P50;
use crate::lists::LISTS;
use crate::raw::{Wire, request};
use crate::report::Measured;
use crate::served::Served;
use crate::world::{Shape, World, key};
use crate::wrk::{Ask, Asks};
use crate::{Failure, table};

const ABOUT: &str = "\
Tenants with 1 thousand to 10 million memberships, ten users a customer and as many customers as users; \
each is served by a process of its own, and all are asked in turns, over one connection, for up to \
20,000 different customers in a random order. What is held against each other is the median time of an \
answer in the larger tenant and in the one of 1 thousand memberships.";

/// How many memberships there are.
const SIZES: [(u32, &str); 5] = [
    (1_000, "1 thousand"),
    (10_000, "10 thousand"),
    (100_000, "100 thousand"),
    (1_000_000, "1 million"),
    (10_000_000, "10 million"),
];
/// How many of these sizes are tried where it is only tried.
const FEW: usize = 3;
/// How many times as long it may take in the largest.
const MOST: f64 = 1.3;
/// How many different questions are asked.
const QUESTIONS: u32 = 20_000;

/// How much longer lists and checks take in tenants of 1 thousand to 10 million memberships.
#[derive(Debug, Args)]
pub(crate) struct Part {
    /// How often each measurement is made; they take turns.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long each takes, in seconds.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// No tenant larger than 100 thousand memberships.
    #[arg(long)]
    small: bool,
    /// Keep the tenants that are made in this folder, or take those that are there.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Put the results into the report in this folder.
    #[arg(long, value_name = "DIR")]
    docs: Option<PathBuf>,
}

impl Part {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let own = tempfile::tempdir()?;
        let folder = self.folder.clone().unwrap_or(own.path().to_owned());
        let sizes = match self.small {
            true => SIZES.get(..FEW).unwrap_or_default(),
            false => &SIZES,
        };
        let mut tenants = Vec::new();
        for (memberships, name) in sizes {
            let folder = folder.join(memberships.to_string());
            std::fs::create_dir_all(&folder)?;
            let world = World::of(&folder, Shape::growing(*memberships)).await?;
            let asking = Asking::new(Served::start(&folder)?, 1, self.seconds)?;
            tenants.push(Tenant::new(name, asking, &world)?);
        }
        let measured = Measured {
            part: "growth",
            about: ABOUT.to_owned(),
            rounds: self.rounds,
            seconds: Some(self.seconds),
            small: self.small,
            postgres: None,
            comparisons: measure(&tenants, self.rounds)?,
        };
        measured.keep(self.docs.as_deref()).await
    }
}

/// A tenant of a size, and what it is asked.
struct Tenant {
    size: &'static str,
    asking: Asking,
    asks: Vec<(String, Asks)>,
}

impl Tenant {
    fn new(size: &'static str, asking: Asking, world: &World) -> Result<Self, Failure> {
        table::note(&format!("looking at the answers of {size}"));
        let token = world.tokens.get(..1).unwrap_or_default();
        let mut asks = Vec::new();
        let lists = LISTS
            .iter()
            .filter(|list| ["Worth", "attache's own"].contains(&list.name));
        for list in lists {
            let (of_list, _) = list.asks(&asking, world, token, "list")?;
            asks.push((format!("list 10 users, {}", list.name), of_list));
        }
        asks.push((
            "check (AuthZEN)".to_owned(),
            checks(&asking, world, &token[0])?,
        ));
        Ok(Self { size, asking, asks })
    }
}

/// May this member see this customer?
fn checks(asking: &Asking, world: &World, token: &str) -> Result<Asks, Failure> {
    let mut wire = Wire::open(asking.server.address)?;
    let mut asks = Vec::new();
    let mut dice = fastrand::Rng::with_seed(11);
    for _ in 0..QUESTIONS.min(world.shape.customers) {
        let number = dice.u32(1..=world.shape.customers);
        let members = world.members_of(world.ids.customer(number));
        let (member, _) = members
            .first_key_value()
            .ok_or("a customer has no member")?;
        let body = json!({
            "subject": {"type": "user", "id": key(*member)},
            "action": {"name": "customers.view"},
            "resource": {"type": "customer", "id": format!("customer-{number:07}")},
        });
        let bytes = request(
            "POST",
            "/access/v1/evaluation",
            token,
            &[],
            &body.to_string(),
        );
        let answer = wire.ask(&bytes)?.expect(200)?;
        if answer.json()?["decision"] != true {
            return Err("a member may not see its customer".into());
        }
        asks.push(Ask {
            bytes,
            answer_bytes: answer.bytes(),
        });
    }
    let order: Vec<usize> = (0..asks.len()).collect();
    Asks::new(asking.file("checks"), &asks, &order)
}

fn measure(tenants: &[Tenant], rounds: usize) -> Result<Vec<Comparison>, Failure> {
    let [first, larger @ ..] = tenants else {
        return Err("there is no tenant".into());
    };
    let mut all: Vec<Vec<Comparison>> = first
        .asks
        .iter()
        .map(|(work, _)| comparisons(work, first.size, larger))
        .collect();
    for round in 1..=rounds {
        table::note(&format!("round {round}"));
        for (nth, comparisons) in all.iter_mut().enumerate() {
            let ask = |tenant: &Tenant| -> Result<Figures, Failure> {
                let (_, asks) = tenant.asks.get(nth).ok_or("that is not asked")?;
                tenant.asking.ask(asks)
            };
            let beside = ask(first)?;
            for (comparison, tenant) in comparisons.iter_mut().zip(larger) {
                comparison.divided(P50, ask(tenant)?, beside.clone());
            }
        }
    }
    Ok(all.into_iter().flatten().collect())
}

/// Only the largest has something to reach.
fn comparisons(work: &str, beside: &str, larger: &[Tenant]) -> Vec<Comparison> {
    let figure = "p50 ÷ p50 beside";
    let of = |(nth, tenant): (usize, &Tenant)| {
        let goal = match nth + 1 == larger.len() {
            true => Goal::at_most(MOST, figure),
            false => Goal::shown(figure),
        };
        let work = format!("{work}, of {} memberships", tenant.size);
        Comparison::new(&work, &format!("the same, of {beside}"), goal)
    };
    larger.iter().enumerate().map(of).collect()
}
