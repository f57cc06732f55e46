//! The plan of an import, over all its files.

use std::collections::{BTreeSet, HashMap, HashSet};

use attache_core::model::SubjectId;
use attache_core::{Actor, Changes, Draft, State};

use super::comebacks::Comebacks;
use super::fault::Fault;
use super::faulty::{self, Faulty};
use super::following::Following;
use super::imported::Imported;
use super::passed::Passed;
use super::progress::{Phase, Progress};
use super::report::Report;
use super::sheet::{Found, Sheet};
use super::strangers::Strangers;
use super::work::{FromRow, Work};
use super::{
    Options, Source, addresses, catalogue, grants, groups, membership_row, memberships, named,
    resources, services, tally, users,
};
use attache_ambient::Ambient;
use attache_tenants::{Pace, Plan};

/// The parsed rows of all files.
pub(super) struct Sheets<'a> {
    catalogue: Option<catalogue::Text>,
    pub(super) resources: Vec<resources::ResourceRow>,
    pub(super) users: Vec<users::UserRow>,
    pub(super) groups: Vec<groups::GroupRow>,
    pub(super) services: Vec<services::ServiceRow>,
    pub(super) group_users: Vec<groups::GroupUserRow>,
    pub(super) memberships: Vec<membership_row::MembershipRow>,
    pub(super) grants: Vec<grants::GrantRow>,
    /// The faults found while the files were read.
    unreadable: Vec<Fault>,
    /// The names of things whose own rows are faulty. Rows that refer to them are not
    /// faulty for that.
    broken: HashSet<String>,
    /// The rows with faults of their own.
    faulty: FaultyRows,
    /// The consequential faults.
    following: Following,
    options: Options,
    ambient: Ambient,
    progress: &'a dyn Progress,
    /// The importing user or service, if it is one.
    caller: Option<SubjectId>,
    /// The state before the rows.
    before: Option<State>,
    /// The state after the rows, if each change is shown.
    after: Option<State>,
    imported: Imported,
    /// The rows that may give again what somebody removed.
    comebacks: Comebacks,
}

/// The rows with faulty cells, as far as they could be read.
#[derive(Default)]
struct FaultyRows {
    resources: Vec<Faulty<resources::ResourceRow>>,
    users: Vec<Faulty<users::UserRow>>,
    groups: Vec<Faulty<groups::GroupRow>>,
    services: Vec<Faulty<services::ServiceRow>>,
    group_users: Vec<Faulty<groups::GroupUserRow>>,
    memberships: Vec<Faulty<membership_row::MembershipRow>>,
    grants: Vec<Faulty<grants::GrantRow>>,
}

impl FaultyRows {
    /// Reports the other faults of these rows, after all other rows are planned.
    fn check(&self, work: &mut Work<'_>) {
        Faulty::check(&self.resources, work);
        Faulty::check(&self.users, work);
        Faulty::check(&self.groups, work);
        Faulty::check(&self.services, work);
        Faulty::check(&self.group_users, work);
        Faulty::check(&self.memberships, work);
        Faulty::check(&self.grants, work);
    }
}

/// Reads the rows of one file.
struct Reading<'a, 'p> {
    source: &'a Source,
    pace: &'a mut Pace<'p>,
    faults: Vec<Fault>,
    broken: HashSet<String>,
    /// The known files that other files in the folder are meant as.
    meant: Vec<&'static str>,
    /// The files that could not be read completely.
    unread: BTreeSet<&'static str>,
}

impl Reading<'_, '_> {
    fn rows<R: FromRow>(&mut self, faulty: &mut Vec<Faulty<R>>) -> Vec<R> {
        let text = match self.source.read(R::FILE) {
            Ok(Some(text)) => text,
            Ok(None) => {
                if self.meant.contains(&R::FILE) {
                    self.unread.insert(R::FILE);
                }
                return Vec::new();
            }
            Err(fault) => {
                self.faults.push(fault);
                self.unread.insert(R::FILE);
                return Vec::new();
            }
        };
        let (faults, pace) = (&mut self.faults, &mut *self.pace);
        let Some(sheet) = Sheet::open(R::FILE, &text, R::REQUIRED, R::OPTIONAL, faults) else {
            self.unread.insert(R::FILE);
            return Vec::new();
        };
        let mut rows = Vec::new();
        // Reserves room for all rows, since growing copies the rows. If that much memory
        // is not available, the vector grows.
        let _ = rows.try_reserve_exact(text.bytes().filter(|byte| *byte == b'\n').count());
        sheet.each(faults, |found, faults| {
            match found {
                Found::Row(row) => match R::read(&row) {
                    Ok(read) => rows.push(read),
                    Err(fault) => {
                        let (all, read) = faulty::read(&row, fault);
                        faults.extend(all);
                        faulty.extend(read);
                        self.broken.extend(R::names(&row));
                    }
                },
                Found::Faulty(row) => self.broken.extend(R::names(&row)),
                Found::Unreadable => {
                    self.unread.insert(R::FILE);
                }
            }
            pace.rest();
        });
        rows
    }
}

impl<'a> Sheets<'a> {
    pub(super) fn read(
        source: &Source,
        strangers: &Strangers,
        options: Options,
        ambient: Ambient,
        caller: Actor,
        progress: &'a dyn Progress,
        pace: &mut Pace<'_>,
    ) -> Self {
        let mut reading = Reading {
            source,
            pace,
            faults: strangers.faults.clone(),
            broken: HashSet::new(),
            meant: strangers.meant.clone(),
            unread: BTreeSet::new(),
        };
        let mut faulty = FaultyRows::default();
        let before = reading.faults.len();
        let catalogue = catalogue::read(source, &mut reading.faults);
        let is_meant = catalogue.is_none() && reading.meant.contains(&catalogue::FILE);
        if reading.faults.len() > before || is_meant {
            reading.unread.insert(catalogue::FILE);
        }
        Self {
            catalogue,
            resources: reading.rows(&mut faulty.resources),
            users: reading.rows(&mut faulty.users),
            groups: reading.rows(&mut faulty.groups),
            services: reading.rows(&mut faulty.services),
            group_users: reading.rows(&mut faulty.group_users),
            memberships: reading.rows(&mut faulty.memberships),
            grants: reading.rows(&mut faulty.grants),
            faulty,
            unreadable: reading.faults,
            broken: reading.broken,
            following: Following::of(reading.unread),
            options,
            ambient,
            progress,
            caller: match caller {
                Actor::User(id) => Some(SubjectId::User(id)),
                Actor::Service(id) => Some(SubjectId::Service(id)),
                Actor::Operator | Actor::Attache => None,
            },
            before: None,
            after: None,
            imported: Imported::default(),
            comebacks: Comebacks::default(),
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.resources.len()
            + self.users.len()
            + self.groups.len()
            + self.services.len()
            + self.group_users.len()
            + self.memberships.len()
            + self.grants.len()
    }

    /// Returns the outcome, and the rows that may give again what somebody removed, with
    /// the state before the rows.
    pub(super) fn imported(self) -> (Imported, Option<(State, Comebacks)>) {
        let comebacks = (!self.comebacks.is_empty()).then_some(self.comebacks);
        (self.imported, self.before.zip(comebacks))
    }
}

impl Plan for Sheets<'_> {
    type Error = Vec<Fault>;

    fn plan(
        &mut self,
        draft: &mut Draft,
        room: &mut dyn FnMut(&mut Draft),
    ) -> Result<(), Vec<Fault>> {
        let before = draft.state().clone();
        let mut work = Work {
            draft,
            ambient: &self.ambient,
            make_room: room,
            options: self.options,
            following: self.following.clone(),
            broken: &self.broken,
            failed: HashSet::new(),
            progress: self.progress,
            before: &before,
            caller: self.caller,
            done: 0,
            taken: 0,
            seen: (0, self.unreadable.len()),
            is_expired: false,
            is_nobody: false,
            faults: self.unreadable.clone(),
            warnings: Vec::new(),
            notes: Vec::new(),
            passed: Passed::default(),
            comebacks: Comebacks::default(),
            lines: HashMap::new(),
            numbers: HashMap::new(),
            next: HashMap::new(),
        };
        catalogue::plan(self.catalogue.as_ref(), &mut work);
        resources::plan(&self.resources, &mut work);
        users::plan(&self.users, &mut work);
        named::plan(&self.groups, &mut work);
        named::plan(&self.services, &mut work);
        groups::plan_users(&self.group_users, &mut work);
        memberships::plan(&self.memberships, &mut work);
        grants::plan(&self.grants, &mut work);
        self.faulty.check(&mut work);
        let mut faults = std::mem::take(&mut work.faults);
        faults.extend(work.following.summed_up());
        faults.sort_by_key(Fault::place);
        if !faults.is_empty() {
            return Err(faults);
        }
        let (mut warnings, lines, notes) = (work.warnings, work.lines, work.notes);
        let (passed, comebacks) = (work.passed, work.comebacks);
        let after = draft.state();
        warnings.extend(addresses::shared(
            users::UserRow::FILE,
            &lines,
            &before,
            after,
        ));
        warnings.sort_by_key(Fault::place);
        self.comebacks = comebacks;
        self.imported = Imported {
            dry_run: self.options.dry_run,
            warnings,
            notes,
            passed_over: passed.told(),
            ..Imported::default()
        };
        self.after = self.options.shows_changes().then(|| after.clone());
        self.before = Some(before);
        Ok(())
    }

    fn planned(&mut self, parts: &[Changes], _dry: bool) {
        self.imported.counts = tally::of(self.before.as_ref(), parts);
        if let (Some(before), Some(after)) = (&self.before, &self.after) {
            let mut changes = Report::new(before, after).changes(parts);
            let most = self.options.most_changes.unwrap_or(usize::MAX);
            self.imported.changes_left_out = changes.len().saturating_sub(most);
            changes.truncate(most);
            self.imported.changes = changes;
        }
        self.progress.phase(Phase::Writing, 0);
    }
}
