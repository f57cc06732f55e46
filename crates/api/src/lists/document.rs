//! Adds to the OpenAPI document what all lists have in common.

use serde_json::{Value, json};

use crate::query::PARAMETERS;

/// The prefix of the schemas of pages.
const PAGE: &str = "#/components/schemas/Page_";
const JSON: &str = "/responses/200/content/application~1json/schema/$ref";

/// Adds to each list its other forms, and the parameters of all lists.
pub(in super::super) fn describe(document: &mut Value) {
    let Some(paths) = document["paths"].as_object_mut() else {
        return;
    };
    for operation in paths.values_mut().filter_map(|path| path.get_mut("get")) {
        let page = operation.pointer(JSON).and_then(Value::as_str);
        let Some(thing) = page.and_then(|page| Some(page.strip_prefix(PAGE)?.to_owned())) else {
            continue;
        };
        let lines = format!(
            "All of the list at one revision: a line for each, a `{thing}` as JSON. \
             The last line is `{{\"error\": …}}` if the list cannot be finished."
        );
        let csv = format!(
            "All of the list at one revision, as CSV (RFC 4180): the first row names the fields \
             of `{thing}` with dots. The last row has a cell more if the list cannot be finished."
        );
        let text =
            |description: String| json!({"schema": {"type": "string", "description": description}});
        let content = &mut operation["responses"]["200"]["content"];
        content["application/x-ndjson"] = text(lines);
        content["text/csv"] = text(csv);
        let parameters = &mut operation["parameters"];
        if parameters.is_null() {
            *parameters = json!([]);
        }
        if let Some(parameters) = parameters.as_array_mut() {
            parameters.push(json!({
                "name": PARAMETERS[2],
                "in": "query",
                "description": format!(
                    "Only these fields of each `{thing}`, with dots and commas, such as `id` or `user.id,roles`. \
                     A field that is an object or a list of objects can be named as a whole, or a field of it."
                ),
                "required": false,
                "schema": {"type": "string"},
            }));
            parameters.push(json!({
                "name": PARAMETERS[3],
                "in": "query",
                "description": "With `Accept: text/csv`: an apostrophe stands before each cell that a spreadsheet would run as \
                    a formula, each cell is quoted, and a byte order mark comes first.",
                "required": false,
                "schema": {"type": "boolean"},
            }));
        }
    }
}
