//! Finds the existing thing that a row describes.
//!
//! A key or an id identifies a thing. A number does so only if an earlier file gave the
//! number to the thing: the numbers of another system and attache's own coincide by
//! chance, and a row would change a wrong thing.

use attache_core::{Command, Ref, Refusal};
use uuid::Uuid;

use super::catalogue;
use super::describes::{Describes, Match};
use super::provenance::was_given;
use super::thing::{Thing, What};
use super::work::Work;

/// Reports those cells of a faulty row that are no valid new values. Returns the thing
/// that the row describes, if it exists.
pub(super) fn check(row: &impl Describes, work: &mut Work<'_>) -> Option<Match> {
    let (what, state) = (row.what(), work.draft.state());
    let by_id = row.id().map(Ref::Id);
    let by_key = row.key().map(|key| Ref::key(key.as_str()));
    let mut names = [by_id, by_key].into_iter().flatten();
    let there = names.find_map(|name| what.find(state, &name));
    let there = there.map(|thing| thing.id);
    let refused = row.refused();
    let faults = refused.but(|column| there.is_some_and(|id| row.stands(column, state, id)));
    for fault in faults {
        work.wrong(fault);
    }
    there.map(Match::There)
}

/// Finds the thing that a row describes. Returns `None` and reports a fault if that is
/// uncertain.
pub(super) fn identify(row: &impl Describes, work: &mut Work<'_>) -> Option<Match> {
    let found = look_up(row, work);
    let state = work.draft.state();
    let mut faults = row.refused().but(|column| match found {
        Ok(Match::There(id)) => row.stands(column, state, id),
        Ok(Match::New(_)) | Err(_) => false,
    });
    let found = found.map_err(|(column, cause)| faults.push(row.spot().fault(column, cause)));
    if let Ok(found) = found
        && faults.is_empty()
    {
        if let Match::There(id) = found {
            work.describes(row, id);
        }
        return Some(found);
    }
    for fault in faults {
        work.fails(row, fault);
    }
    None
}

fn look_up(row: &impl Describes, work: &mut Work<'_>) -> Result<Match, (&'static str, String)> {
    let what = row.what();
    let state = work.draft.state();
    let find = |name: Option<Ref>| name.and_then(|name| what.find(state, &name));
    let by_id = find(row.id().map(Ref::Id));
    let by_key = find(row.key().map(|key| Ref::key(key.as_str())));
    let shown = |thing: &Thing<'_>| thing.described(what);
    let as_id = row.key().filter(|_| by_key.is_none());
    let as_id = as_id.and_then(|key| Uuid::parse_str(key.as_str()).ok());
    if let Some(thing) = find(as_id.map(Ref::Id)) {
        let other = shown(&thing);
        let cause = format!("is the id of {other}; an id stands in the column id");
        return Err(("key", cause));
    }
    let (thing, column) = match (by_id, by_key) {
        (Some(one), Some(other)) if one.id != other.id => {
            let cause = format!(
                "is the key of {}, and the id is that of {}",
                shown(&other),
                shown(&one)
            );
            return Err(("key", cause));
        }
        (Some(thing), _) => (Some(thing), "id"),
        (None, Some(thing)) => (Some(thing), "key"),
        (None, None) => (None, "number"),
    };
    let by_number = find(row.number().map(Ref::Number));
    if let Some(thing) = thing {
        once(&thing, column, what, work)?;
        number_once(row, work)?;
        if let Some(id) = row.id()
            && id != thing.id
        {
            let cause = format!(
                "is not that of {}, which is {} and cannot change",
                shown(&thing),
                thing.id
            );
            return Err(("id", cause));
        }
        if let Some(number) = row.number()
            && number != thing.number
            && !work.options.renumber
        {
            let holder = match &by_number {
                Some(holder) => format!("is the number of {}", shown(holder)),
                None => "is nobody's number".to_owned(),
            };
            let cause = format!(
                "{number} {holder}; that of {} cannot change; --renumber passes over it",
                shown(&thing)
            );
            return Err(("number", cause));
        }
        return Ok(Match::There(thing.id));
    }
    number_once(row, work)?;
    let Some(number) = row.number() else {
        return Ok(Match::New(work.free_number(what)));
    };
    let Some(holder) = by_number else {
        return Ok(Match::New(Some(number)));
    };
    if row.is_number_alone() && was_given(state.tenant(), what, &holder) {
        once(&holder, "number", what, work)?;
        return Ok(Match::There(holder.id));
    }
    if !row.is_number_alone() && work.options.renumber {
        return Ok(Match::New(work.free_number(what)));
    }
    let line = work.line_of(holder.id);
    let line = line
        .map(|line| format!(" in line {line}"))
        .unwrap_or_default();
    let cause = format!(
        "{number} is the number of {}{line}, and this row is {}: give it another number or none{}; \
         if both are one, write {} into the column id",
        shown(&holder),
        row.described(),
        match row.is_number_alone() {
            true => " and a key",
            false => " (--renumber does)",
        },
        holder.id,
    );
    Err(("number", cause))
}

/// Checks that no other row describes the thing.
fn once(
    thing: &Thing<'_>,
    column: &'static str,
    what: What<'_>,
    work: &Work<'_>,
) -> Result<(), (&'static str, String)> {
    match work.line_of(thing.id) {
        None => Ok(()),
        Some(line) => {
            let thing = thing.described(what);
            Err((column, format!("is repeated: line {line} is {thing} too")))
        }
    }
}

/// Checks that no other row has the number of a row.
fn number_once(row: &impl Describes, work: &Work<'_>) -> Result<(), (&'static str, String)> {
    let of_type = work.numbers.get(&*row.what().space());
    let other = row.number().and_then(|number| of_type?.get(&number));
    match other.and_then(|id| {
        Some((
            work.line_of(*id)?,
            row.what().find(work.draft.state(), &Ref::Id(*id))?,
        ))
    }) {
        None => Ok(()),
        Some((line, other)) => {
            let other = other.described(row.what());
            Err(("number", format!("is repeated: line {line} is {other} too")))
        }
    }
}

/// Adds the thing that a row describes.
pub(super) fn add(
    row: &impl Describes,
    id: Uuid,
    number: Option<u32>,
    work: &mut Work<'_>,
    command: impl Fn(Option<u32>) -> Command,
    column: impl Fn(&Refusal) -> &'static str,
) {
    let mut added = work.decide(row, &command(number));
    if added.is_err() && number.is_some() && number != row.number() {
        // The number was chosen to avoid those in the file. Any other free number is as
        // good.
        added = work.decide(row, &command(None));
    }
    if let Err(Refusal::Taken { field: "number" }) = added
        && work.options.renumber
        && !row.is_number_alone()
    {
        added = work.decide(row, &command(None));
    }
    let fault = match added {
        Ok(()) => {
            work.describes(row, id);
            None
        }
        Err(Refusal::Taken { field: "number" }) => Some((
            "number",
            "was that of something that is gone, and no number is used again".to_owned(),
        )),
        Err(Refusal::Taken { field: "id" }) => Some(("id", taken(id, work))),
        Err(refusal) => {
            let column = column(&refusal);
            let needs_kinds = ["kind", "parent"].contains(&column);
            if needs_kinds && work.following.takes(row.spot().file, catalogue::FILE) {
                work.will_lack(row);
                return work.room();
            }
            Some((column, row.reason(&refusal, work.draft.state())))
        }
    };
    if let Some((column, cause)) = fault {
        work.fails(row, row.spot().fault(column, cause));
    }
    work.room();
}

/// Returns why a new thing cannot have an id.
fn taken(id: Uuid, work: &Work<'_>) -> String {
    let state = work.draft.state();
    let resource = state.find(&attache_core::Locator::id(id.into()));
    match resource.and_then(|node| state.resource(node)) {
        Some(resource) => format!("is that of {} {}", resource.kind, resource.name),
        None => "is the key of something else".to_owned(),
    }
}
