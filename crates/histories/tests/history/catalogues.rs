//! Catalogues that tenants begin with and change to.

use std::sync::LazyLock;

use attache_core::Catalogue;
use attache_core::catalogue::{Kind, Parameter, Pattern, Role, Scope, ScopedPermissions};
use attache_core::id::RoleId;
use uuid::Uuid;

/// The small one is the starting catalogue with fewer words, with roles that
/// may do what only admins may there, and with kinds that stand under their own.
pub(crate) const SMALL: usize = 0;
pub(crate) const STARTING: usize = 1;

/// All of them, sound ones first.
pub(crate) static CATALOGUES: LazyLock<Vec<Catalogue>> = LazyLock::new(|| {
    let starting = Catalogue::starting().expect("it is part of the program");
    let small = small(&starting);
    vec![
        small.clone(),
        starting,
        other_roles(small.clone()),
        other_kinds(small.clone()),
        without(small.clone(), &["owner", "InboxUser"], &[]),
        without(small.clone(), &[], &["reseller"]),
        // Not sound: nobody could hold everything.
        without(small, &["admin"], &[]),
    ]
});

fn pattern(text: &str) -> Pattern {
    Pattern::new(text).expect("the tests use well-formed permissions")
}

fn role(name: &str, kind: &str, permissions: &[&str]) -> Role {
    let id = name
        .bytes()
        .fold(7u128, |id, byte| id * 131 % (1 << 90) + u128::from(byte));
    Role {
        id: RoleId(Uuid::from_u128(id)),
        name: name.into(),
        kind: kind.into(),
        label: name.to_owned(),
        description: String::new(),
        permissions: permissions.iter().map(|text| pattern(text)).collect(),
        scoped: Vec::new(),
        parameters: Vec::new(),
    }
}

/// A role that gives nothing but for an inbox.
fn partly(name: &str, kind: &str) -> Role {
    let scope = format!("{kind}s/{{id}}/inboxes/{{inboxId}}");
    Role {
        scoped: vec![ScopedPermissions {
            scope: Scope::try_from(scope).expect("it is a path"),
            permissions: vec![pattern("chatbots.inbox.*")],
        }],
        parameters: vec![Parameter {
            name: "inboxId".to_owned(),
            required: false,
        }],
        ..role(name, kind, &[])
    }
}

fn kind<'a>(catalogue: &'a mut Catalogue, name: &str) -> &'a mut Kind {
    let mut kinds = catalogue.kinds.iter_mut();
    kinds
        .find(|kind| kind.name.as_str() == name)
        .expect("it is in the starting catalogue")
}

fn small(starting: &Catalogue) -> Catalogue {
    let mut small = starting.clone();
    let kept = [
        "admin",
        "customer-directory",
        "chatbot-directory",
        "reseller-manager",
        "owner",
        "viewer",
        "workspace-admin",
        "ChatbotMember",
        "InboxUser",
        "ExternalInboxUser",
    ];
    small
        .roles
        .retain(|role| kept.contains(&role.name.as_str()));
    small.permissions.truncate(2);
    small
        .roles
        .push(role("keeper", "tenant", &["tenants.*", "customers.view"]));
    small.roles.push(role(
        "builder",
        "tenant",
        &["customers.*", "workspaces.*", "chatbots.*"],
    ));
    small.roles.push(role("empty", "customer", &[]));
    let families = ["customers", "workspaces", "chatbots"];
    let of_all = |what: &[&str]| -> Vec<String> {
        let all = families.iter();
        let all = all.flat_map(|kind| what.iter().map(move |what| format!("{kind}.{what}")));
        all.collect()
    };
    for (name, what) in [
        ("opener", ["view", "move", "users.add", "users.roles.grant"]),
        (
            "closer",
            ["view", "move", "users.remove", "users.roles.revoke"],
        ),
    ] {
        let permissions = of_all(&what);
        let permissions: Vec<&str> = permissions.iter().map(String::as_str).collect();
        small.roles.push(role(name, "tenant", &permissions));
    }
    // May look back, here and there at what it does not see today.
    for (name, kind, permissions) in [
        (
            "historian",
            "tenant",
            &[
                "tenants.history.view",
                "customers.history.view",
                "chatbots.get",
            ][..],
        ),
        (
            "chronicler",
            "customer",
            &["customers.view", "workspaces.history.view"],
        ),
    ] {
        small.roles.push(role(name, kind, permissions));
    }
    // What these give shows what is below, or a part of what they stand on.
    small.roles.push(role(
        "foreman",
        "customer",
        &["workspaces.view", "chatbots.users.*", "sheds"],
    ));
    small.roles.push(partly("clerk", "chatbot"));
    small.roles.push(partly("usher", "workspace"));
    for name in ["customer", "workspace"] {
        kind(&mut small, name).parents.push(name.into());
    }
    // No role and no other kind speaks of this one: it can go.
    small.kinds.push(Kind {
        name: "shed".into(),
        parents: vec!["customer".into()],
        members_may: vec![pattern("sheds.view")],
        members_from_parent: false,
    });
    small
}

/// The same roles in another order, meaning other things, some with other parameters.
fn other_roles(mut catalogue: Catalogue) -> Catalogue {
    catalogue.roles.reverse();
    for role in &mut catalogue.roles {
        match role.name.as_str() {
            "viewer" => role.permissions = vec![pattern("customers.*")],
            "owner" => role.permissions.push(pattern("chatbots.*")),
            "ExternalInboxUser" => role.parameters.iter_mut().for_each(|p| p.required = true),
            "ChatbotMember" => role.parameters.push(Parameter {
                name: "team".to_owned(),
                required: false,
            }),
            _ => {}
        }
    }
    catalogue
}

/// Members may other things, and there is one more kind.
fn other_kinds(mut catalogue: Catalogue) -> Catalogue {
    kind(&mut catalogue, "customer").members_may.clear();
    kind(&mut catalogue, "tenant")
        .members_may
        .push(pattern("tenants.users.list"));
    kind(&mut catalogue, "workspace").members_may = vec![pattern("workspaces.users.*")];
    catalogue.kinds.push(Kind {
        name: "room".into(),
        parents: vec!["chatbot".into(), "room".into()],
        members_may: vec![pattern("rooms.view")],
        members_from_parent: true,
    });
    catalogue
        .roles
        .insert(0, role("host", "room", &["rooms.*"]));
    catalogue
}

fn without(mut catalogue: Catalogue, roles: &[&str], kinds: &[&str]) -> Catalogue {
    catalogue
        .kinds
        .retain(|kind| !kinds.contains(&kind.name.as_str()));
    for kind in &mut catalogue.kinds {
        kind.parents
            .retain(|parent| !kinds.contains(&parent.as_str()));
    }
    catalogue.roles.retain(|role| {
        !roles.contains(&role.name.as_str()) && !kinds.contains(&role.kind.as_str())
    });
    catalogue
}
