//! The published APIs in the demo: a service with a token for each, and the requests of
//! its description with the names of the demo's things.

use std::collections::BTreeMap;

use attache_apis::dialects;
use attache_core::ask::View;
use attache_core::catalogue::{Pattern, Role};
use attache_core::id::Node;
use attache_core::model::{Status, User};
use attache_core::{Locator, Ref, State};
use attache_http::api_token::ApiToken;
use attache_http::description::{Description, Example, Name, Of, Sent, Style};
use attache_http::naming;

use crate::cli::CliError;

/// The web domain of the tenant.
pub(super) const DOMAIN: &str = "lantern.example";

/// A published API, with the token of a service that calls it.
pub(super) struct Vendor {
    description: &'static Description,
    token: ApiToken,
}

/// Returns the demo's resource for a placeholder.
fn resource(of: Of) -> Option<(&'static str, &'static str)> {
    match of {
        Of::Reseller => Some(("reseller", "nordlicht")),
        Of::Customer => Some(("customer", "harbour-bakery")),
        Of::Workspace => Some(("workspace", "guest-desk")),
        Of::Chatbot => Some(("chatbot", "concierge")),
        Of::Member(_) | Of::Stranger(_) | Of::Role(_) => None,
    }
}

/// Returns the part of a variable's name for a placeholder.
fn variable(of: Of) -> Option<&'static str> {
    match of {
        Of::Reseller => Some("RESELLER"),
        Of::Customer => Some("CUSTOMER"),
        Of::Workspace => Some("WORKSPACE"),
        Of::Chatbot => Some("CHATBOT"),
        Of::Stranger(0) => Some("USER"),
        Of::Member(_) | Of::Stranger(_) | Of::Role(_) => None,
    }
}

/// Returns all published APIs. `token` creates a service with a role on the whole tenant,
/// and returns its token.
pub(super) async fn all(
    state: &State,
    token: &impl AsyncFn(&str, &str) -> Result<ApiToken, CliError>,
) -> Result<Vec<Vendor>, CliError> {
    let mut vendors = Vec::new();
    for description in dialects() {
        let service = description.title.to_lowercase().replace(' ', "-");
        let role = role(state, description)?;
        vendors.push(Vendor {
            description,
            token: token(&service, role.name.as_str()).await?,
        });
    }
    Ok(vendors)
}

/// Returns the role on the whole tenant that allows all that an API needs, and the least
/// beyond it.
fn role<'a>(state: &'a State, description: &Description) -> Result<&'a Role, CliError> {
    let lacking = || CliError::new(format!("no role is enough for {}", description.name));
    let catalogue = state.catalogue().ok_or_else(lacking)?;
    let examples = description.examples.iter().chain(description.variants);
    let mut needed = Vec::new();
    for example in examples {
        for permission in example.needs.iter().chain(example.sees) {
            needed.push(Pattern::new(permission).map_err(CliError::new)?);
        }
        // The service must see the named things.
        let named = example.names.iter().filter_map(|name| resource(name.of));
        let views = named.map(|(kind, _)| Pattern::new(&format!("{kind}s.view")));
        needed.extend(views.flatten().filter(|view| {
            let known = catalogue.permissions.iter();
            known.into_iter().any(|entry| entry.name == *view)
        }));
    }
    let allows =
        |role: &Role, wanted: &Pattern| role.permissions.iter().any(|it| it.covers(wanted));
    let is_enough = |role: &&Role| {
        role.kind.as_str() == "tenant" && needed.iter().all(|wanted| allows(role, wanted))
    };
    let breadth = |role: &&Role| {
        let known = catalogue.permissions.iter();
        known.filter(|entry| allows(role, &entry.name)).count()
    };
    let roles = catalogue.roles.iter().filter(is_enough);
    roles.min_by_key(breadth).ok_or_else(lacking)
}

impl Vendor {
    /// Returns the heading above the requests.
    pub(super) fn heading(&self) -> String {
        let Description { title, demo, .. } = self.description;
        format!("{title}: {}", demo.about)
    }

    /// Returns the variables with the token and the names in the requests.
    pub(super) fn variables(&self, view: View<'_>) -> BTreeMap<String, String> {
        let begin = self.description.name.to_uppercase();
        let mut variables = BTreeMap::new();
        variables.insert(format!("{begin}_TOKEN"), self.token.reveal().to_owned());
        for (_, sent) in self.description.headers {
            if *sent == Sent::Domain {
                variables.insert(format!("{begin}_TENANT"), DOMAIN.to_owned());
            }
        }
        let examples = self.description.examples.iter();
        for example in examples.chain(self.description.variants) {
            for name in example.names {
                let value = value(view, example, name);
                if let Some((part, value)) = variable(name.of).zip(value) {
                    variables.insert(format!("{begin}_{part}_ID"), value);
                }
            }
        }
        variables
    }

    /// Returns the requests as lines for a shell.
    pub(super) fn requests(&self, view: View<'_>, url: &str) -> Result<Vec<String>, CliError> {
        let requests = self.description.demo.requests.iter();
        let lines = requests.map(|example| self.line(view, url, example));
        lines.collect()
    }

    fn line(&self, view: View<'_>, url: &str, example: &Example) -> Result<String, CliError> {
        let mut line = format!("curl -H 'Authorization: Bearer {}'", self.token.reveal());
        for (name, sent) in self.description.headers {
            let value = match sent {
                Sent::Domain => DOMAIN,
                Sent::Text(text) => text,
            };
            line += &format!(" -H '{name}: {value}'");
        }
        let (mut path, mut body) = (example.path.to_owned(), example.body.to_owned());
        for name in example.names {
            let value = value(view, example, name)
                .ok_or_else(|| CliError::new(format!("the demo lacks {:?} for {path}", name.of)))?;
            let slot = format!("{{{}}}", name.slot);
            path = path.replace(&slot, &value);
            body = body.replace(&slot, &value);
        }
        // With a body, curl sends a POST by itself.
        let usual = if body.is_empty() { "GET" } else { "POST" };
        if example.method != usual {
            line += &format!(" -X {}", example.method);
        }
        if !body.is_empty() {
            line += &format!(" --json '{body}'");
        }
        Ok(format!("{line} '{url}{path}'"))
    }
}

/// Returns the value of a placeholder in an example.
fn value(view: View<'_>, example: &Example, name: &Name) -> Option<String> {
    let state = view.state();
    if let Of::Role(role) = name.of {
        return Some(role.to_owned());
    }
    let node = |of| {
        let (kind, key) = resource(of)?;
        state.find(&Locator::of(kind, Ref::text(key)))
    };
    if let Some(node) = node(name.of) {
        let found = state.resource(node)?;
        return Some(match name.style {
            Style::Number => found.number.0.to_string(),
            Style::Uuid => found.id.to_string(),
            Style::Reference => naming::key_or_id(found.key.as_ref(), found.id).into_owned(),
        });
    }
    // Users are named together with the last named resource.
    let on = example
        .names
        .iter()
        .filter_map(|name| node(name.of))
        .next_back()?;
    let user = user(view, on, name.of)?;
    Some(match name.style {
        Style::Number => user.number.0.to_string(),
        Style::Uuid => user.id.to_string(),
        Style::Reference => naming::key_or_id(user.key.as_ref(), user.id).into_owned(),
    })
}

/// Returns the active user for a placeholder, counted from the newest.
fn user(view: View<'_>, on: Node, of: Of) -> Option<&User> {
    let state = view.state();
    let found = state.node(on)?;
    let from_parent = state
        .kind(found.kind)
        .is_some_and(|kind| kind.members_from_parent);
    let parent = state.up(on).nth(1).map(|(parent, _)| parent);
    let could_be = |user: &User| match parent.filter(|_| from_parent) {
        Some(parent) => view.is_member(parent, user.number),
        None => true,
    };
    let users: Vec<&User> = state.users().map(|row| &*row.user).collect();
    let active = users
        .into_iter()
        .rev()
        .filter(|user| user.status == Status::Active);
    let mut wanted = active.filter(|user| match of {
        Of::Member(_) => view.is_member(on, user.number),
        _ => !view.is_member(on, user.number) && could_be(user),
    });
    match of {
        Of::Member(place) | Of::Stranger(place) => wanted.nth(place),
        _ => None,
    }
}
