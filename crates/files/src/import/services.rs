//! `services.csv`. It has no tokens, since attache has only their hashes.

use attache_core::Command;
use attache_core::id::{Key, ServiceId};
use attache_core::model::Name;
use uuid::Uuid;

use super::named::{NamedFile, NamedRow};
use super::thing::What;

/// The kind of thing in `services.csv`.
pub(super) struct Services;

pub(super) type ServiceRow = NamedRow<Services>;

impl NamedFile for Services {
    const FILE: &'static str = "services.csv";
    const WHAT: What<'static> = What::Service;

    fn add(id: Uuid, number: Option<u32>, key: Option<Key>, name: Name) -> Command {
        Command::AddService {
            id: ServiceId(id),
            number,
            key,
            name,
        }
    }

    fn change(id: Uuid, key: Option<Key>, name: Name) -> Command {
        Command::ChangeService {
            service: ServiceId(id).into(),
            name: Some(name),
            key: key.map(Some),
        }
    }
}
