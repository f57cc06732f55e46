//! A fast parser for the most frequent question: a subject, an action and a resource,
//! each only with its type and name. It builds no JSON objects.

use std::borrow::Cow;

use serde::Deserialize;

use super::entity::Given;
use super::question::Asked;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plain<'a> {
    #[serde(borrow)]
    subject: Entity<'a>,
    #[serde(borrow)]
    action: Action<'a>,
    #[serde(borrow)]
    resource: Entity<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entity<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(borrow)]
    id: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Action<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

/// Reads a body that is such a question. `None` if it is another one or invalid.
pub(super) fn read(body: &[u8]) -> Option<Asked> {
    // A list would be read as an object without field names.
    if body.contains(&b'[') {
        return None;
    }
    let Plain {
        subject,
        action,
        resource,
    } = serde_json::from_slice(body).ok()?;
    let given = |entity: &Entity<'_>| Given::plain(&entity.r#type, &entity.id);
    Some(Asked::plain(
        given(&subject),
        &action.name,
        given(&resource),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use attache_http::JsonBody;

    /// How every body can be read.
    fn read_as_objects(body: &str) -> Option<Asked> {
        let mut object = JsonBody::parse(body.as_bytes()).ok()?.object().ok()?;
        Asked::read(&mut object).ok()
    }

    #[test]
    fn a_plain_question_is_read_as_any_other() {
        for body in [
            r#"{"subject":{"type":"user","id":"ada"},"action":{"name":"a.b"},"resource":{"type":"customer","id":"7"}}"#,
            " {\"resource\" : {\"id\":\"\\u00e9\\\"\",\"type\":\"\"},\n\"action\":{\"name\":\"\"},\"subject\":{\"id\":\"é\",\"type\":\"user\"}} ",
        ] {
            let plain = read(body.as_bytes());
            assert!(plain.is_some(), "{body}");
            assert_eq!(plain, read_as_objects(body), "{body}");
        }
    }

    #[test]
    fn all_others_are_left_to_whoever_reads_any() {
        const SUBJECT: &str = r#""subject":{"type":"user","id":"ada"}"#;
        const REST: &str = r#""action":{"name":"a.b"},"resource":{"type":"customer","id":"7"}"#;
        for body in [
            String::new(),
            format!("{{{SUBJECT}}}"),
            format!("{{{SUBJECT},{REST},{SUBJECT}}}"),
            format!("{{{SUBJECT},{REST},\"context\":{{}}}}"),
            format!("{{{SUBJECT},{REST}}}x"),
            format!("[{{{SUBJECT},{REST}}}]"),
            format!(r#"{{"subject":["user","ada"],{REST}}}"#),
            format!(r#"{{"subject":{{"type":"user","id":7}},{REST}}}"#),
            format!(r#"{{"subject":{{"type":"user","id":null}},{REST}}}"#),
            format!(r#"{{"subject":{{"type":"user","id":"a","id":"b"}},{REST}}}"#),
            format!(r#"{{"subject":{{"type":"user","id":"a","properties":{{}}}},{REST}}}"#),
            format!(r#"{{"subject":null,{REST}}}"#),
        ] {
            assert_eq!(read(body.as_bytes()), None, "{body}");
        }
    }
}
