//! Explains why a subject may do an action on a resource, or why not.

mod message;
mod unknown;

use std::collections::BTreeMap;

use attache_core::ask::{
    Access, Bounded, Denial, Explanation, Sight, SourceKind, Tried, Unknown, Verdict, What,
};
use attache_core::catalogue::Pattern;
use attache_core::id::Node;
use attache_core::model::{Parameters, Subject};
use attache_core::{Actor, Locator, Origin, Timestamp};
use axum::Json;
use axum::extract::RawQuery;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::query::Query;
use super::{body, parameters, via, words};
use attache_http::naming;
use attache_http::{JsonText, Problem, Session};

/// The permission to ask about others, on the tenant, as for AuthZEN's evaluations.
const CHECK: &str = "access.check";
/// The permission to learn who may grant roles, on the tenant, as for AuthZEN's searches.
const SEARCH: &str = "access.search";
/// The most subjects that an explanation names as able to grant.
const NAMED: usize = 10;
/// The number of users or permissions that are examined in the time of a weight of 1.
const LOOKS: usize = 100;

/// The question.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ExplainRequest)]
pub(super) struct Asked {
    /// The subject: `user:…`, `group:…` or `service:…` with a key, an id or a number
    /// after `#`.
    #[schema(example = "user:freya.holm")]
    subject: String,
    /// The permission, such as `customers.users.list`.
    #[schema(example = "customers.users.list")]
    permission: String,
    /// The resource: an id, `kind:key`, `kind:#number`, or `tenant` for the root.
    #[schema(example = "customer:harbour-bakery")]
    resource: String,
    /// The parameters that select a part of the resource, such as `inboxId`.
    #[serde(default)]
    parameters: BTreeMap<String, String>,
}

/// A decision, with every step that led to it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Explanation)]
pub(super) struct ExplanationView {
    /// Whether the subject has the permission. Equals AuthZEN's decision.
    decision: bool,
    code: Code,
    /// The known name that is most similar to an unknown one, if one is similar.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    nearest: Option<String>,
    /// The explanation for people, in a few sentences.
    #[schema(
        example = "Olha Shevchenko is attached to customer:kranich-optik in the role viewer, which lacks customers.change."
    )]
    message: String,
    /// The subject of the question; null if it does not exist.
    #[schema(required = true)]
    subject: Option<Named>,
    permission: String,
    /// The resource of the question; null if it does not exist or the caller does not see
    /// it.
    #[schema(required = true)]
    resource: Option<Named>,
    /// From the resource up to the tenant, as far as the caller may know about these
    /// resources.
    steps: Vec<Step>,
    /// The subjects that could grant a role which allows it on the resource. Only in
    /// denials, and only for callers that may list the resource's users or search for
    /// subjects.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    may_grant: Option<Granting>,
}

/// The reason, for programs: the values of AuthZEN's `reason.code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ExplanationCode)]
enum Code {
    Allowed,
    UnknownSubject,
    UnknownResource,
    UnknownAction,
    UnknownType,
    UnknownParameter,
    Inactive,
    Invited,
    Expired,
    OtherParameters,
    Lacks,
    HoldsNothing,
}

/// A subject or a resource.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ExplainedThing)]
struct Named {
    /// `user`, `group` or `service`; for a resource, its kind.
    #[serde(rename = "type")]
    #[schema(example = "customer")]
    kind: String,
    id: Uuid,
    /// Its name in requests: the key, or else `#` and the number.
    #[schema(example = "harbour-bakery")]
    short: String,
    /// Its display name; null for a caller that may not list or see it.
    #[schema(required = true, example = "Harbour Bakery")]
    name: Option<String>,
}

/// The step of the decision on one resource.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExplanationStep)]
struct Step {
    resource: Named,
    /// The subject's memberships and grants on this resource. Empty if it has none there.
    /// Over all steps, the 100 that matter most for the question.
    tried: Vec<Attempt>,
    /// The number of memberships and grants beyond those in `tried`. Left out if there
    /// are none.
    #[serde(skip_serializing_if = "via::none")]
    #[schema(required = false)]
    more_tried: usize,
    /// The roles that would allow it if they were granted there: the first 20 of the
    /// catalogue.
    roles: Vec<String>,
    /// The number of roles beyond those in `roles`. Left out if there are none.
    #[serde(skip_serializing_if = "via::none")]
    #[schema(required = false)]
    more_roles: usize,
}

/// A membership or grant, and what it contributes to the answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExplanationAttempt)]
struct Attempt {
    #[serde(rename = "type")]
    kind: Kind,
    /// The granted role.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "viewer")]
    role: Option<String>,
    /// The role's parameters.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    parameters: BTreeMap<String, String>,
    /// The group that has the role, if it is not the subject itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    group: Option<Named>,
    /// Of a membership: when it started.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    added_at: Option<Timestamp>,
    /// Of a membership: the caller who attached the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "operator")]
    added_by: Option<Actor>,
    /// Of a grant: when it started.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    granted_at: Option<Timestamp>,
    /// Of a grant: the caller who granted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "operator")]
    granted_by: Option<Actor>,
    /// Through which door it came first, such as `api` or `import`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "api")]
    origin: Option<Origin>,
    /// When it ends, or ended; left out if never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    expires_at: Option<Timestamp>,
    verdict: Worth,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ExplanationType)]
enum Kind {
    Membership,
    Grant,
}

/// `allows`: it allows the action. `does_not_count`: it would allow the action, and has
/// expired or the membership that it depends on is gone. `another_part`: it allows the
/// action on another part of the resource. `lacks`: it gives other permissions, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Verdict)]
enum Worth {
    Allows,
    DoesNotCount,
    AnotherPart,
    Lacks,
}

/// The subjects that may grant a role which allows the action.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MayGrant)]
struct Granting {
    /// The number of users and services.
    total: usize,
    /// The first of them, at most ten.
    subjects: Vec<Named>,
}

/// Explain a decision.
///
/// Answers whether a subject may do an action on a resource, through what, or what comes
/// closest to it, with each step of the decision. Needs the permission
/// `tenants.access.check` on the tenant, unless the subject is the caller. A caller
/// without the permission gets answers about visible resources only.
#[utoipa::path(
    post,
    operation_id = "explain",
    path = "/explain",
    tag = "access",
    params(parameters::Strict),
    request_body = Asked,
    responses((status = 200, description = "The decision, with its reason.", body = ExplanationView)),
)]
pub(super) async fn ask(
    session: Session,
    RawQuery(query): RawQuery,
    json: JsonText,
) -> Result<Json<ExplanationView>, Problem> {
    let strict = Query::strict(query.as_deref(), &["strict"])?.flag("strict")?;
    let asked: Asked = body::read(json)?;
    let wanted =
        Pattern::new(&asked.permission).map_err(|reason| Problem::invalid("permission", reason))?;
    if asked.parameters.len() > Parameters::MAX {
        let reason = format!("must be at most {}", Parameters::MAX);
        return Err(Problem::invalid("parameters", reason));
    }
    let state = session.subject().state();
    let patterns = state.catalogue().map_or(0, |catalogue| {
        let roles = catalogue.roles.iter();
        roles.map(|role| role.permissions.len()).sum()
    });
    // Only subjects with a grant here or above can be able to grant.
    let weight = (state.user_count() + patterns) / LOOKS;
    let shown = session.weigh(weight, || explained(&session, &asked, &wanted, strict));
    Ok(Json(shown.await??))
}

/// Answers a question.
fn explained(
    session: &Session,
    asked: &Asked,
    wanted: &Pattern,
    strict: bool,
) -> Result<ExplanationView, Problem> {
    let parameters: Parameters = asked.parameters.clone().into_iter().collect();
    let (state, view) = (session.subject().state(), session.subject());
    let subject = words::subject(state, &asked.subject).ok();
    let subject = subject.and_then(|subject| state.subject(subject));
    let told = session
        .authority()
        .sight_about(session.subject(), subject, CHECK)?;
    if strict {
        unknown::strictly(session, asked)?;
    }
    let node = state.find(&naming::locator(&asked.resource));
    let node = node.filter(|node| told.sees(*node));
    let teller = Teller::new(session, told, subject);
    let shown = ExplanationView {
        decision: false,
        code: Code::UnknownSubject,
        nearest: None,
        message: String::new(),
        subject: subject.and_then(|subject| teller.subject(subject)),
        permission: wanted.to_string(),
        resource: node.and_then(|node| teller.resource(node)),
        steps: Vec::new(),
        may_grant: None,
    };
    let (Some(subject), Some(node)) = (subject, node) else {
        let unknown = unknown::of_types(session, asked, subject.is_some());
        return Ok(shown.of_unknown(subject.is_some()).with(unknown));
    };
    let explanation = view.explain(subject, wanted, node, &parameters);
    let decision = explanation.access.is_allowed();
    let may_grant = match decision {
        true => None,
        false => teller.may_grant(&explanation, node, &parameters),
    };
    let mut shown = ExplanationView {
        decision,
        code: Code::of(&explanation.access),
        steps: teller.steps(&explanation, subject),
        may_grant,
        ..shown
    };
    shown.message = message::of(&shown);
    // Any other denial follows from known names.
    Ok(match shown.code {
        Code::Lacks | Code::HoldsNothing | Code::OtherParameters => {
            shown.with(unknown::of_names(session, asked))
        }
        _ => shown,
    })
}

impl ExplanationView {
    /// Answers a question about an unknown subject or resource.
    fn of_unknown(mut self, has_subject: bool) -> Self {
        (self.code, self.message) = match has_subject {
            false => (Code::UnknownSubject, "There is no such subject.".to_owned()),
            true => (
                Code::UnknownResource,
                "There is no such resource.".to_owned(),
            ),
        };
        self
    }
}

impl ExplanationView {
    /// Adds an unknown name to the answer.
    fn with(mut self, unknown: Option<Unknown>) -> Self {
        let Some(unknown) = unknown else {
            return self;
        };
        self.message = match unknown.what {
            What::Type => format!("{unknown}."),
            What::Action | What::Parameter => format!("{unknown}. {}", self.message),
        };
        self.code = match unknown.what {
            What::Action => Code::UnknownAction,
            What::Type => Code::UnknownType,
            What::Parameter => Code::UnknownParameter,
        };
        self.nearest = unknown.nearest.map(String::from);
        self
    }
}

impl Code {
    fn of(access: &Access<'_>) -> Self {
        match access {
            Access::Allowed(_) => Self::Allowed,
            Access::Denied(denial) => match denial {
                Denial::Nothing => Self::UnknownSubject,
                Denial::Inactive => Self::Inactive,
                Denial::Invited => Self::Invited,
                Denial::Expired(_) => Self::Expired,
                Denial::OtherParameters(_) => Self::OtherParameters,
                Denial::Lacks => Self::Lacks,
                Denial::HoldsNothing => Self::HoldsNothing,
            },
        }
    }
}

/// Decides what the caller may be told.
struct Teller<'a> {
    session: &'a Session,
    /// The resources that the caller may be told about.
    told: Sight<'a>,
    /// The resources that the caller sees, and whose names it may know.
    seen: Sight<'a>,
    /// The subject of the question.
    about: Option<Subject>,
}

impl<'a> Teller<'a> {
    fn new(session: &'a Session, told: Sight<'a>, about: Option<Subject>) -> Self {
        Self {
            seen: session.sight(),
            session,
            told,
            about,
        }
    }

    fn resource(&self, node: Node) -> Option<Named> {
        let resource = self.session.subject().state().resource(node)?;
        let is_root = node == self.session.subject().state().root();
        Some(Named {
            kind: resource.kind.to_string(),
            id: resource.id.0,
            short: short(
                is_root.then_some("tenant"),
                resource.key.as_ref(),
                resource.number.0,
            ),
            name: self.seen.sees(node).then(|| resource.name.to_string()),
        })
    }

    /// Returns a subject. Its name is for callers that may list such subjects, and for
    /// the subject itself.
    fn subject(&self, subject: Subject) -> Option<Named> {
        let state = self.session.subject().state();
        let (kind, id, key, number, name) = match subject {
            Subject::User(number) => {
                let user = state.user(number)?;
                let name = user.display_name();
                ("user", user.id.0, user.key.as_ref(), number.0, name)
            }
            Subject::Group(number) => {
                let group = &state.group_node(number)?.group;
                let name = group.name.to_string();
                ("group", group.id.0, group.key.as_ref(), number.0, name)
            }
            Subject::Service(number) => {
                let service = &state.service_node(number)?.service;
                let name = service.name.to_string();
                (
                    "service",
                    service.id.0,
                    service.key.as_ref(),
                    number.0,
                    name,
                )
            }
        };
        let list = format!("{kind}s.list");
        let about = Some(subject);
        let may = self.session.authority().authorize_about(about, &list);
        Some(Named {
            kind: kind.to_owned(),
            id,
            short: short(None, key, number),
            name: Some(name).filter(|name| may.is_ok() && !name.is_empty()),
        })
    }

    fn steps(&self, explanation: &Explanation<'_>, subject: Subject) -> Vec<Step> {
        let knows_roles = self.session.authority().authorize_catalogue().is_ok();
        let steps = explanation.named(|node| self.told.sees(node)).into_iter();
        steps
            .filter_map(|step| {
                let roles = match knows_roles {
                    true => step.roles,
                    false => Bounded::of(0, []),
                };
                let names = roles.first.iter().map(|role| role.name.to_string());
                let tried = step.tried.first.iter();
                Some(Step {
                    resource: self.resource(step.on)?,
                    tried: tried.map(|it| self.attempt(it, subject)).collect(),
                    more_tried: step.tried.more,
                    roles: names.collect(),
                    more_roles: roles.more,
                })
            })
            .collect()
    }

    fn attempt(&self, tried: &Tried<'_>, subject: Subject) -> Attempt {
        let state = self.session.subject().state();
        let verdict = match tried.verdict {
            Verdict::Allows => Worth::Allows,
            Verdict::DoesNotCount => Worth::DoesNotCount,
            Verdict::AnotherPart => Worth::AnotherPart,
            Verdict::Lacks => Worth::Lacks,
        };
        match tried.source.kind {
            SourceKind::Membership => {
                let member = match subject {
                    Subject::User(user) => {
                        self.session.subject().member_ever(tried.source.on, user)
                    }
                    Subject::Group(_) | Subject::Service(_) => None,
                };
                let membership = member.map(|it| it.membership);
                Attempt {
                    kind: Kind::Membership,
                    role: None,
                    parameters: BTreeMap::new(),
                    group: None,
                    added_at: membership.map(|it| it.added_at()),
                    added_by: member.and_then(|it| it.added_by(state)),
                    granted_at: None,
                    granted_by: None,
                    origin: member.map(|it| it.origin(state)),
                    expires_at: membership.and_then(|it| it.expires_at().instant()),
                    verdict,
                }
            }
            SourceKind::Grant { key, grant, group } => Attempt {
                kind: Kind::Grant,
                role: state.role(key.role).map(|role| role.name.to_string()),
                parameters: via::words(&key.parameters),
                group: group.and_then(|group| self.subject(Subject::Group(group))),
                added_at: None,
                added_by: None,
                granted_at: Some(grant.granted_at()),
                granted_by: state.giver(grant.granted_by()),
                origin: Some(state.origin(grant.granted_by())),
                expires_at: grant.expires_at().instant(),
                verdict,
            },
        }
    }

    /// Returns who could grant a role that allows the action on the resource, if the
    /// caller may know.
    fn may_grant(
        &self,
        explanation: &Explanation<'_>,
        node: Node,
        parameters: &Parameters,
    ) -> Option<Granting> {
        let (view, authority) = (self.session.subject(), self.session.authority());
        let here = Locator::id(view.state().resource(node)?.id);
        let may_list = self.session.authorize(&here, "users.list").is_ok();
        if !may_list && authority.authorize_tenant(SEARCH).is_err() {
            return None;
        }
        let roles = &explanation.steps.first()?.roles;
        let who = view.who_may_grant(roles, node, parameters);
        let others = who.into_iter().filter(|who| Some(*who) != self.about);
        let others: Vec<Subject> = others.collect();
        Some(Granting {
            total: others.len(),
            subjects: others
                .into_iter()
                .take(NAMED)
                .filter_map(|subject| self.subject(subject))
                .collect(),
        })
    }
}

fn short(word: Option<&str>, key: Option<&attache_core::id::Key>, number: u32) -> String {
    match (word, key.filter(|key| key.is_name())) {
        (Some(word), _) => word.to_owned(),
        (None, Some(key)) => key.to_string(),
        (None, None) => format!("#{number}"),
    }
}
