//! A tenant over a snapshot that is not as it was written: it is as its entries
//! say, and the next snapshot is good again.

use std::path::Path;
use std::sync::Arc;

use attache_ambient::Ambient;
use attache_core::State;
use attache_core::id::{Revision, TenantId, UserId};
use attache_log::{Location, Snapshots as _, SqlLog, snapshots_beside};
use attache_tenants::{Settings, Tenants, replay_to};
use uuid::Uuid;

use crate::{add_user, create, operator};

/// How many bits are flipped, spread over the snapshot, each in a start of its own.
const FLIPS: usize = 60;

async fn start(file: &Path) -> (Arc<SqlLog>, Tenants) {
    let location = Location::Sqlite(file.to_owned());
    let log = SqlLog::open(&location, Default::default()).await;
    let log = Arc::new(log.unwrap());
    let ambient = Ambient::of_the_machine();
    let tenants = Tenants::new(log.clone(), ambient, Settings::default());
    (log, tenants)
}

async fn state(tenants: &Tenants, tenant: TenantId) -> Arc<State> {
    let open = tenants.open(tenant).await.unwrap();
    open.unwrap().state().unwrap()
}

#[tokio::test]
async fn a_tenant_over_a_damaged_snapshot_is_as_its_entries_say() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("attache.db");
    let (log, tenants) = start(&file).await;
    let tenant = create(&tenants).await;
    for key in ["ada", "ben", "cleo"] {
        let user = add_user(UserId(Uuid::now_v7()), key);
        let written = tenants.write(operator(tenant), key, &[user]).await;
        written.unwrap();
    }
    let end = Revision(u64::MAX);
    let replayed = replay_to(&*log, tenant, end).await.unwrap();
    tenants.close().await;
    let snapshot = snapshots_beside(&file)
        .join(tenant.to_string())
        .join(format!("{}.snapshot", replayed.revision()));
    let whole = std::fs::read(&snapshot).unwrap();
    for nth in 0..=FLIPS {
        let mut damaged = whole.clone();
        match nth * whole.len() * 8 / FLIPS {
            bit if bit < whole.len() * 8 => damaged[bit / 8] ^= 1 << (bit % 8),
            _ => damaged.truncate(whole.len() / 2),
        }
        std::fs::write(&snapshot, damaged).unwrap();
        let (_, tenants) = start(&file).await;
        assert!(*state(&tenants, tenant).await == replayed, "flip {nth}");
        tenants.close().await;
        assert!(
            std::fs::read(&snapshot).unwrap() == whole,
            "flip {nth}: it was not made anew"
        );
    }
    let (log, _) = start(&file).await;
    assert!(log.load_snapshot(tenant).await.unwrap() == Some(replayed));
}
