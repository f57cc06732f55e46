//! Ways of naming: a thing that is there, and in the same way one that is not.

use attache_testkit::world::ids;
use uuid::Uuid;

/// What a name is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Resource(&'static str),
    User,
    Group,
    Service,
    /// Named in one way only.
    Grant,
    Token,
    Issuer,
    Role,
    OfResources,
    Revision,
    Tenant,
}

/// Something that is there.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    pub(crate) kind: Kind,
    pub(crate) id: String,
    number: u32,
    key: Option<String>,
}

impl Thing {
    pub(crate) fn resource(kind: &'static str, number: u32, key: Option<&str>) -> Self {
        let id = ids::resource(kind, number).to_string();
        Self::new(Kind::Resource(kind), &id, number, key)
    }

    pub(crate) fn user(number: u32, key: Option<&str>) -> Self {
        Self::new(Kind::User, &ids::user(number).to_string(), number, key)
    }

    pub(crate) fn group(number: u32, key: Option<&str>) -> Self {
        Self::new(Kind::Group, &ids::group(number).to_string(), number, key)
    }

    pub(crate) fn service(number: u32, key: &str) -> Self {
        let id = ids::service(number).to_string();
        Self::new(Kind::Service, &id, number, Some(key))
    }

    /// Something that has one name only.
    pub(crate) fn only(kind: Kind, name: &str) -> Self {
        Self::new(kind, name, 0, None)
    }

    fn new(kind: Kind, id: &str, number: u32, key: Option<&str>) -> Self {
        Self {
            kind,
            id: id.to_owned(),
            number,
            key: key.map(str::to_owned),
        }
    }
}

/// How an API names things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// `customer:#1`, `customer:key`, an id.
    Locator,
    /// `#1`, a key, an id.
    Reference,
    /// `user:#1`, `group:key`, an id alone.
    Subject,
    /// A number.
    Number,
    /// An id, or a key that is a UUID.
    Uuid,
    /// `"type": "customer", "id": "#1"`.
    Entity,
}

/// A way to name what is there, and something that is not, as both stand in a request.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) there: String,
    pub(crate) nothing: String,
}

const NO_KEY: &str = "nothing-there";
const NO_NUMBER: u32 = 999;

/// Every way to name a thing in a style.
pub(crate) fn pairs(thing: &Thing, style: Style) -> Vec<Pair> {
    let bare = match thing.kind {
        Kind::Resource(_) | Kind::User | Kind::Group | Kind::Service => bare(thing),
        Kind::Grant | Kind::Role | Kind::OfResources => vec![pair(&thing.id, NO_KEY)],
        Kind::Revision => vec![pair(&thing.id, "99999")],
        Kind::Token | Kind::Issuer => {
            vec![pair(&thing.id, ids::NOTHING), pair(&thing.id, NO_KEY)]
        }
        Kind::Tenant => {
            vec![pair(&thing.id, ids::NOTHING), pair("globex", NO_KEY)]
        }
    };
    let in_front = |front: &str| -> Vec<Pair> {
        let named = |name: &str| format!("{front}{name}");
        let all = bare.iter();
        all.map(|it| pair(&named(&it.there), &named(&it.nothing)))
            .collect()
    };
    let by_id = || {
        bare.iter()
            .filter(|it| Uuid::parse_str(&it.there).is_ok())
            .cloned()
    };
    match (style, thing.kind) {
        (Style::Locator, Kind::Resource(kind)) => {
            let mut all = in_front(&format!("{kind}:"));
            all.extend(by_id());
            all
        }
        (Style::Subject, Kind::User) => [in_front("user:"), bare.clone()].concat(),
        (Style::Subject, Kind::Group) => in_front("group:"),
        (Style::Subject, Kind::Service) => in_front("service:"),
        (Style::Entity, kind) => {
            let kind = match kind {
                Kind::Resource(kind) => kind,
                Kind::User => "user",
                Kind::Group => "group",
                _ => "service",
            };
            let entity = |name: &str| format!(r#"{{"type": "{kind}", "id": "{name}"}}"#);
            let all = bare.iter();
            all.map(|it| pair(&entity(&it.there), &entity(&it.nothing)))
                .collect()
        }
        (Style::Number, _) => vec![pair(&thing.number.to_string(), &NO_NUMBER.to_string())],
        (Style::Uuid, _) => by_id().collect(),
        _ => bare,
    }
}

fn bare(thing: &Thing) -> Vec<Pair> {
    let upper = |id: &str| id.to_uppercase();
    let urn = |id: &str| format!("urn:uuid:{id}");
    let mut all = vec![
        pair(&thing.id, ids::NOTHING),
        pair(&upper(&thing.id), &upper(ids::NOTHING)),
        pair(&urn(&thing.id), &urn(ids::NOTHING)),
        pair(&format!("#{}", thing.number), &format!("#{NO_NUMBER}")),
    ];
    all.extend(thing.key.iter().map(|key| match Uuid::parse_str(key) {
        Ok(_) => pair(key, ids::NOTHING),
        Err(_) => pair(key, NO_KEY),
    }));
    all
}

fn pair(there: &str, nothing: &str) -> Pair {
    Pair {
        there: there.to_owned(),
        nothing: nothing.to_owned(),
    }
}
