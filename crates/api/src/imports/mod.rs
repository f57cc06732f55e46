//! Imports: a zip archive of files, imported in a job that the caller can look at.

mod shown;

use std::borrow::Cow;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use attache_core::cause::chain;
use attache_files::archive::{Archive, Bounds};
use attache_files::import::{self, By, ImportError, Phase, Progress, Source, import};
use axum::body::Bytes;
use axum::extract::{FromRequestParts as _, Request, State as Shared};
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use uuid::Uuid;

use super::answer::placed;
use super::call::{idempotency_key, not_found};
use super::query::{NoQuery, Query};
use super::{etag, parameters};
use attache_http::jobs::{Job, Slot};
use attache_http::json_body::bytes_within;
use attache_http::{App, Current, Fault, PathIds, Problem, Session};
use attache_tenants::Tenants;
use shown::{FileFault, ImportView, Report, State, Step};

/// The bytes of an archive that are checked in the time of a weight of 1.
const BYTES_OF_ONE: usize = 4_096;

/// The schema of a zip archive.
pub(super) struct Zip;

impl utoipa::PartialSchema for Zip {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .description(Some("A zip archive."))
            .into()
    }
}

impl ToSchema for Zip {
    fn name() -> Cow<'static, str> {
        "Archive".into()
    }
}

/// An import that is running or has ended.
#[derive(Debug)]
struct Work {
    dry_run: bool,
    phase: AtomicU8,
    rows: AtomicUsize,
    done: AtomicUsize,
    outcome: OnceLock<Outcome>,
}

/// The outcome of an import.
#[derive(Debug)]
enum Outcome {
    Done(Box<import::Imported>),
    Faults {
        first: Vec<import::Fault>,
        left_out: usize,
    },
    Problem(String),
}

impl Progress for Work {
    fn phase(&self, phase: Phase, rows: usize) {
        let number = match phase {
            Phase::Reading => 0,
            Phase::Checking => 1,
            Phase::Writing => 2,
        };
        self.phase.store(number, Ordering::Relaxed);
        if rows > 0 {
            self.rows.store(rows, Ordering::Relaxed);
        }
    }

    fn at(&self, rows: usize) {
        self.done.store(rows, Ordering::Relaxed);
    }
}

impl Work {
    fn step(&self) -> Step {
        Step {
            phase: match self.phase.load(Ordering::Relaxed) {
                0 => "reading",
                1 => "checking",
                _ => "writing",
            },
            rows: self.rows.load(Ordering::Relaxed),
            done: self.done.load(Ordering::Relaxed),
        }
    }

    fn shown(&self, job: &Job) -> ImportView<'_> {
        let mut shown = ImportView {
            id: job.id,
            state: State::Running,
            dry_run: self.dry_run,
            begun_at: job.begun_at,
            ended_at: job.ended_at(),
            progress: self.step(),
            report: None,
            faults: Vec::new(),
            faults_left_out: 0,
            problem: None,
        };
        match self.outcome.get() {
            None => shown.ended_at = None,
            Some(Outcome::Done(imported)) => {
                shown.state = State::Done;
                shown.report = Some(Report::of(imported));
            }
            Some(Outcome::Faults { first, left_out }) => {
                shown.state = State::Failed;
                shown.faults = first.iter().map(FileFault::of).collect();
                shown.faults_left_out = *left_out;
            }
            Some(Outcome::Problem(reason)) => {
                shown.state = State::Failed;
                shown.problem = Some(reason);
            }
        }
        shown
    }
}

/// Parses the options in the query string.
fn options(query: Option<&str>, most: usize) -> Result<import::Options, Problem> {
    let known = [
        "dry_run",
        "replace",
        "allow_mass_detach",
        "renumber",
        "any_address",
        "strict",
    ];
    let mut query = Query::strict(query, &known)?;
    let replace = query.take("replace").map(|text| text.parse()).transpose();
    let replace: Option<import::Replace> =
        replace.map_err(|reason: &str| Problem::invalid("replace", reason))?;
    let options = import::Options {
        dry_run: query.flag("dry_run")?,
        renumber: query.flag("renumber")?,
        any_address: query.flag("any_address")?,
        strict: query.flag("strict")?,
        replace: replace.unwrap_or_default(),
        allow_mass_detach: query.flag("allow_mass_detach")?,
        most_changes: Some(most),
    };
    if options.allow_mass_detach && !options.replace.is_any() {
        let reason = "is for an import with replace: nothing else detaches anybody";
        return Err(Problem::invalid("allow_mass_detach", reason));
    }
    Ok(options)
}

/// Import files.
///
/// The body is a zip archive of a folder of files in the form of `attache import`:
/// `resources.csv`, `users.csv`, `groups.csv`, `services.csv`, `group_users.csv`,
/// `memberships.csv`, `grants.csv`, `catalogue.toml`, all of them optional. All rows are
/// written, or nothing. The answer comes at once; its `Location` shows the progress of
/// the import. A tenant runs one import at a time. Needs the permission `*`.
#[utoipa::path(
    post,
    operation_id = "import_files",
    path = "/import",
    tag = "files",
    params(
        ("dry_run" = Option<bool>, Query, nullable = false, description = "Only report what would change."),
        ("replace" = Option<String>, Query, nullable = false, example = "memberships,grants", description = "Files, separated by commas, that replace what exists: `memberships` (the members of each resource that the file names), `grants` (all grants on each resource that it names), `group_users` (the users of each group that it names). Existing ones without a row are removed."),
        ("allow_mass_detach" = Option<bool>, Query, nullable = false, description = "With `replace`: allow removing more than half of ten or more members of a resource, of the subjects with roles on it, or of the users of a group."),
        ("renumber" = Option<bool>, Query, nullable = false, description = "Give a new number to new things whose number is taken."),
        ("any_address" = Option<bool>, Query, nullable = false, description = "Accept e-mail addresses that violate RFC 5321 but may be deliverable, with a warning. An address that its user already has needs no option."),
        parameters::Strict,
        parameters::IdempotencyKey,
    ),
    request_body(content = Zip, content_type = "application/zip", description = "A zip archive of at most `imports.size`, compressed with deflate or not at all."),
    responses((status = 202, description = "The import is running.", body = ImportView)),
)]
pub(super) async fn begin(Shared(app): Shared<App>, request: Request) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let session = Session::from_request_parts(&mut parts, &app).await?;
    session.must_hold_everything()?;
    if !session.preconditions()?.hold(|| Current::Absent) {
        return Err(Problem::Changed);
    }
    must_be_zip(&parts.headers)?;
    let limits = &app.limits().imports;
    let query = parts.uri.query();
    let options = options(query, limits.report_lines)?;
    let key = idempotency_key(&parts.headers)?;
    let (tenant, by) = (session.caller.tenant, session.caller.actor);
    let before = key
        .as_deref()
        .and_then(|key| app.jobs().asked_before(tenant, by, key));
    // Before reading the body, which is large and is read for one import of a tenant at a
    // time.
    let slot = match &before {
        None => Some(app.jobs().reserve(tenant, session.now())?),
        Some(_) => None,
    };
    let bytes = bytes_within(&parts, body, limits.bytes).await?;
    let digest = digest(query, &bytes);
    if let Some(before) = before {
        return match before.request.as_ref().is_some_and(|it| it.1 == digest) {
            true => Ok(at_its_place(&app, &before, true)),
            false => Err(Problem::Differs),
        };
    }
    let slot = slot.ok_or_else(|| Problem::internal("an import without a slot"))?;
    let bounds = Bounds {
        entries: limits.entries,
        unpacked_bytes: limits.unpacked_bytes,
    };
    let weight = bytes.len() / BYTES_OF_ONE;
    let archive = session
        .weigh(weight, || Archive::open(bytes, bounds))
        .await?;
    let archive =
        archive.map_err(|faults| Problem::Invalid(faults.iter().map(as_fault).collect()))?;
    if let Some(files) = archive.lacks_all() {
        let reason = format!("holds none of the files that an import reads: {files}");
        return Err(Problem::body(reason));
    }
    let work = Arc::new(Work {
        dry_run: options.dry_run,
        phase: AtomicU8::new(0),
        rows: AtomicUsize::new(0),
        done: AtomicUsize::new(0),
        outcome: OnceLock::new(),
    });
    // A head that cannot be is told now, and not by the job.
    session.draft()?;
    let id = app.tenants().ambient().id();
    let request = key.map(|key| (key, digest));
    let job = Arc::new(Job::new(id, by, session.now(), request, work.clone()));
    slot.begin(job.clone());
    let by = By {
        caller: session.caller,
        credential: Some(session.credential()),
        name: session.context().correlation_id().to_owned(),
        head: session.head()?.clone(),
    };
    let running = Running {
        tenants: app.tenants().clone(),
        job: job.clone(),
        work,
        most: limits.report_lines,
        _slot: slot,
    };
    tokio::spawn(running.run(by, Source::Archive(archive), options));
    Ok(at_its_place(&app, &job, false))
}

/// A running import. Its end is recorded however it ends.
struct Running {
    tenants: Tenants,
    job: Arc<Job>,
    work: Arc<Work>,
    /// The most faults that are kept.
    most: usize,
    _slot: Slot,
}

impl Running {
    async fn run(self, by: By, source: Source, options: import::Options) {
        let imported = import(&self.tenants, &by, &source, options, &*self.work).await;
        let outcome = match imported {
            Ok(imported) => Outcome::Done(Box::new(imported)),
            Err(ImportError::Faults(mut faults)) => {
                let left_out = faults.len().saturating_sub(self.most);
                faults.truncate(self.most);
                Outcome::Faults {
                    first: faults,
                    left_out,
                }
            }
            Err(ImportError::Unavailable(error)) => {
                let reason = chain(&error).to_string();
                tracing::warn!(reason, "an import was not done");
                let told =
                    "the tenant cannot be served now; nothing was written, import again later";
                Outcome::Problem(told.to_owned())
            }
            Err(ImportError::Unknown(cause)) => {
                let reason = chain(&cause).to_string();
                tracing::warn!(reason, "it is unknown whether an import was written");
                let told = "it is unknown whether the rows were written; import them again: what is there stays as it is";
                Outcome::Problem(told.to_owned())
            }
            Err(error) => Outcome::Problem(error.to_string()),
        };
        let _ = self.work.outcome.set(outcome);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Only set if the task panicked or was dropped, which is a defect.
        let broken = "the import broke off; it is unknown whether the rows were written";
        let _ = self.work.outcome.set(Outcome::Problem(broken.to_owned()));
        self.job.end(self.tenants.ambient().now());
    }
}

fn must_be_zip(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let essence = kind.unwrap_or_default().split(|byte| *byte == b';').next();
    let is_zip = essence
        .unwrap_or_default()
        .trim_ascii()
        .eq_ignore_ascii_case(b"application/zip");
    match is_zip {
        true => Ok(()),
        false => Err(Problem::header("Content-Type", "must be application/zip")),
    }
}

fn digest(query: Option<&str>, bytes: &Bytes) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(query.unwrap_or_default());
    digest.update([0]);
    digest.update(bytes);
    digest.finalize().into()
}

fn as_fault(fault: &import::Fault) -> Fault {
    match &*fault.file {
        "" => Fault::of_body(fault.reason.clone()),
        file => Fault::new(file, fault.reason.clone()),
    }
}

fn at_its_place(app: &App, job: &Job, replayed: bool) -> Response {
    let Some(work) = job.work.downcast_ref::<Work>() else {
        return Problem::internal("a job that is no import").into_response();
    };
    let path = format!("imports/{}", job.id);
    placed(app, StatusCode::ACCEPTED, work.shown(job), &path, replayed)
}

/// Get an import: its progress, and its outcome.
///
/// For its caller, and for holders of `*`. Available while the import runs and for
/// `imports.kept_for` (an hour) after its end, only on the server that received the
/// import.
#[utoipa::path(
    get,
    operation_id = "get_import",
    path = "/imports/{import}",
    tag = "files",
    params(("import" = Uuid, Path, description = "The import's id."), parameters::IfNoneMatch),
    responses((status = 200, description = "The import.", body = ImportView), (status = 304, description = "The caller has it already (`If-None-Match`).")),
)]
pub(super) async fn get(
    Shared(app): Shared<App>,
    session: Session,
    _: NoQuery,
    PathIds(id): PathIds<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let find = |id| app.jobs().find(session.caller.tenant, id, session.now());
    let job = Uuid::parse_str(&id).ok().and_then(find);
    let is_own = |job: &Arc<Job>| job.by == session.caller.actor;
    if !job.as_ref().is_some_and(is_own) {
        session.must_hold_everything()?;
    }
    let job = job.ok_or_else(|| not_found("import"))?;
    match job.work.downcast_ref::<Work>() {
        Some(work) => etag::answer(&headers, work.shown(&job)),
        None => Err(not_found("import")),
    }
}
