//! All files of an import, as one plan.

use std::collections::HashSet;

use attache_core::{Changes, Draft};
use indicatif::ProgressBar;

use super::sheet::{Fault, Sheet, Spot};
use super::tally::Tally;
use super::work::{FromRow, Work};
use super::{Source, catalogue, grants, groups, memberships, resources, services, users};
use attache_ambient::Ambient;
use attache_tenants::Plan;

/// What was imported.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct Imported {
    tally: Tally,
    passed_over: usize,
}

impl Imported {
    pub(super) fn lines(&self, dry: bool) -> Vec<String> {
        let mut lines = self.tally.lines(dry);
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
    resources: Vec<resources::ResourceRow>,
    users: Vec<users::UserRow>,
    groups: Vec<groups::GroupRow>,
    services: Vec<services::ServiceRow>,
    group_users: Vec<groups::GroupUserRow>,
    memberships: Vec<memberships::MembershipRow>,
    grants: Vec<grants::GrantRow>,
    /// What was wrong already when the files were read.
    unreadable: Vec<Fault>,
    /// The names of things whose own rows are wrong: who refers to them is not
    /// wrong for that.
    broken: HashSet<String>,
    ambient: Ambient,
    bar: ProgressBar,
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
            Err(reason) => {
                let spot = Spot {
                    file: R::FILE,
                    line: 1,
                };
                self.faults.push(spot.fault("", reason));
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
    pub(super) fn read(source: &Source, ambient: Ambient) -> Self {
        let mut reading = Reading {
            source,
            faults: Vec::new(),
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
            ambient,
            bar: ProgressBar::hidden(),
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
        let mut work = Work {
            draft,
            ambient: &self.ambient,
            room,
            broken: &self.broken,
            bar: &self.bar,
            done: 0,
            faults: self.unreadable.clone(),
            passed_over: 0,
        };
        catalogue::plan(self.catalogue.as_ref(), &mut work);
        resources::plan(&self.resources, &mut work);
        users::plan(&self.users, &mut work);
        groups::plan(&self.groups, &mut work);
        services::plan(&self.services, &mut work);
        groups::plan_users(&self.group_users, &mut work);
        memberships::plan(&self.memberships, &mut work);
        grants::plan(&self.grants, &mut work);
        let (mut faults, passed_over) = (work.faults, work.passed_over);
        faults.sort_by_key(Fault::place);
        self.imported.passed_over = passed_over;
        if faults.is_empty() {
            Ok(())
        } else {
            Err(faults)
        }
    }

    fn planned(&mut self, parts: &[Changes], dry: bool) {
        self.imported.tally = Tally::of(parts, dry);
        self.bar.set_message("writing");
    }
}
