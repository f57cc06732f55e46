//! What a body looks like, whatever it says.

use serde_json::Value;

use attache_testkit::world::Answer;

/// How deep a body is looked into.
const DEPTH: usize = 1;

/// The status, and the shape of the body; of a problem, its type.
pub(crate) fn of(answer: &Answer) -> String {
    let status = answer.status;
    let body = match serde_json::from_str::<Value>(&answer.body) {
        Ok(body) => match body["type"]
            .as_str()
            .filter(|kind| kind.starts_with("/problems/"))
        {
            Some(kind) => kind.trim_start_matches("/problems/").to_owned(),
            None => shape(&body, DEPTH),
        },
        Err(_) if answer.body.is_empty() => "–".to_owned(),
        Err(_) => "text".to_owned(),
    };
    format!("{status} {body}")
}

fn shape(value: &Value, depth: usize) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(_) => "number".to_owned(),
        Value::String(_) => "text".to_owned(),
        Value::Array(items) => match items.first() {
            Some(first) => format!("[{}]", shape(first, depth)),
            None => "[]".to_owned(),
        },
        Value::Object(_) if depth == 0 => "{…}".to_owned(),
        Value::Object(object) => {
            let members = object.iter();
            let members = members.map(|(name, value)| match value {
                Value::Object(_) | Value::Array(_) => {
                    format!("{name}: {}", shape(value, depth - 1))
                }
                Value::Bool(value) => format!("{name}: {value}"),
                _ => name.clone(),
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
    }
}
