//! Checks (AuthZEN evaluations) beside a constant decision.

use serde_json::json;

use crate::Failure;
use crate::asking::Asking;
use crate::comparison::{Comparison, Goal};
use crate::lists::in_turns;
use crate::raw::{Wire, request};
use crate::world::World;
use crate::wrk::{Ask, Asks};

/// How many different questions are asked.
const QUESTIONS: usize = 100_000;
const PATH: &str = "/access/v1/evaluation";
const ACTIONS: [&str; 3] = [
    "customers.view",
    "customers.users.list",
    "customers.users.add",
];

/// How often each question is asked.
#[derive(Clone, Copy, Debug)]
enum Spread {
    /// As often as every other.
    Uniform,
    /// The second half as often as the first, the third a third as often, …
    Zipf,
}

impl Spread {
    fn name(self) -> &'static str {
        match self {
            Self::Uniform => "check, all alike often",
            Self::Zipf => "check, some much more often (Zipf)",
        }
    }

    /// Places of questions, in the order in which they are asked.
    fn order(self, questions: usize) -> Vec<usize> {
        let mut dice = fastrand::Rng::with_seed(11);
        let mut draw = || match self {
            Self::Uniform => dice.usize(..questions),
            // The inverse of the sum of 1/n, which is nearly a logarithm.
            Self::Zipf => (questions as f64).powf(dice.f64()) as usize - 1,
        };
        (0..QUESTIONS).map(|_| draw()).collect()
    }
}

/// Half are about a member, half about anybody.
fn question(world: &World, dice: &mut fastrand::Rng) -> String {
    let customer = dice.u32(1..=world.shape.customers);
    let members = world.members_of(world.ids.customer(customer));
    let member = dice.choice(members.keys()).copied();
    let user = match (dice.bool(), member) {
        (true, Some(member)) => member,
        _ => dice.u32(1..=world.shape.users),
    };
    json!({
        "subject": {"type": "user", "id": format!("user-{user:07}")},
        "action": {"name": ACTIONS[dice.usize(..ACTIONS.len())]},
        "resource": {"type": "customer", "id": format!("customer-{customer:07}")},
    })
    .to_string()
}

pub(crate) fn measure(
    asking: &Asking,
    world: &World,
    rounds: usize,
) -> Result<Vec<Comparison>, Failure> {
    let mut dice = fastrand::Rng::with_seed(5);
    let mut wire = Wire::open(asking.server.address)?;
    let token = world.tokens.first().ok_or("there is no token")?;
    let (mut asks, mut bodies, mut allowed) = (Vec::new(), 0, 0);
    for _ in 0..QUESTIONS {
        let bytes = request("POST", PATH, token, &[], &question(world, &mut dice));
        let answer = wire.ask(&bytes)?.expect(200)?;
        let decision = answer.json()?["decision"].as_bool();
        allowed += usize::from(decision.ok_or("an answer has no decision")?);
        bodies += answer.body_bytes();
        asks.push(Ask {
            bytes,
            answer_bytes: answer.bytes(),
        });
    }
    if !(QUESTIONS / 10..QUESTIONS * 9 / 10).contains(&allowed) {
        return Err(format!("{allowed} of {QUESTIONS} were allowed").into());
    }
    let path = format!("/limit/decision/{}", bodies / QUESTIONS);
    let body = question(world, &mut dice);
    let bytes = request("POST", &path, token, &[], &body);
    let answer_bytes = wire.ask(&bytes)?.expect(200)?.bytes();
    let constant = [Ask {
        bytes,
        answer_bytes,
    }];
    let mut turns = Vec::new();
    for spread in [Spread::Uniform, Spread::Zipf] {
        let comparison = Comparison::new(
            spread.name(),
            "a constant decision, the question received and the same credential checked",
            Goal::at_least(0.9, "requests/s ÷ limit's"),
        );
        let order = spread.order(asks.len());
        let ours = Asks::new(asking.file(spread.name()), &asks, &order)?;
        let limit = Asks::new(asking.file("decision"), &constant, &[0])?;
        turns.push((comparison, ours, limit));
    }
    in_turns(asking, &mut turns, rounds)?;
    Ok(turns
        .into_iter()
        .map(|(comparison, ..)| comparison)
        .collect())
}
