//! A small tenant to try the rules on: a customer with a workspace and its
//! chatbot, another customer, and a few people. Everything has number 1, 2, 3…
//! in the order in which it is added.

use attache_core::ask::{Authority, View};
use attache_core::catalogue::Pattern;
use attache_core::command::{GrantRef, SubjectRef};
use attache_core::id::{EntryId, GroupId, Node, ResourceId, ServiceId, TenantId, UserId};
use attache_core::model::{Name, Parameters, Profile, Status, Subject, UserFacts};
use attache_core::{
    Actor, Caller, Catalogue, Change, Command, Entry, Locator, Ref, Refusal, State, Timestamp,
};
use uuid::Uuid;

pub(crate) const TENANT: TenantId = TenantId(Uuid::from_u128(1));
pub(crate) const ADA: u32 = 1;
pub(crate) const BO: u32 = 2;
pub(crate) const CY: u32 = 3;

pub(crate) struct House {
    pub(crate) state: State,
    pub(crate) now: Timestamp,
}

pub(crate) fn at(minute: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + minute * 60_000)
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).expect("it is a name")
}

pub(crate) fn may(text: &str) -> Pattern {
    Pattern::new(text).expect("it is a permission")
}

pub(crate) fn operator() -> Caller {
    Caller {
        tenant: TENANT,
        actor: Actor::Operator,
    }
}

pub(crate) const fn user_id(number: u32) -> UserId {
    UserId(Uuid::from_u128(0x100 + number as u128))
}

/// A user, as a caller.
pub(crate) fn by(number: u32) -> Caller {
    Caller {
        tenant: TENANT,
        actor: Actor::User(user_id(number)),
    }
}

/// A service, as a caller.
pub(crate) fn service(number: u128) -> Caller {
    Caller {
        tenant: TENANT,
        actor: Actor::Service(ServiceId(Uuid::from_u128(0x400 + number))),
    }
}

/// A place by its kind and number: `place("customer", 1)`.
pub(crate) fn place(kind: &str, number: u32) -> Locator {
    Locator::of(kind, Ref::Number(number))
}

pub(crate) fn to_user(number: u32) -> SubjectRef {
    SubjectRef::User(Ref::Number(number))
}

pub(crate) fn to_group(number: u32) -> SubjectRef {
    SubjectRef::Group(Ref::Number(number))
}

pub(crate) fn to_service(number: u32) -> SubjectRef {
    SubjectRef::Service(Ref::Number(number))
}

pub(crate) fn inbox(id: &str) -> Parameters {
    Parameters::from_iter([("inboxId", id)])
}

pub(crate) fn add_user(number: u32) -> Command {
    Command::AddUser {
        id: user_id(number),
        number: Some(number),
        key: None,
        profile: Box::new(Profile::default()),
        status: Status::Active,
        facts: UserFacts::default(),
    }
}

pub(crate) fn set_status(number: u32, status: Status) -> Command {
    Command::ChangeUser {
        user: Ref::Number(number),
        key: None,
        profile: Default::default(),
        status: Some(status),
        facts: Default::default(),
    }
}

pub(crate) fn remove_user(number: u32) -> Command {
    Command::RemoveUser {
        user: Ref::Number(number),
    }
}

pub(crate) fn add_resource(id: u128, kind: &str, parent: Locator) -> Command {
    Command::AddResource {
        id: ResourceId(Uuid::from_u128(0x200 + id)),
        kind: kind.into(),
        parent,
        number: None,
        key: None,
        name: name("Mill"),
    }
}

pub(crate) fn add_group(id: u128) -> Command {
    Command::AddGroup {
        id: GroupId(Uuid::from_u128(0x300 + id)),
        number: None,
        key: None,
        name: name("Millers"),
    }
}

pub(crate) fn join(group: u32, user: u32) -> Command {
    Command::AddGroupUser {
        group: Ref::Number(group),
        user: Ref::Number(user),
    }
}

pub(crate) fn add_service(id: u128) -> Command {
    Command::AddService {
        id: ServiceId(Uuid::from_u128(0x400 + id)),
        number: None,
        key: None,
        name: name("Robot"),
    }
}

pub(crate) fn attach(resource: Locator, user: u32, end: Option<Timestamp>) -> Command {
    Command::AddMember {
        resource,
        user: Ref::Number(user),
        expires_at: end,
    }
}

pub(crate) fn detach(resource: Locator, user: u32) -> Command {
    Command::RemoveMember {
        resource,
        user: Ref::Number(user),
    }
}

pub(crate) fn which(resource: Locator, subject: SubjectRef, role: &str) -> GrantRef {
    GrantRef {
        resource,
        subject,
        role: role.into(),
        parameters: Parameters::none(),
    }
}

pub(crate) fn grant(resource: Locator, subject: SubjectRef, role: &str) -> Command {
    Command::Grant {
        grant: which(resource, subject, role),
        expires_at: None,
    }
}

impl House {
    /// Ada is the admin; Bo owns customer 1; Cy is attached to nothing but the root.
    pub(crate) fn new() -> Self {
        let mut house = Self {
            state: State::empty(TENANT),
            now: at(0),
        };
        let catalogue = Catalogue::starting().expect("it is part of the program");
        house.does(Command::CreateTenant {
            root: ResourceId(Uuid::from_u128(0x200)),
            name: name("Mill"),
            catalogue: Box::new(catalogue),
        });
        for number in [ADA, BO, CY] {
            house.does(add_user(number));
        }
        house.does(add_resource(1, "customer", Locator::root()));
        house.does(add_resource(2, "customer", Locator::root()));
        house.does(add_resource(3, "workspace", place("customer", 1)));
        house.does(add_resource(4, "chatbot", place("workspace", 1)));
        house.does(grant(Locator::root(), to_user(ADA), "admin"));
        house.does(attach(place("customer", 1), BO, None));
        house.does(grant(place("customer", 1), to_user(BO), "owner"));
        house
    }

    /// A caller asks; what happened, or why not.
    pub(crate) fn asks(&mut self, by: Caller, command: &Command) -> Result<Vec<Change>, Refusal> {
        let changes = self.state.decide(&by, self.now, command)?;
        let list = changes.list.clone();
        let revision = self.state.revision().next();
        self.state.apply(&Entry {
            id: EntryId(Uuid::from_u128(revision.0.into())),
            revision,
            at: self.now,
            actor: by.actor,
            correlation_id: "a".into(),
            head: attache_core::EntryHead::default(),
            changes,
        });
        Ok(list)
    }

    /// The operator does it, and nothing stands in the way.
    #[allow(clippy::needless_pass_by_value, reason = "a test says what it does")]
    pub(crate) fn does(&mut self, command: Command) -> Vec<Change> {
        let done = self.asks(operator(), &command);
        done.unwrap_or_else(|refusal| panic!("{refusal}: {command:?}"))
    }

    /// The house now.
    pub(crate) fn view(&self) -> View<'_> {
        self.state.view(self.now)
    }

    /// What a caller may now.
    pub(crate) fn authority<'a>(&'a self, by: &'a Caller) -> Authority<'a> {
        Authority::new(by, &self.state, self.now)
    }

    pub(crate) fn node(&self, locator: &Locator) -> Node {
        self.state.find(locator).expect("it is there")
    }

    /// Whether a user may do something on all of a resource, now.
    pub(crate) fn may(&self, user: u32, permission: &str, on: &Locator) -> bool {
        self.may_in(user, permission, on, &Parameters::none())
    }

    /// Whether a user may do something on a part of a resource, now.
    pub(crate) fn may_in(
        &self,
        user: u32,
        permission: &str,
        on: &Locator,
        part: &Parameters,
    ) -> bool {
        self.subject_may(Subject::User(user.into()), permission, on, part)
    }

    pub(crate) fn subject_may(
        &self,
        subject: Subject,
        permission: &str,
        on: &Locator,
        part: &Parameters,
    ) -> bool {
        let node = self.node(on);
        let access = self.view().access(subject, &may(permission), node, part);
        access.is_allowed()
    }

    pub(crate) fn is_member(&self, user: u32, on: &Locator) -> bool {
        self.view().is_member(self.node(on), user.into())
    }
}
