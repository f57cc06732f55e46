//! A page for each type of problem: its meaning, and what to do.

use std::fmt::Write as _;

use attache_core::Refusal;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::header::CACHE_CONTROL;

use attache_http::context::PUBLIC;
use attache_http::{App, Problem};

/// The prefix of the pages' paths.
pub(super) const PREFIX: &str = "/problems";

/// A type of problem. Its name never changes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// The last segment of its address.
    pub(super) name: &'static str,
    /// The title.
    pub(super) title: &'static str,
    /// The meaning, and what to do.
    pub(super) text: &'static str,
}

macro_rules! pages {
    ($($constant:ident = $name:literal, $title:literal: $text:literal;)*) => {
        $(static $constant: Page = Page { name: $name, title: $title, text: $text };)*
        /// All types.
        pub(super) static ALL: &[&Page] = &[$(&$constant),*];
    };
}

pages! {
    UNAUTHENTICATED = "unauthenticated", "No valid credential":
        "The request has no credential, or an invalid one: unknown, expired, revoked, of an inactive user, or of an issuer that the tenant does not trust. The answer does not say which. Send Authorization: Bearer with an API token, or with a token of an issuer that the tenant trusts.";
    NOT_FOUND = "not-found", "Not found":
        "The thing that the request names does not exist, or the caller does not see it: the caller holds no permission there of the family of its kind, such as customers.view on a customer. The answer does not say which.";
    FORBIDDEN = "forbidden", "Permission missing":
        "The caller sees the thing that the request names, and lacks the permission that the member permission names. A caller that holds it can grant a role that gives it.";
    EXCEEDS = "exceeds", "More than the caller holds":
        "Nobody gives what they do not hold. The change would give the permission that the member permission names, and the caller does not hold it there.";
    OUTLASTS = "outlasts", "For longer than the caller holds it":
        "Nobody gives anything for longer than they hold it. The role, the membership or the API token that gives the caller the permission in the member permission ends earlier. The detail says until when it can be given. Where errors names expires_at, repeat the request with an end until then; expires_at left out or null means no end. A change that has no end, such as adding to a group, takes a caller whose permissions have none.";
    INVALID = "invalid", "Invalid request":
        "A part of the request is not valid. The member errors names each field and the reason. Nothing was changed.";
    AS_OF = "as-of", "Not as of that moment":
        "The request cannot be answered as of the moment that it names, by the header Attache-At or, of attache's own API, by at or revision in the query. The member errors says why: the moment cannot be read, is in the future, is before the tenant began or after its last revision; or the operation writes, or reads something that is not in the tenant's state, such as entries. Only reads of the state can be asked about another time.";
    PAST_NOT_READY = "past-not-ready", "The state of then is still being made":
        "The tenant's state of the moment that the request names is being made from its entries, which takes longer than history.wait of the configuration. It goes on being made. Try again after the seconds in Retry-After.";
    UNKNOWN_REFERENCE = "unknown-reference", "Unknown reference":
        "A field of the request names a user, group, service, role or token that does not exist. The member errors names the field. Nothing was changed.";
    TAKEN = "taken", "Taken":
        "The key, number, id or name belongs to another thing already. The member errors names the field. Nothing was changed.";
    NOT_A_MEMBER = "not-a-member", "The user is not attached":
        "A user must be attached to a resource before it is granted a role there, or before the end of its membership can be changed. Attach it first.";
    NOT_IN_PARENT = "not-in-parent", "The user is not attached to the resource above":
        "Only members of the resource above can be members of a resource of this kind. Attach the users there first.";
    LAST_ADMIN = "last-admin", "The last admin":
        "The tenant would be left without an active admin whose role does not end. Make another user admin first.";
    MASS_DETACH = "mass-detach", "Many users would be detached":
        "More than half of ten or more users would be detached at once. dry_run=true lists them. If this is intended, repeat the request with allow_mass_detach=true.";
    IN_USE = "in-use", "In use":
        "The thing that the request removes is in use. The member in_use_by lists the grants and resources in the way, as far as the caller sees them, and at most a hundred. Nothing was changed.";
    OTHER_TENANT = "other-tenant", "Another tenant's":
        "The request names a tenant that is not the credential's.";
    OPERATOR_ONLY = "operator-only", "For the operator":
        "Tenants are made and changed by the operator: the credential that `attache operator-token` makes.";
    NO_SUCH_PATH = "no-such-path", "Nothing is served here":
        "Nothing is served at this path. The OpenAPI document at /openapi/attache.json names all paths.";
    METHOD_NOT_ALLOWED = "method-not-allowed", "Method not supported":
        "This path does not support this method. The header Allow names the methods that it takes.";
    BODY_TOO_LARGE = "body-too-large", "The body is too large":
        "The body has more bytes than limits.body_size of the configuration, or, of an import, than imports.size. Send less at once.";
    BODY_TIMED_OUT = "body-timed-out", "The body did not arrive in time":
        "The body did not arrive completely within limits.answer_within of the configuration. Nothing was changed. Send the request again.";
    ENCODED = "encoded-body", "The body is compressed":
        "Bodies must not be compressed. Send the body without Content-Encoding, and with no Transfer-Encoding but chunked; the header Accept-Encoding of the answer says so too.";
    CHANGED = "changed", "Changed in the meantime":
        "A precondition of the request does not hold. With If-Match: the thing at the path has changed since the tag was read, does not exist, or has no tag. With If-None-Match: it exists, or still has the tag. Nothing was changed. Read it again, and decide again.";
    REQUEST_RUNNING = "request-running", "The same request is being worked on":
        "A request with this Idempotency-Key is under way. Repeat the request a little later to get its answer.";
    IMPORT_RUNNING = "import-running", "An import is under way":
        "A tenant has one import under way at a time. Get its progress at the Location of its answer, and send the next import when it has ended.";
    REQUEST_DIFFERS = "request-differs", "Another request has this Idempotency-Key":
        "The Idempotency-Key was used for a request with another method, path or body. Nothing was changed. Use a new key for each change.";
    GONE = "gone", "Done before, result gone":
        "The request was done before, and the thing that it made is gone, or the caller no longer sees it. Nothing was done now.";
    BEHIND = "behind", "Revision not reached yet":
        "The server has not reached the revision in Attache-At-Least yet. Repeat the request after the seconds in Retry-After.";
    UNAVAILABLE = "unavailable", "Unavailable":
        "The tenant cannot be served now. Nothing was changed. Repeat the request after the seconds in Retry-After.";
    OUTCOME_UNKNOWN = "outcome-unknown", "Outcome unknown":
        "The database did not confirm whether the change was written. Repeat the request with the same Idempotency-Key: it is done once. Without such a key, read before you try again.";
    TIMED_OUT = "timed-out", "Timed out":
        "The answer took longer than limits.answer_within of the configuration. Whether a change was written is not known: repeat the request with the same Idempotency-Key, or read first.";
    INTERNAL = "internal", "Internal error":
        "attache failed. The correlation id finds the cause in the server's log.";
}

/// Returns the type of a problem.
pub(super) fn of(problem: &Problem) -> &'static Page {
    match problem {
        Problem::Unauthenticated | Problem::BadCredential(_) => &UNAUTHENTICATED,
        Problem::Refused(refusal) | Problem::RefusedAt(_, refusal) => match refusal {
            Refusal::NotFound { .. } => &NOT_FOUND,
            Refusal::Forbidden { .. } => &FORBIDDEN,
            Refusal::Exceeds { .. } => &EXCEEDS,
            Refusal::Outlasts { .. } => &OUTLASTS,
            Refusal::Unknown { .. } | Refusal::UnknownUsers { .. } => &UNKNOWN_REFERENCE,
            Refusal::Invalid { .. } => &INVALID,
            Refusal::Taken { .. } => &TAKEN,
            Refusal::NotAMember { .. } => &NOT_A_MEMBER,
            Refusal::NotInParent { .. } => &NOT_IN_PARENT,
            Refusal::LastAdmin => &LAST_ADMIN,
            Refusal::MassDetach { .. } => &MASS_DETACH,
            Refusal::InUse { .. } => &IN_USE,
        },
        Problem::Invalid(_) => &INVALID,
        Problem::AsOf(_) => &AS_OF,
        Problem::PastNotReady => &PAST_NOT_READY,
        Problem::Encoded => &ENCODED,
        Problem::OtherTenant => &OTHER_TENANT,
        Problem::OperatorOnly => &OPERATOR_ONLY,
        Problem::NoSuchPath => &NO_SUCH_PATH,
        Problem::MethodNotAllowed => &METHOD_NOT_ALLOWED,
        Problem::BodyTooLarge(_) => &BODY_TOO_LARGE,
        Problem::BodyTimedOut => &BODY_TIMED_OUT,
        Problem::Changed => &CHANGED,
        Problem::Running => &REQUEST_RUNNING,
        Problem::ImportRunning => &IMPORT_RUNNING,
        Problem::Differs => &REQUEST_DIFFERS,
        Problem::Gone(_) => &GONE,
        Problem::Stale(_) => &BEHIND,
        Problem::Unavailable(_) => &UNAVAILABLE,
        Problem::Unknown(_) => &OUTCOME_UNKNOWN,
        Problem::TimedOut => &TIMED_OUT,
        Problem::Internal => &INTERNAL,
    }
}

/// Returns the routes of the pages and of their list.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route(PREFIX, get(list))
        .route(&format!("{PREFIX}/{{name}}"), get(page))
}

async fn list(State(app): State<App>) -> Response {
    let path = app.public_path();
    let mut items = String::new();
    for page in ALL {
        // Writing to a string does not fail.
        let _ = write!(
            items,
            "<li><a href=\"{path}{PREFIX}/{}\">{}</a></li>",
            page.name,
            escaped(page.title)
        );
    }
    html("Problems", &format!("<ul>{items}</ul>"))
}

async fn page(Path(name): Path<String>) -> Response {
    match ALL.iter().find(|page| page.name == name) {
        Some(page) => html(page.title, &format!("<p>{}</p>", escaped(page.text))),
        None => Problem::NoSuchPath.into_response(),
    }
}

fn html(title: &str, body: &str) -> Response {
    let title = escaped(title);
    let page = Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\
         <body><h1>{title}</h1>{body}</body></html>\n"
    ));
    ([(CACHE_CONTROL, PUBLIC)], page).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Returns the types as they appear in problems, such as `/problems/not-found`, for a
/// server without a public path.
pub(super) fn addresses() -> Vec<String> {
    ALL.iter()
        .map(|page| format!("{PREFIX}/{}", page.name))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_type_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = ALL.iter().map(|page| page.name).collect();
        assert_eq!(names.len(), ALL.len());
    }
}
