//! How large a catalogue may be, what the log holds of its changes, and that a log
//! of an older version with a larger one is still read.

use std::time::{Duration, Instant};

use attache_core::catalogue::{
    Difference, Kind, Parameter, Pattern, PermissionEntry, Role, ScopedPermissions, bounds,
};
use attache_core::id::{EntryId, RoleId};
use attache_core::{Actor, Catalogue, Change, Changes, Command, Entry, Locator, Refusal, State};
use uuid::Uuid;

use crate::house::{CY, House, TENANT, at, attach, grant, may, operator, place, to_user};

fn patterns(many: usize) -> Vec<Pattern> {
    (0..many).map(|n| may(&format!("things.n{n}"))).collect()
}

fn big(many: usize) -> Role {
    role("big", 9_000, many)
}

fn role(name: &str, id: u128, many: usize) -> Role {
    Role {
        id: RoleId(Uuid::from_u128(id)),
        name: name.into(),
        kind: "customer".into(),
        label: "Big".to_owned(),
        description: String::new(),
        permissions: patterns(many),
        scoped: Vec::new(),
        parameters: Vec::new(),
    }
}

fn set_role(role: Role) -> Command {
    let role = Box::new(role);
    Command::SetRole { role }
}

fn catalogue(house: &House) -> Catalogue {
    house.state.catalogue().expect("it began").clone()
}

fn refused(house: &mut House, command: &Command) -> String {
    match house.asks(operator(), command) {
        Err(Refusal::Invalid { field, reason }) => format!("{field} {reason}"),
        other => panic!("{other:?}"),
    }
}

/// An entry as an older version wrote it, without bounds.
fn read_from_a_log(state: &mut State, list: Vec<Change>) {
    let revision = state.revision().next();
    state.apply(&Entry {
        id: EntryId(Uuid::from_u128(revision.0.into())),
        revision,
        at: at(0),
        actor: Actor::Operator,
        correlation_id: "old".into(),
        head: attache_core::EntryHead::default(),
        changes: Changes {
            list,
            ..Default::default()
        },
    });
}

fn set(catalogue: Catalogue) -> Change {
    Change::CatalogueSet {
        catalogue: Box::new(catalogue),
        added: Vec::new(),
    }
}

#[test]
fn a_role_holds_at_most_1000_patterns_those_of_its_scopes_included() {
    let mut house = House::new();
    house.does(set_role(big(bounds::MAX_PATTERNS_OF_ONE)));
    let scoped = Role {
        parameters: vec![Parameter {
            name: "inboxId".to_owned(),
            required: false,
        }],
        scoped: vec![ScopedPermissions {
            scope: "customers/{id}/inboxes/{inboxId}"
                .to_owned()
                .try_into()
                .expect("a path"),
            permissions: patterns(1),
        }],
        ..big(bounds::MAX_PATTERNS_OF_ONE)
    };
    for role in [big(80_000), big(bounds::MAX_PATTERNS_OF_ONE + 1), scoped] {
        let reason = refused(&mut house, &set_role(role));
        assert!(reason.contains("roles.big.permissions must be"), "{reason}");
        assert!(reason.contains("at most 1000"), "{reason}");
    }
}

#[test]
fn each_list_and_text_of_a_role_has_a_bound_that_the_refusal_names() {
    let mut house = House::new();
    let parameter = |name: String| Parameter {
        name,
        required: false,
    };
    let many = (0..=bounds::MAX_PARAMETERS).map(|n| parameter(format!("p{n}")));
    let deep = "/a/{b}".repeat(bounds::MAX_SCOPE_PARTS + 1);
    let scope = |path: &str| ScopedPermissions {
        scope: path.to_owned().try_into().expect("a path"),
        permissions: Vec::new(),
    };
    let scopes = vec![scope("customers/{id}"); bounds::MAX_SCOPES + 1];
    let long = scope(&format!(
        "customers/{{{}}}",
        "x".repeat(bounds::MAX_SCOPE_BYTES)
    ));
    let small = || big(0);
    for (role, field) in [
        (
            Role {
                parameters: many.collect(),
                ..small()
            },
            "parameters",
        ),
        (
            Role {
                parameters: vec![parameter("x".repeat(256))],
                ..small()
            },
            "parameters[0].name",
        ),
        (
            Role {
                scoped: scopes,
                ..small()
            },
            "scoped",
        ),
        (
            Role {
                scoped: vec![scope(&format!("c/{{d}}{deep}"))],
                ..small()
            },
            "scoped[0].scope",
        ),
        (
            Role {
                scoped: vec![long],
                ..small()
            },
            "scoped[0].scope",
        ),
        (
            Role {
                label: "x".repeat(2_000),
                ..small()
            },
            "label",
        ),
        (
            Role {
                label: "x".repeat(256),
                ..small()
            },
            "label",
        ),
        (
            Role {
                description: "x".repeat(4_097),
                ..small()
            },
            "description",
        ),
    ] {
        let reason = refused(&mut house, &set_role(role));
        assert!(
            reason.contains(&format!("roles.big.{field} must")),
            "{field}: {reason}"
        );
    }
    let described = Role {
        description: "x".repeat(4_096),
        ..small()
    };
    house.does(set_role(described));
}

#[test]
fn kinds_and_the_whole_have_bounds_that_the_refusal_names() {
    let mut house = House::new();
    let kind = |name: &str, parents: usize, members_may: usize| Kind {
        name: name.into(),
        parents: vec!["customer".into(); parents],
        members_may: patterns(members_may),
        members_from_parent: false,
    };
    for (kind, field) in [
        (
            kind("shed", 257, 0),
            "kinds.shed.parents must be at most 256",
        ),
        (
            kind("shed", 1, 1_001),
            "kinds.shed.members_may must be at most 1000",
        ),
        (kind(&"x".repeat(99_000), 1, 0), "…"),
    ] {
        let kind = Box::new(kind);
        let reason = refused(&mut house, &Command::SetKind { kind });
        assert!(reason.contains(field) && reason.len() < 1_000, "{reason}");
    }
    let name = |n: usize| format!("r{n}");
    let described = |n: usize| PermissionEntry {
        name: may(&format!("things.n{n}")),
        description: "x".repeat(4_000),
    };
    let kinds = (0..256).map(|n| kind(&format!("k{n}"), 1, 0));
    let roles = |many: usize, each: usize| {
        let of = move |n: usize| role(&name(n), n as u128, each);
        (0..many).map(of).collect::<Vec<_>>()
    };
    let entries = patterns(10_000).into_iter().map(|name| PermissionEntry {
        name,
        description: String::new(),
    });
    let with = |edit: &mut dyn FnMut(&mut Catalogue)| {
        let mut catalogue = catalogue(&house);
        edit(&mut catalogue);
        let catalogue = Box::new(catalogue);
        Command::SetCatalogue { catalogue }
    };
    // Whatever all is wrong with the last one, the first 20 are told.
    let twice = vec![role("two words", 7, 0); 4_000];
    let commands = [
        (
            with(&mut |it| it.kinds.extend(kinds.clone())),
            "kinds must be at most 256",
        ),
        (
            with(&mut |it| it.roles.extend(roles(4_096, 0))),
            "roles must be at most 4096",
        ),
        (
            with(&mut |it| it.roles.extend(roles(51, 1_000))),
            "at most 50000",
        ),
        (
            with(&mut |it| it.permissions.extend((0..600).map(described))),
            "in bytes, at most 2097152",
        ),
        (
            with(&mut |it| it.permissions.extend(entries.clone())),
            "permissions must be at most 10000",
        ),
        (
            with(&mut |it| it.roles.extend(twice.clone())),
            "roles.two words.name",
        ),
    ];
    let there = catalogue(&house).roles.len();
    let most = with(&mut |it| it.roles.extend(roles(bounds::MAX_ROLES - there, 1)));
    for (command, wrong) in commands {
        let reason = refused(&mut house, &command);
        assert!(
            reason.contains(wrong) && reason.len() < 4_000,
            "{wrong}: {reason}"
        );
    }
    house.does(most);
}

#[test]
fn what_an_older_log_holds_beyond_the_bounds_stays_and_does_not_grow() {
    let mut house = House::new();
    let mut old = catalogue(&house);
    old.roles.push(big(60_000));
    read_from_a_log(&mut house.state, vec![set(old)]);
    // Another role may come and change, the large one only become small enough.
    house.does(set_role(Role {
        permissions: Vec::new(),
        ..role("other", 1, 0)
    }));
    let label = "Other".to_owned();
    refused(
        &mut house,
        &set_role(Role {
            label,
            ..big(60_000)
        }),
    );
    refused(&mut house, &set_role(big(2_000)));
    refused(&mut house, &set_role(role("more", 2, 1)));
    house.does(set_role(big(1_000)));
    house.does(set_role(role("more", 2, 1)));
}

#[test]
fn a_change_of_one_role_or_kind_is_one_role_or_kind_in_the_log() {
    let mut house = House::new();
    let whole = serde_json::to_string(&catalogue(&house))
        .expect("it is JSON")
        .len();
    let kind = Kind {
        name: "shed".into(),
        parents: vec!["customer".into()],
        members_may: vec![may("sheds.view")],
        members_from_parent: false,
    };
    let viewer = catalogue(&house)
        .role("viewer")
        .expect("it is there")
        .clone();
    let viewer = Role {
        permissions: patterns(1),
        ..viewer
    };
    let id = RoleId(Uuid::from_u128(9));
    let difference = Difference::default;
    for (command, differs, new) in [
        (
            set_role(viewer.clone()),
            Difference {
                roles: vec![viewer],
                ..difference()
            },
            vec![],
        ),
        (
            set_role(Role { id, ..big(3) }),
            Difference {
                roles: vec![Role { id, ..big(3) }],
                ..difference()
            },
            vec!["role:big"],
        ),
        (
            Command::RemoveRole { name: "big".into() },
            Difference {
                removed_roles: vec!["big".into()],
                ..difference()
            },
            vec![],
        ),
        (
            Command::SetKind {
                kind: Box::new(kind.clone()),
            },
            Difference {
                kinds: vec![kind],
                ..difference()
            },
            vec!["kind:shed"],
        ),
        (
            Command::RemoveKind {
                name: "shed".into(),
            },
            Difference {
                removed_kinds: vec!["shed".into()],
                ..difference()
            },
            vec![],
        ),
    ] {
        let changes = house.does(command);
        let [Change::CatalogueChanged { difference, added }] = &*changes else {
            panic!("{changes:?}");
        };
        assert_eq!(**difference, differs);
        let added: Vec<&str> = added.iter().map(|it| &**it).collect();
        assert_eq!(added, new);
        let written = serde_json::to_string(&changes).expect("it is JSON").len();
        assert!(written < whole / 20, "{written} of {whole}");
    }
}

#[test]
fn a_whole_catalogue_writes_what_differs_unless_that_is_more_or_the_order_changes() {
    let mut house = House::new();
    let mut new = catalogue(&house);
    new.roles[2].label = "Else".to_owned();
    new.permissions.remove(0);
    new.permissions[0].description = "Else.".to_owned();
    new.roles.push(big(1));
    let set = |catalogue: &Catalogue| Command::SetCatalogue {
        catalogue: Box::new(catalogue.clone()),
    };
    let changes = house.does(set(&new));
    assert!(
        matches!(&*changes, [Change::CatalogueChanged { .. }]),
        "{changes:?}"
    );
    assert_eq!(catalogue(&house), new);
    assert_eq!(house.does(set(&new)), [], "it is so already");
    new.roles.swap(2, 3);
    let changes = house.does(set(&new));
    assert!(
        matches!(&*changes, [Change::CatalogueSet { .. }]),
        "{changes:?}"
    );
    assert_eq!(catalogue(&house), new);
}

/// The fastest of three, so that what else runs counts little.
fn fastest(mut work: impl FnMut()) -> Duration {
    let times = (0..3).map(|_| {
        let began = Instant::now();
        work();
        began.elapsed()
    });
    times.min().expect("there are three")
}

#[test]
fn what_is_made_of_a_catalogue_grows_with_its_size_and_not_with_its_square() {
    let house = House::new();
    let with = |many: usize| {
        let mut catalogue = catalogue(&house);
        let roles = (0..many / 100).map(|n| role(&format!("r{n}"), n as u128, 100));
        catalogue.roles.extend(roles);
        // As many of one role, all of them different.
        catalogue.roles.push(big(many));
        catalogue
    };
    let time = |many: usize| {
        let catalogue = with(many);
        fastest(|| {
            let mut state = house.state.clone();
            read_from_a_log(&mut state, vec![set(catalogue.clone())]);
            let node = state.find(&place("customer", 1)).expect("it is there");
            let branch = state.view(state.at()).branch(node).expect("it is there");
            let cy = state.user_node(CY.into()).expect("it is there");
            assert!(branch.patterns(&branch.held(cy)).is_empty());
        })
    };
    let (small, large) = (time(5_000), time(40_000));
    // Eight times as much: 64 times as long if it were each with each.
    assert!(large < small * 24, "{small:?} and {large:?}");
}

#[test]
fn roles_of_many_patterns_are_granted_and_listed_by_who_holds_as_many() {
    let mut house = House::new();
    let customer = place("customer", 2);
    house.does(attach(customer.clone(), CY, None));
    for n in 0..20 {
        let mut role = role(&format!("r{n}"), 100 + n, 1_000);
        role.permissions = (0..1_000)
            .map(|k| may(&format!("things.r{n}.k{k}")))
            .collect();
        house.does(set_role(role));
        house.does(grant(customer.clone(), to_user(CY), &format!("r{n}")));
    }
    let node = house.node(&customer);
    let held = house.view().permissions(to_number(CY), node);
    assert!(held.len() >= 20_000, "{}", held.len());
    let everything = may("things.*");
    house.does(set_role(Role {
        permissions: vec![everything.clone()],
        ..big(0)
    }));
    house.does(grant(customer, to_user(CY), "big"));
    let held = house.view().permissions(to_number(CY), node);
    assert!(held.iter().any(|it| it.pattern == everything));
    assert!(held.len() < 20, "{}", held.len());
}

fn to_number(user: u32) -> attache_core::model::Subject {
    attache_core::model::Subject::User(user.into())
}

#[test]
fn a_history_of_many_changes_of_one_role_is_read_in_the_time_of_its_length() {
    let house = House::new();
    let mut state = State::empty(TENANT);
    read_from_a_log(&mut state, vec![set(catalogue(&house))]);
    for n in 0..4_000u128 {
        let role = role(&format!("r{n}"), n, 5);
        let difference = Box::new(Difference {
            roles: vec![role],
            ..Difference::default()
        });
        let added = Vec::new();
        read_from_a_log(
            &mut state,
            vec![Change::CatalogueChanged { difference, added }],
        );
    }
    let roles = &state.catalogue().expect("it began").roles;
    assert_eq!(roles.len(), catalogue(&house).roles.len() + 4_000);
    assert!(state.role_index("r3999").is_some());
    let again = State::from_facts(state.facts()).expect("they are facts");
    assert_eq!(again.role_index("r77"), state.role_index("r77"));
    assert!(state.find(&Locator::root()).is_none(), "it has no root yet");
}
