//! Events in the OpenAPI document.

use serde_json::{Map, Value, json};

const SCHEMAS: &str = "#/components/schemas/";

/// Names `type` as the property that tells events apart, with the schema of each type, so that
/// generated clients have a class a type. Fields that newer versions add are allowed.
pub(crate) fn describe(document: &mut Value) {
    let schemas = &mut document["components"]["schemas"];
    let variants = schemas["Event"]["oneOf"].as_array().into_iter().flatten();
    let variants = variants.filter_map(|variant| variant["$ref"].as_str());
    let variants: Vec<String> = variants.map(str::to_owned).collect();
    let mut mapping = Map::new();
    for reference in variants {
        let Some(schema) = reference.strip_prefix(SCHEMAS) else {
            continue;
        };
        let Some(schema) = schemas.get_mut(schema).and_then(Value::as_object_mut) else {
            continue;
        };
        schema.remove("additionalProperties");
        let kind = schema.get("properties").map(|it| &it["type"]["enum"][0]);
        if let Some(kind) = kind.and_then(Value::as_str) {
            mapping.insert(kind.to_owned(), json!(reference));
        }
    }
    schemas["Event"]["discriminator"] = json!({"propertyName": "type", "mapping": mapping});
}
