//! Collects when API tokens were last used, to be written in the background.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use attache_core::Timestamp;
use attache_core::id::{TenantId, TokenId};
use tokio::sync::Notify;

use attache_log::TokenUse;

/// The length of a period in milliseconds. Only a token's first use in a period is
/// recorded, so the recorded use is at most this much older than the last one.
const PERIOD: i64 = 10 * 60 * 1_000;

/// The number of slots, at 8 bytes each.
const SLOTS: usize = 1 << 14;

/// The uses of API tokens on this server.
pub(super) struct TokenUses {
    /// A hash table without chains: a token's id selects a slot, which has 32 other bits
    /// of the id and the last period of use. Colliding tokens overwrite one another;
    /// `noted` tells them apart.
    slots: Box<[AtomicU64]>,
    noted: Mutex<Noted>,
    /// Wakes the writing task.
    pub(super) some: Notify,
}

/// The recorded uses.
#[derive(Default)]
pub(super) struct Noted {
    /// The latest period, and the tokens used in it.
    period: i64,
    tokens: HashSet<(TenantId, TokenId)>,
    /// The uses that are not written yet.
    unwritten: HashMap<(TenantId, TokenId), Timestamp>,
    /// Whether the last write failed.
    pub(super) failing: bool,
}

impl Default for TokenUses {
    fn default() -> Self {
        Self {
            slots: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
            noted: Mutex::default(),
            some: Notify::new(),
        }
    }
}

impl TokenUses {
    /// Records a use. Almost always one look at a slot. Takes the lock once per token and
    /// period, and for tokens that collide in a slot.
    pub(super) fn note(&self, tenant: TenantId, token: TokenId, at: Timestamp) {
        let period = at.as_millis().div_euclid(PERIOD);
        // The last bits of an id are random.
        let random = token.0.as_u128() as u64;
        let now = (random >> 14) << 32 | u64::from(period as u32);
        let Some(slot) = self.slots.get(random as usize % SLOTS) else {
            return;
        };
        if slot.load(Ordering::Relaxed) == now {
            return;
        }
        slot.store(now, Ordering::Relaxed);
        let mut noted = self.noted();
        if period > noted.period {
            noted.period = period;
            noted.tokens.clear();
        }
        if period == noted.period && noted.tokens.insert((tenant, token)) {
            noted.unwritten.insert((tenant, token), at);
            self.some.notify_one();
        }
    }

    pub(super) fn noted(&self) -> MutexGuard<'_, Noted> {
        // No holder of the lock panics halfway through a change.
        self.noted.lock().unwrap_or_else(|lock| lock.into_inner())
    }

    /// Returns the uses to write.
    pub(super) fn unwritten(&self) -> Vec<TokenUse> {
        let noted = self.noted();
        let all = noted.unwritten.iter();
        all.map(|((tenant, token), used_at)| TokenUse {
            tenant: *tenant,
            token: *token,
            used_at: *used_at,
        })
        .collect()
    }

    /// Removes uses that were written or lost.
    pub(super) fn done_with(&self, uses: &[TokenUse]) {
        let mut noted = self.noted();
        for it in uses {
            let key = (it.tenant, it.token);
            if noted.unwritten.get(&key) == Some(&it.used_at) {
                noted.unwritten.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn noted(uses: &TokenUses) -> Vec<(u128, i64)> {
        let unwritten = uses.unwritten().into_iter();
        let mut found: Vec<(u128, i64)> = unwritten
            .map(|it| (it.token.0.as_u128(), it.used_at.as_millis()))
            .collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn the_first_use_of_each_period_is_noted_once() {
        let uses = TokenUses::default();
        let tenant = TenantId(Uuid::nil());
        let use_it = |token, millis| uses.note(tenant, TokenId(Uuid::from_u128(token)), at(millis));
        let first = 3 * PERIOD;
        // The second and the third meet in a slot.
        let meets = 2 + SLOTS as u128;
        for millis in [first + 5, first + 6, first + PERIOD - 1] {
            for token in [1, 2, meets] {
                use_it(token, millis);
            }
        }
        let expected = [(1, first + 5), (2, first + 5), (meets, first + 5)];
        assert_eq!(noted(&uses), expected);
        uses.done_with(&uses.unwritten());
        use_it(1, first + 7);
        use_it(2, first + 7);
        assert_eq!(noted(&uses), []);
        // An older one that comes late changes nothing.
        use_it(1, first + PERIOD + 9);
        use_it(1, first + 8);
        use_it(1, first + PERIOD + 10);
        assert_eq!(noted(&uses), [(1, first + PERIOD + 9)]);
    }

    #[test]
    fn a_use_that_comes_while_others_are_written_is_written_next() {
        let uses = TokenUses::default();
        let (tenant, token) = (TenantId(Uuid::nil()), TokenId(Uuid::from_u128(1)));
        uses.note(tenant, token, at(PERIOD));
        let writing = uses.unwritten();
        uses.note(tenant, token, at(2 * PERIOD));
        uses.done_with(&writing);
        assert_eq!(noted(&uses), [(1, 2 * PERIOD)]);
    }
}
