//! Adapts the document for generators of clients: every schema has a name, and no schema
//! consists of contradicting parts.

use serde_json::{Map, Value, json};

const PREFIX: &str = "#/components/schemas/";
/// The path of an operation's body schema.
const BODY: &str = "/requestBody/content/application~1json/schema";

/// Names the variants of choices, merges schemas that consist of parts, and names the
/// items of pages.
pub(super) fn flatten(document: &mut Value) {
    let Some(schemas) = document["components"]["schemas"].as_object().cloned() else {
        return;
    };
    let mut flat = Map::new();
    for (name, schema) in &schemas {
        let mut schema = merged(schema, &schemas);
        if let Some(variants) = schema["oneOf"].as_array().cloned() {
            let named = variants.iter().map(|variant| {
                let mut variant = merged(variant, &schemas);
                variant["additionalProperties"] = json!(false);
                (variant_name(name, &variant), variant)
            });
            let named: Vec<(Option<String>, Value)> = named.collect();
            schema["oneOf"] = named
                .iter()
                .map(|(name, variant)| match name {
                    Some(name) => json!({"$ref": format!("{PREFIX}{name}")}),
                    None => variant.clone(),
                })
                .collect();
            let named = named.into_iter();
            flat.extend(named.filter_map(|(name, variant)| Some((name?, variant))));
        }
        if let Some(shown) = name
            .strip_prefix("Page_")
            .filter(|it| schemas.contains_key(*it))
        {
            let items = &mut schema["properties"]["items"]["items"];
            *items = json!({"$ref": format!("{PREFIX}{shown}")});
        }
        flat.insert(name.clone(), schema);
    }
    document["components"]["schemas"] = Value::Object(flat);
    for path in members(&mut document["paths"]) {
        for operation in members(path) {
            let body = operation.pointer_mut(BODY);
            if let Some(body) = body
                && let Some(schema) = present(body)
            {
                *body = schema;
            }
        }
    }
}

fn members(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    let members = value.as_object_mut().into_iter();
    members.flat_map(|object| object.values_mut())
}

/// Returns the schema of a body without null, since the document marks the body as
/// optional elsewhere.
fn present(schema: &Value) -> Option<Value> {
    let choices = schema["oneOf"].as_array()?;
    let mut named = choices.iter().filter(|choice| choice["type"] != "null");
    named.next().filter(|_| choices.len() == 2).cloned()
}

/// Returns a schema with its parts merged.
fn merged(schema: &Value, schemas: &Map<String, Value>) -> Value {
    let Some(parts) = schema["allOf"].as_array() else {
        return schema.clone();
    };
    let (mut properties, mut required) = (Map::new(), Vec::new());
    let mut whole = json!({"type": "object"});
    for part in parts {
        let named = part["$ref"].as_str().and_then(|it| it.strip_prefix(PREFIX));
        let part = named.and_then(|name| schemas.get(name)).unwrap_or(part);
        properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
        required.extend(part["required"].as_array().cloned().unwrap_or_default());
        if part["additionalProperties"] == false {
            whole["additionalProperties"] = json!(false);
        }
    }
    if let Some(description) = schema.get("description") {
        whole["description"] = description.clone();
    }
    whole["properties"] = Value::Object(properties);
    whole["required"] = Value::Array(required);
    whole
}

/// Returns the name of a variant: the constant that distinguishes it.
fn variant_name(choice: &str, variant: &Value) -> Option<String> {
    let properties = variant["properties"].as_object()?;
    let words = properties.values().filter_map(|property| {
        let words = property["enum"].as_array()?;
        words.first().filter(|_| words.len() == 1)?.as_str()
    });
    let words: Vec<&str> = words.collect();
    let [word] = words.as_slice() else {
        return None;
    };
    let mut name: String = word.split(['_', '.']).map(capital).collect();
    name.push_str(choice);
    Some(name)
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(letter) => letter.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
