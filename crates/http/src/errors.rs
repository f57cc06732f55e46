//! The errors of an API: their rendering, and their descriptions in its document.

use axum::response::Response;
use utoipa::ToSchema;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder, SecurityRequirement};

use super::{Context, Problem};

/// Renders a problem as one API does.
pub type Render = fn(&Problem, &Context) -> Response;

/// The errors of an API.
///
/// The document of every operation has the errors that all APIs have ([`SHARED`]) and
/// those of the API itself, except for statuses that the operation documents on its own.
#[derive(Clone, Copy)]
pub struct Errors {
    render: Render,
    content_type: &'static str,
    schema: fn() -> RefOr<Schema>,
    components: fn(&mut Vec<(String, RefOr<Schema>)>),
    empty: &'static [u16],
    own: &'static [ErrorAnswer],
    writes_read_bodies: bool,
}

/// An error in the document of operations.
#[derive(Clone, Copy, Debug)]
pub struct ErrorAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The operations that answer with the error.
    pub when: When,
    /// The description in the document.
    pub description: &'static str,
}

/// A condition on operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// All operations.
    Always,
    /// Operations that need a credential.
    Credential,
    /// Operations that read a body.
    Body,
    /// Operations with the method GET that need a credential.
    Reads,
    /// Operations that can write.
    Writes,
}

/// The errors that all APIs have.
pub const SHARED: [ErrorAnswer; 10] = [
    answer(
        401,
        When::Credential,
        "The credential is missing or not accepted.",
    ),
    answer(403, When::Credential, "The permission is missing."),
    answer(405, When::Always, "The path does not support this method."),
    answer(408, When::Body, "The body did not arrive in time."),
    answer(412, When::Reads, "The precondition `If-Match` failed."),
    answer(
        412,
        When::Writes,
        "The precondition `If-Match` or `If-None-Match` failed.",
    ),
    answer(413, When::Body, "The body is too large."),
    answer(415, When::Body, "The body is compressed."),
    answer(500, When::Always, "An internal error."),
    answer(
        503,
        When::Always,
        "The server cannot answer now. Try again.",
    ),
];

/// Makes an error that operations answer with.
#[must_use]
pub const fn answer(status: u16, when: When, description: &'static str) -> ErrorAnswer {
    ErrorAnswer {
        status,
        when,
        description,
    }
}

impl std::fmt::Debug for Errors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Errors")
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}

impl Errors {
    /// Makes errors with a JSON body of type `T`.
    #[must_use]
    pub const fn of<T: ToSchema>(render: Render, content_type: &'static str) -> Self {
        Self {
            render,
            content_type,
            schema: || Ref::from_schema_name(T::name()).into(),
            components: |components| {
                T::schemas(components);
                components.push((T::name().into_owned(), T::schema()));
            },
            empty: &[],
            own: &[],
            writes_read_bodies: false,
        }
    }

    /// Makes errors with plain text as their body.
    #[must_use]
    pub const fn text(render: Render) -> Self {
        Self {
            render,
            content_type: "text/plain",
            schema: || {
                let text = ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
                text.into()
            },
            components: |_| {},
            empty: &[],
            own: &[],
            writes_read_bodies: false,
        }
    }

    /// Sets the statuses that have no body.
    #[must_use]
    pub const fn empty(mut self, statuses: &'static [u16]) -> Self {
        self.empty = statuses;
        self
    }

    /// Adds errors of this API alone.
    #[must_use]
    pub const fn own(mut self, answers: &'static [ErrorAnswer]) -> Self {
        self.own = answers;
        self
    }

    /// Documents that each write reads its body, also for operations without one.
    #[must_use]
    pub const fn writes_read_bodies(mut self) -> Self {
        self.writes_read_bodies = true;
        self
    }

    /// Returns the renderer of problems.
    pub(crate) fn render(&self) -> Render {
        self.render
    }

    /// Adds the schemas of errors to a document.
    pub(crate) fn components(&self, components: &mut Vec<(String, RefOr<Schema>)>) {
        (self.components)(components);
    }

    /// Adds the errors that the operations at a path lack. `is_question`: the operations
    /// read, also with the method POST.
    pub(crate) fn document(&self, item: &mut PathItem, is_question: bool) {
        let reads = [&mut item.get, &mut item.head];
        for operation in reads.into_iter().flatten() {
            self.add(operation, Some(When::Reads));
        }
        let others = [
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.patch,
        ];
        for operation in others.into_iter().flatten() {
            self.add(operation, (!is_question).then_some(When::Writes));
        }
    }

    fn add(&self, operation: &mut Operation, kind: Option<When>) {
        let security = operation.security.as_ref();
        let is_public =
            security.is_some_and(|schemes| schemes.contains(&SecurityRequirement::default()));
        let is_write = kind == Some(When::Writes);
        let has_body = operation.request_body.is_some() || (is_write && self.writes_read_bodies);
        for answer in SHARED.iter().chain(self.own) {
            let is_given = match answer.when {
                When::Always => true,
                When::Credential => !is_public,
                When::Body => has_body,
                When::Reads => kind == Some(When::Reads) && !is_public,
                When::Writes => is_write,
            };
            if is_given {
                let responses = &mut operation.responses.responses;
                let documented = responses.entry(answer.status.to_string());
                documented.or_insert_with(|| self.response(answer).into());
            }
        }
    }

    fn response(&self, answer: &ErrorAnswer) -> utoipa::openapi::Response {
        let response = ResponseBuilder::new().description(answer.description);
        if self.empty.contains(&answer.status) {
            return response.build();
        }
        let content = ContentBuilder::new().schema(Some((self.schema)())).build();
        response.content(self.content_type, content).build()
    }
}
