//! The list of tenants, and the index of issuers.

use attache_core::Command;
use attache_core::id::{IssuerId, Revision};
use attache_log::{
    DirectoryError, DirectoryMark, EntryReader as _, Installation as _, IssuerRow,
    TenantDirectory as _,
};
use uuid::Uuid;

use super::{Database, Put as _, beginning, entry, tenant, trust};

pub(super) async fn a_tenant_is_created_with_its_first_entry_or_not_at_all(
    database: impl Database,
) {
    let log = database.open().await;
    let (one, mut other) = (tenant("one"), tenant("other"));
    let (first, _) = beginning(&one);
    log.create_tenant(one.clone(), first.clone(), None)
        .await
        .unwrap();
    other.slug.clone_from(&one.slug);
    let answer = log
        .create_tenant(other.clone(), beginning(&other).0, None)
        .await;
    assert!(
        matches!(answer, Err(DirectoryError::Taken { field: "slug", .. })),
        "{answer:?}"
    );
    assert_eq!(log.tenants().await.unwrap(), [one]);
    assert_eq!(log.read_after(other.id, Revision(0), 9).await.unwrap(), []);
}

pub(super) async fn a_slug_and_a_domain_are_one_tenants_only(database: impl Database) {
    let log = database.open().await;
    let (one, mut other) = (tenant("one"), tenant("other"));
    for row in [&one, &other] {
        log.create_tenant(row.clone(), beginning(row).0, None)
            .await
            .unwrap();
    }
    let was = other.clone();
    other.domains.push("one.example".to_owned());
    let answer = log.change_tenant(was.clone(), other.clone()).await;
    assert!(
        matches!(
            answer,
            Err(DirectoryError::Taken {
                field: "domain",
                ..
            })
        ),
        "{answer:?}"
    );
    other.domains = vec!["new.example".to_owned()];
    log.change_tenant(was.clone(), other.clone()).await.unwrap();
    // What was read before is not so any more.
    let late = log.change_tenant(was.clone(), was).await;
    assert!(matches!(late, Err(DirectoryError::Changed)), "{late:?}");
    assert_eq!(log.tenants().await.unwrap(), [one, other]);
    let unknown = tenant("unknown");
    let unknown = log.change_tenant(unknown.clone(), unknown).await;
    assert!(
        matches!(unknown, Err(DirectoryError::Unknown)),
        "{unknown:?}"
    );
}

pub(super) async fn an_issuer_is_noted_with_the_entry_that_names_it(database: impl Database) {
    let log = database.open().await;
    let (one, other) = (tenant("one"), tenant("other"));
    let (first, state) = beginning(&one);
    log.create_tenant(one.clone(), first, None).await.unwrap();
    let (begun, _) = beginning(&other);
    log.create_tenant(other.clone(), begun, None).await.unwrap();
    let id = IssuerId(Uuid::now_v7());
    let added = |issuer| Command::AddIssuer {
        id,
        trust: trust(issuer),
    };
    let (second, after) = entry(&state, &added("https://a.example"));
    // What collides notes nothing.
    let (lost, _) = entry(&state, &added("https://lost.example"));
    log.put(one.id, &[second], &[]).await.unwrap();
    assert!(log.put(one.id, &[lost], &[]).await.is_err());
    let (third, after) = entry(
        &after,
        &Command::ChangeIssuer {
            issuer: id,
            trust: trust("https://b.example"),
        },
    );
    let (fourth, after) = entry(&after, &Command::RemoveIssuer { issuer: id });
    let (fifth, _) = entry(&after, &added("https://a.example"));
    log.put(one.id, &[third, fourth, fifth], &[]).await.unwrap();
    let row = |issuer: &str| IssuerRow {
        tenant: one.id,
        issuer: issuer.to_owned(),
    };
    // Once each, and what was removed stays: the state decides.
    let rows = [row("https://a.example"), row("https://b.example")];
    assert_eq!(log.issuers().await.unwrap(), rows);
    // What is noted can be noted again, and what was lost is there then.
    let names = ["https://b.example", "https://c.example"].map(str::to_owned);
    for _ in 0..2 {
        log.note_issuers(one.id, &names).await.unwrap();
    }
    let rows = [&rows[..], &[row("https://c.example")]].concat();
    assert_eq!(log.issuers().await.unwrap(), rows);
    log.close().await;
    assert_eq!(database.open().await.issuers().await.unwrap(), rows);
}

pub(super) async fn two_who_create_the_same_tenant_do_not_both_succeed(database: impl Database) {
    let logs = [database.open().await, database.open().await];
    for round in 0..8 {
        let creating = logs.iter().enumerate().map(|(place, log)| {
            let mut row = tenant(&format!("t{round}-{place}"));
            // The same slug, or the same domain.
            match round % 2 {
                0 => row.slug = format!("t{round}"),
                _ => row.domains = vec![format!("t{round}.example")],
            }
            async move {
                let (first, _) = beginning(&row);
                log.create_tenant(row, first, None).await
            }
        });
        let answers = futures_util::future::join_all(creating).await;
        let created = answers.iter().filter(|answer| answer.is_ok()).count();
        let taken = answers
            .iter()
            .filter(|answer| matches!(answer, Err(DirectoryError::Taken { .. })));
        assert_eq!((created, taken.count()), (1, 1), "{answers:?}");
    }
    assert_eq!(logs[0].tenants().await.unwrap().len(), 8);
}

pub(super) async fn what_is_new_in_the_directory_is_found_without_the_rest(
    database: impl Database,
) {
    let log = database.open().await;
    let rows: Vec<_> = (0..3).map(|at| tenant(&format!("t{at}"))).collect();
    for row in &rows {
        let created = log.create_tenant(row.clone(), beginning(row).0, None);
        created.await.unwrap();
    }
    let all = log.directory_since(DirectoryMark::default()).await.unwrap();
    assert!(all.is_all);
    assert_eq!(all.tenants, rows);
    let none = log.directory_since(all.mark).await.unwrap();
    assert_eq!(
        (none.is_all, none.tenants, none.broken),
        (false, vec![], vec![])
    );
    let mut renamed = rows[0].clone();
    renamed.slug = "t9".to_owned();
    let changed = log.change_tenant(rows[0].clone(), renamed.clone());
    changed.await.unwrap();
    let (_, state) = beginning(&rows[1]);
    let add = Command::AddIssuer {
        id: IssuerId(Uuid::now_v7()),
        trust: trust("https://a.example"),
    };
    log.put(rows[1].id, &[entry(&state, &add).0], &[])
        .await
        .unwrap();
    let new = log.directory_since(none.mark).await.unwrap();
    assert_eq!(new.tenants, [renamed]);
    let issuer = IssuerRow {
        tenant: rows[1].id,
        issuer: "https://a.example".to_owned(),
    };
    assert_eq!(new.issuers, [issuer]);
}
