//! When tokens were last used: beside the entries, written by any server.

use std::collections::BTreeMap;

use attache_core::Timestamp;
use attache_core::id::{TenantId, TokenId};
use attache_log::{Installation as _, SqlLog, TokenUsage as _, TokenUse};
use uuid::Uuid;

use super::Database;

fn token_use(tenant: u128, token: u128, millis: i64) -> TokenUse {
    TokenUse {
        tenant: TenantId(Uuid::from_u128(tenant)),
        token: TokenId(Uuid::from_u128(token)),
        used_at: Timestamp::from_millis(millis),
    }
}

async fn uses(log: &SqlLog, tenant: u128) -> BTreeMap<u128, i64> {
    let found = log.token_uses(TenantId(Uuid::from_u128(tenant))).await;
    let found = found.unwrap().into_iter();
    found
        .map(|it| (it.token.0.as_u128(), it.used_at.as_millis()))
        .collect()
}

pub(crate) async fn the_last_use_of_each_token_is_kept(database: impl Database) {
    let (one, other) = (database.open().await, database.open().await);
    assert_eq!(uses(&one, 1).await, BTreeMap::new());
    one.note_token_uses(&[]).await.unwrap();
    let first = [
        token_use(1, 7, 2_000),
        token_use(1, 8, 2_000),
        token_use(2, 7, 9_000),
    ];
    one.note_token_uses(&first).await.unwrap();
    // Another server saw one of them later, and one of them earlier.
    let second = [token_use(1, 8, 1_000), token_use(1, 7, 3_000)];
    other.note_token_uses(&second).await.unwrap();
    // The same token more than once, and more than fit into one statement.
    let many = (0..1_000).map(|n| token_use(1, 1_000 + n % 500, n as i64));
    let many: Vec<TokenUse> = many.collect();
    let (a, b) = tokio::join!(one.note_token_uses(&many), other.note_token_uses(&many));
    a.unwrap();
    b.unwrap();
    for log in [&*one, &*other] {
        let found = uses(log, 1).await;
        assert_eq!((found[&7], found[&8]), (3_000, 2_000));
        assert_eq!(found.len(), 502);
        assert!((0..500).all(|n| found[&(1_000 + n)] == 500 + n as i64));
        assert_eq!(uses(log, 2).await, BTreeMap::from([(7, 9_000)]));
    }
    one.close().await;
    other.close().await;
    let again = database.open().await;
    assert_eq!(uses(&again, 1).await.len(), 502);
    again.close().await;
}
