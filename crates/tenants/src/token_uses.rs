//! When API tokens were last used: noted as requests come, and written in the background.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use attache_core::Timestamp;
use attache_core::id::{TenantId, TokenId};
use tokio::sync::Notify;

use attache_log::TokenUse;

/// How long a period is, in milliseconds. Of all uses of a token in one period, the first one
/// is noted: what is shown is older than the last use by less than this.
const PERIOD: i64 = 10 * 60 * 1_000;

/// How many slots there are, of 8 bytes each.
const SLOTS: usize = 1 << 14;

/// The uses of API tokens that this server saw.
pub(super) struct TokenUses {
    /// Where a token's id leads to: 32 other bits of it, and the last period in which it was
    /// used. Where tokens meet in a slot they overwrite one another, and are told apart by
    /// what is noted.
    slots: Box<[AtomicU64]>,
    noted: Mutex<Noted>,
    /// Wakes the writing.
    pub(super) some: Notify,
}

/// What was noted and is not written yet.
#[derive(Default)]
pub(super) struct Noted {
    /// The latest period, and the tokens that were used in it.
    period: i64,
    tokens: HashSet<(TenantId, TokenId)>,
    /// What is not written yet.
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
    /// Notes a use. Almost always one look at a slot; the lock is taken once for each token
    /// and period, and by tokens that meet in a slot.
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
        // Nothing that holds the lock can panic halfway through a change.
        self.noted.lock().unwrap_or_else(|lock| lock.into_inner())
    }

    /// What is to be written.
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

    /// These are written, or lost.
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
