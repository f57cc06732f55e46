//! What is asked of the catalogue: another one, or one role or kind of it.

use attache_core::Command;
use attache_core::catalogue::{Kind, Parameter, Role};
use attache_core::id::RoleId;
use uuid::Uuid;

use super::ask_gate::pattern;
use super::choose::Chooser;

const MAY: [&str; 6] = [
    "*",
    "customers.*",
    "customers.users.list",
    "chatbots.users.*",
    "rooms.view",
    "tenants.users.list",
];

impl Chooser<'_> {
    pub(super) fn of_catalogue(&mut self) -> Command {
        match self.random.weighed(&[3, 4, 3, 3, 3]) {
            0 => Command::SetCatalogue {
                catalogue: self.catalogue(),
            },
            1 => Command::SetRole {
                role: Box::new(self.some_role()),
            },
            2 => Command::RemoveRole {
                name: match self.known_role() {
                    Some(known) if self.random.percent(95) => known.name.as_str().into(),
                    _ => "prince".into(),
                },
            },
            3 => Command::SetKind {
                kind: Box::new(self.some_kind()),
            },
            _ => Command::RemoveKind {
                name: match self.known_kind() {
                    // The others stand in other kinds' and roles' way.
                    Some(known) if self.random.percent(40) => known.name.as_str().into(),
                    _ => ["room", "shed", "planet"][self.random.weighed(&[8, 8, 1])].into(),
                },
            },
        }
    }

    fn known_role(&mut self) -> Option<Role> {
        let catalogue = self.tenant.catalogue.as_deref()?;
        self.random.of(&catalogue.roles).cloned()
    }

    fn known_kind(&mut self) -> Option<Kind> {
        let catalogue = self.tenant.catalogue.as_deref()?;
        self.random.of(&catalogue.kinds).cloned()
    }

    /// One that is there, changed somewhere, or a new one.
    fn some_role(&mut self) -> Role {
        let id = RoleId(Uuid::from_u128(self.random.below(3) as u128));
        let kind = self.known_kind();
        let kind = kind.map_or("tenant".into(), |kind| kind.name);
        let parameter = Parameter {
            name: "inboxId".to_owned(),
            required: self.random.percent(50),
        };
        match self.known_role() {
            Some(mut known) if self.random.percent(65) => {
                match self.random.below(9) {
                    7 => {
                        // As many as there can be, or one too many.
                        let many = 64 + self.random.below(2);
                        known.parameters = (0..many)
                            .map(|n| Parameter {
                                name: format!("p{n}"),
                                required: false,
                            })
                            .collect();
                    }
                    8 => {
                        let long = 4_096 + self.random.below(2);
                        known.description = "x".repeat(long);
                    }
                    0 => known.permissions = vec![pattern(MAY[self.random.below(6)])],
                    1 => known.permissions.push(pattern(MAY[self.random.below(6)])),
                    2 => known.kind = kind,
                    3 => known.parameters = vec![parameter],
                    4 => known.parameters.clear(),
                    5 => known.id = id,
                    _ => known.name = "squire".into(),
                }
                known
            }
            _ => Role {
                id,
                name: ["host", "squire", "two words"][self.random.weighed(&[8, 8, 1])].into(),
                kind,
                label: "Host".to_owned(),
                description: String::new(),
                permissions: vec![pattern(MAY[self.random.below(6)])],
                scoped: Vec::new(),
                parameters: self
                    .random
                    .percent(30)
                    .then_some(parameter)
                    .into_iter()
                    .collect(),
            },
        }
    }

    fn some_kind(&mut self) -> Kind {
        let above = ["chatbot", "customer", "room", "planet"][self.random.weighed(&[6, 6, 3, 1])];
        let from_parent = self.random.percent(50);
        match self.known_kind() {
            Some(mut known) if self.random.percent(50) => {
                match self.random.below(5) {
                    4 => {
                        let above = known.parents.first().cloned();
                        let many = 256 + self.random.below(2);
                        known.parents = above.into_iter().cycle().take(many).collect();
                    }
                    0 => known.members_may = vec![pattern(MAY[1 + self.random.below(5)])],
                    1 => known.parents.push(above.into()),
                    2 => known.parents.clear(),
                    _ => known.members_from_parent = from_parent,
                }
                known
            }
            _ => Kind {
                name: ["room", "shed", "Shed"][self.random.weighed(&[8, 8, 1])].into(),
                parents: vec![above.into()],
                members_may: vec![pattern("rooms.view")],
                members_from_parent: from_parent,
            },
        }
    }
}
