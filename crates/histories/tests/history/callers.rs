//! Who asks.

use attache_core::model::{Status, SubjectId};
use attache_core::{Actor, Caller};

use super::choose::Chooser;
use super::universe::{OTHER_TENANT, SERVICES, TENANT, USERS, service, user};

pub(crate) fn of(actor: Actor) -> Caller {
    Caller {
        tenant: TENANT,
        actor,
    }
}

impl Chooser<'_> {
    /// Mostly somebody with some rights: whoever may do nothing teaches little.
    pub(crate) fn caller(&mut self) -> Caller {
        let granted = self.tenant.grants.iter().map(|granted| granted.subject);
        let strong: Vec<SubjectId> = granted.collect();
        let users = self.tenant.users.iter();
        let invited: Vec<_> = users.filter(|it| it.status == Status::Invited).collect();
        match self.random.weighed(&[28, 50, 12, 5, 3, 2, 5]) {
            0 => of(Actor::Operator),
            1 => match self.random.of(&strong) {
                Some(SubjectId::User(user)) => of(Actor::User(*user)),
                Some(SubjectId::Service(service)) => of(Actor::Service(*service)),
                Some(SubjectId::Group(group)) => {
                    let inside = self.tenant.in_groups.iter().find(|one| one.group == *group);
                    inside.map_or(of(Actor::Operator), |one| of(Actor::User(one.user)))
                }
                None => of(Actor::Operator),
            },
            2 => of(Actor::User(user(1 + self.random.below(USERS + 1)))),
            3 => of(Actor::Service(service(1 + self.random.below(SERVICES + 1)))),
            4 => of(Actor::Attache),
            6 => match self.random.of(&invited) {
                Some(invited) => of(Actor::User(invited.id)),
                None => of(Actor::Operator),
            },
            _ => {
                let strangers = [
                    Actor::Operator,
                    Actor::Attache,
                    Actor::User(user(1)),
                    Actor::Service(service(1)),
                ];
                Caller {
                    tenant: OTHER_TENANT,
                    actor: strangers[self.random.below(4)],
                }
            }
        }
    }
}
