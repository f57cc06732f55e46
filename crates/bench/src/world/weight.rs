//! How much a made tenant weighs, if each fact is written down once.

use attache_core::model::Profile;

use super::{World, people};
use crate::Failure;

/// Bytes of an id, of a number and of an instant.
const ID: u64 = 16;
const NUMBER: u64 = 4;
const TIME: u64 = 8;
/// Of what is one of a few: a status, a kind, a role, a yes or no.
const ONE_OF_FEW: u64 = 1;

impl World {
    /// The bytes of the facts themselves: no index, no way back, nothing
    /// between them, and not how long a text is.
    ///
    /// - A user: id, number, key, the texts of its profile, the id that it
    ///   authenticates by, status, two flags, when it was added and changed
    ///   and by whom (numbers).
    /// - A resource: id, number, kind, key, name, what it stands under (a
    ///   number), when it was added.
    /// - A membership: the user's number and when it was added. Where it stands
    ///   says of which customer it is.
    /// - A role of a member: the role, and when it was granted.
    pub(crate) fn weight(&self) -> Result<u64, Failure> {
        let shape = self.shape;
        let mut bytes = 0;
        for number in 1..=shape.users {
            let key = people::key(number).len() as u64;
            bytes += ID + NUMBER + key + texts(&people::profile(number)?);
            bytes += ID + 3 * ONE_OF_FEW + 2 * TIME + 2 * NUMBER;
        }
        let resources = [
            ("customer", shape.customers + 1),
            ("workspace", shape.workspaces),
            ("chatbot", shape.workspaces),
        ];
        for (kind, count) in resources {
            let key = kind.len() as u64 + 8;
            let fixed = ID + NUMBER + ONE_OF_FEW + key + NUMBER + TIME;
            let names =
                (1..=count).map(|number| kind.len() as u64 + 2 + u64::from(number.ilog10()));
            bytes += u64::from(count) * fixed + names.sum::<u64>();
        }
        let roles = if shape.roles { super::ROLES as u64 } else { 0 };
        let member = NUMBER + TIME + roles * (ONE_OF_FEW + TIME);
        Ok(bytes + shape.memberships() * member)
    }
}

fn texts(profile: &Profile) -> u64 {
    let names = [&profile.first_name, &profile.last_name, &profile.phone];
    let names = names
        .into_iter()
        .flatten()
        .map(|name| name.to_string().len());
    let email = profile.email.iter().map(|email| email.to_string().len());
    names.chain(email).sum::<usize>() as u64
}
