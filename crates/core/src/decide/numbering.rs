//! Numbers for new things.

use crate::refusal::Refusal;

/// The highest number that can be chosen. The next one comes after the highest
/// that ever was: nobody may use them up.
const MOST_CHOSEN: u32 = u32::MAX / 2;

/// The number that a new thing gets: the one that was asked for, if it was
/// never in use, or the next one.
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

/// What a field becomes: the new value, or the one that it has.
pub(super) fn or_old<T: Clone>(new: Option<&T>, old: &T) -> T {
    new.unwrap_or(old).clone()
}
