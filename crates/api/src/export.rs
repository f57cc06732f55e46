//! Export: a tenant as the files that an import reads, in a zip archive.

use std::io;

use attache_files::archive::Packing;
use attache_files::export::{Export, Form};
use axum::body::{Body, Bytes};
use axum::extract::RawQuery;
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use super::imports::Zip;
use super::query::Query;
use attache_core::id::TenantId;
use attache_http::{App, Problem, Session};
use attache_tenants::Tenants;
use axum::extract::State as Shared;

/// Export the tenant.
///
/// The answer is a zip archive of the files that `POST /import` and `attache import`
/// read, at one revision. It is made while it is sent. It does not have API tokens,
/// issuers, the tenant's own name and domains, expired memberships and grants, and the
/// history. Needs the permission `*`.
#[utoipa::path(
    get,
    operation_id = "export_files",
    path = "/export",
    tag = "files",
    params(
        ("for_spreadsheets" = Option<bool>, Query, nullable = false, description = "Write files to be opened in a spreadsheet: an apostrophe stands before what it would run as a formula, each cell is quoted, and a mark says that the text is UTF-8. An import reads these too."),
    ),
    responses((status = 200, description = "The archive.", body = Zip, content_type = "application/zip")),
)]
pub(super) async fn run(
    Shared(app): Shared<App>,
    session: Session,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    session.must_hold_everything()?;
    let mut query = Query::strict(query.as_deref(), &["for_spreadsheets"])?;
    let form = match query.flag("for_spreadsheets")? {
        true => Form::Spreadsheet,
        false => Form::Plain,
    };
    let sending = Sending {
        tenants: app.tenants().clone(),
        tenant: session.caller.tenant,
        export: Export::new(session.subject_state(), session.subject().at(), form),
        packing: Some(Packing::default()),
    };
    let pieces = stream::unfold(sending, |mut sending| async move {
        let piece = sending.next().await?;
        // A broken answer lacks its end, which clients notice.
        let piece = piece.inspect_err(|error| {
            tracing::error!(%error, "an export could not be written");
            sending.packing = None;
        });
        Some((piece, sending))
    });
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/zip")),
        (
            CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"attache-export.zip\""),
        ),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// An export that is being sent.
struct Sending {
    tenants: Tenants,
    tenant: TenantId,
    export: Export,
    /// `None` after everything was sent.
    packing: Option<Packing>,
}

impl Sending {
    /// Returns the next bytes; `None` after the end. Each piece is made in a turn of the
    /// caller's tenant.
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            let (tenants, tenant) = (self.tenants.clone(), self.tenant);
            match tenants.turns().go_on(tenant, || self.piece()).await {
                // The packer has not emitted the written data yet.
                Some(Ok(bytes)) if bytes.is_empty() => {}
                piece => return piece,
            }
        }
    }

    fn piece(&mut self) -> Option<io::Result<Bytes>> {
        let packing = self.packing.as_mut()?;
        match self.export.piece(packing) {
            Ok(true) => Some(Ok(packing.take().into())),
            Ok(false) => {
                let packing = self.packing.take()?;
                Some(packing.finish().map(Bytes::from))
            }
            Err(error) => Some(Err(error)),
        }
    }
}
