//! Tenants that are copied into another log.

use attache_core::Command;
use attache_core::id::{IssuerId, Revision, TokenId};
use attache_log::{
    EntryReader as _, Location, Requests as _, SqlLog, TenantDirectory as _, TokenUsage as _,
    TokenUse,
};
use uuid::Uuid;

use super::{Database, Put as _, beginning, done, entry, later, tenant, trust, user};

pub(super) async fn a_tenant_is_copied_as_it_stands(database: impl Database) {
    let folder = tempfile::tempdir().unwrap();
    let from = SqlLog::open(&database.location(), Default::default()).await;
    let file = Location::Sqlite(folder.path().join("copy.db"));
    let to = SqlLog::open(&file, Default::default()).await;
    let (from, to) = (from.unwrap(), to.unwrap());
    let row = tenant("lantern");
    let (first, state) = beginning(&row);
    let asked = done("create", "this", 1, 1_000, 0);
    let created = from.create_tenant(row.clone(), first.clone(), Some(asked.clone()));
    created.await.unwrap();
    let added = Command::AddIssuer {
        id: IssuerId(Uuid::now_v7()),
        trust: trust("https://a.example"),
    };
    let (second, state) = entry(&state, &added);
    let (third, state) = entry(&state, &user("Ada"));
    let request = done("add", "this", 3, 1_000, 0);
    let both = [second.clone(), third.clone()];
    from.put(row.id, &both, std::slice::from_ref(&request))
        .await
        .unwrap();
    let used = TokenUse {
        tenant: row.id,
        token: TokenId(Uuid::now_v7()),
        used_at: later(500),
    };
    from.note_token_uses(&[used]).await.unwrap();
    let copied = from.copy_tenant(&to, &row, &mut |_| {}).await.unwrap();
    assert_eq!(to.token_uses(row.id).await.unwrap(), [used]);
    assert_eq!((copied.there, copied.here), (Revision(0), Revision(3)));
    let read = to.read_after(row.id, Revision(0), 9).await.unwrap();
    assert_eq!(read, [first, second, third]);
    assert_eq!(to.tenants().await.unwrap(), std::slice::from_ref(&row));
    assert_eq!(to.issuers().await.unwrap(), from.issuers().await.unwrap());
    for request in [asked, request] {
        let key = &request.request.key;
        let there = to.find_request(row.id, key, later(1_000)).await.unwrap();
        assert_eq!(there, Some((request.request.fingerprint, request.revision)));
        assert_eq!(
            to.find_request(row.id, key, later(1_001)).await.unwrap(),
            None
        );
    }
    // It can go on there.
    let (fourth, _) = entry(&state, &user("Ben"));
    to.put(row.id, &[fourth], &[]).await.unwrap();
}
