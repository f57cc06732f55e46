//! What an export writes, an import takes, whatever was stored.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use attache_core::command::{GrantRef, SubjectRef};
use attache_core::id::{GroupId, Key, ResourceId, ServiceId, TenantId, UserId};
use attache_core::model::{Email, ExternalId, Name, Parameters, Profile, Status, UserFacts};
use attache_core::{Command, Draft, HeadRequest, Locator, Ref, State, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

use super::write;
use crate::cli::{data, tenant};
use crate::config::Config;
use attache_ambient::Ambient;
use attache_files::export::{Export, Form};
use attache_files::import::{By, ImportError, Options, Replace, Silent, Source, import};
use attache_tenants::{Tenants, beginning};

/// How often the property is tried. Each time writes four tenants to a disk.
const CASES: u32 = 24;

/// A part of a tenant that somebody adds. Numbers choose among what there is.
#[derive(Clone, Debug)]
enum Step {
    Resource(u8, u8, Option<Key>, Name, Option<u32>),
    Move(u8, u8),
    Rename(u8, Name),
    User(Option<Key>, Box<Profile>, Status, UserFacts, Option<u32>),
    RemoveUser(u8),
    Group(Option<Key>, Name, Option<u32>),
    Service(Option<Key>, Name, Option<u32>),
    GroupUser(u8, u8),
    Member(u8, u8, End),
    Grant(u8, u8, u8, String, End),
    Label(u8, String),
}

#[derive(Clone, Copy, Debug)]
enum End {
    Never,
    Passed,
    ToCome(u32),
}

const DAY: i64 = 24 * 60 * 60 * 1_000;

impl End {
    /// Seen from the time at which the tenant is made, a week ago.
    fn at(self, made_at: Timestamp) -> Option<Timestamp> {
        let after = |millis: i64| Timestamp::from_millis(made_at.as_millis() + millis);
        match self {
            Self::Never => None,
            Self::Passed => Some(after(DAY)),
            Self::ToCome(later) => Some(after(DAY * 30 + i64::from(later))),
        }
    }
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![
        Just(End::Never),
        Just(End::Passed),
        any::<u32>().prop_map(End::ToCome),
    ]
}

/// Texts of every kind: what spreadsheets run, what separates cells and lines,
/// what names look like, and anything.
fn text() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        "[=+@'\t\r\n-]{1,3}",
        "[,;|\"']{1,3}",
        "[#:./ ]{0,2}[0-9]{1,3}",
        "(user|group|service|customer|tenant):?#?[a-z]?",
        "[a-zA-Z ]{1,6}",
        "\\PC{1,6}",
        "[\u{80}-\u{24f}\u{4e00}-\u{4e20}\u{1f600}-\u{1f610}\u{200b}-\u{202e}\u{feff}]{1,4}",
        Just("6f1c0d0e-3a53-4d5e-9a55-27e1d1f0a111".to_owned()),
        Just("{\"a\":\"b\"}".to_owned()),
    ];
    prop::collection::vec(parts, 1..4).prop_map(|parts| parts.concat())
}

/// A name or key. Also what could not be new: older versions may have stored it.
fn stored<T: serde::de::DeserializeOwned + std::fmt::Debug>() -> impl Strategy<Value = T> {
    text().prop_filter_map("empty", |text| {
        let text = text.trim();
        let stored = serde_json::from_value(text.into()).ok();
        stored.filter(|_| !text.is_empty())
    })
}

fn name() -> impl Strategy<Value = Name> {
    stored()
}

fn key() -> impl Strategy<Value = Option<Key>> {
    prop::option::of(stored())
}

fn email() -> impl Strategy<Value = Email> {
    let address = prop_oneof![
        "[a-z=+-]{1,5}@[a-z]{1,5}\\.example",
        Just("taro..y@docomo.example".to_owned()),
        Just("once upon a time".to_owned()),
    ];
    address.prop_map(Email::from)
}

fn profile() -> impl Strategy<Value = Box<Profile>> {
    let name = || prop::option::of(name());
    let parts = (name(), name(), prop::option::of(email()), name());
    parts.prop_map(|(first_name, last_name, email, phone)| {
        Box::new(Profile {
            first_name,
            last_name,
            email,
            phone,
        })
    })
}

fn facts() -> impl Strategy<Value = UserFacts> {
    // Few of them, so that users get in each other's way.
    let external = prop::option::of((0..8u128).prop_map(|n| match n % 2 {
        0 => ExternalId::from(Uuid::from_u128(n)),
        _ => ExternalId::from(&*format!("auth0|={n}; \"é\"")),
    }));
    let parts = (any::<bool>(), any::<bool>(), external);
    parts.prop_map(
        |(email_verified, first_login, external_auth_id)| UserFacts {
            email_verified,
            first_login,
            external_auth_id,
        },
    )
}

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![
        Just(Status::Active),
        Just(Status::Inactive),
        Just(Status::Invited),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let number = || prop::option::of(1u32..60);
    prop_oneof![
        4 => (any::<u8>(), any::<u8>(), key(), name(), number())
            .prop_map(|(a, b, key, name, number)| Step::Resource(a, b, key, name, number)),
        1 => any::<(u8, u8)>().prop_map(|(a, b)| Step::Move(a, b)),
        1 => (any::<u8>(), name()).prop_map(|(a, name)| Step::Rename(a, name)),
        4 => (key(), profile(), status(), facts(), number())
            .prop_map(|(key, profile, status, facts, number)| {
                Step::User(key, profile, status, facts, number)
            }),
        1 => any::<u8>().prop_map(Step::RemoveUser),
        1 => (key(), name(), number()).prop_map(|(key, name, number)| Step::Group(key, name, number)),
        1 => (key(), name(), number()).prop_map(|(key, name, number)| Step::Service(key, name, number)),
        2 => any::<(u8, u8)>().prop_map(|(a, b)| Step::GroupUser(a, b)),
        6 => (any::<u8>(), any::<u8>(), end()).prop_map(|(a, b, end)| Step::Member(a, b, end)),
        6 => (any::<u8>(), any::<u8>(), any::<u8>(), text(), end())
            .prop_map(|(a, b, c, value, end)| Step::Grant(a, b, c, value, end)),
        1 => (any::<u8>(), text()).prop_map(|(a, label)| Step::Label(a, label)),
    ]
}

fn chosen<T>(mut all: Vec<T>, number: u8) -> Option<T> {
    let position = usize::from(number).checked_rem(all.len())?;
    Some(all.swap_remove(position))
}

/// The command of a step, if there is what it needs.
fn command(state: &State, ambient: &Ambient, made_at: Timestamp, step: Step) -> Option<Command> {
    let catalogue = state.catalogue()?;
    let place = |number: u8| {
        let ids = state.resources().map(|(_, found)| found.resource.id);
        chosen(ids.collect(), number).map(Locator::id)
    };
    let user = |number: u8| {
        let ids = state.users().map(|row| row.user.id);
        chosen(ids.collect(), number).map(Ref::from)
    };
    let group = |number: u8| {
        let ids = state.groups().map(|row| row.group.id);
        chosen(ids.collect(), number).map(Ref::from)
    };
    Some(match step {
        Step::Resource(kind, under, key, name, number) => Command::AddResource {
            id: ResourceId(ambient.id()),
            kind: chosen(catalogue.kinds.iter().collect(), kind)?
                .name
                .as_str()
                .into(),
            parent: place(under)?,
            number,
            key,
            name,
        },
        Step::Move(resource, to) => Command::MoveResource {
            resource: place(resource)?,
            parent: place(to)?,
        },
        Step::Rename(resource, name) => Command::ChangeResource {
            resource: place(resource).filter(|place| state.find(place) != Some(state.root()))?,
            name: Some(name),
            key: None,
        },
        Step::User(key, profile, status, facts, number) => Command::AddUser {
            id: UserId(ambient.id()),
            number,
            key,
            profile,
            status,
            facts,
        },
        Step::RemoveUser(number) => Command::RemoveUser {
            user: user(number)?,
        },
        Step::Group(key, name, number) => Command::AddGroup {
            id: GroupId(ambient.id()),
            number,
            key,
            name,
        },
        Step::Service(key, name, number) => Command::AddService {
            id: ServiceId(ambient.id()),
            number,
            key,
            name,
        },
        Step::GroupUser(in_group, number) => Command::AddGroupUser {
            group: group(in_group)?,
            user: user(number)?,
        },
        Step::Member(resource, number, end) => Command::AddMember {
            resource: place(resource)?,
            user: user(number)?,
            expires_at: end.at(made_at),
        },
        Step::Grant(resource, to, role, value, end) => {
            let resource = place(resource)?;
            let kind = state.find(&resource).and_then(|node| state.resource(node));
            let kind = &kind?.kind;
            let roles = catalogue.roles.iter().filter(|role| role.kind == *kind);
            let role = chosen(roles.collect(), role)?;
            let names = role
                .parameters
                .iter()
                .map(|parameter| parameter.name.as_str());
            let service = || {
                let ids = state.services().map(|row| row.service.id);
                chosen(ids.collect(), to).map(Ref::from)
            };
            let subject = match to % 4 {
                0 => SubjectRef::Group(group(to)?),
                1 => SubjectRef::Service(service()?),
                _ => SubjectRef::User(user(to)?),
            };
            Command::Grant {
                grant: GrantRef {
                    resource,
                    subject,
                    role: role.name.as_str().into(),
                    parameters: Parameters::as_stored(names.map(|name| (name, value.as_str()))),
                },
                expires_at: end.at(made_at),
            }
        }
        Step::Label(role, label) => {
            let mut role = chosen(catalogue.roles.clone(), role)?;
            role.label = label;
            Command::SetRole {
                role: Box::new(role),
            }
        }
    })
}

/// A tenant that was made by some steps. What is refused is left out.
fn made(ambient: &Ambient, made_at: Timestamp, steps: Vec<Step>) -> State {
    let tenant = TenantId(ambient.id());
    let mut state = State::empty(tenant);
    let run = |state: &mut State, command: &Command| {
        let mut draft = Draft::new(state.clone(), data::operator(tenant), made_at);
        if draft.run_as_is(command).is_ok() {
            *state = draft.finish().1;
        }
    };
    let name = Name::new("Source").unwrap();
    run(&mut state, &beginning(ambient, name).unwrap());
    for step in steps {
        if let Some(command) = command(&state, ambient, made_at, step) {
            run(&mut state, &command);
        }
    }
    state
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect()
}

async fn imported(tenants: &Tenants, slug: &str, files: &Path) -> State {
    let row = tenant::new_row(tenants, slug, &[]).unwrap();
    tenant::create(tenants, &row, "Copy", &HeadRequest::default(), Vec::new())
        .await
        .unwrap();
    let by = By {
        caller: data::operator(row.id),
        credential: None,
        name: "round trip".to_owned(),
        head: HeadRequest::default(),
    };
    // What an export does not name is not there: a replacement finds nothing to take away.
    let replacing = Options {
        replace: Replace {
            memberships: true,
            grants: true,
            group_users: true,
        },
        ..Options::default()
    };
    for (again, options) in [
        (false, Options::default()),
        (true, Options::default()),
        (true, replacing),
    ] {
        let source = Source::folder(files).unwrap();
        match import(tenants, &by, &source, options, &Silent).await {
            Ok(imported) if again => assert!(imported.changes_nothing(), "{:?}", imported.lines()),
            Ok(_) => {}
            Err(ImportError::Faults(faults)) => {
                let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
                panic!("{}", faults.join("\n"));
            }
            Err(error) => panic!("{error}"),
        }
    }
    let open = tenants.open(row.id).await.unwrap().unwrap();
    (*open.state().unwrap()).clone()
}

async fn comes_back(steps: Vec<Step>) {
    let folder = tempfile::tempdir().unwrap();
    let ambient = Ambient::of_the_machine();
    let mut config = Config::built_in().unwrap();
    config.data = folder.path().join("data");
    let settings = config.settings();
    let tenants = data::open(&config, ambient.clone(), settings)
        .await
        .unwrap();
    let now = ambient.now();
    let made_at = Timestamp::from_millis(now.as_millis() - 7 * DAY);
    let state = made(&ambient, made_at, steps);
    let written = |state: &State, name: &str, form: Form| {
        let folder = folder.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        write(Export::new(Arc::new(state.clone()), now, form), &folder).unwrap();
        folder
    };
    let first = written(&state, "first", Form::Plain);
    let guarded = written(&state, "guarded", Form::Spreadsheet);
    for (slug, from) in [("plain", &first), ("guarded-too", &guarded)] {
        let copy = imported(&tenants, slug, from).await;
        let again = written(&copy, slug, Form::Plain);
        for ((name, one), other) in files(&first).iter().zip(files(&again).values()) {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            assert_eq!(text(one), text(other), "{name}");
        }
        assert_eq!(files(&first).len(), files(&again).len());
    }
    tenants.close().await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]
    #[test]
    fn export_of_an_imported_export_is_the_same(
        steps in prop::collection::vec(step(), 0..80)
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(comes_back(steps));
    }
}
