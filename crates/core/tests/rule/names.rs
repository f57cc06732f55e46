//! What names mean: a number, a key and an id are never read as one another.

use attache_core::id::{EntryId, Key, ResourceId, ServiceId, UserId, UserNumber};
use attache_core::model::{Name, Profile, Status, UserFacts};
use attache_core::{Actor, Change, Command, Entry, Locator, Ref, Refusal, State};
use uuid::Uuid;

use crate::house::{CY, House, at, name, operator, place, user_id};

const UPPER: &str = "6F9619FF-8B86-D011-B42D-00C04FC964FF";
/// The UUID of `UPPER`, written otherwise.
const OTHERS: [&str; 4] = [
    "6f9619ff-8b86-d011-b42d-00c04fc964ff",
    "6f9619FF8b86d011b42d00c04fc964ff",
    "{6f9619ff-8b86-d011-b42d-00c04fc964ff}",
    "urn:uuid:6F9619FF-8B86-D011-B42D-00C04FC964FF",
];

/// A key as a log may hold it, whatever a key must be today.
fn stored(text: &str) -> Key {
    text.to_owned().into()
}

fn add_user(number: u32, key: &str) -> Command {
    Command::AddUser {
        id: user_id(number),
        number: Some(number),
        key: Some(stored(key)),
        profile: Box::default(),
        status: Status::Active,
        facts: UserFacts::default(),
    }
}

fn add_customer(id: u128, key: &str) -> Command {
    Command::AddResource {
        id: ResourceId(Uuid::from_u128(id)),
        kind: "customer".into(),
        parent: Locator::root(),
        number: None,
        key: Some(stored(key)),
        name: name("Mill"),
    }
}

/// Every way to give a key: to something new, and to something that is there.
fn ways_to_give(key: &str) -> Vec<(&'static str, Command)> {
    let given = Some(Some(stored(key)));
    vec![
        ("user", add_user(20, key)),
        (
            "user",
            Command::ChangeUser {
                user: Ref::Number(CY),
                key: given.clone(),
                profile: Box::default(),
                status: None,
                facts: Default::default(),
            },
        ),
        (
            "group",
            Command::AddGroup {
                id: attache_core::id::GroupId(Uuid::from_u128(0x320)),
                number: None,
                key: Some(stored(key)),
                name: name("Smiths"),
            },
        ),
        (
            "group",
            Command::ChangeGroup {
                group: Ref::Number(1),
                name: None,
                key: given.clone(),
            },
        ),
        (
            "service",
            Command::AddService {
                id: ServiceId(Uuid::from_u128(0x420)),
                number: None,
                key: Some(stored(key)),
                name: name("Machine"),
            },
        ),
        (
            "service",
            Command::ChangeService {
                service: Ref::Number(1),
                name: None,
                key: given.clone(),
            },
        ),
        ("customer", add_customer(0x920, key)),
        (
            "customer",
            Command::ChangeResource {
                resource: place("customer", 1),
                name: None,
                key: given,
            },
        ),
    ]
}

fn furnished() -> House {
    let mut house = House::new();
    house.does(crate::house::add_group(1));
    house.does(crate::house::add_service(1));
    house
}

/// What a log of an older version holds.
fn applied(house: &House, changes: Vec<Change>) -> State {
    let mut state = house.state.clone();
    let revision = state.revision().next();
    state.apply(&Entry {
        id: EntryId(Uuid::from_u128(revision.0.into())),
        revision,
        at: at(1),
        actor: Actor::Operator,
        correlation_id: "old".into(),
        head: attache_core::EntryHead::default(),
        changes: attache_core::Changes {
            list: changes,
            ..Default::default()
        },
    });
    state
}

fn old_user(number: u32, key: &str) -> Change {
    Change::UserAdded {
        user: user_id(number),
        number: UserNumber(number),
        key: Some(stored(key)),
        status: Status::Active,
        facts: UserFacts::default(),
    }
}

fn found(state: &State, text: &str) -> Option<u32> {
    let again = State::from_facts(state.facts()).expect("they are a state's");
    let found = state.find_user(&Ref::text(text));
    assert_eq!(again.find_user(&Ref::text(text)), found, "after a restart");
    found.map(|user| user.0)
}

#[test]
fn a_number_is_named_only_behind_a_hash() {
    let mut house = House::new();
    house.does(add_user(9, "10"));
    house.does(crate::house::add_user(10));
    assert_eq!(found(&house.state, "10"), Some(9));
    assert_eq!(found(&house.state, "#10"), Some(10));
    house.does(crate::house::remove_user(9));
    assert_eq!(found(&house.state, "10"), None, "not user number 10");
    for text in ["#010", "#+10", "# 10", "#10 ", "##10", "#", "", "010", "#٧"] {
        assert_eq!(found(&house.state, text), None, "{text:?}");
    }
    let customer = |text: &str| house.state.find(&Locator::of("customer", Ref::text(text)));
    assert_eq!(customer("2"), None);
    assert_eq!(customer("#2"), Some(house.node(&place("customer", 2))));
    let group = house.state.find_group(&Ref::text("1"));
    assert_eq!(group, None);
    assert_eq!(house.state.find_service(&Ref::text("1")), None);
}

#[test]
fn a_key_is_not_read_as_an_id_nor_an_id_as_a_key() {
    let mut house = House::new();
    let id = user_id(CY).to_string();
    house.does(add_user(9, UPPER));
    assert_eq!(house.state.find_user(&Ref::key(&id)), None);
    let as_id = Ref::Id(Uuid::parse_str(UPPER).expect("it is one"));
    assert_eq!(house.state.find_user(&as_id), None);
    // The id of a thing of another kind names nothing of this one.
    let chatbot = house.state.resource(house.node(&place("chatbot", 1)));
    let id = chatbot.expect("it is there").id.to_string();
    let customer = Locator::of("customer", Ref::text(&id));
    assert_eq!(house.state.find(&customer), None);
}

#[test]
fn a_key_that_reads_as_another_name_is_refused_for_everything() {
    for key in [
        "#10",
        "#007",
        "user:ada",
        "group:ada",
        "service:ada",
        "tenant:1",
        "customer:harbour",
        "chatbot:",
        "tenant",
        ".",
        "..",
        "",
        " ",
        " ada",
        "ada\u{200b}",
        "\u{3164}",
        "Zoe\u{308}",
    ] {
        for (what, way) in ways_to_give(key) {
            let refused = furnished().asks(operator(), &way);
            assert!(
                matches!(&refused, Err(Refusal::Invalid { field, .. }) if &**field == "key"),
                "{key:?} for a {what}: {refused:?}"
            );
        }
    }
    for key in [
        "10",
        "ada",
        "#x",
        "customers:x",
        "a:b",
        "auth0|1",
        UPPER,
        "a.b",
    ] {
        for (what, way) in ways_to_give(key) {
            let given = furnished().asks(operator(), &way);
            assert!(given.is_ok(), "{key:?} for a {what}: {given:?}");
        }
    }
}

#[test]
fn a_kind_that_comes_later_takes_no_key_away() {
    let mut house = House::new();
    house.does(add_user(9, "planet:earth"));
    let customer = house.state.catalogue().and_then(|it| it.kind("customer"));
    let kind = attache_core::catalogue::Kind {
        name: "planet".into(),
        ..customer.expect("it is there").clone()
    };
    house.does(Command::SetKind {
        kind: Box::new(kind),
    });
    assert_eq!(found(&house.state, "planet:earth"), Some(9));
    // It keeps the key, whatever else changes about it.
    let rename = |key: Option<Option<Key>>| Command::ChangeUser {
        user: Ref::text("planet:earth"),
        key,
        profile: Box::new(
            Profile {
                first_name: Some(name("Gaia")),
                ..Profile::default()
            }
            .into(),
        ),
        status: None,
        facts: Default::default(),
    };
    house.does(rename(None));
    house.does(rename(Some(Some(stored("planet:earth")))));
    let refused = house.asks(operator(), &add_user(10, "planet:mars"));
    assert!(
        matches!(refused, Err(Refusal::Invalid { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_uuid_is_found_however_it_is_written_and_two_spellings_are_one() {
    let mut house = furnished();
    house.does(add_user(9, UPPER));
    house.does(add_customer(0x900, UPPER));
    for text in OTHERS.into_iter().chain([UPPER]) {
        assert_eq!(found(&house.state, text), Some(9), "{text}");
        assert_eq!(
            house.state.find_user(&Ref::key(text)),
            Some(UserNumber(9)),
            "{text}"
        );
        let customer = Locator::of("customer", Ref::text(text));
        assert_eq!(
            house.state.find(&customer),
            Some(house.node(&place("customer", 3)))
        );
        // Somebody's id is found in every form too.
        for command in [add_user(10, text), add_customer(0x901, text)] {
            let refused = house.asks(operator(), &command);
            assert_eq!(refused, Err(Refusal::Taken { field: "key" }), "{text}");
        }
    }
    let id = user_id(CY).to_string().to_uppercase();
    assert_eq!(found(&house.state, &id), Some(CY));
    // A key that is another user's id would name two users.
    let refused = house.asks(operator(), &add_user(10, &id));
    assert_eq!(refused, Err(Refusal::Taken { field: "key" }));
    // And an id that is another user's key.
    let with_id = Command::AddUser {
        id: UserId(Uuid::parse_str(UPPER).expect("it is one")),
        number: None,
        key: None,
        profile: Box::default(),
        status: Status::Active,
        facts: UserFacts::default(),
    };
    let refused = house.asks(operator(), &with_id);
    assert_eq!(refused, Err(Refusal::Taken { field: "id" }));
    // Its own spelling can be changed.
    let respelled = Command::ChangeUser {
        user: Ref::text(OTHERS[0]),
        key: Some(Some(stored(OTHERS[0]))),
        profile: Box::default(),
        status: None,
        facts: Default::default(),
    };
    house.does(respelled);
    let user = house.state.user(9.into()).expect("it is there");
    assert_eq!(user.key.as_ref().map(Key::as_str), Some(OTHERS[0]));
    assert_eq!(found(&house.state, UPPER), Some(9));
}

#[test]
fn keys_of_an_older_log_are_found_by_what_they_are() {
    let house = House::new();
    let mut list: Vec<Change> = ["#10", "#11", "tenant", "customer:x", "a\u{200b}b", "."]
        .into_iter()
        .zip(9..)
        .map(|(key, number)| old_user(number, key))
        .collect();
    list.extend([old_user(20, UPPER), old_user(21, OTHERS[0])]);
    list.extend([old_user(22, "Zoe\u{308}"), old_user(23, "Zoë")]);
    list.push(old_user(24, "e\u{301}"));
    let state = applied(&house, list);
    // Numbers 10 and 11 are there too: what means two users means neither.
    assert_eq!(found(&state, "#10"), None);
    assert_eq!(state.find_user(&Ref::key("#10")), Some(UserNumber(9)));
    assert_eq!(found(&state, "#9"), Some(9), "by its number");
    assert_eq!(found(&state, "#11"), None);
    assert_eq!(found(&state, "tenant"), Some(11));
    assert_eq!(found(&state, "customer:x"), Some(12));
    assert_eq!(found(&state, "a\u{200b}b"), Some(13));
    assert_eq!(found(&state, "."), Some(14));
    // Each of two that are the same today, as it is written.
    assert_eq!(found(&state, UPPER), Some(20));
    assert_eq!(found(&state, OTHERS[0]), Some(21));
    assert_eq!(found(&state, OTHERS[1]), None, "it could be either");
    assert_eq!(found(&state, "Zoe\u{308}"), Some(22));
    assert_eq!(found(&state, "Zoë"), Some(23));
    assert_eq!(found(&state, "é"), Some(24));
    // An old key of a number that nobody has means its user.
    let state = applied(&house, vec![old_user(9, "#77")]);
    assert_eq!(found(&state, "#77"), Some(9));
}

/// An old record can be worked on, and what it is given is looked at anew.
#[test]
fn a_record_with_an_old_name_can_be_changed() {
    let mut house = House::new();
    let hidden: Name = "Ad\u{202e}a".to_owned().into();
    let id = ResourceId(Uuid::from_u128(0x900));
    house.state = applied(
        &house,
        vec![
            old_user(9, "#10"),
            Change::ResourceAdded {
                resource: id,
                kind: "customer".into(),
                number: 7.into(),
                key: Some(stored("tenant")),
                name: hidden.clone(),
                parent: house.state.resource(house.state.root()).expect("it is").id,
            },
        ],
    );
    let change = |name: Option<Name>, key: Option<&str>| Command::ChangeResource {
        resource: Locator::of("customer", Ref::text("tenant")),
        name,
        key: key.map(|key| Some(stored(key))),
    };
    house.does(change(None, Some("tenant")));
    house.does(change(Some(hidden), None));
    house.does(change(Some(name("Ada")), None));
    let worse: Name = "Ad\u{200b}a".to_owned().into();
    let refused = house.asks(operator(), &change(Some(worse), None));
    assert!(
        matches!(&refused, Err(Refusal::Invalid { field, .. }) if &**field == "name"),
        "{refused:?}"
    );
    let refused = house.asks(operator(), &change(None, Some("#7")));
    assert!(
        matches!(refused, Err(Refusal::Invalid { .. })),
        "{refused:?}"
    );
    house.does(change(None, Some("mill")));
    house.does(crate::house::remove_user(9));
}

#[test]
fn labels_of_the_catalogue_are_seen_and_old_ones_stay() {
    let mut house = House::new();
    let owner = house.state.catalogue().and_then(|it| it.role("owner"));
    let owner = owner.expect("it is there").clone();
    let with = |label: &str, description: &str| {
        let mut role = owner.clone();
        (role.label, role.description) = (label.to_owned(), description.to_owned());
        Command::SetRole {
            role: Box::new(role),
        }
    };
    for (label, description) in [
        ("", "x"),
        (" ", "x"),
        ("\u{3164}", "x"),
        ("Own\u{202e}er", "x"),
        ("Owner", "x\u{200b}"),
        ("Owner", "\u{0}"),
    ] {
        let refused = house.asks(operator(), &with(label, description));
        assert!(matches!(refused, Err(Refusal::Invalid { .. })), "{label:?}");
    }
    house.does(with("Zoe\u{308}", "Several\nlines, e\u{301}"));
    let role = house.state.catalogue().and_then(|it| it.role("owner"));
    let role = role.expect("it is there");
    assert_eq!(
        (&*role.label, &*role.description),
        ("Zoë", "Several\nlines, é")
    );
    let mut old = house.state.catalogue().expect("it is there").clone();
    for role in &mut old.roles {
        if role.name.as_str() == "viewer" {
            role.label = String::new();
        }
    }
    let catalogue = Box::new(old);
    house.state = applied(
        &house,
        vec![Change::CatalogueSet {
            catalogue,
            added: Vec::new(),
        }],
    );
    house.does(with("Owner", ""));
}

#[test]
fn names_of_older_versions_come_back_as_they_were_where_that_is_asked_for() {
    let house = House::new();
    let command = add_user(20, "#10");
    let mut draft = attache_core::Draft::new(house.state.clone(), operator(), house.now);
    assert!(draft.run(&command).is_err());
    let mut draft = attache_core::Draft::new(house.state.clone(), operator(), house.now);
    assert_eq!(draft.run_as_is(&command), Ok(()));
    assert_eq!(
        draft.state().find_user(&Ref::key("#10")),
        Some(UserNumber(20))
    );
    // Two things still cannot have one key, and what follows is checked again.
    let taken = Err(Refusal::Taken { field: "key" });
    assert_eq!(draft.run_as_is(&add_user(21, "#10")), taken);
    assert!(draft.run(&add_user(22, "#11")).is_err());
}
