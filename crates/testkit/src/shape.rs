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
