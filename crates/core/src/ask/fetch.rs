//! Users, looked at together before each is looked at closely.
//!
//! Every user lies somewhere in memory. Waiting for one after the other is half
//! of what a list takes; asked for together, they come together. Each function
//! looks at what the one before it led to.

use std::hint::black_box;

use super::member::Listed;
use crate::model::{Email, Name};
use crate::state::{ResourceNode, UserNode};

/// More of them would push the first ones out again.
const AT_ONCE: usize = 256;

/// Look at what users are sorted and filtered by.
pub(super) fn users<'a>(members: &[impl Listed<'a>]) {
    let some = || members.iter().take(AT_ONCE).map(Listed::row);
    let granted = some().map(|row| row.granted.len());
    black_box(granted.fold(0, usize::wrapping_add));
    let numbers = some().map(|row| row.user.number.0);
    black_box(numbers.fold(0, u32::wrapping_add));
    let times = some().map(|row| row.user.updated_at.as_millis());
    black_box(times.fold(0, i64::wrapping_add));
}

/// Look at what is shown of them besides, and at what they hold on a resource.
pub(super) fn shown<'a>(members: &[impl Listed<'a>], on: &ResourceNode) {
    let some = || members.iter().take(AT_ONCE).map(Listed::row);
    let granted = some().filter_map(|row| row.granted.keys().next());
    black_box(granted.fold(0, |sum, node| sum ^ node.0));
    let texts = some().flat_map(texts_of);
    let first = texts.filter_map(|text| text.bytes().next());
    black_box(first.fold(0, |sum, byte| sum ^ byte));
    let roles = on.grants.keys().take(AT_ONCE).map(|key| key.role.0);
    black_box(roles.fold(0, u16::wrapping_add));
}

fn texts_of(row: &UserNode) -> impl Iterator<Item = &str> {
    let profile = &row.user.profile;
    let names = [&profile.first_name, &profile.last_name, &profile.phone];
    let names = names.into_iter().flatten().map(Name::as_str);
    names.chain(profile.email.as_ref().map(Email::as_str))
}
