//! Prints the explanation of a decision for people.

use serde_json::Value;

use super::CliError;
use super::api::plain;
use super::listing::{Column, words};
use super::output::say;

/// The columns of a decision in CSV.
pub(super) const COLUMNS: &[Column] = &[
    Column::untabled("decision"),
    Column::untabled("code"),
    Column::untabled("subject.id"),
    Column::untabled("permission"),
    Column::untabled("resource.id"),
    Column::untabled("message"),
];

/// Prints yes or no and why; with `tree`, each step of the decision.
pub(super) fn say_why(answer: &Value, tree: bool) -> Result<(), CliError> {
    let code = plain(&answer["code"]);
    if ["unknown_subject", "unknown_resource", "unknown_type"].contains(&code.as_str()) {
        let message = plain(&answer["message"]);
        return Err(CliError::new(message.trim_end_matches('.')));
    }
    let may = if answer["decision"] == true {
        "yes"
    } else {
        "no"
    };
    say(format!("{may}: {}", plain(&answer["message"])))?;
    if tree {
        for line in self::tree(answer) {
            say(line)?;
        }
    }
    Ok(())
}

/// Returns a line for each resource, each followed by lines for the steps there.
pub(super) fn tree(answer: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for step in answer["steps"].as_array().into_iter().flatten() {
        lines.push(place(&step["resource"]));
        let tried = step["tried"].as_array().into_iter().flatten();
        let mut below: Vec<String> = tried.map(attempt).collect();
        match (step["more_tried"].as_u64(), below.is_empty()) {
            (Some(more), _) => below.push(format!("and {more} more")),
            (None, true) => below.push("nothing".to_owned()),
            (None, false) => {}
        }
        let roles = words(&step["roles"]);
        if answer["decision"] != true && !roles.is_empty() {
            let more = step["more_roles"].as_u64();
            let more = more.map(|more| format!(" and {more} more"));
            let more = more.unwrap_or_default();
            below.push(format!("would allow it here: {roles}{more}"));
        }
        let last = below.len() - 1;
        for (n, line) in below.into_iter().enumerate() {
            let branch = if n == last { "└─" } else { "├─" };
            lines.push(format!("  {branch} {line}"));
        }
    }
    let granting = &answer["may_grant"];
    let named = granting["subjects"].as_array().into_iter().flatten();
    let named: Vec<String> = named.map(called).collect();
    if !named.is_empty() {
        let total = granting["total"].as_u64().unwrap_or_default();
        let more = total.saturating_sub(named.len() as u64);
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        lines.push(format!(
            "may grant a role there: {}{more}",
            named.join(", ")
        ));
    }
    lines
}

fn place(resource: &Value) -> String {
    let short = match (plain(&resource["type"]), plain(&resource["short"])) {
        (_, short) if short == "tenant" => short,
        (kind, short) => format!("{kind}:{short}"),
    };
    match resource["name"].as_str() {
        Some(name) => format!("{short} ({name})"),
        None => short,
    }
}

fn called(subject: &Value) -> String {
    let short = plain(&subject["short"]);
    match subject["name"].as_str() {
        Some(name) if name != short => format!("{name} ({short})"),
        _ => short,
    }
}

fn attempt(tried: &Value) -> String {
    let what = match tried["role"].as_str() {
        None => "attached".to_owned(),
        Some(role) => {
            let parameters = match words(&tried["parameters"]) {
                none if none.is_empty() => none,
                some => format!(" ({some})"),
            };
            let group = match tried["group"].is_null() {
                true => String::new(),
                false => format!(" by group {}", called(&tried["group"])),
            };
            format!("role {role}{parameters}{group}")
        }
    };
    let end = match tried["expires_at"].as_str() {
        Some(end) => format!(" until {end}"),
        None => String::new(),
    };
    let verdict = match tried["verdict"].as_str() {
        Some("allows") => "allows it",
        Some("does_not_count") => "would allow it, and no longer counts",
        Some("another_part") => "allows it for another part only",
        _ => "lacks it",
    };
    format!("{what}{end}: {verdict}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::tree;

    #[test]
    fn each_step_is_a_branch() {
        let mill = json!({"type": "customer", "short": "mill", "name": "Mill"});
        let root = json!({"type": "tenant", "short": "tenant", "name": null});
        let answer = json!({
            "decision": false,
            "steps": [
                {
                    "resource": mill,
                    "tried": [
                        {"type": "membership", "verdict": "lacks"},
                        {"type": "grant", "role": "viewer", "verdict": "lacks",
                         "group": {"short": "night", "name": "Night shift"}},
                    ],
                    "more_tried": 7,
                    "roles": ["owner", "manager"],
                    "more_roles": 2,
                },
                {"resource": root, "tried": [], "roles": []},
            ],
            "may_grant": {"total": 12, "subjects": [{"short": "ada", "name": "Ada"}]},
        });
        let expected = "\
customer:mill (Mill)
  ├─ attached: lacks it
  ├─ role viewer by group Night shift (night): lacks it
  ├─ and 7 more
  └─ would allow it here: owner manager and 2 more
tenant
  └─ nothing
may grant a role there: Ada (ada) and 11 more";
        assert_eq!(tree(&answer).join("\n"), expected);
    }
}
