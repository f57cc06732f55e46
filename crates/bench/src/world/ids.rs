//! Ids that follow from numbers, so that nobody need keep them.

use attache_core::id::{ResourceId, UserId};
use uuid::Uuid;

/// When things were added: one each millisecond.
pub(crate) const FIRST_MILLIS: u64 = 1_750_000_000_000;

/// What a number is of.
#[derive(Clone, Copy)]
enum What {
    User,
    Customer,
    Workspace,
    Chatbot,
}

/// The ids of a made tenant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ids;

impl Ids {
    /// The user of a number, from 1.
    pub(crate) fn user(self, number: u32) -> UserId {
        UserId(id(What::User, number))
    }

    /// The customer of a number, from 1.
    pub(crate) fn customer(self, number: u32) -> ResourceId {
        ResourceId(id(What::Customer, number))
    }

    /// The workspace of a number, from 1.
    pub(crate) fn workspace(self, number: u32) -> ResourceId {
        ResourceId(id(What::Workspace, number))
    }

    /// The chatbot of a number, from 1: in the workspace of the same.
    pub(crate) fn chatbot(self, number: u32) -> ResourceId {
        ResourceId(id(What::Chatbot, number))
    }
}

/// As those that attache makes: by time, with a tail that is everybody's own.
fn id(what: What, number: u32) -> Uuid {
    let mut dice = fastrand::Rng::with_seed(u64::from(number) << 3 | what as u64);
    let mut tail = [0; 10];
    dice.fill(&mut tail);
    uuid::Builder::from_unix_timestamp_millis(FIRST_MILLIS + u64::from(number), &tail).into_uuid()
}
