//! Saves snapshots, and decides which ones stay: the newest of a tenant and the one before it.
//! The one before it is used where the newest is damaged, or where the database lost the
//! entries that led to the newest.

use attache_core::id::EntryId;

use super::snapshot::FORMAT;

/// How many usable snapshots of a tenant stay.
const KEPT: usize = 2;

/// A snapshot in the database or beside it, without its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    /// The revision by which it is found.
    pub(super) revision: i64,
    /// The number of the form by which it is found.
    pub(super) format: i64,
    /// Whether it can be used.
    pub(super) condition: Condition,
}

/// Whether a stored snapshot can be used, as far as its head tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// In this version's form. The state's last entry is named.
    Own(EntryId),
    /// In this version's form, but the entries do not lead to it.
    Lost,
    /// In the form of an older or newer version.
    OtherForm,
    /// Not as it was written.
    Damaged,
}

impl Stored {
    fn is_usable(&self) -> bool {
        matches!(self.condition, Condition::Own(_))
    }

    /// Another server wrote it, which can use it.
    fn is_of_a_newer_version(&self) -> bool {
        self.condition == Condition::OtherForm && self.format > FORMAT.into()
    }
}

/// Whether a snapshot at a revision is to be saved: it would stay, and takes the place of none
/// that can be used.
pub(super) fn is_wanted(stored: &[Stored], revision: i64) -> bool {
    let usable = |it: &&Stored| it.is_usable();
    let newer = stored.iter().filter(|it| it.revision > revision);
    let mut there = stored.iter().filter(|it| it.revision == revision);
    newer.filter(usable).count() < KEPT
        && !there.any(|it| it.is_usable() || it.is_of_a_newer_version())
}

/// Of snapshots, the newest first, those that can be deleted: the usable ones but the two
/// newest, those of older versions behind these, and all that nobody can use. A snapshot of a
/// newer version always stays: another server, which knows better, wrote it.
pub(super) fn superfluous(stored: &[Stored]) -> Vec<Stored> {
    let mut usable = 0;
    let is_superfluous = |it: &&Stored| match it.condition {
        Condition::Own(_) => {
            usable += 1;
            usable > KEPT
        }
        Condition::OtherForm => !it.is_of_a_newer_version() && usable >= KEPT,
        Condition::Lost | Condition::Damaged => true,
    };
    stored.iter().filter(is_superfluous).copied().collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn own(revision: i64) -> Stored {
        Stored {
            revision,
            format: FORMAT.into(),
            condition: Condition::Own(EntryId(Uuid::nil())),
        }
    }

    fn is(condition: Condition, revision: i64) -> Stored {
        Stored {
            condition,
            ..own(revision)
        }
    }

    fn in_form(format: i64, revision: i64) -> Stored {
        Stored {
            format,
            ..is(Condition::OtherForm, revision)
        }
    }

    #[test]
    fn the_newest_and_the_one_before_it_stay() {
        assert_eq!(superfluous(&[]), []);
        assert_eq!(superfluous(&[own(9), own(7)]), []);
        let all = [own(9), own(7), own(5), own(1)];
        assert_eq!(superfluous(&all), [own(5), own(1)]);
    }

    #[test]
    fn what_nobody_can_use_goes_and_does_not_count() {
        let (lost, damaged) = (is(Condition::Lost, 9), is(Condition::Damaged, 8));
        let all = [lost, damaged, own(5), own(4), own(3)];
        assert_eq!(superfluous(&all), [lost, damaged, own(3)]);
    }

    #[test]
    fn snapshots_of_a_newer_version_stay_and_of_an_older_one_until_there_are_two_of_this() {
        let (newer, older) = (i64::from(FORMAT) + 1, i64::from(FORMAT) - 1);
        let all = [
            in_form(older, 9),
            own(8),
            in_form(older, 7),
            in_form(newer, 1),
        ];
        assert_eq!(superfluous(&all), []);
        let all = [
            in_form(older, 9),
            own(8),
            own(7),
            in_form(older, 6),
            in_form(newer, 1),
        ];
        assert_eq!(superfluous(&all), [in_form(older, 6)]);
    }

    #[test]
    fn a_snapshot_is_saved_where_it_would_stay() {
        assert!(is_wanted(&[], 5));
        assert!(is_wanted(&[own(9), own(4)], 5));
        assert!(!is_wanted(&[own(9), own(7)], 5));
        assert!(is_wanted(&[is(Condition::Lost, 9), own(7)], 5));
        // Nothing takes the place of what can be used.
        assert!(!is_wanted(&[own(5)], 5));
        assert!(is_wanted(&[is(Condition::Damaged, 5)], 5));
        assert!(is_wanted(&[in_form(i64::from(FORMAT) - 1, 5)], 5));
        assert!(!is_wanted(&[in_form(i64::from(FORMAT) + 1, 5)], 5));
    }
}
