//! What is asked.

use attache_core::command::GrantRef;
use attache_core::model::{ExternalId, FactsChange, Parameters, ProfileChange, Status, UserFacts};
use attache_core::{Command, Ref};

use super::catalogues::CATALOGUES;
use super::choose::Chooser;
use super::universe::{
    EXTERNAL_IDS, GROUPS, PROFILES, RESOURCES, ROOT, USERS, group, name, profile, resource, user,
};

const BELOW: [&str; 6] = [
    "reseller",
    "customer",
    "workspace",
    "chatbot",
    "room",
    "shed",
];

/// Two forms of one text.
pub(super) const COMPOSED: &str = "Zo\u{eb}";
pub(super) const DECOMPOSED: &str = "Zoe\u{308}";
/// Values that no new parameter has.
const ODD: [&str; 5] = [" 7", "7 ", "7\n", "7\u{200b}", "7/8"];

impl Chooser<'_> {
    pub(crate) fn command(&mut self) -> Command {
        if self.tenant.places.is_empty() && self.random.percent(70) {
            return self.create_tenant();
        }
        match self
            .random
            .weighed(&[1, 9, 60, 40, 12, 8, 55, 40, 12, 7, 14])
        {
            0 => self.create_tenant(),
            1 => self.of_catalogue(),
            2 => self.of_members(),
            3 => self.of_resources(),
            4 => self.of_services(),
            5 => Command::Expire {
                most: self.random.below(4),
            },
            6 => self.of_grants(),
            7 => self.of_users(),
            8 => self.of_groups(),
            9 => self.of_issuers(),
            _ => self.of_invitations(),
        }
    }

    pub(super) fn catalogue(&mut self) -> Box<attache_core::Catalogue> {
        // The full one is slow to copy: rarely is often enough.
        let index = self.random.weighed(&[20, 1, 25, 20, 12, 12, 5]);
        Box::new(CATALOGUES[index].clone())
    }

    fn create_tenant(&mut self) -> Command {
        Command::CreateTenant {
            root: ROOT,
            name: name("Mill"),
            catalogue: self.catalogue(),
        }
    }

    fn of_members(&mut self) -> Command {
        let (on, resource) = match self.random.percent(92) {
            true => self.place(&BELOW),
            false => self.place(&[]),
        };
        match self.random.weighed(&[55, 12, 18, 15]) {
            0 => Command::AddMember {
                resource,
                user: self.user(),
                expires_at: self.end(),
            },
            1 => Command::ChangeMember {
                resource,
                user: self.member(on),
                expires_at: self.end(),
            },
            2 => Command::RemoveMember {
                resource,
                user: self.member(on),
            },
            _ => {
                let count = self.random.below(4);
                Command::SyncMembers {
                    resource,
                    users: (0..count).map(|_| self.member(on)).collect(),
                    expires_at: self.end(),
                    allow_mass_detach: self.random.percent(50),
                }
            }
        }
    }

    fn of_grants(&mut self) -> Command {
        let (on, resource) = self.place(&[]);
        let kind = on.map_or("customer", |on| self.tenant.kind_of(on));
        let catalogue = self.tenant.catalogue.as_deref();
        let roles = catalogue.map_or(&[][..], |catalogue| &catalogue.roles);
        let fitting: Vec<_> = roles
            .iter()
            .filter(|role| role.kind.as_str() == kind)
            .collect();
        let role = match self.random.below(25) {
            0 => "prince",
            1 => self
                .random
                .of(roles)
                .map_or("owner", |role| role.name.as_str()),
            _ => self
                .random
                .of(&fitting)
                .map_or("owner", |role| role.name.as_str()),
        };
        let takes = |role: &str| {
            let role = roles.iter().find(|it| it.name.as_str() == role);
            role.is_some_and(|role| !role.parameters.is_empty())
        };
        let chance = if takes(role) { 65 } else { 2 };
        let parameters: Parameters = match self.random.percent(chance) {
            true => match self.random.below(20) {
                0 => Parameters::from_iter([("inboxId", "")]),
                1 => Parameters::from_iter([("inbox", "7")]),
                2 => Parameters::from_iter([(
                    "inboxId",
                    self.random.of(&ODD).copied().unwrap_or(""),
                )]),
                3 => Parameters::as_stored([("inboxId", DECOMPOSED)]),
                4 => Parameters::from_iter([("inboxId", DECOMPOSED)]),
                5 => Parameters::from_iter([("inboxId", COMPOSED)]),
                6..13 => Parameters::from_iter([("inboxId", "7")]),
                _ => Parameters::from_iter([("inboxId", "8")]),
            },
            false => Parameters::none(),
        };
        let grant = GrantRef {
            resource,
            subject: self.subject(on),
            role: role.into(),
            parameters,
        };
        // What is revoked is mostly what was granted.
        let known = self
            .random
            .of(&self.tenant.grants)
            .filter(|_| self.random.percent(85));
        match (self.random.percent(72), known) {
            // Granted already: only its end changes.
            (true, Some(known)) if self.random.percent(18) => Command::Grant {
                grant: GrantRef {
                    resource: attache_core::Locator::id(known.resource),
                    subject: super::start::subject(known.subject),
                    role: (*known.role).into(),
                    parameters: known.parameters.clone(),
                },
                expires_at: self.end(),
            },
            (true, _) => Command::Grant {
                grant,
                expires_at: self.end(),
            },
            (false, None) => Command::Revoke { grant },
            (false, Some(known)) => Command::Revoke {
                grant: GrantRef {
                    resource: attache_core::Locator::id(known.resource),
                    subject: super::start::subject(known.subject),
                    role: (*known.role).into(),
                    parameters: known.parameters.clone(),
                },
            },
        }
    }

    fn of_resources(&mut self) -> Command {
        match self.random.weighed(&[40, 15, 30, 15]) {
            0 => {
                let kinds = [
                    "reseller",
                    "customer",
                    "workspace",
                    "chatbot",
                    "room",
                    "shed",
                    "planet",
                    "No kind!",
                ];
                let kind = kinds[self.random.weighed(&[10, 25, 25, 26, 8, 4, 2, 1])];
                let above: &[&str] = match kind {
                    "reseller" => &["tenant"],
                    "customer" => &["tenant", "reseller", "customer"],
                    "workspace" => &["tenant", "customer", "workspace"],
                    "chatbot" => &["workspace"],
                    _ => &["chatbot", "room", "customer"],
                };
                Command::AddResource {
                    id: resource(1 + self.random.below(RESOURCES)),
                    kind: kind.into(),
                    parent: match self.random.percent(90) {
                        true => self.place(above).1,
                        false => self.place(&[]).1,
                    },
                    number: self.number(),
                    key: self.key(),
                    name: name("Mill"),
                }
            }
            1 => Command::ChangeResource {
                resource: self.place(&[]).1,
                name: self.random.percent(50).then(|| name("Forge")),
                key: self.random.percent(60).then(|| self.key()),
            },
            2 => {
                let kind = ["customer", "workspace", "chatbot"][self.random.weighed(&[2, 2, 5])];
                let above: &[&str] = match kind {
                    "customer" => &["tenant", "reseller", "customer"],
                    "workspace" => &["tenant", "customer", "workspace"],
                    _ => &["workspace"],
                };
                Command::MoveResource {
                    resource: match self.random.percent(95) {
                        true => self.place(&[kind]).1,
                        false => self.place(&[]).1,
                    },
                    parent: self.place(above).1,
                }
            }
            _ => Command::RemoveResource {
                resource: match self.random.percent(60) {
                    true => self.place(&["chatbot", "room"]).1,
                    false => self.place(&[]).1,
                },
            },
        }
    }

    fn facts(&mut self) -> UserFacts {
        UserFacts {
            email_verified: self.random.percent(50),
            first_login: self.random.percent(50),
            external_auth_id: self.external_id(),
        }
    }

    /// Few of them, in several forms, so that users get in each other's way.
    fn external_id(&mut self) -> Option<ExternalId> {
        match self.random.percent(30) {
            true => self
                .random
                .of(&EXTERNAL_IDS)
                .map(|id| ExternalId::from(*id)),
            false => None,
        }
    }

    fn profile_change(&mut self) -> ProfileChange {
        let new = ProfileChange::from(profile(self.random.below(PROFILES)));
        match self.random.weighed(&[75, 15, 10]) {
            0 => ProfileChange::default(),
            1 => new,
            _ => ProfileChange {
                first_name: new.first_name.filter(|_| self.random.percent(50)),
                last_name: new.last_name.filter(|_| self.random.percent(50)),
                email: new.email.filter(|_| self.random.percent(50)),
                phone: new.phone.filter(|_| self.random.percent(50)),
            },
        }
    }

    fn facts_change(&mut self) -> FactsChange {
        let new = FactsChange::from(self.facts());
        match self.random.weighed(&[80, 10, 10]) {
            0 => FactsChange::default(),
            1 => new,
            _ => FactsChange {
                email_verified: new.email_verified.filter(|_| self.random.percent(50)),
                first_login: new.first_login.filter(|_| self.random.percent(50)),
                external_auth_id: new.external_auth_id.filter(|_| self.random.percent(50)),
            },
        }
    }

    fn status(&mut self) -> Status {
        [Status::Active, Status::Inactive, Status::Invited][self.random.weighed(&[5, 4, 2])]
    }

    fn of_users(&mut self) -> Command {
        match self.random.weighed(&[26, 40, 20, 14]) {
            0 => Command::AddUser {
                id: user(1 + self.random.below(USERS)),
                number: self.number(),
                key: self.key(),
                profile: Box::new(profile(self.random.below(PROFILES))),
                status: self.status(),
                facts: self.facts(),
            },
            1 => Command::ChangeUser {
                user: self.user(),
                key: self.random.percent(25).then(|| self.key()),
                profile: Box::new(self.profile_change()),
                status: self.random.percent(65).then(|| self.status()),
                facts: self.facts_change(),
            },
            2 => Command::RemoveUser { user: self.user() },
            _ => Command::PutUser {
                id: user(1 + self.random.below(USERS)),
                user: match (self.key(), self.random.percent(40)) {
                    (Some(key), true) => Ref::text(key.as_str()),
                    _ => self.user(),
                },
                key: self.key().filter(|_| self.random.percent(40)),
                profile: Box::new(profile(self.random.below(PROFILES))),
                status: self.status(),
                facts: self.facts(),
            },
        }
    }

    fn of_groups(&mut self) -> Command {
        match self.random.weighed(&[15, 15, 12, 40, 18]) {
            0 => Command::AddGroup {
                id: group(1 + self.random.below(GROUPS)),
                number: self.number(),
                key: self.key(),
                name: name("Millers"),
            },
            1 => Command::ChangeGroup {
                group: self.group(),
                name: self.random.percent(50).then(|| name("Smiths")),
                key: self.random.percent(60).then(|| self.key()),
            },
            2 => Command::RemoveGroup {
                group: self.group(),
            },
            3 => Command::AddGroupUser {
                group: self.group(),
                user: self.user(),
            },
            _ => Command::RemoveGroupUser {
                group: self.group(),
                user: self.user(),
            },
        }
    }
}
