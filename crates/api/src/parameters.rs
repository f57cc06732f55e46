//! Parameters that several operations of this API have in common.

use serde_json::json;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};

/// Declares a parameter as a type that operations refer to. Its doc comment becomes the
/// description.
macro_rules! parameters {
    ($($(#[doc = $line:literal])+ $name:ident = $parameter:expr;)*) => {$(
        $(#[doc = $line])+
        pub(super) struct $name;

        impl $name {
            fn parameter() -> Parameter {
                let lines = [$($line),+].map(str::trim);
                $parameter.description(Some(lines.join("\n"))).build()
            }
        }

        impl IntoParams for $name {
            fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
                vec![Self::parameter()]
            }
        }
    )*};
}

parameters! {
    /// A user: its key, its id, or its number after `#` (in a path, `%23`).
    UserName = in_path("user");
    /// A group: its key, its id, or its number after `#` (in a path, `%23`).
    GroupName = in_path("group");
    /// A service: its key, its id, or its number after `#` (in a path, `%23`).
    ServiceName = in_path("service");
    /// A resource: its id, `kind:key`, `kind:#number` (in a path, `%23`), or `tenant` for the root.
    ResourceName = in_path("resource");
    /// The most items on a page, at most `limits.page_size` (1000); if left out, 100.
    PageSize = optional(
        ParameterIn::Query,
        "page_size",
        of(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(1))
            .maximum(Some(1_000)),
    );
    /// The `next` of the previous page. The other parameters must stay the same.
    Cursor = optional(ParameterIn::Query, "cursor", of(Type::String));
    /// Refuse names that the catalogue does not have, instead of reporting them with the
    /// answer.
    Strict = optional(ParameterIn::Query, "strict", of(Type::Boolean));
    /// The caller's name for this write, 1 to 255 characters in quotes. If the write is
    /// repeated with it within `tenants.remember_requests` (a day), it is not done again,
    /// and the answer has `Idempotent-Replayed: true`.
    IdempotencyKey = optional(ParameterIn::Header, "Idempotency-Key", of(Type::String))
        .example(Some(json!("\"8e03978e-40d5-43dd-bc93-6894a57f9324\"")));
    /// The `ETag` that the caller has read, or `*`. If the target has changed since or
    /// does not exist, nothing happens (412).
    IfMatchOfWrite = optional(ParameterIn::Header, "If-Match", of(Type::String));
    /// `*`, or tags. If the target exists (`*`) or has one of the tags, nothing happens
    /// (412). So `*` only creates what does not exist.
    IfNoneMatchOfWrite = optional(ParameterIn::Header, "If-None-Match", of(Type::String));
    /// Why the caller writes: 1 to 500 characters, sent as printable ASCII in which `%` and two
    /// hexadecimal digits stand for a byte of UTF-8. It stands in the entry, and can be erased.
    Reason = optional(ParameterIn::Header, "Attache-Reason", of(Type::String))
        .example(Some(json!("Zo%C3%AB left the company")));
    /// The user for whom the caller writes: a key, an id, or a number after `#`, encoded as
    /// `Attache-Reason` is. It stands in the entry, and grants nothing. 400 for a user that does not exist
    /// or that the caller may not list.
    OnBehalfOf = optional(ParameterIn::Header, "Attache-On-Behalf-Of", of(Type::String))
        .example(Some(json!("freya.holm")));
    /// The user who approved what the caller writes, as `Attache-On-Behalf-Of`.
    ApprovedBy = optional(ParameterIn::Header, "Attache-Approved-By", of(Type::String))
        .example(Some(json!("freya.holm")));
    /// The `ETag` of what the caller has. If it is still current, the answer is 304
    /// without a body.
    IfNoneMatch = optional(ParameterIn::Header, "If-None-Match", of(Type::String));
}

/// The preconditions that every write takes.
pub(super) fn preconditions() -> [Parameter; 2] {
    [IfMatchOfWrite::parameter(), IfNoneMatchOfWrite::parameter()]
}

/// What every write takes to say of its entry.
pub(super) fn head() -> [Parameter; 3] {
    [
        Reason::parameter(),
        OnBehalfOf::parameter(),
        ApprovedBy::parameter(),
    ]
}

fn of(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(kind)
}

fn in_path(name: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(of(Type::String)))
}

fn optional(place: ParameterIn, name: &str, schema: ObjectBuilder) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(Required::False)
        .schema(Some(schema))
}
