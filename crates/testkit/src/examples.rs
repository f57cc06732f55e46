//! The examples in the descriptions of published APIs, as requests to acme.

use std::fmt;

use attache_apis::dialects;
use attache_http::description::{Description, Example, Name, Of, Sent, Style};
use serde_json::Value;

use crate::world::acme::{BEN, CONCIERGE, GRETA, HARBOR, HUGO, JON, LI, MILL, NAMELESS, NORTH};
use crate::world::{Answer, Ask, World, acme, globex, ids};

/// The owner of a thing that a request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// acme. The service `outsider` may not see the thing.
    Acme,
    /// The other tenant.
    Globex,
    /// The other tenant, whose thing is named by its id where a key would do.
    GlobexById,
    /// Nobody: the thing does not exist.
    Nobody,
}

const ALL: [Whose; 4] = [Whose::Acme, Whose::Globex, Whose::GlobexById, Whose::Nobody];

/// An operation of a dialect, as a request that succeeds.
#[derive(Clone)]
pub struct Operation {
    /// The dialect.
    pub dialect: &'static Description,
    /// The example that the request is made from.
    pub example: &'static Example,
    /// The method.
    pub method: &'static str,
    /// The path with its query.
    pub path: String,
    /// The body, if it has one.
    pub body: Option<Value>,
    /// The status of success.
    pub status: u16,
    /// The owners of the resources in the path.
    whose: Vec<Whose>,
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.dialect.name, self.method, self.path)
    }
}

/// Returns the operations of all dialects.
pub fn all() -> Vec<Operation> {
    let examples = dialects().into_iter().flat_map(|dialect| {
        let examples = dialect.examples.iter();
        examples.map(move |example| Operation::new(dialect, example))
    });
    examples.collect()
}

/// Returns the operations that write.
pub fn writing() -> impl Iterator<Item = Operation> {
    all().into_iter().filter(Operation::writes)
}

impl Operation {
    /// Makes an operation from an example, with acme's things.
    pub fn new(dialect: &'static Description, example: &'static Example) -> Self {
        Self::on(dialect, example, &[])
    }

    fn on(dialect: &'static Description, example: &'static Example, whose: &[Whose]) -> Self {
        let mut whose = whose.iter();
        let names: Vec<(&str, String)> = example
            .names
            .iter()
            .map(|name| {
                let whose = match is_resource(name) && is_in_path(example, name) {
                    true => whose.next().copied().unwrap_or(Whose::Acme),
                    false => Whose::Acme,
                };
                (name.slot, named(name, whose))
            })
            .collect();
        let body = filled(example.body, &names);
        Self {
            dialect,
            example,
            method: example.method,
            path: filled(example.path, &names),
            body: (!body.is_empty()).then(|| serde_json::from_str(&body).unwrap()),
            status: example.status,
            whose: Vec::new(),
        }
    }

    /// Returns the operation on other resources: unknown ones, another tenant's, ones
    /// that the service `outsider` may not see, and each of them next to one of the
    /// others.
    pub fn on_other_things(&self) -> Vec<Self> {
        let names = self.example.names.iter();
        let resources = names.filter(|name| is_resource(name) && is_in_path(self.example, name));
        let mut all: Vec<Vec<Whose>> = vec![Vec::new()];
        for _ in resources {
            let longer = all.iter().flat_map(|before| {
                let before = before.clone();
                ALL.map(move |whose| [before.as_slice(), &[whose]].concat())
            });
            all = longer.collect();
        }
        let others = all.into_iter().map(|whose| Self {
            whose: whose.clone(),
            ..Self::on(self.dialect, self.example, &whose)
        });
        others.collect()
    }

    /// Returns whether a resource in the path is the other tenant's.
    pub fn is_on_globex(&self) -> bool {
        let is = |whose: &Whose| matches!(whose, Whose::Globex | Whose::GlobexById);
        self.whose.iter().any(is)
    }

    /// Returns the path with another text in place of its first name, if it has one.
    pub fn path_with_first(&self, text: &str) -> Option<String> {
        let (before, rest) = self.example.path.split_once('{')?;
        let (_, after) = rest.split_once('}')?;
        let names = self.example.names.iter();
        let names: Vec<(&str, String)> = names
            .map(|name| (name.slot, named(name, Whose::Acme)))
            .collect();
        Some(format!("{before}{text}{}", filled(after, &names)))
    }

    /// Returns whether the operation writes.
    pub fn writes(&self) -> bool {
        self.example.writes()
    }

    /// Returns whether the operation reads a body.
    pub fn reads_a_body(&self) -> bool {
        self.body.is_some()
    }

    /// Returns the resource that is named last in the path: the one on which permissions
    /// are needed.
    pub fn resource(&self) -> (&'static str, u32) {
        let names = self.example.names.iter();
        let mut named = names.filter(|name| is_resource(name) && is_in_path(self.example, name));
        named
            .next_back()
            .map_or(("tenant", 1), |name| acmes(name.of).0)
    }

    /// Returns the headers that the dialect needs, for acme, as lines of a request's
    /// head. Each begins with a line break.
    pub fn lines(&self) -> String {
        let headers = headers(self.dialect, acme::DOMAIN).into_iter();
        let lines = headers.map(|(name, value)| format!("\r\n{name}: {value}"));
        lines.collect()
    }

    /// Makes a request for the operation without a credential.
    pub fn ask<'a>(&self, world: &'a World) -> Ask<'a> {
        self.ask_at(world, acme::DOMAIN)
    }

    /// Makes a request for the operation without a credential, to the tenant with a
    /// domain.
    pub fn ask_at<'a>(&self, world: &'a World, domain: &'static str) -> Ask<'a> {
        let ask = self.bare_at(world, domain);
        match &self.body {
            Some(body) => ask.json(body),
            None => ask,
        }
    }

    /// Makes a request for the operation without a credential and a body.
    pub fn bare<'a>(&self, world: &'a World) -> Ask<'a> {
        self.bare_at(world, acme::DOMAIN)
    }

    fn bare_at<'a>(&self, world: &'a World, domain: &'static str) -> Ask<'a> {
        let ask = world.ask(self.method, &self.path);
        let headers = headers(self.dialect, domain).into_iter();
        headers.fold(ask, |ask, (name, value)| ask.header(name, value))
    }

    /// Sends the example as the service that manages all users.
    pub async fn send(&self, world: &World) -> Answer {
        self.ask(world).by("keeper").send().await
    }
}

/// Returns the headers that a dialect needs, for the tenant with a domain.
pub fn headers(dialect: &Description, domain: &'static str) -> Vec<(&'static str, &'static str)> {
    let headers = dialect.headers.iter();
    let headers = headers.map(|(name, sent)| match sent {
        Sent::Domain => (*name, domain),
        Sent::Text(text) => (*name, *text),
    });
    headers.collect()
}

/// Returns the headers that all dialects need, for the tenant with a domain.
pub fn all_headers(domain: &'static str) -> Vec<(&'static str, &'static str)> {
    let dialects = dialects().into_iter();
    let mut all: Vec<_> = dialects.flat_map(|it| headers(it, domain)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn is_resource(name: &Name) -> bool {
    matches!(
        name.of,
        Of::Reseller | Of::Customer | Of::Workspace | Of::Chatbot
    )
}

fn is_in_path(example: &Example, name: &Name) -> bool {
    let path = example.path.split('?').next().unwrap_or_default();
    path.contains(&format!("{{{}}}", name.slot))
}

fn filled(text: &str, names: &[(&str, String)]) -> String {
    let mut text = text.to_owned();
    for (slot, name) in names {
        text = text.replace(&format!("{{{slot}}}"), name);
    }
    text
}

/// Returns a resource of acme, and its key.
fn acmes(of: Of) -> ((&'static str, u32), Option<&'static str>) {
    match of {
        Of::Reseller => (NORTH, None),
        Of::Customer => (MILL, None),
        Of::Workspace => (HARBOR, Some("harbor")),
        Of::Chatbot => (CONCIERGE, Some("concierge")),
        Of::Member(_) | Of::Stranger(_) | Of::Role(_) => panic!("{of:?} is no resource"),
    }
}

/// Returns a resource of the other tenant, and its key.
fn globexs(of: Of) -> ((&'static str, u32), Option<&'static str>) {
    match of {
        Of::Workspace => (globex::WORKSPACE, Some("hangar")),
        Of::Chatbot => (globex::CHATBOT, Some("pilot")),
        Of::Customer => (globex::CUSTOMER, None),
        _ => panic!("globex has no {of:?}"),
    }
}

fn named(name: &Name, whose: Whose) -> String {
    let user = match name.of {
        Of::Role(role) => return role.to_owned(),
        Of::Member(place) => Some([BEN, LI, NAMELESS][place]),
        Of::Stranger(place) => Some([GRETA, HUGO, JON][place]),
        _ => None,
    };
    if let Some(user) = user {
        return match name.style {
            Style::Number => user.to_string(),
            Style::Reference if user == GRETA => "greta".to_owned(),
            Style::Reference | Style::Uuid => ids::user(user).to_string(),
        };
    }
    let ((kind, number), key) = match whose {
        Whose::Acme => acmes(name.of),
        Whose::Globex | Whose::GlobexById => globexs(name.of),
        Whose::Nobody => {
            return match name.style {
                Style::Number => "999".to_owned(),
                Style::Uuid | Style::Reference => ids::NOTHING.to_owned(),
            };
        }
    };
    match (name.style, key) {
        (Style::Number, _) => number.to_string(),
        (Style::Reference, Some(key)) if whose != Whose::GlobexById => key.to_owned(),
        _ => ids::resource(kind, number).to_string(),
    }
}

/// Checks that an error has the form of its dialect, and not the framework's.
pub fn speaks(dialect: &Description, answer: &Answer) {
    let what = format!("{}: {} {}", dialect.name, answer.status, answer.body);
    assert!(answer.status >= 400, "{what}");
    let shape = &dialect.error;
    if shape.empty.contains(&answer.status) {
        assert_eq!(answer.body, "", "{what}");
        return;
    }
    let kind = answer.header("content-type");
    assert_eq!(kind, Some("application/json"), "{what}");
    let body = answer.json();
    let fields = body.as_object().unwrap().keys();
    let mut fields: Vec<&str> = fields.map(String::as_str).collect();
    fields.sort_unstable();
    let own = shape
        .fields_of
        .iter()
        .find(|(status, _)| *status == answer.status);
    let expected = own.map_or(shape.fields, |(_, fields)| *fields);
    assert_eq!(fields, expected, "{what}");
    for (field, begin) in shape.fixed {
        assert!(body[field].as_str().unwrap().starts_with(begin), "{what}");
    }
    if let Some(field) = shape.status_in {
        assert_eq!(body[field], answer.status, "{what}");
    }
    assert!(!body[shape.message].as_str().unwrap().is_empty(), "{what}");
}
