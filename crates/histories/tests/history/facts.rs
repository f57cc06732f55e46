//! The core and the model hold the same facts.

use attache_core::ask::Found;
use attache_core::id::MembershipNumber;
use attache_core::model::{FindsBy, Giver, Group, Issuer, Resource, Service, SubjectId, Token};
use attache_core::time::Expiry;
use attache_core::{Actor, Locator, Ref, State, Timestamp};

use super::universe::{EXTERNAL_IDS, ISSUERS, hash, issuer, keys, token};
use super::{Questions, same};
use crate::naive::Tenant;

pub(crate) fn compare(
    state: &State,
    model: &Tenant,
    questions: &mut Questions,
) -> Result<(), String> {
    same!(questions, state.at(), model.at, "the last entry's instant");
    same!(
        questions,
        state.catalogue(),
        model.catalogue.as_deref(),
        "the catalogue"
    );
    same!(
        questions,
        state.next_expiry(),
        model.next_end(),
        "what expires next"
    );
    subjects(state, model, questions)?;
    tokens(state, model, questions)?;
    issuers(state, model, questions)?;
    catalogue(state, model, questions)?;
    invitations(state, model, questions)?;
    places(state, model, questions)?;
    names(state, model, questions)?;
    names_of_memberships(state, model, questions)
}

/// The number of a membership, whether or not that has run out, names the same user and the
/// same resource to both.
fn names_of_memberships(
    state: &State,
    model: &Tenant,
    questions: &mut Questions,
) -> Result<(), String> {
    for number in 0..=model.memberships_ever + 1 {
        let name = Ref::OfMembership(MembershipNumber(number));
        let core = state.find_user(&name);
        let core = core.and_then(|it| Some(state.user(it)?.id));
        same!(questions, core, model.find_user(&name), "the user {name}");
        for kind in [None, Some("customer"), Some("chatbot"), Some("tenant")] {
            let locator = Locator {
                kind: kind.map(Into::into),
                reference: name.clone(),
                under: None,
            };
            let core = state.find(&locator);
            let core = core.and_then(|it| Some(state.resource(it)?.id));
            same!(questions, core, model.find(&locator), "the {kind:?} {name}");
        }
    }
    Ok(())
}

fn subjects(state: &State, model: &Tenant, questions: &mut Questions) -> Result<(), String> {
    let core: Vec<_> = state.users().map(|row| &*row.user).collect();
    let mut users: Vec<_> = model.users.iter().collect();
    users.sort_by_key(|user| user.number);
    same!(questions, core, users, "the users");
    for row in state.users() {
        let core = row.groups.iter().map(|(group, given)| {
            let group = state.group_node(*group)?.group.id;
            let by = given.added_by();
            Some((group, given.added_at(), state.giver(by)?, state.origin(by)))
        });
        let mut core: Vec<_> = core.flatten().collect();
        let mine = model.in_groups.iter().filter(|one| one.user == row.user.id);
        let mine = mine.map(|one| (one.group, one.added_at, one.added_by, one.origin));
        let mut groups: Vec<_> = mine.collect();
        core.sort_unstable();
        groups.sort_unstable();
        same!(
            questions,
            core,
            groups,
            "the groups of user {}",
            row.user.number
        );
    }
    let core = state.groups().map(|row| Group {
        created_by: Giver::UNKNOWN,
        ..(*row.group).clone()
    });
    let core: Vec<_> = core.collect();
    let mut groups = model.groups.clone();
    groups.sort_by_key(|group| group.number);
    same!(questions, core, groups, "the groups");
    for row in state.groups() {
        let group = &row.group;
        let core = (group.created_at, state.giver(group.created_by));
        made(model, questions, core, "group", &group.id.to_string())?;
    }
    let core = state.services().map(|row| Service {
        created_by: Giver::UNKNOWN,
        ..(*row.service).clone()
    });
    let core: Vec<_> = core.collect();
    let mut services = model.services.clone();
    services.sort_by_key(|service| service.number);
    same!(questions, core, services, "the services");
    for row in state.services() {
        let service = &row.service;
        let core = (service.created_at, state.giver(service.created_by));
        made(model, questions, core, "service", &service.id.to_string())?;
    }
    Ok(())
}

/// Both know who made something, and when.
fn made(
    model: &Tenant,
    questions: &mut Questions,
    (at, by): (Timestamp, Option<Actor>),
    what: &'static str,
    name: &str,
) -> Result<(), String> {
    let core = by.map(|by| (at, by));
    same!(
        questions,
        core,
        model.made(what, name),
        "who made {what} {name}"
    );
    Ok(())
}

/// Both know who put each kind and role into the catalogue, and when; and of nothing else.
fn catalogue(state: &State, model: &Tenant, questions: &mut Questions) -> Result<(), String> {
    for name in &model.kinds_ever {
        let core = state.kind_creation(name);
        let is_there = model.kind(name).is_some();
        same!(
            questions,
            core.is_some(),
            is_there,
            "whether kind {name} was made"
        );
        if let Some(it) = core {
            made(model, questions, (it.at, state.giver(it.by)), "kind", name)?;
        }
    }
    for name in &model.roles_ever {
        let core = state.role_creation(name);
        let is_there = model.role(name).is_some();
        same!(
            questions,
            core.is_some(),
            is_there,
            "whether role {name} was made"
        );
        if let Some(it) = core {
            made(model, questions, (it.at, state.giver(it.by)), "role", name)?;
        }
    }
    Ok(())
}

fn invitations(state: &State, model: &Tenant, questions: &mut Questions) -> Result<(), String> {
    for row in state.users() {
        let core = state.invitation(row.user.number);
        let core = core.map(|it| (it.hash, it.created_at, it.created_by, it.expires_at));
        let mut found = model.invitations.iter();
        let found = found.find(|it| it.user == row.user.id);
        let found = found.map(|it| (it.hash, it.at, it.by, it.end));
        same!(questions, core, found, "the invitation of {}", row.user.id);
    }
    for number in 0..4 {
        let core = state.invitation_by_hash(&hash(number));
        let core = core.and_then(|it| Some(state.user(it.user)?.id));
        let mut found = model.invitations.iter();
        let found = found.find(|it| it.hash == hash(number)).map(|it| it.user);
        same!(questions, core, found, "whose invitation has hash {number}");
    }
    Ok(())
}

fn tokens(state: &State, model: &Tenant, questions: &mut Questions) -> Result<(), String> {
    let unmade = |token: &Token| Token {
        created_by: Giver::UNKNOWN,
        ..token.clone()
    };
    let core: Vec<_> = state.tokens().map(unmade).collect();
    let mut tokens = model.tokens.clone();
    tokens.sort_by_key(|token| token.id);
    same!(questions, core, tokens, "the tokens");
    for it in state.tokens() {
        let core = (it.created_at, state.giver(it.created_by));
        made(model, questions, core, "token", &it.id.to_string())?;
    }
    for n in 0..4 {
        let mut by_id = model.tokens.iter();
        let by_id = by_id.find(|known| known.id == token(n)).cloned();
        let core = state.token(token(n)).map(unmade);
        same!(questions, core, by_id, "token {n}");
        let mut by_hash = model.tokens.iter();
        let by_hash = by_hash.find(|known| known.hash == hash(n)).cloned();
        let core = state.token_by_hash(&hash(n)).map(unmade);
        same!(questions, core, by_hash, "hash {n}");
    }
    for row in state.services() {
        let core: Vec<_> = row.tokens.keys().copied().collect();
        let mine = model
            .tokens
            .iter()
            .filter(|it| it.service == row.service.number);
        let mut mine: Vec<_> = mine.map(|token| token.id).collect();
        mine.sort_unstable();
        same!(
            questions,
            core,
            mine,
            "the tokens of service {}",
            row.service.number
        );
    }
    Ok(())
}

fn issuers(state: &State, model: &Tenant, questions: &mut Questions) -> Result<(), String> {
    let unmade = |issuer: &Issuer| Issuer {
        created_by: Giver::UNKNOWN,
        ..issuer.clone()
    };
    let core: Vec<_> = state.issuers().map(|issuer| unmade(issuer)).collect();
    let mut issuers = model.issuers.clone();
    issuers.sort_by_key(|issuer| issuer.id);
    same!(questions, core, issuers, "the issuers");
    for it in state.issuers() {
        let core = (it.created_at, state.giver(it.created_by));
        made(model, questions, core, "issuer", &it.id.to_string())?;
    }
    for id in (0..=ISSUERS).map(issuer) {
        let known = model.issuers.iter().find(|known| known.id == id).cloned();
        let core = state.issuer(id).map(|issuer| unmade(issuer));
        same!(questions, core, known, "issuer {id}");
    }
    Ok(())
}

fn places(state: &State, model: &Tenant, questions: &mut Questions) -> Result<(), String> {
    same!(
        questions,
        state.resource_count(),
        model.places.len(),
        "how many resources"
    );
    for ((_, core), place) in state.resources().zip(&model.places) {
        let id = place.resource.id;
        let resource = Resource {
            created_by: Giver::UNKNOWN,
            ..(*core.resource).clone()
        };
        same!(questions, resource, place.resource, "a resource");
        let it = &core.resource;
        let it = (it.created_at, state.giver(it.created_by));
        made(model, questions, it, "resource", &id.to_string())?;
        let parent = core.parent.and_then(|node| state.resource(node));
        same!(
            questions,
            parent.map(|it| it.id),
            place.parent,
            "what {id} stands under"
        );

        let members = core.members.iter();
        let members = members.filter_map(|(user, it)| {
            let by = state.giver(it.added_by());
            let changed = state.membership_updated_at(*user, *it);
            let number = it.number()?.0;
            let by = (by, state.membership_origin(*user, *it));
            let user = state.user(*user)?.id;
            Some((user, number, it.added_at(), changed, it.expires_at(), by))
        });
        let mut members: Vec<_> = members.collect();
        let written = model.memberships.iter().filter(|one| one.resource == id);
        let written = written.map(|it| {
            let end = Expiry::from(it.end);
            let by = (Some(it.added_by), it.origin);
            (it.user, it.number, it.added_at, it.updated_at, end, by)
        });
        let mut written: Vec<_> = written.collect();
        members.sort_unstable();
        written.sort_unstable();
        same!(questions, members, written, "the memberships of {id}");

        let grants = core.grants.iter();
        let grants = grants.filter_map(|(key, it)| {
            let subject: SubjectId = state.subject_id(key.subject)?;
            let role = state.role(key.role)?.name.as_str();
            let by = it.granted_by();
            let (at, by) = (it.granted_at(), (state.giver(by), state.origin(by)));
            Some((subject, role, &key.parameters, at, it.expires_at(), by))
        });
        let mut grants: Vec<_> = grants.collect();
        let written = model.grants.iter().filter(|one| one.resource == id);
        let written = written.map(|it| {
            let end = Expiry::from(it.end);
            let (at, by) = (it.granted_at, (Some(it.granted_by), it.origin));
            (it.subject, &*it.role, &it.parameters, at, end, by)
        });
        let mut written: Vec<_> = written.collect();
        grants.sort_unstable();
        written.sort_unstable();
        same!(questions, grants, written, "the grants on {id}");
    }
    Ok(())
}

/// Every name means the same to both.
fn names(state: &State, model: &Tenant, questions: &mut Questions) -> Result<(), String> {
    let mut refs: Vec<Ref> = (0..9).map(Ref::Number).collect();
    refs.extend(keys().iter().map(|key| Ref::text(key.as_str())));
    refs.extend(keys().iter().map(|key| Ref::key(key.as_str())));
    refs.extend(["nobody", " k1", "", "#", "#1", "1", "e\u{301}1"].map(Ref::text));
    refs.push(Ref::key("#1"));
    let users = model.users.iter().map(|it| it.id.0);
    let groups = model.groups.iter().map(|it| it.id.0);
    let services = model.services.iter().map(|it| it.id.0);
    for id in users.chain(groups).chain(services) {
        refs.push(Ref::Id(id));
        refs.push(Ref::text(&id.simple().to_string()));
        refs.push(Ref::text(&id.to_string().to_uppercase()));
        refs.push(Ref::key(&id.to_string()));
    }
    for name in &refs {
        let core = state
            .find_user(name)
            .and_then(|it| Some(state.user(it)?.id));
        same!(questions, core, model.find_user(name), "user {name}");
        let core = state.find_group(name);
        let core = core.and_then(|it| Some(state.group_node(it)?.group.id));
        same!(questions, core, model.find_group(name), "group {name}");
        let core = state.find_service(name);
        let core = core.and_then(|it| Some(state.service_node(it)?.service.id));
        same!(questions, core, model.find_service(name), "service {name}");
    }
    for email in [
        "ada@mill.example",
        "Ada@Mill.Example",
        "BO@mill.example",
        "bo@bücher.example",
        "bo@XN--bcher-kva.example",
        "ad@mill.example",
        "",
    ] {
        let core = state.user_by_verified_email(email);
        let core = core.and_then(|it| Some(state.user(it)?.id));
        let found = model.user_by_verified_email(email);
        same!(questions, core, found, "whose e-mail address {email:?} is");
    }
    for id in EXTERNAL_IDS {
        let core = match state.view(state.at()).found_by(FindsBy::ExternalAuthId, id) {
            Found::Nobody => Vec::new(),
            Found::One(user) => vec![user],
            Found::Several(users) => users,
        };
        let core: Vec<_> = core
            .iter()
            .filter_map(|it| Some(state.user(*it)?.id))
            .collect();
        let found = model.users_by_external_id(id);
        same!(questions, core, found, "whom the provider calls {id:?}");
    }
    Ok(())
}
