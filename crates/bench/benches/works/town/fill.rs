//! How the town came to be: change by change, as entries would bring it.

use attache_core::catalogue::RoleName;
use attache_core::id::{
    EntryId, GroupId, GroupNumber, Key, ResourceId, ResourceNumber, ServiceId, ServiceNumber,
    TokenId, UserNumber,
};
use attache_core::model::{Name, Parameters, Status, SubjectId, TokenHash};
use attache_core::{Actor, Catalogue, Change, Changes, Entry, State, Timestamp};

use super::{
    CROWD, CROWDED, CUSTOMERS, EVERYWHERE, GONE, GROUPED, PAST, PLACES, RESELLERS, TENANT, TOKEN,
    USERS, WORKSPACES, customer_id, has_access, id, members, people, roles, user_id,
};
use crate::works::Failure;

/// How many changes are applied together.
const AT_ONCE: usize = 10_000;
const BEGAN: i64 = 1_750_000_000_000;
const SECOND: i64 = 1_000;

/// A state that grows.
struct Growing {
    state: State,
    entry: Entry,
}

/// The town, and an instant after all that happened there.
pub(super) fn town() -> Result<(State, Timestamp), Failure> {
    let mut growing = Growing::new();
    let root = ResourceId(id(1, 1));
    growing.change(Change::CatalogueSet {
        catalogue: Box::new(Catalogue::starting().map_err(|found| format!("{found:?}"))?),
        added: Vec::new(),
    });
    growing.change(Change::TenantCreated {
        tenant: TENANT,
        root,
        name: Name::new("Town")?,
    });
    for number in 1..=USERS {
        growing.user(number)?;
    }
    growing.directories(root)?;
    for number in 1..=RESELLERS {
        growing.resource("reseller", ResourceId(id(4, number)), number, root)?;
    }
    growing.member(ResourceId(id(4, 1)), 1, None, ["reseller-agent"]);
    for number in 1..=CUSTOMERS {
        let parent = match number {
            ..=1_000 => ResourceId(id(4, number % RESELLERS + 1)),
            _ => root,
        };
        growing.resource("customer", customer_id(number), number, parent)?;
        for (nth, user) in (0..).zip(members(number)) {
            growing.member(customer_id(number), user, None, roles(nth));
        }
    }
    for number in 1..=WORKSPACES {
        growing.workspace(number)?;
    }
    growing.crowd(root)?;
    growing.apply();
    let now = growing.entry.at.as_millis() + SECOND;
    Ok((growing.state, Timestamp::from_millis(now)))
}

impl Growing {
    fn new() -> Self {
        let state = State::empty(TENANT);
        let entry = Entry {
            id: EntryId(id(7, 1)),
            revision: state.revision().next(),
            at: Timestamp::from_millis(BEGAN),
            actor: Actor::User(user_id(1)),
            correlation_id: "bench".into(),
            head: attache_core::EntryHead::default(),
            changes: Changes::default(),
        };
        Self { state, entry }
    }

    fn change(&mut self, change: Change) {
        self.entry.changes.list.push(change);
        if self.entry.changes.list.len() >= AT_ONCE {
            self.apply();
        }
    }

    fn apply(&mut self) {
        self.state.apply(&self.entry);
        self.entry.changes = Changes::default();
        self.entry.revision = self.entry.revision.next();
        self.entry.at = Timestamp::from_millis(self.entry.at.as_millis() + SECOND);
    }

    fn user(&mut self, number: u32) -> Result<(), Failure> {
        let user = user_id(number);
        self.change(Change::UserAdded {
            user,
            number: UserNumber(number),
            key: Some(Key::new(&people::key(number))?),
            status: match has_access(number) {
                true => Status::Active,
                false => Status::Inactive,
            },
            facts: people::facts(number),
        });
        let profile = people::profile(number)?;
        self.entry.changes.profiles.insert(user, profile);
        self.change(Change::UserProfileSet { user });
        Ok(())
    }

    /// The group that reads all customers, and the service that may do everything.
    fn directories(&mut self, root: ResourceId) -> Result<(), Failure> {
        let group = GroupId(id(5, 1));
        self.change(Change::GroupAdded {
            group,
            number: GroupNumber(1),
            key: None,
            name: Name::new("Support")?,
        });
        for number in EVERYWHERE - GROUPED..EVERYWHERE {
            let user = user_id(number);
            self.change(Change::GroupUserAdded { group, user });
        }
        let service = ServiceId(id(6, 1));
        self.change(Change::ServiceAdded {
            service,
            number: ServiceNumber(1),
            key: None,
            name: Name::new("Portal")?,
        });
        self.change(Change::TokenCreated {
            token: TokenId(id(8, 1)),
            service,
            hash: TokenHash(TOKEN),
            hint: "abcd".into(),
            expires_at: None,
        });
        self.grant(root, SubjectId::Group(group), "customer-reader", None);
        self.grant(root, SubjectId::Service(service), "admin", None);
        Ok(())
    }

    /// The workspace of a customer with its chatbot, and the customer's members in both.
    fn workspace(&mut self, number: u32) -> Result<(), Failure> {
        let (workspace, chatbot) = (ResourceId(id(9, number)), ResourceId(id(10, number)));
        self.resource("workspace", workspace, number, customer_id(number))?;
        self.resource("chatbot", chatbot, number, workspace)?;
        for user in members(number) {
            self.member(workspace, user, None, ["workspace-member"]);
            self.member(chatbot, user, None, ["ChatbotMember"]);
            let inbox = Parameters::from_iter([("inboxId", "7")]);
            let user = SubjectId::User(user_id(user));
            self.grant(chatbot, user, "InboxUser", Some(inbox));
        }
        Ok(())
    }

    /// What is larger than usual: a customer's members, a user's customers, and
    /// what has run out without an entry that says so.
    fn crowd(&mut self, root: ResourceId) -> Result<(), Failure> {
        self.resource("customer", customer_id(CROWDED), CROWDED, root)?;
        for user in 1..=CROWD {
            self.member(customer_id(CROWDED), user, None, roles(user));
        }
        for number in 1..=PLACES {
            let roles = ["agent", "viewer"];
            self.member(customer_id(number), EVERYWHERE, None, roles);
        }
        self.resource("customer", customer_id(PAST), PAST, root)?;
        for user in 1..=GONE {
            let end = Timestamp::from_millis(BEGAN + i64::from(user));
            self.member(customer_id(PAST), user, Some(end), ["viewer"]);
        }
        Ok(())
    }

    fn resource(
        &mut self,
        kind: &str,
        resource: ResourceId,
        number: u32,
        parent: ResourceId,
    ) -> Result<(), Failure> {
        self.change(Change::ResourceAdded {
            resource,
            kind: kind.into(),
            number: ResourceNumber(number),
            key: Some(Key::new(&format!("{kind}-{number:07}"))?),
            name: Name::new(&format!("{kind} {number}"))?,
            parent,
        });
        Ok(())
    }

    fn member<const N: usize>(
        &mut self,
        resource: ResourceId,
        user: u32,
        expires_at: Option<Timestamp>,
        roles: [&str; N],
    ) {
        let user = user_id(user);
        self.change(Change::MemberAdded {
            resource,
            user,
            expires_at,
        });
        for role in roles {
            self.grant(resource, SubjectId::User(user), role, None);
        }
    }

    fn grant(
        &mut self,
        resource: ResourceId,
        subject: SubjectId,
        role: &str,
        parameters: Option<Parameters>,
    ) {
        self.change(Change::RoleGranted {
            resource,
            subject,
            role: RoleName::from(role),
            parameters: parameters.unwrap_or_default(),
            expires_at: None,
        });
    }
}
