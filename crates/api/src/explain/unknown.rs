//! Unknown names in a question.

use attache_core::ask::Unknown;
use attache_http::{Fault, Problem, Session};

use super::Asked;

/// Returns the part before the colon of a name such as `customer:kranich-optik`.
fn type_of(name: &str) -> Option<&str> {
    let (of_type, rest) = name.split_once(':')?;
    // An id as a URN (RFC 9562, 4).
    (of_type != "urn" || !rest.starts_with("uuid:")).then_some(of_type)
}

fn subject(session: &Session, asked: &Asked) -> Option<Unknown> {
    let of_type = type_of(&asked.subject)?;
    session.authority().unknown_subject_type(of_type)
}

fn resource(session: &Session, asked: &Asked) -> Option<Unknown> {
    let kind = type_of(&asked.resource)?;
    session.authority().unknown_kind(session.subject(), kind)
}

fn permission(session: &Session, asked: &Asked) -> Option<Unknown> {
    session
        .authority()
        .unknown_action(session.subject(), &asked.permission)
}

fn parameters<'a>(
    session: &'a Session,
    asked: &'a Asked,
) -> impl Iterator<Item = Unknown> + use<'a> {
    asked.parameters.keys().filter_map(|name| {
        session
            .authority()
            .unknown_parameter(session.subject(), name)
    })
}

/// Checks a strict question.
///
/// # Errors
/// All unknown names, each with its field.
pub(super) fn strictly(session: &Session, asked: &Asked) -> Result<(), Problem> {
    let named = [
        ("subject", subject(session, asked)),
        ("resource", resource(session, asked)),
        ("permission", permission(session, asked)),
    ];
    let named = named.into_iter();
    let named = named.filter_map(|(field, unknown)| Some((field.to_owned(), unknown?)));
    let parameters = parameters(session, asked);
    let parameters = parameters.map(|unknown| (format!("parameters.{}", unknown.name), unknown));
    let faults = named.chain(parameters).map(|(field, unknown)| {
        session.counts_unknown(unknown.what);
        Fault::new(field, unknown.reason())
    });
    let faults: Vec<Fault> = faults.collect();
    match faults.is_empty() {
        true => Ok(()),
        false => Err(Problem::Invalid(faults)),
    }
}

/// Returns the unknown type of the subject or resource, if one is unknown, and counts it.
pub(super) fn of_types(session: &Session, asked: &Asked, has_subject: bool) -> Option<Unknown> {
    let unknown = match has_subject {
        false => subject(session, asked),
        true => resource(session, asked),
    };
    counted(session, unknown)
}

/// Returns the unknown permission or parameter of a denied question, if one is unknown,
/// and counts it.
pub(super) fn of_names(session: &Session, asked: &Asked) -> Option<Unknown> {
    let first = || parameters(session, asked).next();
    counted(session, permission(session, asked).or_else(first))
}

fn counted(session: &Session, unknown: Option<Unknown>) -> Option<Unknown> {
    if let Some(unknown) = &unknown {
        session.counts_unknown(unknown.what);
    }
    unknown
}
