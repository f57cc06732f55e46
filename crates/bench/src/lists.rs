//! Lists of 25 users, of each dialect and attache's own API, beside constant
//! bytes of the same length.

use serde_json::Value;

use crate::asking::Asking;
use crate::comparison::{Comparison, Goal};
use crate::figure_names::PER_SECOND;
use crate::raw::{Wire, request};
use crate::world::{DOMAIN, World};
use crate::wrk::{Ask, Asks};
use crate::{Failure, table};

/// How many different lists are asked for.
const MOST: usize = 20_000;
/// Of so many answers one is taken apart.
const ONE_IN: usize = 64;

/// A list of an API.
#[derive(Clone, Copy, Debug)]
pub(crate) struct List {
    pub(crate) name: &'static str,
    path: fn(&World, u32) -> String,
    /// Where the users stand in an answer.
    users: &'static str,
    of_chatbots: bool,
    header: Option<(&'static str, &'static str)>,
}

/// All that are measured.
pub(crate) const LISTS: [List; 5] = [
    List {
        name: "Voicebot Studio",
        path: |_, number| format!("/third-party/v1/customers/{number}/users"),
        users: "/data",
        of_chatbots: false,
        header: None,
    },
    List {
        name: "Worth",
        path: |world, number| {
            format!(
                "/auth/api/v1/customers/{}/users",
                world.ids.customer(number)
            )
        },
        users: "/data/records",
        of_chatbots: false,
        header: None,
    },
    List {
        name: "CloudCockpit",
        path: |world, number| format!("/v1/customer/{}/users", world.ids.customer(number)),
        users: "",
        of_chatbots: false,
        header: Some(("X-Tenant", DOMAIN)),
    },
    List {
        name: "ChatCaptain",
        path: |_, number| {
            format!("/v1/workspaces/workspace-{number:07}/chatbots/chatbot-{number:07}/users")
        },
        users: "/users",
        of_chatbots: true,
        header: None,
    },
    List {
        name: "attache's own",
        path: |world, number| format!("/api/v1/resources/{}/members", world.ids.customer(number)),
        users: "/items",
        of_chatbots: false,
        header: None,
    },
];

impl List {
    /// The numbers of those that are asked for, in a random order.
    fn numbers(&self, world: &World) -> Vec<u32> {
        let shape = world.shape;
        // The first customers have one user more, who is attached to many.
        let (first, last) = match self.of_chatbots {
            true => (1, shape.workspaces),
            false => (
                1 + shape.everywhere.min(shape.customers / 2),
                shape.customers,
            ),
        };
        let mut numbers: Vec<u32> = (first..=last).collect();
        fastrand::Rng::with_seed(7).shuffle(&mut numbers);
        numbers.truncate(MOST);
        numbers
    }

    pub(crate) fn request(
        &self,
        world: &World,
        number: u32,
        token: &str,
        more: &[(&str, &str)],
    ) -> Vec<u8> {
        let mut headers: Vec<(&str, &str)> = self.header.into_iter().collect();
        headers.extend(more);
        request("GET", &(self.path)(world, number), token, &headers, "")
    }

    /// Requests for all of them, each by one of the tokens, under a name, and the
    /// mean length of the bodies.
    pub(crate) fn asks(
        &self,
        asking: &Asking,
        world: &World,
        tokens: &[String],
        name: &str,
    ) -> Result<(Asks, usize), Failure> {
        let mut wire = Wire::open(asking.server.address)?;
        let (mut asks, mut bodies) = (Vec::new(), 0);
        for (place, number) in self.numbers(world).into_iter().enumerate() {
            let bytes = self.request(world, number, &tokens[place % tokens.len()], &[]);
            let answer = wire.ask(&bytes)?.expect(200)?;
            if place.is_multiple_of(ONE_IN) {
                self.check(world, &answer.json()?)?;
            }
            bodies += answer.body_bytes();
            asks.push(Ask {
                bytes,
                answer_bytes: answer.bytes(),
            });
        }
        let order: Vec<usize> = (0..asks.len()).collect();
        let file = asking.file(&format!("{}-{name}", self.name));
        let mean = bodies / asks.len().max(1);
        Ok((Asks::new(file, &asks, &order)?, mean))
    }

    fn check(&self, world: &World, answer: &Value) -> Result<(), Failure> {
        let users = answer.pointer(self.users).and_then(Value::as_array);
        match users.map(Vec::len) {
            Some(count) if count == world.shape.members => Ok(()),
            other => Err(format!("{}: {other:?} users were listed", self.name).into()),
        }
    }

    /// The same requests, by who has the answers already.
    fn unchanged(&self, asking: &Asking, world: &World, token: &str) -> Result<Asks, Failure> {
        let mut wire = Wire::open(asking.server.address)?;
        let mut asks = Vec::new();
        for number in self.numbers(world) {
            let answer = wire
                .ask(&self.request(world, number, token, &[]))?
                .expect(200)?;
            let tag = answer.header("etag").ok_or("a list has no ETag")?;
            let bytes = self.request(world, number, token, &[("If-None-Match", tag)]);
            let answer_bytes = wire.ask(&bytes)?.expect(304)?.bytes();
            asks.push(Ask {
                bytes,
                answer_bytes,
            });
        }
        let order: Vec<usize> = (0..asks.len()).collect();
        let file = asking.file(&format!("{}-unchanged", self.name));
        Asks::new(file, &asks, &order)
    }
}

/// A path of the limit, asked with the same tokens and headers.
pub(crate) fn limit(
    asking: &Asking,
    name: &str,
    path: &str,
    tokens: &[String],
    headers: &[(&str, &str)],
    status: u16,
) -> Result<Asks, Failure> {
    let mut wire = Wire::open(asking.server.address)?;
    let mut asks = Vec::new();
    for token in tokens {
        let bytes = request("GET", path, token, headers, "");
        let answer_bytes = wire.ask(&bytes)?.expect(status)?.bytes();
        asks.push(Ask {
            bytes,
            answer_bytes,
        });
    }
    let order: Vec<usize> = (0..asks.len()).collect();
    Asks::new(asking.file(name), &asks, &order)
}

pub(crate) fn measure(
    asking: &Asking,
    world: &World,
    rounds: usize,
) -> Result<Vec<Comparison>, Failure> {
    let token = world.tokens.get(..1).unwrap_or_default();
    let mut turns = Vec::new();
    for list in LISTS.iter().filter(|list| asking.wants(list.name)) {
        table::note(&format!("looking at the lists of {}", list.name));
        let (ours, length) = list.asks(asking, world, token, "list")?;
        let headers: Vec<(&str, &str)> = list.header.into_iter().collect();
        let path = format!("/limit/bytes/{length}");
        let name = format!("{}-limit", list.name);
        let limit = limit(asking, &name, &path, token, &headers, 200)?;
        let comparison = Comparison::new(
            &format!("list 25 users, {}", list.name),
            "constant bytes of the same length, the same credential checked",
            Goal::at_least(0.6, "requests/s ÷ limit's"),
        );
        turns.push((comparison, ours, limit));
    }
    let mut all = turns;
    in_turns(asking, &mut all, rounds)?;
    Ok(all.into_iter().map(|(comparison, ..)| comparison).collect())
}

pub(crate) fn measure_unchanged(
    asking: &Asking,
    world: &World,
    rounds: usize,
) -> Result<Vec<Comparison>, Failure> {
    let token = world.tokens.get(..1).unwrap_or_default();
    let mut all = Vec::new();
    for list in LISTS.iter().filter(|list| asking.wants(list.name)) {
        table::note(&format!("looking at the tags of {}", list.name));
        let ours = list.unchanged(asking, world, &token[0])?;
        let mut headers: Vec<(&str, &str)> = list.header.into_iter().collect();
        headers.push(("If-None-Match", "\"0123456789abcdef0123456789abcdef\""));
        let name = format!("{}-unchanged-limit", list.name);
        let limit = limit(asking, &name, "/limit/unchanged", token, &headers, 304)?;
        let comparison = Comparison::new(
            &format!("the same, unchanged (304), {}", list.name),
            "constant empty 304, the same credential checked",
            Goal::at_least(0.8, "requests/s ÷ limit's"),
        );
        all.push((comparison, ours, limit));
    }
    in_turns(asking, &mut all, rounds)?;
    Ok(all.into_iter().map(|(comparison, ..)| comparison).collect())
}

/// Ours, its limit, the next of ours, its limit, …, and all of it again.
pub(crate) fn in_turns(
    asking: &Asking,
    turns: &mut [(Comparison, Asks, Asks)],
    rounds: usize,
) -> Result<(), Failure> {
    for round in 1..=rounds {
        table::note(&format!("round {round}"));
        for (comparison, ours, limit) in &mut *turns {
            let (ours, limit) = (asking.ask(ours)?, asking.ask(limit)?);
            comparison.divided(PER_SECOND, ours, limit);
        }
    }
    Ok(())
}
