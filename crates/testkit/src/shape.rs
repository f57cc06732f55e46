//! Reads an OpenAPI document: references, properties, parameters.

use std::collections::BTreeSet;

use serde_json::Value;

/// Returns the schema of a reference.
pub fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => at(document, reference),
        None => schema,
    }
}

fn at<'a>(document: &'a Value, reference: &str) -> &'a Value {
    let pointer = reference.strip_prefix('#').unwrap();
    let found = document.pointer(pointer);
    found.unwrap_or_else(|| panic!("{reference} leads nowhere"))
}

/// Returns the paths of a schema's properties, also of nested ones: `data[].id`.
pub fn properties(document: &Value, schema: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(document, schema, "", &mut found);
    found
}

fn collect(document: &Value, schema: &Value, front: &str, found: &mut BTreeSet<String>) {
    let schema = resolved(document, schema);
    for parts in ["oneOf", "anyOf", "allOf"] {
        for part in schema[parts].as_array().into_iter().flatten() {
            collect(document, part, front, found);
        }
    }
    if schema["items"].is_object() {
        collect(document, &schema["items"], &format!("{front}[]"), found);
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let name = match front {
            "" => name.clone(),
            front => format!("{front}.{name}"),
        };
        collect(document, property, &name, found);
        found.insert(name);
    }
}

/// Returns the parameters of an operation, each with its place and name.
pub fn parameters(operation: &Value) -> BTreeSet<String> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    parameters
        .map(|parameter| format!("{} {}", text(&parameter["in"]), text(&parameter["name"])))
        .collect()
}

/// Checks that a document satisfies OpenAPI as far as a few lines can tell: its version,
/// its head, valid references, parameters of paths, descriptions of answers, ids of
/// operations.
pub fn is_sound(document: &Value, name: &str) {
    let version = document["openapi"].as_str().unwrap();
    assert!(version.starts_with("3.1"), "{name}: {version}");
    assert!(document["info"]["title"].is_string(), "{name}");
    assert!(document["info"]["version"].is_string(), "{name}");
    references(document, document);
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        assert!(path.starts_with('/'), "{name}: {path}");
        for (method, operation) in item.as_object().unwrap() {
            let what = format!("{name}: {method} {path}");
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{what}: {id} is repeated");
            is_sound_operation(path, operation, &what);
        }
    }
    for requirement in document["security"].as_array().unwrap() {
        for scheme in requirement.as_object().unwrap().keys() {
            let known = &document["components"]["securitySchemes"][scheme];
            assert!(known.is_object(), "{name}: {scheme}");
        }
    }
}

fn is_sound_operation(path: &str, operation: &Value, what: &str) {
    let declared = parameters(operation);
    let in_path = path.split('/').filter_map(|part| {
        let part = part.strip_prefix('{')?;
        Some(format!("path {}", part.strip_suffix('}')?))
    });
    let in_path: BTreeSet<String> = in_path.collect();
    let of_path = declared.iter().filter(|text| text.starts_with("path "));
    assert_eq!(of_path.cloned().collect::<BTreeSet<_>>(), in_path, "{what}");
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        assert!(parameter["schema"].is_object(), "{what}");
        if parameter["in"] == "path" {
            assert_eq!(parameter["required"], true, "{what}");
        }
    }
    for (status, response) in operation["responses"].as_object().unwrap() {
        assert!(response["description"].is_string(), "{what}: {status}");
    }
}

/// Checks that every reference is valid.
fn references(document: &Value, part: &Value) {
    match part {
        Value::Object(fields) => {
            if let Some(reference) = fields.get("$ref") {
                at(document, reference.as_str().unwrap());
            }
            fields.values().for_each(|part| references(document, part));
        }
        Value::Array(parts) => parts.iter().for_each(|part| references(document, part)),
        _ => {}
    }
}

/// Returns the faults of a value by its schema: types, enums, required fields, and fields that
/// the schema does not name, though clients accept these.
#[must_use]
pub fn faults(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let named = document.pointer(reference.trim_start_matches('#')).unwrap();
        return faults(document, named, value);
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(parts) = schema[choice].as_array() {
            let each = parts.iter().map(|part| faults(document, part, value));
            let fit = each.clone().filter(Vec::is_empty).count();
            return match fit {
                1 => Vec::new(),
                // The variant that the value says it is.
                0 => each.min_by_key(Vec::len).unwrap(),
                _ => vec![format!("{value} fits {fit} of {choice}")],
            };
        }
    }
    let allowed: Vec<&str> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        kind => kind.as_str().into_iter().collect(),
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let mut found = Vec::new();
    if !allowed.is_empty() && !allowed.contains(&kind) {
        found.push(format!("{value} is no {allowed:?}"));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        found.push(format!("{value} is none of {words:?}"));
    }
    for item in value.as_array().into_iter().flatten() {
        found.extend(faults(document, &schema["items"], item));
    }
    let Some(fields) = value.as_object() else {
        return found;
    };
    let properties = schema["properties"].as_object();
    for (name, field) in fields {
        match properties.and_then(|it| it.get(name)) {
            Some(schema) => found.extend(faults(document, schema, field)),
            None if schema["additionalProperties"].is_object() => {
                found.extend(faults(document, &schema["additionalProperties"], field));
            }
            None if properties.is_none() => {}
            None => found.push(format!("{name} is not described")),
        }
    }
    let required = schema["required"].as_array().into_iter().flatten();
    let missing = required.filter(|name| !fields.contains_key(name.as_str().unwrap()));
    found.extend(missing.map(|name| format!("{name} is missing in {value}")));
    found
}
