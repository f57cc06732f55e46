//! What is compared of the things that the API shows: all that the histories
//! change about them.

use attache_core::State;
use attache_core::ask::Attached;
use attache_core::id::GroupNumber;
use attache_core::model::{Group, User};
use attache_core::state::UserNode;
use serde_json::{Value, json};

pub(crate) fn user(user: &User) -> Value {
    json!({
        "id": user.id.0,
        "number": user.number.0,
        "key": user.key,
        "first_name": user.profile.first_name,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
    })
}

pub(crate) fn group(group: &Group) -> Value {
    json!({
        "id": group.id.0,
        "number": group.number.0,
        "key": group.key,
        "name": group.name,
    })
}

pub(crate) fn member(state: &State, member: &Attached<'_>) -> Value {
    json!({
        "user": user(member.user()),
        "number": member.membership.number().map(|it| it.0),
        "updated_at": member.updated_at(state),
        "added_at": member.membership.added_at(),
        "added_by": member.added_by(state),
    })
}

/// A user of a group.
pub(crate) fn group_user(state: &State, row: &UserNode, group: GroupNumber) -> Value {
    let mut shown = user(&row.user);
    if let Some(given) = row.groups.get(&group) {
        shown["added_at"] = json!(given.added_at());
        shown["added_by"] = json!(state.giver(given.added_by()));
    }
    shown
}

/// The same of what the API shows.
pub(crate) fn shown(value: &Value) -> Value {
    match value {
        Value::Object(fields) if fields.contains_key("user") => {
            json!({
                "user": shown(&fields["user"]),
                "number": fields["number"],
                "updated_at": fields["updated_at"],
                "added_at": fields["added_at"],
                "added_by": fields["added_by"],
            })
        }
        Value::Object(fields) => {
            let compared = [
                "id",
                "number",
                "key",
                "name",
                "first_name",
                "created_at",
                "updated_at",
                "added_at",
                "added_by",
            ];
            let is_group = fields.contains_key("name");
            let fields = fields.iter().filter(|(name, _)| {
                compared.contains(&name.as_str()) && !(is_group && *name == "created_at")
            });
            let fields = fields.map(|(name, value)| (name.clone(), value.clone()));
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}

/// A whole list.
pub(crate) fn list(items: impl Iterator<Item = Value>) -> Value {
    let items: Vec<Value> = items.collect();
    json!({"total": items.len(), "items": items})
}

/// The same of what the API shows.
pub(crate) fn shown_list(page: &Value) -> Value {
    let items = page["items"].as_array().into_iter().flatten();
    json!({"total": page["total"], "items": items.map(shown).collect::<Vec<_>>()})
}

/// A user by its key.
pub(crate) fn user_of<'a>(state: &'a State, key: &str) -> Option<&'a User> {
    state.user(state.find_user(&attache_core::Ref::text(key))?)
}
