//! Where histories begin: with nothing, or in a house that is furnished.

use std::sync::LazyLock;

use attache_core::command::{GrantRef, SubjectRef};
use attache_core::id::{ResourceId, UserId};
use attache_core::model::{FindsBy, KeySource, Parameters, Status, SubjectId, Trust, UserFacts};
use attache_core::{Actor, Command, HeadRequest, Locator, Origin, Ref};

use super::callers::of;
use super::catalogues::{CATALOGUES, SMALL, STARTING};
use super::run::Run;
use super::universe::{ROOT, group, instant, issuer, name, profile, resource, service, user};
use super::{Counts, Step, ask_people};

/// The first of them is nothing at all.
pub(crate) static STARTS: LazyLock<Vec<Run>> = LazyLock::new(|| {
    let begin = |commands: Vec<Command>| {
        let mut run = Run::nothing();
        let mut counts = Counts::default();
        for command in commands {
            let step = Step {
                by: of(Actor::Operator),
                at: instant(0),
                until: None,
                head: HeadRequest::through(Origin::CLI),
                command,
            };
            run.step(&step, &mut counts)
                .expect("the core and the model agree on the beginning");
        }
        assert_eq!(counts.refused(), 0, "{counts}");
        run.large = run.state.clone().large_from(1);
        ask_people::every_order(&run.large);
        run
    };
    let mut ends = furniture(SMALL);
    ends.extend(what_ends());
    vec![
        Run::nothing(),
        begin(furniture(SMALL)),
        begin(furniture(STARTING)),
        begin(ends),
    ]
});

pub(crate) fn subject(id: SubjectId) -> SubjectRef {
    match id {
        SubjectId::User(id) => SubjectRef::User(id.into()),
        SubjectId::Group(id) => SubjectRef::Group(id.into()),
        SubjectId::Service(id) => SubjectRef::Service(id.into()),
    }
}

fn add(n: usize, kind: &str, under: ResourceId) -> Command {
    Command::AddResource {
        id: resource(n),
        kind: kind.into(),
        parent: Locator::id(under),
        number: None,
        key: None,
        name: name("Mill"),
    }
}

fn attach(on: ResourceId, who: UserId) -> Command {
    Command::AddMember {
        resource: Locator::id(on),
        user: who.into(),
        expires_at: None,
    }
}

fn grant(on: ResourceId, subject: SubjectRef, role: &str, parameters: Parameters) -> Command {
    Command::Grant {
        grant: GrantRef {
            resource: Locator::id(on),
            subject,
            role: role.into(),
            parameters,
        },
        expires_at: None,
    }
}

/// People who hold much, for a while; who may add or remove, and not both.
fn what_ends() -> Vec<Command> {
    let until = |n, command| match command {
        Command::Grant { grant, .. } => Command::Grant {
            grant,
            expires_at: Some(instant(n)),
        },
        other => other,
    };
    let to = |n| SubjectRef::User(Ref::from(user(n)));
    let on_root = |n, role| grant(ROOT, to(n), role, Parameters::none());
    let owner = grant(resource(2), to(3), "owner", Parameters::none());
    let robot = SubjectRef::Service(service(1).into());
    let ends = |on, n, end| Command::ChangeMember {
        resource: Locator::id(resource(on)),
        user: user(n).into(),
        expires_at: Some(instant(end)),
    };
    vec![
        until(9, on_root(2, "admin")),
        until(14, grant(ROOT, robot, "admin", Parameters::none())),
        on_root(4, "opener"),
        on_root(5, "opener"),
        on_root(3, "closer"),
        until(6, owner),
        ends(2, 3, 8),
        ends(4, 4, 7),
        attach(resource(5), user(5)),
    ]
}

fn furniture(catalogue: usize) -> Vec<Command> {
    let mut all = vec![Command::CreateTenant {
        root: ROOT,
        name: name("Mill"),
        catalogue: Box::new(CATALOGUES[catalogue].clone()),
    }];
    all.extend((1..=5).map(|n| Command::AddUser {
        id: user(n),
        number: None,
        key: None,
        profile: Box::new(profile(n)),
        status: if n == 5 {
            Status::Invited
        } else {
            Status::Active
        },
        // Of the two that share an address, one has proved that it is its own.
        facts: UserFacts {
            email_verified: n % 2 == 0,
            ..UserFacts::default()
        },
    }));
    all.extend([
        add(1, "reseller", ROOT),
        add(2, "customer", resource(1)),
        add(3, "customer", ROOT),
        add(4, "workspace", resource(2)),
        add(5, "workspace", resource(3)),
        add(6, "chatbot", resource(4)),
        Command::AddGroup {
            id: group(1),
            number: None,
            key: None,
            name: name("Millers"),
        },
        Command::AddIssuer {
            id: issuer(1),
            trust: Box::new(Trust {
                issuer: "https://login.mill.example".into(),
                keys: KeySource::Discovery,
                audience: "attache".into(),
                subject_claim: "email".into(),
                finds_by: FindsBy::Email,
                tenant_claim: None,
                token_type: None,
                accepts_invitations: false,
            }),
        },
        Command::AddService {
            id: service(1),
            number: None,
            key: None,
            name: name("Robot"),
        },
        attach(resource(1), user(2)),
        attach(resource(2), user(3)),
        attach(resource(4), user(4)),
        attach(resource(5), user(4)),
        attach(resource(4), user(5)),
        attach(resource(6), user(4)),
        attach(resource(6), user(5)),
    ]);
    let by = |n| SubjectRef::User(Ref::from(user(n)));
    let inbox = Parameters::from_iter([("inboxId", "7")]);
    all.extend([
        grant(ROOT, by(1), "admin", Parameters::none()),
        grant(resource(1), by(2), "reseller-manager", Parameters::none()),
        grant(resource(2), by(3), "owner", Parameters::none()),
        grant(resource(4), by(4), "workspace-admin", Parameters::none()),
        grant(resource(6), by(5), "InboxUser", inbox),
    ]);
    let millers = SubjectRef::Group(group(1).into());
    let robot = SubjectRef::Service(service(1).into());
    let (to_millers, to_robot) = match catalogue {
        SMALL => ("keeper", "builder"),
        _ => ("chatbot-directory", "customer-directory"),
    };
    all.extend([
        grant(ROOT, millers, to_millers, Parameters::none()),
        grant(ROOT, robot, to_robot, Parameters::none()),
        Command::AddGroupUser {
            group: group(1).into(),
            user: user(2).into(),
        },
    ]);
    all
}
