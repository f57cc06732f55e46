//! The changes of things, found in their histories, are those of the entries.

use std::collections::BTreeMap;

use attache_core::command::{GrantRef, SubjectRef};
use attache_core::focus::{CATALOGUE, DatedChange, dated};
use attache_core::id::{GroupId, ResourceId, Revision, TenantId};
use attache_core::model::{Name, Parameters};
use attache_core::{Command, Entry, Locator, Ref, State};
use attache_log::{EntryReader as _, Histories as _, SegmentSizes, SqlLog, TenantDirectory as _};
use uuid::Uuid;

use super::by_hand::{execute, texts};
use super::{Database, Put as _, beginning, entry, tenant, user};

/// So small that a short log has several, and merges some.
const SIZES: SegmentSizes = SegmentSizes {
    changes: 40,
    merged: 4,
};

/// A tenant's log, which grows.
struct Story {
    tenant: TenantId,
    state: State,
    entries: Vec<Entry>,
    things: Vec<Uuid>,
}

impl Story {
    async fn begin(log: &SqlLog) -> Self {
        let row = tenant("story");
        let (first, state) = beginning(&row);
        log.create_tenant(row.clone(), first.clone(), None)
            .await
            .unwrap();
        let root = state.resource(state.root()).unwrap().id;
        Self {
            tenant: row.id,
            state,
            entries: vec![first],
            things: vec![CATALOGUE, root.0],
        }
    }

    fn run(&mut self, command: &Command) {
        let (next, after) = entry(&self.state, command);
        self.state = after;
        self.entries.push(next);
    }

    /// A customer with users, who come, get roles, are in a group, change and go.
    fn goes_on(&mut self, people: usize) {
        let customer = ResourceId(Uuid::now_v7());
        let group = GroupId(Uuid::now_v7());
        self.things.extend([customer.0, group.0]);
        let on = || Locator::id(customer);
        let root = self.state.resource(self.state.root()).unwrap().id;
        self.run(&Command::AddResource {
            id: customer,
            kind: "customer".into(),
            parent: Locator::id(root),
            number: None,
            key: None,
            name: Name::new("Mill").unwrap(),
        });
        self.run(&Command::AddGroup {
            id: group,
            number: None,
            key: None,
            name: Name::new("Millers").unwrap(),
        });
        for at in 0..people {
            let add = user("Ada");
            let Command::AddUser { id, .. } = &add else {
                panic!()
            };
            let user = Ref::Id(id.0);
            self.things.push(id.0);
            self.run(&add);
            self.run(&Command::AddMember {
                resource: on(),
                user: user.clone(),
                expires_at: None,
            });
            self.run(&Command::Grant {
                grant: GrantRef {
                    resource: on(),
                    subject: SubjectRef::User(user.clone()),
                    role: "owner".into(),
                    parameters: Parameters::none(),
                },
                expires_at: None,
            });
            self.run(&Command::AddGroupUser {
                group: Ref::Id(group.0),
                user: user.clone(),
            });
            if at % 3 == 0 {
                self.run(&Command::RemoveMember {
                    resource: on(),
                    user,
                });
            }
        }
        self.run(&Command::ChangeResource {
            resource: on(),
            name: Some(Name::new("Mill on the river").unwrap()),
            key: None,
        });
    }

    async fn write(&self, log: &SqlLog, from: usize) {
        for part in self.entries[from..].chunks(64) {
            log.put(self.tenant, part, &[]).await.unwrap();
        }
    }

    /// What the entries say of each thing, up to a revision.
    async fn told(&self, log: &SqlLog, up_to: u64) -> BTreeMap<Uuid, Vec<DatedChange>> {
        let (mut told, mut memberships) = (BTreeMap::<_, Vec<_>>::new(), 0);
        let entries = log.read_after(self.tenant, Revision(0), 10_000);
        for entry in entries.await.unwrap() {
            if entry.revision.0 <= up_to {
                for (home, change) in dated(entry, &mut memberships) {
                    told.entry(home).or_default().push(change);
                }
            }
        }
        told
    }

    async fn compare(&self, log: &SqlLog) -> u64 {
        let segments = log.segments(self.tenant).await.unwrap();
        let last = segments.last().0;
        for up_to in [1, 2, last / 3, last / 2, last, last + 7] {
            let told = self.told(log, up_to.min(last)).await;
            let found = log.histories(self.tenant, &self.things, &segments, Revision(up_to));
            for (thing, changes) in found.await.unwrap() {
                let told = told.get(&thing).cloned().unwrap_or_default();
                assert!(changes == told, "{thing} up to {up_to}");
            }
        }
        let (mut all, mut memberships) = (self.entries.clone(), 0);
        all.truncate(usize::try_from(last).unwrap());
        for entry in all {
            dated(entry, &mut memberships);
        }
        assert_eq!(segments.memberships(), memberships);
        last
    }
}

pub(super) async fn histories_say_what_the_entries_say(database: impl Database) {
    let log = database.open().await;
    let mut story = Story::begin(&log).await;
    story.goes_on(60);
    story.write(&log, 1).await;
    assert_eq!(story.compare(&log).await, 0, "nothing is made yet");
    log.make_histories(story.tenant, SIZES).await.unwrap();
    let last = story.compare(&log).await;
    assert!(last > 200, "{last}");
    // Merged, and a few that are too few to be.
    let count = "SELECT CAST(COUNT(*) AS TEXT) FROM history_segment";
    let segments: usize = texts(&database, count).await.concat().parse().unwrap();
    let small = last as usize * 2 / 40;
    assert!(segments < small && segments > 1, "{segments}");
    // It goes on where it was.
    let from = story.entries.len();
    story.goes_on(30);
    story.write(&log, from).await;
    log.make_histories(story.tenant, SIZES).await.unwrap();
    assert!(story.compare(&log).await > last);
    // Deleted in part, it is made anew.
    execute(&database, "DELETE FROM history_segment WHERE first > 1").await;
    story.compare(&log).await;
    log.make_histories(story.tenant, SIZES).await.unwrap();
    assert!(story.compare(&log).await > last);
    execute(&database, "DELETE FROM history_segment").await;
    execute(&database, "DELETE FROM history").await;
    log.make_histories(story.tenant, SIZES).await.unwrap();
    assert!(story.compare(&log).await > last);
}

pub(super) async fn a_merge_that_is_killed_hides_nothing(database: impl Database) {
    let log = database.open().await;
    let mut story = Story::begin(&log).await;
    story.goes_on(20);
    story.write(&log, 1).await;
    // As it is before a merge, and as it is after it.
    let small = SegmentSizes {
        merged: 1_000,
        ..SIZES
    };
    log.make_histories(story.tenant, small).await.unwrap();
    for table in ["history", "history_segment"] {
        let keep = format!("CREATE TABLE before_{table} AS SELECT * FROM {table}");
        execute(&database, Box::leak(keep.into_boxed_str())).await;
    }
    let firsts = "SELECT CAST(first AS TEXT) FROM history_segment ORDER BY first";
    let before = texts(&database, firsts).await;
    assert!((4..8).contains(&before.len()), "one merge: {before:?}");
    log.make_histories(story.tenant, SIZES).await.unwrap();
    let merged = story.compare(&log).await;
    assert_eq!(texts(&database, firsts).await.len(), before.len() - 3);
    let large = "SELECT entry FROM history_segment WHERE first = 1";
    let large = texts(&database, large).await.concat();
    // Killed before the small segments are gone: they stand beside rows of the large one.
    let noted = format!("UPDATE history_segment SET merging = '{large}' WHERE first = 1");
    for step in [
        "DELETE FROM history_segment",
        "INSERT INTO history_segment SELECT * FROM before_history_segment",
        "INSERT INTO history SELECT * FROM before_history WHERE true ON CONFLICT DO NOTHING",
        Box::leak(noted.into_boxed_str()),
    ] {
        execute(&database, step).await;
    }
    assert_eq!(story.compare(&log).await, merged);
    log.make_histories(story.tenant, SIZES).await.unwrap();
    assert_eq!(story.compare(&log).await, merged);
    assert_eq!(texts(&database, firsts).await.len(), before.len() - 3);
    // Rows of a segment that nobody notes are of entries that the database lost.
    let lost = "UPDATE history_segment SET entry = (SELECT id FROM entry WHERE revision = 2)";
    execute(&database, lost).await;
    let segments = log.segments(story.tenant).await.unwrap();
    let found = log.histories(story.tenant, &story.things, &segments, Revision(9));
    assert!(
        found
            .await
            .unwrap()
            .iter()
            .all(|(_, changes)| changes.is_empty())
    );
}

pub(super) async fn what_is_erased_is_named_in_no_history(database: impl Database) {
    let log = database.open().await;
    let mut story = Story::begin(&log).await;
    story.goes_on(60);
    story.write(&log, 1).await;
    log.make_histories(story.tenant, SIZES).await.unwrap();
    story.compare(&log).await;
    execute(&database, "DELETE FROM private").await;
    // The entries name nobody, and neither do the histories.
    story.compare(&log).await;
}
