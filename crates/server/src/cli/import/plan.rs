//! All files of an import, as one plan.

use std::collections::{HashMap, HashSet};

use attache_core::{Changes, Draft, State};
use indicatif::ProgressBar;
use uuid::Uuid;

use super::fault::Fault;
use super::report::Report;
use super::sheet::Sheet;
use super::tally::Tally;
use super::work::{FromRow, Work};
use super::{
    Options, Source, addresses, catalogue, grants, groups, memberships, resources, services, users,
};
use attache_ambient::Ambient;
use attache_tenants::Plan;

/// What was imported.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct Imported {
    tally: Tally,
    passed_over: usize,
    /// What was taken all the same.
    pub(super) warnings: Vec<Fault>,
    /// Each change, in a dry run.
    changes: Vec<String>,
}

impl Imported {
    #[cfg(test)]
    pub(in crate::cli) fn changes_nothing(&self) -> bool {
        self.tally == Tally::default()
    }

    pub(super) fn lines(&self, dry: bool) -> Vec<String> {
        let mut lines = self.changes.clone();
        lines.push(self.tally.line(dry));
        if self.passed_over > 0 {
            lines.push(format!(
                "Passed over, since they have expired: {} rows",
                self.passed_over
            ));
        }
        lines
    }
}

/// All rows of all files, understood.
pub(super) struct Sheets {
    catalogue: Option<catalogue::Text>,
    pub(super) resources: Vec<resources::ResourceRow>,
    pub(super) users: Vec<users::UserRow>,
    pub(super) groups: Vec<groups::GroupRow>,
    pub(super) services: Vec<services::ServiceRow>,
    pub(super) group_users: Vec<groups::GroupUserRow>,
    pub(super) memberships: Vec<memberships::MembershipRow>,
    pub(super) grants: Vec<grants::GrantRow>,
    /// What was wrong already when the files were read.
    unreadable: Vec<Fault>,
    /// The names of things whose own rows are wrong: who refers to them is not
    /// wrong for that.
    broken: HashSet<String>,
    /// The ids of things that earlier imports made, as far as numbers name them.
    imported_before: HashSet<Uuid>,
    options: Options,
    ambient: Ambient,
    bar: ProgressBar,
    /// The states before and after, in a dry run.
    states: Option<(State, State)>,
    imported: Imported,
}

/// Reads the rows of one file.
struct Reading<'a> {
    source: &'a Source,
    faults: Vec<Fault>,
    broken: HashSet<String>,
}

impl Reading<'_> {
    fn rows<R: FromRow>(&mut self) -> Vec<R> {
        let text = match self.source.read(R::FILE) {
            Ok(Some(text)) => text,
            Ok(None) => return Vec::new(),
            Err(fault) => {
                self.faults.push(fault);
                return Vec::new();
            }
        };
        let faults = &mut self.faults;
        let Some(sheet) = Sheet::open(R::FILE, &text, R::REQUIRED, R::OPTIONAL, faults) else {
            return Vec::new();
        };
        let mut rows = Vec::new();
        // Room that grows is copied, and new memory is what reading waits for
        // most. Where there is no such room, it grows.
        let _ = rows.try_reserve_exact(text.bytes().filter(|byte| *byte == b'\n').count());
        sheet.each(faults, |row, faults| match R::read(&row) {
            Ok(read) => rows.push(read),
            Err(fault) => {
                faults.push(fault);
                self.broken.extend(R::names(&row));
            }
        });
        rows
    }
}

impl Sheets {
    pub(super) fn read(
        source: &Source,
        faults: Vec<Fault>,
        options: Options,
        ambient: Ambient,
    ) -> Self {
        let mut reading = Reading {
            source,
            faults,
            broken: HashSet::new(),
        };
        let catalogue = catalogue::read(source, &mut reading.faults);
        Self {
            catalogue,
            resources: reading.rows(),
            users: reading.rows(),
            groups: reading.rows(),
            services: reading.rows(),
            group_users: reading.rows(),
            memberships: reading.rows(),
            grants: reading.rows(),
            unreadable: reading.faults,
            broken: reading.broken,
            imported_before: HashSet::new(),
            options,
            ambient,
            bar: ProgressBar::hidden(),
            states: None,
            imported: Imported::default(),
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

    /// Takes the ids of those of them that an earlier import made.
    pub(super) fn imported_before(&mut self, ids: HashSet<Uuid>) {
        self.imported_before = ids;
    }

    pub(super) fn show_on(&mut self, bar: ProgressBar) {
        self.bar = bar;
    }

    pub(super) fn imported(self) -> Imported {
        self.imported
    }
}

impl Plan for Sheets {
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
            broken: &self.broken,
            failed: HashSet::new(),
            imported: &self.imported_before,
            bar: &self.bar,
            done: 0,
            faults: self.unreadable.clone(),
            warnings: Vec::new(),
            passed_over: 0,
            lines: HashMap::new(),
            external_auth_ids: HashMap::new(),
            numbers: HashMap::new(),
            next: HashMap::new(),
        };
        catalogue::plan(self.catalogue.as_ref(), &mut work);
        resources::plan(&self.resources, &mut work);
        users::plan(&self.users, &mut work);
        groups::plan(&self.groups, &mut work);
        services::plan(&self.services, &mut work);
        groups::plan_users(&self.group_users, &mut work);
        memberships::plan(&self.memberships, &mut work);
        grants::plan(&self.grants, &mut work);
        let mut faults = work.faults;
        faults.sort_by_key(Fault::place);
        if !faults.is_empty() {
            return Err(faults);
        }
        let (mut warnings, passed_over, lines) = (work.warnings, work.passed_over, work.lines);
        let after = draft.state();
        warnings.extend(addresses::shared(
            users::UserRow::FILE,
            &lines,
            &before,
            after,
        ));
        warnings.sort_by_key(Fault::place);
        self.states = self.options.dry_run.then(|| (before, after.clone()));
        self.imported = Imported {
            warnings,
            passed_over,
            ..Imported::default()
        };
        Ok(())
    }

    fn planned(&mut self, parts: &[Changes], _dry: bool) {
        self.imported.tally = Tally::of(parts);
        if let Some((before, after)) = self.states.take() {
            self.imported.changes = Report::new(&before, &after).lines(parts);
        }
        self.bar.set_message("writing");
    }
}
