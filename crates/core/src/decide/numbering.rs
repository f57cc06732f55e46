//! Numbers for new things.

use crate::refusal::Refusal;

/// The highest number that can be chosen. Automatic numbers follow the highest one ever
/// used, so choosing must not exhaust them.
const MOST_CHOSEN: u32 = u32::MAX / 2;

/// Returns the number of a new thing: the wanted one, if it was never used, or the next
/// one.
pub(super) fn choose(
    wanted: Option<u32>,
    is_new: impl Fn(u32) -> bool,
    next: Option<u32>,
) -> Result<u32, Refusal> {
    match wanted {
        Some(0) => Err(Refusal::invalid("number", "must be 1 or more")),
        Some(number) if number > MOST_CHOSEN => {
            Err(Refusal::invalid("number", "must be at most 2147483647"))
        }
        Some(number) if is_new(number) => Ok(number),
        Some(_) => Err(Refusal::Taken { field: "number" }),
        None => next.ok_or_else(|| Refusal::invalid("number", "cannot be chosen: none is left")),
    }
}

/// Returns the new value of a field, or its old one.
pub(super) fn or_old<T: Clone>(new: Option<&T>, old: &T) -> T {
    new.unwrap_or(old).clone()
}
