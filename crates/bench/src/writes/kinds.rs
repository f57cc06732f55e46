//! The kinds of work: each write is one entry, however long it goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;

use super::stock::{SYNCED, Stock, customer_key, number, user_key};
use crate::work::{Wish, Work};

const ROLES: [&str; 5] = ["owner", "cro", "manager", "agent", "viewer"];

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    AddMember,
    Sync,
    Grant,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::AddMember, Self::Sync, Self::Grant];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AddMember => "add member",
            Self::Sync => "sync of 25",
            Self::Grant => "grant",
        }
    }

    /// Of tenants that have such a stock.
    pub(crate) fn work(self, stock: Stock, tenants: usize) -> Arc<dyn Work> {
        let begun = (0..tenants).map(|_| AtomicU64::new(0)).collect();
        Arc::new(OneAfterTheOther {
            kind: self,
            stock,
            begun,
        })
    }
}

#[derive(Debug)]
struct OneAfterTheOther {
    kind: Kind,
    stock: Stock,
    /// How many writes to each tenant have begun.
    begun: Vec<AtomicU64>,
}

impl Work for OneAfterTheOther {
    fn next(&self, tenant: usize) -> Wish {
        let nth = self.begun[tenant].fetch_add(1, Ordering::Relaxed);
        match self.kind {
            Kind::AddMember => self.add_member(nth),
            Kind::Sync => self.sync(nth),
            Kind::Grant => self.grant(nth),
        }
    }
}

impl OneAfterTheOther {
    /// A customer's next user. Once all are attached to all, the end of the
    /// membership moves.
    fn add_member(&self, nth: u64) -> Wish {
        let (rest, customer) = part(nth, self.stock.joined);
        let (round, user) = part(rest, self.stock.users);
        let (customer, user) = (customer_key("joined", customer), user_key(user));
        Wish {
            method: "PUT",
            path: format!("/api/v1/resources/customer:{customer}/members/{user}"),
            body: match end(round) {
                Some(end) => json!({"expires_at": end}).to_string(),
                None => String::new(),
            },
            shows: Some(("/user/key", user.into())),
        }
    }

    /// 25 users in place of 25 others: the most that a sync of 25 can change.
    fn sync(&self, nth: u64) -> Wish {
        let (round, customer) = part(nth, self.stock.synced);
        // The first of them are attached already.
        let first = (round + 1) as u32 % 2 * SYNCED;
        let users: Vec<u32> = (first..first + SYNCED).map(number).collect();
        let customer = number(customer);
        Wish {
            method: "POST",
            path: format!("/third-party/v1/customers/{customer}/users"),
            shows: Some(("/data/24/id", users[SYNCED as usize - 1].into())),
            body: json!({"user_ids": users}).to_string(),
        }
    }

    /// A member's next role. Once all members hold all of them, the end of the
    /// grant moves.
    fn grant(&self, nth: u64) -> Wish {
        let (rest, customer) = part(nth, self.stock.granted);
        let (rest, user) = part(rest, SYNCED);
        let (round, role) = part(rest, ROLES.len() as u32);
        let role = ROLES[role as usize];
        let mut body = json!({"subject": format!("user:{}", user_key(user)), "role": role});
        if let Some(end) = end(round) {
            body["expires_at"] = end.into();
        }
        let customer = customer_key("granted", customer);
        Wish {
            method: "POST",
            path: format!("/api/v1/resources/customer:{customer}/grants"),
            body: body.to_string(),
            shows: Some(("/role", role.into())),
        }
    }
}

/// How often it goes into a number, and what is left.
fn part(nth: u64, of: u32) -> (u64, u32) {
    let of = u64::from(of);
    (nth / of, (nth % of) as u32)
}

/// When what is written in a round ends; in the first it does not.
fn end(round: u64) -> Option<String> {
    (round > 0).then(|| format!("{}-01-01T00:00:00Z", 2_100 + round % 7_000))
}
