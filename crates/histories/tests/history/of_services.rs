//! What is asked of services and their tokens.

use attache_core::Command;

use super::choose::Chooser;
use super::universe::{SERVICES, TOKENS, hash, name, service, token};

impl Chooser<'_> {
    pub(super) fn of_services(&mut self) -> Command {
        match self.random.weighed(&[22, 15, 35, 18, 20]) {
            0 => Command::AddService {
                id: service(1 + self.random.below(SERVICES)),
                number: self.number(),
                key: self.key(),
                name: name("Robot"),
            },
            1 => Command::RemoveService {
                service: self.service(),
            },
            2 => Command::CreateToken {
                id: token(1 + self.random.below(TOKENS)),
                service: self.service(),
                hash: hash(self.random.below(4)),
                hint: "…7".into(),
                expires_at: self.end(),
            },
            3 => Command::ChangeService {
                service: self.service(),
                name: self.random.percent(50).then(|| name("Machine")),
                key: self.random.percent(60).then(|| self.key()),
            },
            _ => Command::RevokeToken {
                token: match self.random.of(&self.tenant.tokens) {
                    Some(known) => known.id,
                    None => token(1 + self.random.below(TOKENS)),
                },
            },
        }
    }
}
