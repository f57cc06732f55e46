//! Doubts about a role, a kind or a catalogue: valid content that is probably not
//! intended. They are reported with the answer of the write, or refuse it if the caller
//! asks for that.

use attache_core::catalogue;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::shown_as;
use super::call::Done;
use super::query::Query;
use attache_http::{Fault, Problem};

/// Valid content that is probably not intended.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Warning {
    /// The place, such as `permissions[0]`.
    #[schema(example = "permissions[0]")]
    field: String,
    /// The doubt, as the end of a sentence that starts with the field.
    #[schema(
        example = "projcts.view is of no kind, and is not among the catalogue's permissions; the nearest is projects.view"
    )]
    reason: String,
}

/// A written thing, with the doubts about it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Written<T> {
    #[serde(flatten)]
    thing: T,
    /// The doubts about it: valid content that is probably not intended. With `strict=true`,
    /// doubts are errors. Also the roles by which a changed role can no longer be granted,
    /// which are never errors. Left out if there is nothing to tell.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    warnings: Vec<Warning>,
}

/// The doubts about what is to be written, and its effects.
pub(super) struct Doubts {
    found: Vec<catalogue::Problem>,
    /// What may well be intended: never an error.
    effects: Vec<catalogue::Problem>,
}

impl Doubts {
    /// Takes the doubts, and reads from the query whether they are errors.
    ///
    /// # Errors
    /// All doubts, if the query has `strict=true`.
    pub(super) fn read(
        query: Option<&str>,
        found: Vec<catalogue::Problem>,
    ) -> Result<Self, Problem> {
        let strict = Query::strict(query, &["strict"])?.flag("strict")?;
        if strict && !found.is_empty() {
            let faults = found.into_iter().map(|it| Fault::new(it.field, it.reason));
            return Err(Problem::Invalid(faults.collect()));
        }
        let effects = Vec::new();
        Ok(Self { found, effects })
    }

    /// The same with what follows from what is written.
    pub(super) fn with_effects(self, effects: Vec<catalogue::Problem>) -> Self {
        Self { effects, ..self }
    }

    /// Answers a write with the written thing, its tag, and the doubts about it.
    pub(super) fn answer(self, done: &Done, thing: impl Serialize) -> Result<Response, Problem> {
        let warnings = self
            .found
            .into_iter()
            .chain(self.effects)
            .map(|doubt| Warning {
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
