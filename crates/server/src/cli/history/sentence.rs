//! Describes a change as a sentence, with names.

use serde_json::Value;

use super::super::api::plain;
use super::super::listing::words;
use super::super::names::Names;

/// Returns the name of an actor.
pub(super) fn who(actor: &str, names: &Names<'_>) -> String {
    match actor.split_once(':') {
        Some(("user", id)) => names.of("user", id).both(),
        Some((kind, id)) => format!("{kind} {}", names.of(kind, id).both()),
        None => actor.to_owned(),
    }
}

/// Returns the type and id of a change's subject: `{"user": "0195…"}`.
pub(super) fn subject(change: &Value) -> Option<(String, String)> {
    let (kind, id) = change["subject"].as_object()?.iter().next()?;
    Some((kind.clone(), plain(id)))
}

/// Returns whether another change of the same entry already tells it: a new user's first
/// profile.
pub(super) fn is_told_before(entry: &Value, change: &Value) -> bool {
    let mut changes = entry["changes"].as_array().into_iter().flatten();
    let adds = |other: &Value| other["type"] == "user_added" && other["user"] == change["user"];
    change["type"] == "user_profile_set" && changes.any(adds)
}

/// Describes the difference of two catalogues, such as `role owner, no role agent`.
fn difference(change: &Value) -> String {
    let difference = &change["difference"];
    let mut parts = Vec::new();
    for (field, word) in [
        ("kinds", "kind"),
        ("roles", "role"),
        ("permissions", "permission"),
    ] {
        let there = difference[field].as_array().into_iter().flatten();
        let added = |name: &str| {
            let named = format!("{word}:{name}");
            let mut added = change["added"].as_array().into_iter().flatten();
            added.any(|it| *it == named.as_str())
        };
        parts.extend(there.map(|it| {
            let name = plain(&it["name"]);
            let new = if added(&name) { "new " } else { "" };
            match holds(it) {
                held if held.is_empty() => format!("{new}{word} {name}"),
                held => format!("{new}{word} {name} (it is now {held})"),
            }
        }));
        let gone = format!("removed_{field}");
        let gone = difference[gone.as_str()].as_array().into_iter().flatten();
        parts.extend(gone.map(|it| format!("removed {word} {}", plain(it))));
    }
    parts.join(", ")
}

/// Returns what a role gives, or what members of a kind may do: `customers.view,
/// sites.*`. Empty for nothing.
fn holds(thing: &Value) -> String {
    let lists = ["permissions", "members_may"];
    let held = lists.into_iter().flat_map(|field| thing[field].as_array());
    let mut held: Vec<String> = held.flatten().map(plain).collect();
    for scoped in thing["scoped"].as_array().into_iter().flatten() {
        let permissions = words(&scoped["permissions"]);
        held.push(format!("{}: {permissions}", plain(&scoped["scope"])));
    }
    held.join(", ")
}

/// Describes the terms of a trust, to tell an issuer's trusts apart.
fn terms(trust: &Value) -> String {
    let mut terms = format!("for the audience {}", plain(&trust["audience"]));
    if let Some(claim) = trust["subject_claim"].as_str() {
        let finds_by = plain(&trust["finds_by"]).replace('_', " ");
        terms += &format!(", whose {claim} is a user's {finds_by}");
    }
    if trust["accepts_invitations"] == true {
        terms += ", and which accept invitations";
    }
    terms
}

/// Describes the key and facts of a user after a change.
fn facts(change: &Value) -> String {
    let facts = &change["facts"];
    let parts = [
        ("key", &change["key"]),
        ("email_verified", &facts["email_verified"]),
        ("first_login", &facts["first_login"]),
        ("external_auth_id", &facts["external_auth_id"]),
    ];
    // Empty values may be withheld from the caller.
    let parts = parts.into_iter().filter(|(_, value)| !value.is_null());
    let parts: Vec<String> = parts
        .map(|(name, value)| format!("{name} {}", plain(value)))
        .collect();
    parts.join(", ")
}

/// Describes a change.
pub(super) fn of(change: &Value, names: &Names<'_>) -> String {
    let thing = |kind: &str, field: &str| names.of(kind, &plain(&change[field])).both();
    let (user, group) = (|| thing("user", "user"), || thing("group", "group"));
    let (service, resource) = (
        || thing("service", "service"),
        || thing("resource", "resource"),
    );
    let subject = || match subject(change) {
        Some((kind, id)) => who(&format!("{kind}:{id}"), names),
        None => String::new(),
    };
    let role = || {
        let parameters = words(&change["parameters"]);
        match parameters.is_empty() {
            true => plain(&change["role"]),
            false => format!("{} ({parameters})", plain(&change["role"])),
        }
    };
    let until = || match change["expires_at"].as_str() {
        Some(end) => format!(" until {end}"),
        None => String::new(),
    };
    let ended = || match change["ended_at"].as_str() {
        Some(at) => format!("ended at {at}"),
        None => "ended".to_owned(),
    };
    // Both are withheld from callers that may not read them.
    let named = || match (change["name"].as_str(), change["key"].as_str()) {
        (Some(name), Some(key)) => format!(": it is now {name} (key {key})"),
        (Some(name), None) => format!(": it is now {name}"),
        (None, _) => String::new(),
    };
    let kind = plain(&change["type"]);
    match kind.as_str() {
        "tenant_created" => format!("began the tenant {}", plain(&change["name"])),
        "catalogue_set" => match words(&change["added"]) {
            added if added.is_empty() => "changed the catalogue".to_owned(),
            added => format!("added {added} to the catalogue"),
        },
        "catalogue_changed" => format!("changed the catalogue: {}", difference(change)),
        "issuer_added" | "issuer_changed" => format!(
            "{} tokens of {} {}",
            match kind.as_str() {
                "issuer_added" => "accepts",
                _ => "changed on which terms it accepts",
            },
            plain(&change["trust"]["issuer"]),
            terms(&change["trust"])
        ),
        "user_invited" => format!("invited {}{}", user(), until()),
        "invitation_revoked" => format!("revoked the invitation of {}", user()),
        "invitation_accepted" => match change["through"].as_str() {
            Some(issuer) => format!(
                "accepted the invitation by signing in through {}",
                names.of("issuer", issuer).short
            ),
            None => "accepted the invitation".to_owned(),
        },
        "issuer_removed" => format!(
            "no longer accepts tokens of the issuer {}",
            names.of("issuer", &plain(&change["issuer"])).short
        ),
        "resource_added" => format!("added {} under {}", resource(), thing("resource", "parent")),
        "resource_changed" => format!("changed {}{}", resource(), named()),
        "resource_moved" => format!("moved {} under {}", resource(), thing("resource", "parent")),
        "resource_removed" => format!("removed {}", resource()),
        "user_added" => format!("added the user {}", user()),
        "user_profile_set" => format!("changed the name or the addresses of {}", user()),
        "user_changed" => format!("changed {}: it now has {}", user(), facts(change)),
        "imported" => format!("imported files: {}", plain(&change["counts"])),
        "more_changes" => format!("and {} (--changes shows them)", plain(&change["counts"])),
        "user_status_changed" => format!("made {} {}", user(), plain(&change["status"])),
        "user_removed" => format!("removed the user {}", user()),
        "group_added" => format!("added the group {}", group()),
        "group_changed" => format!("changed the group {}{}", group(), named()),
        "group_removed" => format!("removed the group {}", group()),
        "group_user_added" => format!("put {} into the group {}", user(), group()),
        "group_user_removed" => format!("took {} out of the group {}", user(), group()),
        "service_added" => format!("added the service {}", service()),
        "service_changed" => format!("changed the service {}{}", service(), named()),
        "service_removed" => format!("removed the service {}", service()),
        "token_created" => format!(
            "made the token …{} of the service {}{}",
            plain(&change["hint"]),
            service(),
            until()
        ),
        "token_revoked" => format!("revoked the token {}", plain(&change["token"])),
        "member_added" => format!("attached {} to {}{}", user(), resource(), until()),
        "member_changed" => match until() {
            never if never.is_empty() => {
                format!(
                    "let {} be attached to {} without an end",
                    user(),
                    resource()
                )
            }
            until => format!("let {} be attached to {}{until}", user(), resource()),
        },
        "member_removed" => format!("detached {} from {}", user(), resource()),
        "member_expired" => format!("the membership of {} in {} {}", user(), resource(), ended()),
        "role_granted" => format!(
            "granted {} to {} on {}{}",
            role(),
            subject(),
            resource(),
            until()
        ),
        "role_revoked" => format!("revoked {} from {} on {}", role(), subject(), resource()),
        "grant_expired" => format!(
            "the role {} of {} on {} {}",
            role(),
            subject(),
            resource(),
            ended()
        ),
        // A change of a newer server.
        other => other.replace('_', " "),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_said_of_a_user_is_named() {
        let change = json!({
            "type": "user_changed", "key": "eva",
            "facts": {"email_verified": true, "first_login": false, "external_auth_id": null},
        });
        assert_eq!(
            facts(&change),
            "key eva, email_verified true, first_login false"
        );
    }

    #[test]
    fn what_differs_in_a_catalogue_is_named() {
        let change = json!({
            "type": "catalogue_changed",
            "difference": {
                "roles": [
                    {"name": "bookkeeper", "permissions": ["customers.view", "billing.*"]},
                    {"name": "clerk"},
                ],
                "removed_kinds": ["site"],
            },
            "added": ["role:clerk"],
        });
        assert_eq!(
            difference(&change),
            "removed kind site, role bookkeeper (it is now customers.view, billing.*), \
             new role clerk"
        );
        let trust = json!({
            "issuer": "https://a.example", "audience": "attache", "subject_claim": "email",
            "finds_by": "email",
        });
        assert_eq!(
            terms(&trust),
            "for the audience attache, whose email is a user's email"
        );
    }
}
