//! The shared state of planning all rows.

use std::collections::{HashMap, HashSet};

use attache_core::id::{GroupNumber, Node, ServiceNumber, UserNumber};
use attache_core::model::SubjectId;
use attache_core::{Command, Draft, Locator, Ref, Refusal, State, Timestamp};
use uuid::Uuid;

use super::Options;
use super::comebacks::{Comebacks, Fact};
use super::describes::{Describes, cause};
use super::fault::{Fault, Spot, shown};
use super::following::Following;
use super::passed::{Passed, Reason};
use super::progress::Progress;
use super::provenance::{id_of_number, was_given};
use super::row::Row;
use super::thing::{What, number_of};
use attache_ambient::Ambient;
use attache_http::naming::{locator, reference};

/// The number of rows between two reports of progress.
const SHOW_EVERY: usize = 500;

/// A kind of row.
pub(super) trait FromRow: Sized {
    const FILE: &'static str;
    const REQUIRED: &'static [&'static str];
    const OPTIONAL: &'static [&'static str];

    fn read(row: &Row<'_>) -> Result<Self, Fault>;

    /// Reports the other faults of a row some of whose cells could not be read. `is_read`
    /// tells whether a column's cell could.
    fn check(&self, is_read: &dyn Fn(&str) -> bool, work: &mut Work<'_>);

    /// Returns the names by which other rows refer to the thing of this row.
    fn names(_row: &Row<'_>) -> Vec<String> {
        Vec::new()
    }
}

/// An import under way: the draft, and the faults so far.
pub(super) struct Work<'a> {
    pub(super) draft: &'a mut Draft,
    pub(super) ambient: &'a Ambient,
    pub(super) make_room: &'a mut dyn FnMut(&mut Draft),
    pub(super) options: Options,
    /// The consequential faults.
    pub(super) following: Following,
    /// The names of things whose own rows are faulty.
    pub(super) broken: &'a HashSet<String>,
    /// The names of things whose rows could be read and not be planned.
    pub(super) failed: HashSet<String>,
    pub(super) progress: &'a dyn Progress,
    /// The tenant before the first row.
    pub(super) before: &'a State,
    /// The importing user or service, if it is one.
    pub(super) caller: Option<SubjectId>,
    pub(super) done: usize,
    /// The number of changes cut into entries so far.
    pub(super) taken: usize,
    /// The numbers of changes and faults after the previous row.
    pub(super) seen: (usize, usize),
    /// Whether the row has expired.
    pub(super) is_expired: bool,
    /// Whether the row gives an empty list.
    pub(super) is_nobody: bool,
    pub(super) faults: Vec<Fault>,
    /// The faults of what is imported nevertheless.
    pub(super) warnings: Vec<Fault>,
    /// Remarks for people.
    pub(super) notes: Vec<String>,
    pub(super) passed: Passed,
    pub(super) comebacks: Comebacks,
    /// The lines of the things described so far, by their ids.
    pub(super) lines: HashMap<Uuid, u64>,
    /// The things with a number in the files, by type and number.
    pub(super) numbers: HashMap<String, HashMap<u32, Uuid>>,
    /// The next number of each type that no file gives to another thing.
    pub(super) next: HashMap<String, u32>,
}

impl Work<'_> {
    /// Runs a command for a row. `column` returns the column that a refusal is about.
    pub(super) fn run(
        &mut self,
        spot: Spot,
        command: &Command,
        column: impl Fn(&Refusal) -> &'static str,
    ) {
        self.run_by(Draft::run, spot, command, column);
    }

    /// Runs a command for a row by [`Draft::run`] or [`Draft::run_as_is`].
    pub(super) fn run_by(
        &mut self,
        run: impl Fn(&mut Draft, &Command) -> Result<(), Refusal>,
        spot: Spot,
        command: &Command,
        column: impl Fn(&Refusal) -> &'static str,
    ) {
        if let Err(refusal) = run(self.draft, command) {
            self.wrong(spot.fault(column(&refusal), cause(&refusal)));
        }
        self.room();
    }

    /// Runs a command for a row that describes a thing.
    pub(super) fn change(
        &mut self,
        row: &impl Describes,
        command: &Command,
        column: impl Fn(&Refusal) -> &'static str,
    ) {
        if let Err(refusal) = self.decide(row, command) {
            let fault = row.spot().fault(column(&refusal), cause(&refusal));
            self.wrong(fault);
        }
        self.room();
    }

    /// Decides a command for a row that describes a thing.
    pub(super) fn decide(
        &mut self,
        row: &impl Describes,
        command: &Command,
    ) -> Result<(), Refusal> {
        match row.is_as_is() {
            true => self.draft.run_as_is(command),
            false => self.draft.run(command),
        }
    }

    /// Cuts changes into entries to make room for more.
    pub(super) fn room(&mut self) {
        let before = self.draft.len();
        (self.make_room)(self.draft);
        self.taken += before.saturating_sub(self.draft.len());
    }

    /// Returns the id of a new thing whose row has none.
    pub(super) fn new_id(&self, row: &impl Describes, number: Option<u32>) -> Uuid {
        match number {
            // If the import renumbers, numbers in files identify nothing.
            Some(number) if row.number() == Some(number) && !self.options.renumber => {
                id_of_number(self.draft.state().tenant(), row.what(), number)
            }
            _ => self.ambient.id(),
        }
    }

    /// Returns the number of changes by the rows so far.
    pub(super) fn changes(&self) -> usize {
        self.taken + self.draft.len()
    }

    /// Counts a planned row, and records whether it was passed over.
    pub(super) fn step(&mut self, spot: Spot) {
        self.done += 1;
        if self.done.is_multiple_of(SHOW_EVERY) {
            self.progress.at(self.done);
        }
        let now = (self.changes(), self.faults.len());
        let is_expired = std::mem::take(&mut self.is_expired);
        let is_nobody = std::mem::take(&mut self.is_nobody);
        if now == self.seen && !is_nobody {
            let reason = match is_expired {
                true => Reason::Expired,
                false => Reason::Unchanged,
            };
            self.passed.note(spot, reason);
        }
        self.seen = now;
    }

    /// Drops the faults since the last row, since they will be found again.
    pub(super) fn forget_faults(&mut self) {
        self.faults.truncate(self.seen.1);
    }

    /// Counts changes and faults that belong to no row.
    pub(super) fn step_over(&mut self) {
        self.seen = (self.changes(), self.faults.len());
    }

    pub(super) fn wrong(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// Records the thing that a row describes.
    pub(super) fn describes(&mut self, row: &impl Describes, id: Uuid) {
        self.lines.insert(id, row.spot().line);
        if let Some(number) = row.number() {
            let space = row.what().space().into_owned();
            self.numbers.entry(space).or_default().insert(number, id);
        }
    }

    /// Reports a fault, and records that the thing of the row will be missing.
    pub(super) fn fails(&mut self, row: &impl Describes, fault: Fault) {
        self.wrong(fault);
        self.will_lack(row);
    }

    /// Records that the thing of a row will be missing, for a fault that is reported
    /// already.
    pub(super) fn will_lack(&mut self, row: &impl Describes) {
        let kind = match row.what() {
            What::Resource(kind) => format!("{kind}:"),
            What::User | What::Group | What::Service => String::new(),
        };
        let key = row.key().map(|key| format!("{kind}{key}"));
        let number = row.number().map(|number| format!("{kind}#{number}"));
        let id = row.id().map(|id| format!("{kind}{id}"));
        self.failed.extend(key.into_iter().chain(number).chain(id));
    }

    /// Returns the line that describes a thing.
    pub(super) fn line_of(&self, id: Uuid) -> Option<u64> {
        self.lines.get(&id).copied()
    }

    /// Reserves the numbers in rows, so that no earlier thing gets them.
    pub(super) fn reserve(&mut self, rows: &[impl Describes]) {
        for row in rows {
            if let Some(after) = row.number().and_then(|number| number.checked_add(1)) {
                let space = row.what().space().into_owned();
                let next = self.next.entry(space).or_insert(after);
                *next = after.max(*next);
            }
        }
    }

    /// Returns a number for a thing whose row has none, or none that it can have. `None`:
    /// the next number.
    pub(super) fn free_number(&mut self, what: What<'_>) -> Option<u32> {
        let next = self.next.get_mut(&*what.space())?;
        let number = *next;
        *next = number.checked_add(1)?;
        Some(number)
    }

    pub(super) fn user(&mut self, spot: Spot, column: &str, name: &str) -> Option<UserNumber> {
        let found = self.named(spot, column, What::User, reference(name))?;
        let found = self.draft.state().find_user(&found);
        self.or_unknown(spot, column, name, "users.csv", found)
    }

    pub(super) fn group(&mut self, spot: Spot, column: &str, name: &str) -> Option<GroupNumber> {
        let found = self.named(spot, column, What::Group, reference(name))?;
        let found = self.draft.state().find_group(&found);
        self.or_unknown(spot, column, name, "groups.csv", found)
    }

    pub(super) fn service(
        &mut self,
        spot: Spot,
        column: &str,
        name: &str,
    ) -> Option<ServiceNumber> {
        let found = self.named(spot, column, What::Service, reference(name))?;
        let found = self.draft.state().find_service(&found);
        self.or_unknown(spot, column, name, "services.csv", found)
    }

    pub(super) fn resource(&mut self, spot: Spot, column: &str, name: &str) -> Option<Node> {
        let mut locator = locator(name);
        if let Some(kind) = locator.kind.clone().filter(|_| locator != Locator::root()) {
            let what = What::Resource(kind.as_str());
            locator.reference = self.named(spot, column, what, locator.reference)?;
        }
        let found = self.draft.state().find(&locator);
        self.or_unknown(spot, column, name, "resources.csv", found)
    }

    /// Replaces a number in a resource's name by the id of the thing with that number in
    /// the files. Also returns whether the name is certain.
    pub(super) fn in_files(&self, mut locator: Locator) -> (Locator, bool) {
        let Some(number) = number_of(&locator.reference) else {
            return (locator, true);
        };
        let what = What::Resource(locator.kind.as_ref().map_or("", |kind| kind.as_str()));
        let in_files = self.numbers.get(&*what.space());
        match in_files.and_then(|numbers| numbers.get(&number)) {
            Some(id) => {
                locator.reference = Ref::Id(*id);
                (locator, true)
            }
            None => {
                let is_root = locator == Locator::root();
                (locator, is_root)
            }
        }
    }

    /// Returns the thing that a name means. A number means the thing with that number in
    /// the files, or an existing thing whose number an import gave.
    fn named(&mut self, spot: Spot, column: &str, what: What<'_>, name: Ref) -> Option<Ref> {
        let Some(number) = number_of(&name) else {
            return Some(name);
        };
        let in_files = self.numbers.get(&*what.space());
        if let Some(id) = in_files.and_then(|numbers| numbers.get(&number)) {
            return Some(Ref::Id(*id));
        }
        let Some(thing) = what.find(self.draft.state(), &Ref::Number(number)) else {
            return Some(name);
        };
        if was_given(self.draft.state().tenant(), what, &thing) {
            return Some(Ref::Id(thing.id));
        }
        let cause = format!(
            "#{number} is {}, and neither these files nor an earlier import gave it that number; \
             name it by its {} if it is meant",
            thing.described(what),
            match thing.key {
                Some(_) => "key".to_owned(),
                None => format!("id {}", thing.id),
            },
        );
        self.wrong(spot.fault(column, cause));
        None
    }

    fn or_unknown<T>(
        &mut self,
        spot: Spot,
        column: &str,
        name: &str,
        of: &'static str,
        found: Option<T>,
    ) -> Option<T> {
        if found.is_none() {
            self.unknown(spot, column, name, of);
        }
        found
    }

    /// Returns whether a name belongs to a thing whose own row is faulty.
    pub(super) fn is_lost(&mut self, name: &str) -> bool {
        let is_lost = self.broken.contains(name) || self.failed.contains(name);
        if is_lost {
            self.following.note();
        }
        is_lost
    }

    /// Reports a row that names an unknown thing. `of`: the file that would describe it.
    fn unknown(&mut self, spot: Spot, column: &str, name: &str, of: &'static str) {
        if !self.is_lost(name) && !self.following.takes(spot.file, of) {
            self.wrong(spot.fault(column, format!("there is no {}", shown(name))));
        }
    }

    /// Handles a row with an empty list, which is allowed only if its file replaces.
    pub(super) fn nobody(&mut self, spot: Spot, column: &str, is_the_truth: bool) {
        self.is_nobody = is_the_truth;
        if !is_the_truth {
            let cause = "must not be empty; only where --replace makes this file the truth, an \
                         empty cell says that there is nobody";
            self.wrong(spot.fault(column, cause));
        }
    }

    /// Records what a row gives, in case somebody has removed it before. `since` returns
    /// the earliest instant, in the tenant before the rows, at which it can have existed;
    /// `None` if it cannot have.
    pub(super) fn may_come_back(
        &mut self,
        spot: Spot,
        column: &'static str,
        since: impl FnOnce(&State) -> Option<Timestamp>,
        fact: impl FnOnce(&State) -> Option<Fact>,
    ) {
        if self.changes() > self.seen.0
            && let Some(since) = since(self.before)
            && let Some(fact) = fact(self.draft.state())
        {
            self.comebacks.note(spot, column, fact, Some(since));
        }
    }

    /// Returns whether a row has expired, so that it is passed over.
    pub(super) fn is_over(&mut self, expires_at: Option<Timestamp>) -> bool {
        let over = expires_at.is_some_and(|end| end <= self.ambient.now());
        self.is_expired |= over;
        over
    }
}
