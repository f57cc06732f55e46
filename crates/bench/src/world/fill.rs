//! The tenant's content, change by change, as entries would bring it.

use std::collections::{BTreeMap, BTreeSet};

use attache_core::catalogue::RoleName;
use attache_core::id::{Key, Node, ResourceId, ResourceNumber, UserId, UserNumber};
use attache_core::model::{Name, Parameters, Profile, Status, SubjectId};
use attache_core::{Actor, Change, Changes, Entry, State, Timestamp};

use super::ids::FIRST_MILLIS;
use super::{ROLES, World, people};
use crate::Failure;

/// How many changes are applied together.
const AT_ONCE: usize = 10_000;

const CUSTOMER_ROLES: [&str; 5] = ["owner", "cro", "manager", "agent", "viewer"];
const CHATBOT_ROLES: [&str; 5] = [
    "ChatbotAdmin",
    "ChatbotEditor",
    "ChatbotMember",
    "InboxAdmin",
    "StatisticsViewer",
];
const WORKSPACE_ROLES: [&str; 2] = ["workspace-admin", "workspace-member"];

/// A state that grows.
struct Growing {
    state: State,
    entry: Entry,
}

impl Growing {
    /// All that is added takes the place of the last entry: the snapshot says
    /// that it was there from then on.
    fn of(state: State) -> Result<Self, Failure> {
        let entry = Entry {
            id: state.last_entry().ok_or("the tenant did not begin")?,
            revision: state.revision(),
            at: Timestamp::from_millis(FIRST_MILLIS as i64),
            actor: Actor::User(UserId(uuid::Uuid::from_u128(1))),
            correlation_id: "bench".into(),
            head: attache_core::EntryHead::default(),
            changes: Changes::default(),
        };
        Ok(Self { state, entry })
    }

    fn change(&mut self, change: Change) {
        self.entry.changes.list.push(change);
        if self.entry.changes.list.len() >= AT_ONCE {
            self.apply();
        }
    }

    fn profile(&mut self, user: UserId, profile: Profile) {
        self.entry.changes.profiles.insert(user, profile);
        self.change(Change::UserProfileSet { user });
    }

    fn apply(&mut self) {
        self.state.apply(&self.entry);
        self.entry.changes.list.clear();
        self.entry.changes.profiles = BTreeMap::new();
        let next = self.entry.at.as_millis() + 1_000;
        self.entry.at = Timestamp::from_millis(next);
    }

    fn member(&mut self, resource: ResourceId, user: UserId, roles: &[&str]) {
        let expires_at = None;
        self.change(Change::MemberAdded {
            resource,
            user,
            expires_at,
        });
        for role in roles {
            self.change(Change::RoleGranted {
                resource,
                subject: SubjectId::User(user),
                role: RoleName::from(*role),
                parameters: Parameters::none(),
                expires_at,
            });
        }
    }
}

impl World {
    pub(super) fn fill(&self, began: State) -> Result<State, Failure> {
        let mut growing = Growing::of(began)?;
        let root = growing
            .state
            .resource(Node(0))
            .ok_or("there is no root")?
            .id;
        for number in 1..=self.shape.users {
            self.user(&mut growing, number)?;
        }
        for number in 1..=self.shape.callers.min(self.shape.users) {
            let user = self.ids.user(number);
            for role in ["customer-reader", "chatbot-directory"] {
                growing.change(Change::RoleGranted {
                    resource: root,
                    subject: SubjectId::User(user),
                    role: RoleName::from(role),
                    parameters: Parameters::none(),
                    expires_at: None,
                });
            }
        }
        for number in 1..=self.shape.customers {
            let id = self.ids.customer(number);
            add(&mut growing, id, "customer", number, root)?;
            for (user, dice) in self.members_of(id) {
                let roles = self.roles(&CUSTOMER_ROLES, dice);
                growing.member(id, self.ids.user(user), &roles);
            }
        }
        for number in 1..=self.shape.workspaces {
            let (id, chatbot) = (self.ids.workspace(number), self.ids.chatbot(number));
            add(&mut growing, id, "workspace", number, root)?;
            add(&mut growing, chatbot, "chatbot", number, id)?;
            for (user, dice) in self.members_of(id) {
                let roles = self.roles(&WORKSPACE_ROLES, dice);
                growing.member(id, self.ids.user(user), &roles);
                let roles = self.roles(&CHATBOT_ROLES, dice);
                growing.member(chatbot, self.ids.user(user), &roles);
            }
        }
        self.crowd(&mut growing, root)?;
        growing.apply();
        Ok(growing.state)
    }

    fn user(&self, growing: &mut Growing, number: u32) -> Result<(), Failure> {
        let user = self.ids.user(number);
        growing.change(Change::UserAdded {
            user,
            number: UserNumber(number),
            key: Some(Key::new(&people::key(number))?),
            status: Status::Active,
            facts: people::facts(number),
        });
        growing.profile(user, people::profile(number)?);
        Ok(())
    }

    /// The customer with very many members, and the user with very many customers.
    fn crowd(&self, growing: &mut Growing, root: ResourceId) -> Result<(), Failure> {
        let shape = self.shape;
        let number = shape.customers + 1;
        let crowded = self.ids.customer(number);
        add(growing, crowded, "customer", number, root)?;
        for user in 1..=shape.crowd.min(shape.users) {
            growing.member(crowded, self.ids.user(user), &[]);
        }
        let user = self.ids.user(shape.users);
        for customer in 1..=shape.everywhere.min(shape.customers) {
            growing.member(self.ids.customer(customer), user, &["viewer"]);
        }
        Ok(())
    }

    /// Who is attached to a resource, each with a number of its own.
    pub(crate) fn members_of(&self, resource: ResourceId) -> BTreeMap<u32, u32> {
        let mut dice = fastrand::Rng::with_seed(resource.0.as_u64_pair().1);
        let mut users = BTreeMap::new();
        let users_but_last = self.shape.users.saturating_sub(1).max(1);
        let wanted = self.shape.members.min(users_but_last as usize);
        while users.len() < wanted {
            users.insert(dice.u32(1..=users_but_last), dice.u32(..));
        }
        users
    }

    /// Different ones, as the number says.
    fn roles(&self, of: &[&'static str], dice: u32) -> Vec<&'static str> {
        let dice = dice as usize;
        let roles = (0..ROLES).map(|nth| (dice + nth * (1 + dice / 7 % 2)) % of.len());
        let roles: BTreeSet<usize> = roles.filter(|_| self.shape.roles).collect();
        roles.into_iter().map(|role| of[role]).collect()
    }
}

fn add(
    growing: &mut Growing,
    resource: ResourceId,
    kind: &str,
    number: u32,
    parent: ResourceId,
) -> Result<(), Failure> {
    growing.change(Change::ResourceAdded {
        resource,
        kind: kind.into(),
        number: ResourceNumber(number),
        key: Some(Key::new(&format!("{kind}-{number:07}"))?),
        name: Name::new(&format!("{kind} {number}"))?,
        parent,
    });
    Ok(())
}
