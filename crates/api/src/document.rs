//! The OpenAPI document of this API.

use serde_json::{Value, json};
use utoipa::openapi::OpenApi;
use utoipa::openapi::RefOr;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

use super::flat::flatten;
use super::{event, lists, parameters, problem_pages};
use attache_http::document::{About, as_json, open_objects};

/// The head of the document.
pub(super) const ABOUT: About = About {
    title: "attache",
    description: "\
Who is attached to this customer, in which role, and what may they therefore see and do?\n\n\
**Names.** A user, group or service is named by its key, its id, or its number after `#`; a resource by its id, \
by `kind:key`, by `kind:#number`, or as `tenant` for the root; a subject by `user:`, `group:` or `service:` and its name. \
A UUID, in any spelling, is the key or the id of a thing; any other text is a key.\n\n\
**Lists** are complete: `total` is the number of items on all pages, `next` is the `cursor` of the next page. \
A cursor survives writes in between.\n\n\
**Revisions.** Every answer has `Attache-Revision`, the tenant's revision that it reflects. A request with \
`Attache-At-Least: N` is answered at revision N or later, or with 503 and `Retry-After`. So a client reads its own \
writes, whichever server answers.\n\n\
**Writes** take an `Idempotency-Key`: a write that is repeated with its key is done once. Refusals are not remembered, \
since they change nothing. Single things and many lists have an `ETag`. Every write takes `If-Match` and \
`If-None-Match`, which are checked on the state that the write is decided on. `Attache-Reason`, `Attache-On-Behalf-Of` and \
`Attache-Approved-By` are recorded in the entry of the write, and refused where a write has none.\n\n\
**Problems** are `application/problem+json` (RFC 9457). Their `type` is the address of a page about it, and never changes.\n\n\
**Tenants.** A credential belongs to one tenant. The operator's belongs to none: with it, `Attache-Tenant` names the tenant \
by its slug or id.",
    server: super::PREFIX,
};

/// Completes the document with what all operations have in common.
pub(super) fn complete(mut document: OpenApi) -> Value {
    for item in document.paths.paths.values_mut() {
        let writes = [
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.patch,
        ];
        for operation in writes.into_iter().flatten() {
            with_headers(operation);
            with_parameters_of_writes(operation);
        }
        if let Some(operation) = &mut item.get {
            with_headers(operation);
        }
    }
    let mut document = as_json(&document);
    flatten(&mut document);
    event::describe(&mut document);
    lists::describe(&mut document);
    with_problem_types(&mut document);
    open_objects(&mut document);
    document
}

/// Adds the types of problems to the document, as an enum of the values of `type`.
fn with_problem_types(document: &mut Value) {
    let schemas = &mut document["components"]["schemas"];
    schemas["ProblemType"] = json!({
        "type": "string",
        "description": "The type of a problem: the address of a page about it. New versions can add types.",
        "enum": problem_pages::addresses(),
    });
    schemas["Problem"]["properties"]["type"] = json!({"$ref": "#/components/schemas/ProblemType"});
}

/// Adds the headers of all answers.
fn with_headers(operation: &mut Operation) {
    let whole = ObjectBuilder::new().schema_type(SchemaType::new(Type::Integer));
    let revision = HeaderBuilder::new()
        .schema(Some(whole))
        .description(Some("The revision of the tenant that the answer reflects."))
        .build();
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            let headers = &mut response.headers;
            headers.insert("Attache-Revision".to_owned(), revision.clone().into());
        }
    }
}

/// Adds the preconditions of all writes, and what a write says of its entry.
fn with_parameters_of_writes(operation: &mut Operation) {
    let [reason, for_whom, approved] = parameters::head();
    let head = match operation.operation_id.as_deref() {
        // A question.
        Some("explain") => return,
        // It writes no entry.
        Some("change_tenant") => vec![],
        // The first entry of a tenant is older than its users.
        Some("create_tenant") => vec![reason],
        _ => vec![reason, for_whom, approved],
    };
    let all = operation.parameters.get_or_insert_default();
    all.extend(parameters::preconditions().map(RefOr::T));
    all.extend(head.into_iter().map(RefOr::T));
}
