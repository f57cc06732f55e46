//! What the documents say of questions about another time.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{PathItem, RefOr, Required};

/// Adds to the reads at a path how they are asked about another time. `in_query`: the query
/// can name the moment too.
pub(crate) fn describe(item: &mut PathItem, is_question: bool, in_query: bool) {
    let reads = [&mut item.get, &mut item.head];
    let questions = [&mut item.post].into_iter().filter(|_| is_question);
    for operation in reads.into_iter().chain(questions).flatten() {
        if !is_public(operation) {
            let parameters = operation.parameters.get_or_insert_default();
            let named = in_query.then(in_queries).into_iter().flatten();
            parameters.extend([in_header()].into_iter().chain(named).map(RefOr::T));
            with_header(operation);
        }
    }
}

fn is_public(operation: &Operation) -> bool {
    let security = operation.security.as_ref();
    security.is_some_and(|schemes| schemes.contains(&SecurityRequirement::default()))
}

fn with_header(operation: &mut Operation) {
    let instant = HeaderBuilder::new()
        .schema(Some(instant()))
        .description(Some(
            "The instant that the answer shows, if the request asked about another time.",
        ))
        .build();
    let ok = operation.responses.responses.get_mut("200");
    if let Some(RefOr::T(response)) = ok {
        let headers = &mut response.headers;
        headers.insert("Attache-At".to_owned(), instant.into());
    }
}

fn in_header() -> Parameter {
    parameter(ParameterIn::Header, "Attache-At")
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .description(Some(
            "Answer as of this moment: an instant (RFC 3339), or `revision=<n>`. Needs the \
             permission `<kind>s.history.view` besides, on what is shown.",
        ))
        .example(Some("2026-03-03T09:30:00Z".into()))
        .build()
}

fn in_queries() -> [Parameter; 2] {
    let whole = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(1));
    [
        parameter(ParameterIn::Query, "at")
            .schema(Some(instant()))
            .description(Some(
                "Answer as of this instant, as `Attache-At` does. Goes not with `revision`.",
            ))
            .build(),
        parameter(ParameterIn::Query, "revision")
            .schema(Some(whole))
            .description(Some(
                "Answer as of this revision of the tenant, as `Attache-At: revision=<n>` does.",
            ))
            .build(),
    ]
}

fn parameter(place: ParameterIn, name: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(Required::False)
}

fn instant() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
}
