//! What of a role, a kind or a catalogue is allowed and probably not meant: told with the
//! answer to the write, or refused where the caller asks for that.

use attache_core::catalogue;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::shown_as;
use super::call::Done;
use super::query::Query;
use attache_http::{Fault, Problem};

/// Something that is allowed and probably not meant.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Warning {
    /// Where, such as `permissions[0]`.
    #[schema(example = "permissions[0]")]
    field: String,
    /// What is doubtful about it, as the end of a sentence about it.
    #[schema(
        example = "projcts.view is of no kind, and is not among the catalogue's permissions; the nearest is projects.view"
    )]
    reason: String,
}

/// What was written, and what is doubtful in it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Written<T> {
    #[serde(flatten)]
    thing: T,
    /// What is allowed and probably not meant. Left out where that is nothing. With
    /// `strict=true`, these are errors.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    warnings: Vec<Warning>,
}

/// What is doubtful in what is to be written.
pub(super) struct Doubts(Vec<catalogue::Problem>);

impl Doubts {
    /// From what was found, and the query of the request.
    ///
    /// # Errors
    /// Everything that is doubtful, if the query says `strict=true`.
    pub(super) fn read(
        query: Option<&str>,
        found: Vec<catalogue::Problem>,
    ) -> Result<Self, Problem> {
        let strict = Query::strict(query, &["strict"])?.flag("strict")?;
        if strict && !found.is_empty() {
            let faults = found.into_iter().map(|it| Fault::new(it.field, it.reason));
            return Err(Problem::Invalid(faults.collect()));
        }
        Ok(Self(found))
    }

    /// The answer to a write: what was written, with its own tag, and what is doubtful in it.
    pub(super) fn answer(self, done: &Done, thing: impl Serialize) -> Result<Response, Problem> {
        let warnings = self.0.into_iter().map(|doubt| Warning {
            field: doubt.field,
            reason: doubt.reason,
        });
        let warnings = warnings.collect();
        shown_as(
            done,
            &thing,
            &Written {
                thing: &thing,
                warnings,
            },
        )
    }
}
