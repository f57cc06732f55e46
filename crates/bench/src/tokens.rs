//! Callers with tokens of issuers beside callers with API tokens, a thousand of
//! each.

use crate::asking::Asking;
use crate::comparison::{Comparison, Goal};
use crate::lists::{LISTS, in_turns};
use crate::world::{Algorithm, World};
use crate::{Failure, table};

pub(crate) fn measure(
    asking: &Asking,
    world: &World,
    rounds: usize,
) -> Result<Vec<Comparison>, Failure> {
    let [list, ..] = &LISTS;
    let mut turns = Vec::new();
    for algorithm in Algorithm::ALL {
        table::note(&format!("signing tokens with {}", algorithm.name()));
        let users = 1..=world.shape.callers.min(world.shape.users);
        let tokens = users.map(|user| world.signer.token(algorithm, user));
        let tokens = tokens.collect::<Result<Vec<String>, Failure>>()?;
        let (ours, _) = list.asks(asking, world, &tokens, algorithm.name())?;
        let (limit, _) = list.asks(asking, world, &world.tokens, "API tokens")?;
        let comparison = Comparison::new(
            &format!(
                "list 25 users, {}, {} tokens signed with {}",
                list.name,
                tokens.len(),
                algorithm.name()
            ),
            &format!("the same with {} API tokens", world.tokens.len()),
            Goal::at_least(0.9, "requests/s ÷ those with API tokens"),
        );
        turns.push((comparison, ours, limit));
    }
    in_turns(asking, &mut turns, rounds)?;
    Ok(turns
        .into_iter()
        .map(|(comparison, ..)| comparison)
        .collect())
}
