//! What the rows of all files are planned with.

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

/// How often the progress is shown: after so many rows.
const SHOW_EVERY: usize = 500;

/// A kind of row.
pub(super) trait FromRow: Sized {
    const FILE: &'static str;
    const REQUIRED: &'static [&'static str];
    const OPTIONAL: &'static [&'static str];

    fn read(row: &Row<'_>) -> Result<Self, Fault>;

    /// Notes what else is wrong with a row of which some cells could not be read. `is_read`
    /// tells of a column whether its cell could.
    fn check(&self, is_read: &dyn Fn(&str) -> bool, work: &mut Work<'_>);

    /// How other rows name what this one describes.
    fn names(_row: &Row<'_>) -> Vec<String> {
        Vec::new()
    }
}

/// An import on its way: the draft, and what was found wrong so far.
pub(super) struct Work<'a> {
    pub(super) draft: &'a mut Draft,
    pub(super) ambient: &'a Ambient,
    pub(super) make_room: &'a mut dyn FnMut(&mut Draft),
    pub(super) options: Options,
    /// Faults that only follow from others.
    pub(super) following: Following,
    /// The names of things whose own rows are faulty.
    pub(super) broken: &'a HashSet<String>,
    /// The same, of rows that could be read and not be planned.
    pub(super) failed: HashSet<String>,
    pub(super) progress: &'a dyn Progress,
    /// The tenant before the first row.
    pub(super) before: &'a State,
    /// Who imports, if that is a user or a service.
    pub(super) caller: Option<SubjectId>,
    pub(super) done: usize,
    /// How many changes were cut into entries so far.
    pub(super) taken: usize,
    /// How many changes and faults there were after the row before.
    pub(super) seen: (usize, usize),
    /// Whether the row has expired.
    pub(super) is_expired: bool,
    /// Whether the row says that there is nobody.
    pub(super) is_nobody: bool,
    pub(super) faults: Vec<Fault>,
    /// What is taken all the same.
    pub(super) warnings: Vec<Fault>,
    /// What else is to be known.
    pub(super) notes: Vec<String>,
    pub(super) passed: Passed,
    pub(super) comebacks: Comebacks,
    /// The lines of the things that were described so far, by their ids.
    pub(super) lines: HashMap<Uuid, u64>,
    /// The things that have a number in the files, by type and that number.
    pub(super) numbers: HashMap<String, HashMap<u32, Uuid>>,
    /// The next number of each type that no file gives to another thing.
    pub(super) next: HashMap<String, u32>,
}

impl Work<'_> {
    /// Runs a command for a row. `column` says which column a refusal is about.
    pub(super) fn run(
        &mut self,
        spot: Spot,
        command: &Command,
        column: impl Fn(&Refusal) -> &'static str,
    ) {
        self.run_by(Draft::run, spot, command, column);
    }

    /// Runs a command for a row as the draft does it: [`Draft::run`] or [`Draft::run_as_is`].
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

    /// Makes room for more changes.
    pub(super) fn room(&mut self) {
        let before = self.draft.len();
        (self.make_room)(self.draft);
        self.taken += before.saturating_sub(self.draft.len());
    }

    /// The id of a new thing to which a row gives none.
    pub(super) fn new_id(&self, row: &impl Describes, number: Option<u32>) -> Uuid {
        match number {
            // Where files are numbered anew, their numbers say nothing.
            Some(number) if row.number() == Some(number) && !self.options.renumber => {
                id_of_number(self.draft.state().tenant(), row.what(), number)
            }
            _ => self.ambient.id(),
        }
    }

    /// How many changes the rows so far make.
    pub(super) fn changes(&self) -> usize {
        self.taken + self.draft.len()
    }

    /// Counts a row that was planned, and notes whether it was passed over.
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

    /// Forgets the faults since the last row: they are found again.
    pub(super) fn forget_faults(&mut self) {
        self.faults.truncate(self.seen.1);
    }

    /// Counts changes and faults that are no row's.
    pub(super) fn step_over(&mut self) {
        self.seen = (self.changes(), self.faults.len());
    }

    pub(super) fn wrong(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// Notes which thing a row describes.
    pub(super) fn describes(&mut self, row: &impl Describes, id: Uuid) {
        self.lines.insert(id, row.spot().line);
        if let Some(number) = row.number() {
            let space = row.what().space().into_owned();
            self.numbers.entry(space).or_default().insert(number, id);
        }
    }

    /// Notes that the thing that a row describes will be missing.
    pub(super) fn fails(&mut self, row: &impl Describes, fault: Fault) {
        self.wrong(fault);
        self.will_lack(row);
    }

    /// The same, where the fault that it is missing for is told already.
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

    /// The line that describes a thing.
    pub(super) fn line_of(&self, id: Uuid) -> Option<u64> {
        self.lines.get(&id).copied()
    }

    /// Keeps the numbers that rows give from being given to others before.
    pub(super) fn reserve(&mut self, rows: &[impl Describes]) {
        for row in rows {
            if let Some(after) = row.number().and_then(|number| number.checked_add(1)) {
                let space = row.what().space().into_owned();
                let next = self.next.entry(space).or_insert(after);
                *next = after.max(*next);
            }
        }
    }

    /// A number for a thing whose row has none, or none that it can keep.
    /// `None`: whichever comes next.
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

    /// A resource's name with the number that it has in the files replaced by its
    /// id, and whether the name is certain to mean what it finds.
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

    /// What a name means. A number names what has it in the files, or what has it
    /// and an import made.
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

    /// Whether a name is that of something whose own row is wrong.
    pub(super) fn is_lost(&mut self, name: &str) -> bool {
        let is_lost = self.broken.contains(name) || self.failed.contains(name);
        if is_lost {
            self.following.note();
        }
        is_lost
    }

    /// A row that names something that is not there. `of`: the file that would say of it.
    fn unknown(&mut self, spot: Spot, column: &str, name: &str, of: &'static str) {
        if !self.is_lost(name) && !self.following.takes(spot.file, of) {
            self.wrong(spot.fault(column, format!("there is no {}", shown(name))));
        }
    }

    /// A row that says that there is nobody: only where its file is the truth.
    pub(super) fn nobody(&mut self, spot: Spot, column: &str, is_the_truth: bool) {
        self.is_nobody = is_the_truth;
        if !is_the_truth {
            let cause = "must not be empty; only where --replace makes this file the truth, an \
                         empty cell says that there is nobody";
            self.wrong(spot.fault(column, cause));
        }
    }

    /// Notes what a row has just given, in case that somebody took it away before.
    /// `since` tells of the tenant before the rows since when that can have been there;
    /// `None` if it cannot.
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

    /// Whether a row has expired; then it is passed over.
    pub(super) fn is_over(&mut self, expires_at: Option<Timestamp>) -> bool {
        let over = expires_at.is_some_and(|end| end <= self.ambient.now());
        self.is_expired |= over;
        over
    }
}
