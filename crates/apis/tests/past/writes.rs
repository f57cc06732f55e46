//! Random writes through the APIs. Many of them are refused.

use attache_testkit::world::{Ask, World};
use serde_json::{Value, json};

use crate::dice::Dice;

const USERS: &[&str] = &[
    "#2", "#3", "#6", "#9", "#10", "#11", "#13", "n1", "n2", "n3",
];
const RESOURCES: &[&str] = &[
    "customer:%231",
    "customer:%231",
    "customer:%232",
    "workspace:%231",
    "chatbot:%231",
    "customer:new",
    "reseller:%231",
];
const ROLES: &[&str] = &[
    "owner",
    "viewer",
    "manager",
    "agent",
    "ChatbotEditor",
    "workspace-admin",
];
const GROUPS: &[&str] = &["%231", "%232", "g1"];

/// A write to send: its method, its path and its body.
pub(crate) type Wish = (&'static str, String, Value);

fn in_path(user: &str) -> String {
    user.replace('#', "%23")
}

/// Ada stays as she is: she is asked as.
pub(crate) fn any(dice: &mut Dice, world: &World) -> Wish {
    let user = dice.of(USERS);
    let (path_user, resource) = (in_path(user), dice.of(RESOURCES));
    let (group, role) = (dice.of(GROUPS), dice.of(ROLES));
    let api = |path: String| format!("/api/v1/{path}");
    let end = world.now().as_millis() + 1_000 * (1 + dice.below(40) as i64);
    let end = match dice.below(3) {
        0 => json!(attache_core::Timestamp::from_millis(end)),
        _ => Value::Null,
    };
    let name = format!("Name {}", dice.below(90));
    let subject = match dice.below(3) {
        0 => format!("group:{}", group.replace("%23", "#")),
        _ => format!("user:{user}"),
    };
    match dice.below(17) {
        0 => (
            "PUT",
            api(format!("users/n{}", 1 + dice.below(3))),
            json!({"first_name": name}),
        ),
        1 => (
            "PATCH",
            api(format!("users/{path_user}")),
            json!({"last_name": name}),
        ),
        2 => {
            let status = dice.of(&["active", "inactive"]);
            (
                "PATCH",
                api(format!("users/{path_user}")),
                json!({"status": status}),
            )
        }
        3 if dice.below(3) == 0 => ("DELETE", api(format!("users/{path_user}")), Value::Null),
        3..6 => (
            "PUT",
            api(format!("resources/{resource}/members/{path_user}")),
            json!({"expires_at": end}),
        ),
        6 => (
            "DELETE",
            api(format!("resources/{resource}/members/{path_user}")),
            Value::Null,
        ),
        7..9 => (
            "POST",
            api(format!("resources/{resource}/grants")),
            json!({"subject": subject, "role": role, "expires_at": end}),
        ),
        9 => {
            let revoke = json!({"op": "revoke", "resource": resource.replace("%23", "#"),
                "subject": subject, "role": role});
            (
                "POST",
                api("bulk".to_owned()),
                json!({"operations": [revoke]}),
            )
        }
        10 => (
            "POST",
            api("groups".to_owned()),
            json!({"name": name, "key": "g1"}),
        ),
        11 => (
            "PUT",
            api(format!("groups/{group}/users/{path_user}")),
            Value::Null,
        ),
        12 => (
            "DELETE",
            api(format!("groups/{group}/users/{path_user}")),
            Value::Null,
        ),
        13 => match dice.below(3) {
            0 => (
                "DELETE",
                api("resources/customer:new".to_owned()),
                Value::Null,
            ),
            _ => (
                "POST",
                api("resources".to_owned()),
                json!({"kind": "customer", "parent": "reseller:#1", "key": "new", "name": name}),
            ),
        },
        14 => (
            "POST",
            api("resources/customer:%231/move".to_owned()),
            json!({"parent": dice.of(&["tenant", "reseller:#1", "reseller:#2"])}),
        ),
        15 => {
            let more = dice.of(&["customers.users.*", "customers.change", "workspaces.view"]);
            let role = json!({"kind": "customer", "label": "Viewer",
                "permissions": ["customers.view", more]});
            ("PUT", api("roles/viewer".to_owned()), role)
        }
        _ => {
            // Ada has number 1.
            let others = [2, 5, 6, 9].map(|user| user + dice.below(2));
            let users = others.iter().copied().chain([1]).collect::<Vec<_>>();
            let path = "/third-party/v1/customers/1/users".to_owned();
            ("POST", path, json!({"user_ids": users}))
        }
    }
}

pub(crate) fn ask<'a>(world: &'a World, (method, path, body): &Wish) -> Ask<'a> {
    let ask = world.ask(method, path);
    match body.is_null() {
        true => ask,
        false => ask.json(body),
    }
}
