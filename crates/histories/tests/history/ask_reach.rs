//! Who may do what where: every subject on every resource, and what follows.

use attache_core::ask::{Access, Denial};
use attache_core::catalogue::Pattern;
use attache_core::id::{Node, UserNumber};
use attache_core::model::{Parameters, Subject, SubjectId};
use attache_core::{State, Timestamp};

use super::ask_access::{Asked, Places};
use super::random::Random;
use super::{Questions, same};
use crate::naive::{Source, Tenant};

const WANTED: [&str; 14] = [
    "*",
    "tenants.*",
    "tenants.users.change",
    "resellers.view",
    "resellers.users.roles.grant",
    "customers.view",
    "customers.users.add",
    "customers.*",
    "workspaces.users.list",
    "workspaces.view",
    "chatbots.get",
    "chatbots.users.list",
    "chatbots.conversations.reply",
    "chatbots.conversations.*",
];

pub(crate) fn compare(
    state: &State,
    model: &Tenant,
    at: Timestamp,
    strict: bool,
    random: &mut Random,
    questions: &mut Questions,
) -> Result<(), String> {
    let view = state.view(at);
    let places: Places = state
        .resources()
        .map(|(node, it)| (it.resource.id, node))
        .collect();
    let first = random.below(WANTED.len());
    let wanted: Vec<Pattern> = (0..2)
        .map(|n| super::ask_gate::pattern(WANTED[(first + n * 5) % WANTED.len()]))
        .collect();
    let subjects = subjects(model);
    // Who may do what where, as the model says.
    let mut may: Vec<Vec<Vec<Subject>>> = vec![vec![Vec::new(); wanted.len()]; places.len()];
    for (id, subject) in &subjects {
        let ask = Asked {
            state,
            model,
            at,
            strict,
            id: *id,
            subject: *subject,
        };
        let mut seen = Vec::new();
        let mut reached = vec![Vec::new(); wanted.len()];
        for (place, (on, node)) in places.iter().enumerate() {
            let sources = model.sources(*id, *on, at);
            if random.percent(25) {
                ask.permissions(*on, *node, &sources, &places, questions)?;
            }
            let shows = |source: &Source<'_>| {
                source.live && source.gives.iter().any(|held| model.shows(held, *on))
            };
            if model.can_act(*id) && sources.iter().any(shows) {
                seen.push(*node);
            }
            same!(
                questions,
                view.sees(*subject, *node),
                seen.last() == Some(node),
                "whether {id} sees {on}"
            );
            let allowed = ask.access(*on, *node, &sources, &wanted, random, questions)?;
            for (n, allowed) in allowed.into_iter().enumerate() {
                if allowed {
                    reached[n].push(*node);
                    may[place][n].push(*subject);
                }
            }
        }
        same!(questions, view.seen(*subject, None), seen, "what {id} sees");
        for (wanted, reached) in wanted.iter().zip(&reached) {
            let core = view.reach(*subject, wanted, None);
            same!(questions, core, *reached, "where {id} holds {wanted}");
        }
        if random.percent(10) {
            super::ask_explain::granting(&ask, &subjects, &places, random, questions)?;
        }
        match random.percent(50) {
            true => reach_by_kind(&ask, None, &seen, random, questions)?,
            false => reach_by_kind(&ask, wanted.first(), &reached[0], random, questions)?,
        }
    }
    for ((on, node), may) in places.iter().zip(may) {
        for (wanted, may) in wanted.iter().zip(may) {
            let mut may: Vec<Subject> = may;
            may.retain(|subject| !matches!(subject, Subject::Group(_)));
            may.sort_unstable();
            same!(
                questions,
                view.who(wanted, *node),
                may,
                "who holds {wanted} on {on}"
            );
        }
    }
    nobody(state, at, questions)
}

fn subjects(model: &Tenant) -> Vec<(SubjectId, Subject)> {
    let users = model.users.iter();
    let users = users.map(|it| (SubjectId::User(it.id), Subject::User(it.number)));
    let groups = model.groups.iter();
    let groups = groups.map(|it| (SubjectId::Group(it.id), Subject::Group(it.number)));
    let services = model.services.iter();
    let services = services.map(|it| (SubjectId::Service(it.id), Subject::Service(it.number)));
    users.chain(groups).chain(services).collect()
}

/// Who is not there may nothing, nowhere.
fn nobody(state: &State, at: Timestamp, questions: &mut Questions) -> Result<(), String> {
    let view = state.view(at);
    let nobody = Subject::User(UserNumber(4_000));
    let wanted = super::ask_gate::pattern("tenants.view");
    let access = view.access(nobody, &wanted, state.root(), &Parameters::none());
    same!(
        questions,
        matches!(access, Access::Denied(Denial::Nothing)),
        true,
        "nobody"
    );
    same!(
        questions,
        view.seen(nobody, None),
        Vec::new(),
        "what nobody sees"
    );
    Ok(())
}

fn reach_by_kind(
    ask: &Asked<'_>,
    wanted: Option<&Pattern>,
    reached: &[Node],
    random: &mut Random,
    questions: &mut Questions,
) -> Result<(), String> {
    let kind = ["tenant", "customer", "workspace", "chatbot"][random.below(4)];
    let Some(index) = ask.state.kind_index(kind) else {
        return Ok(());
    };
    let is_it = |node: &&Node| {
        let found = ask.state.resource(**node);
        found.is_some_and(|it| it.kind.as_str() == kind)
    };
    let reached: Vec<Node> = reached.iter().filter(is_it).copied().collect();
    let core = match wanted {
        Some(wanted) => ask
            .state
            .view(ask.at)
            .reach(ask.subject, wanted, Some(index)),
        None => ask.state.view(ask.at).seen(ask.subject, Some(index)),
    };
    same!(
        questions,
        core,
        reached,
        "which {kind}s {} sees, or on which it holds {wanted:?}",
        ask.id
    );
    Ok(())
}
