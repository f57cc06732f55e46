//! Describes an event as a sentence, with names.

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

/// What was said of an entry besides: for whom, who approved it, why. Empty for nothing.
pub(super) fn of_head(entry: &Value, names: &Names<'_>) -> String {
    let mut said = Vec::new();
    for (field, words) in [("on_behalf_of", "for"), ("approved_by", "approved by")] {
        if let Some(user) = entry[field].as_str() {
            said.push(format!("{words} {}", names.of("user", user).both()));
        }
    }
    if let Some(reason) = entry["reason"].as_str() {
        said.push(format!("reason: {reason}"));
    }
    match said.is_empty() {
        true => String::new(),
        false => format!(" ({})", said.join("; ")),
    }
}

/// Returns the type and id of an event's subject: `user:0195…`.
pub(super) fn subject(event: &Value) -> Option<(String, String)> {
    let (kind, id) = event["subject"].as_str()?.split_once(':')?;
    Some((kind.to_owned(), id.to_owned()))
}

/// Returns whether another event of the same entry already tells it: a new user's first
/// profile.
pub(super) fn is_told_before(entry: &Value, event: &Value) -> bool {
    let mut events = entry["events"].as_array().into_iter().flatten();
    let adds = |other: &Value| other["type"] == "user.added" && other["user"] == event["user"];
    event["type"] == "user.profile_changed" && events.any(adds)
}

/// Describes the difference of two catalogues, such as `role owner, no role agent`.
fn difference(event: &Value) -> String {
    let mut parts = Vec::new();
    for (field, word) in [
        ("kinds", "kind"),
        ("roles", "role"),
        ("permissions", "permission"),
    ] {
        let there = event[field].as_array().into_iter().flatten();
        let added = |name: &str| {
            let named = format!("{word}:{name}");
            let mut added = event["added"].as_array().into_iter().flatten();
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
        let gone = event[gone.as_str()].as_array().into_iter().flatten();
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

/// Describes the key and facts of a user after an event.
fn facts(event: &Value) -> String {
    let parts = [
        ("key", &event["key"]),
        ("email_verified", &event["email_verified"]),
        ("first_login", &event["first_login"]),
        ("external_auth_id", &event["external_auth_id"]),
    ];
    // Empty values may be withheld from the caller.
    let parts = parts.into_iter().filter(|(_, value)| !value.is_null());
    let parts: Vec<String> = parts
        .map(|(name, value)| format!("{name} {}", plain(value)))
        .collect();
    parts.join(", ")
}

/// Describes an event.
pub(super) fn of(event: &Value, names: &Names<'_>) -> String {
    let thing = |kind: &str, field: &str| names.of(kind, &plain(&event[field])).both();
    let (user, group) = (|| thing("user", "user"), || thing("group", "group"));
    let (service, resource) = (
        || thing("service", "service"),
        || thing("resource", "resource"),
    );
    let subject = || match subject(event) {
        Some((kind, id)) => who(&format!("{kind}:{id}"), names),
        None => String::new(),
    };
    let role = || {
        let parameters = words(&event["parameters"]);
        match parameters.is_empty() {
            true => plain(&event["role"]),
            false => format!("{} ({parameters})", plain(&event["role"])),
        }
    };
    let until = || match event["expires_at"].as_str() {
        Some(end) => format!(" until {end}"),
        None => String::new(),
    };
    let ended = || match event["ended_at"].as_str() {
        Some(at) => format!("ended at {at}"),
        None => "ended".to_owned(),
    };
    // Both are withheld from callers that may not read them.
    let named = || match (event["name"].as_str(), event["key"].as_str()) {
        (Some(name), Some(key)) => format!(": it is now {name} (key {key})"),
        (Some(name), None) => format!(": it is now {name}"),
        (None, _) => String::new(),
    };
    let kind = plain(&event["type"]);
    match kind.as_str() {
        "tenant.created" => format!("began the tenant {}", plain(&event["name"])),
        "catalogue.replaced" => match words(&event["added"]) {
            added if added.is_empty() => "changed the catalogue".to_owned(),
            added => format!("added {added} to the catalogue"),
        },
        "catalogue.changed" => format!("changed the catalogue: {}", difference(event)),
        "issuer.added" | "issuer.changed" => format!(
            "{} tokens of {} {}",
            match kind.as_str() {
                "issuer.added" => "accepts",
                _ => "changed on which terms it accepts",
            },
            plain(&event["terms"]["issuer"]),
            terms(&event["terms"])
        ),
        "invitation.created" => format!("invited {}{}", user(), until()),
        "invitation.revoked" => format!("revoked the invitation of {}", user()),
        "invitation.accepted" => match event["issuer"].as_str() {
            Some(issuer) => format!(
                "accepted the invitation by signing in through {}",
                names.of("issuer", issuer).short
            ),
            None => "accepted the invitation".to_owned(),
        },
        "issuer.removed" => format!(
            "no longer accepts tokens of the issuer {}",
            names.of("issuer", &plain(&event["issuer"])).short
        ),
        "resource.added" => format!("added {} under {}", resource(), thing("resource", "parent")),
        "resource.changed" => format!("changed {}{}", resource(), named()),
        "resource.moved" => format!("moved {} under {}", resource(), thing("resource", "parent")),
        "resource.removed" => format!("removed {}", resource()),
        "user.added" => format!("added the user {}", user()),
        "user.profile_changed" => format!("changed the name or the addresses of {}", user()),
        "user.changed" => format!("changed {}: it now has {}", user(), facts(event)),
        "imported" => format!("imported files: {}", plain(&event["counts"])),
        "more_events" => format!("and {} (--changes shows them)", plain(&event["counts"])),
        "user.status_changed" => format!("made {} {}", user(), plain(&event["status"])),
        "user.removed" => format!("removed the user {}", user()),
        "group.added" => format!("added the group {}", group()),
        "group.changed" => format!("changed the group {}{}", group(), named()),
        "group.removed" => format!("removed the group {}", group()),
        "group.user_added" => format!("put {} into the group {}", user(), group()),
        "group.user_removed" => format!("took {} out of the group {}", user(), group()),
        "service.added" => format!("added the service {}", service()),
        "service.changed" => format!("changed the service {}{}", service(), named()),
        "service.removed" => format!("removed the service {}", service()),
        "token.created" => format!(
            "made the token …{} of the service {}{}",
            plain(&event["hint"]),
            service(),
            until()
        ),
        "token.revoked" => format!("revoked the token {}", plain(&event["token"])),
        "member.added" => format!("attached {} to {}{}", user(), resource(), until()),
        "member.changed" => match until() {
            never if never.is_empty() => {
                format!(
                    "let {} be attached to {} without an end",
                    user(),
                    resource()
                )
            }
            until => format!("let {} be attached to {}{until}", user(), resource()),
        },
        "member.removed" => format!("detached {} from {}", user(), resource()),
        "member.expired" => format!("the membership of {} in {} {}", user(), resource(), ended()),
        "grant.added" => format!(
            "granted {} to {} on {}{}",
            role(),
            subject(),
            resource(),
            until()
        ),
        "grant.removed" => format!("revoked {} from {} on {}", role(), subject(), resource()),
        "grant.expired" => format!(
            "the role {} of {} on {} {}",
            role(),
            subject(),
            resource(),
            ended()
        ),
        // An event of a newer server.
        other => other.replace(['.', '_'], " "),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_said_of_a_user_is_named() {
        let event = json!({
            "type": "user.changed", "key": "eva",
            "email_verified": true, "first_login": false, "external_auth_id": null,
        });
        assert_eq!(
            facts(&event),
            "key eva, email_verified true, first_login false"
        );
    }

    #[test]
    fn what_differs_in_a_catalogue_is_named() {
        let event = json!({
            "type": "catalogue.changed",
            "roles": [
                {"name": "bookkeeper", "permissions": ["customers.view", "billing.*"]},
                {"name": "clerk"},
            ],
            "removed_kinds": ["site"],
            "added": ["role:clerk"],
        });
        assert_eq!(
            difference(&event),
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
