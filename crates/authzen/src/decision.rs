//! From a question to a decision.

use attache_core::State;
use attache_core::ask::{Access, Bounded, Denial, Source, Step};
use attache_core::catalogue::Pattern;
use attache_core::id::{Node, UserNumber};
use attache_core::model::{Status, Subject};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use utoipa::ToSchema;

use super::CHECK;
use super::question::Question;
use super::reason::{Code, Reason};
use super::unknown::Names;
use attache_http::{Problem, Session};

/// In place of a message for which an answer has no room.
const LEFT_OUT: &str = "The message is left out: see limits.answer_size.";

/// Whether a subject may do something, and why.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Decision {
    /// Whether it may.
    pub(super) decision: bool,
    context: Context,
}

/// Why, or what was wrong with the question.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = DecisionContext)]
#[serde(rename_all = "snake_case")]
enum Context {
    /// Why.
    Reason(Box<Reason>),
    /// What was wrong with one question of several.
    Error(ItemError),
}

/// What was wrong with one question of several (AuthZEN 1.0, section 7.2.1).
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ItemError {
    /// The status that it would have had alone.
    #[schema(value_type = i32, example = 400)]
    status: u16,
    /// What to tell a developer.
    message: String,
}

impl Decision {
    /// The answer to a question.
    ///
    /// # Errors
    /// If the caller may not ask about this subject, or asks strictly and the catalogue does not
    /// know a name.
    pub(super) fn of(session: &Session, question: &Question) -> Result<Self, Problem> {
        let (state, at) = (&*session.state, session.at);
        let subject = question.subject.subject(state);
        let told = state.sight_about(&session.caller, subject, CHECK, at)?;
        let node = question.resource.node(state);
        let node = node.filter(|node| told.sees(*node));
        if question.context.strict {
            Names::of_question(session, question).strictly(session)?;
        }
        let unknown = |code, ask: fn(&mut Names, &Session, &str), name: &str| {
            let mut names = Names::default();
            ask(&mut names, session, name);
            let reason = names.first(session).map(Reason::unknown);
            Ok(Self::denied(reason.unwrap_or_else(|| Reason::new(code))))
        };
        let Some(subject) = subject else {
            let kind = &question.subject.kind;
            return unknown(Code::UnknownSubject, Names::subject, kind);
        };
        let Some(node) = node else {
            let kind = &question.resource.kind;
            return unknown(Code::UnknownResource, Names::kind, kind);
        };
        let Ok(wanted) = Pattern::new(&question.action) else {
            let code = no_permission(session, subject, node);
            return match code {
                Code::Inactive => Ok(Self::denied(Reason::new(code))),
                code => unknown(code, Names::action, &question.action),
            };
        };
        let parameters = question.resource.parameters(state);
        let access = state.access(subject, &wanted, node, &parameters, at);
        let through = |code, source: Source<'_>| match told.sees(source.on) {
            true => Reason::through(code, state, subject, &source),
            // What stands on a resource that the caller does not see is not told.
            false => Reason::new(code),
        };
        Ok(match access {
            Access::Allowed(source) => Self {
                decision: true,
                context: Context::Reason(Box::new(through(Code::Allowed, source))),
            },
            Access::Denied(denial) => {
                // Anything else would be allowed by something that is known.
                let may_be_unknown = matches!(
                    denial,
                    Denial::Lacks | Denial::HoldsNothing | Denial::OtherParameters(_)
                );
                let reason = match denial {
                    Denial::Nothing => Reason::new(Code::UnknownSubject),
                    Denial::Inactive => Reason::new(Code::Inactive),
                    Denial::Invited => Reason::new(Code::Invited),
                    Denial::Expired(source) => through(Code::Expired, source),
                    Denial::OtherParameters(source) => through(Code::OtherParameters, source),
                    Denial::Lacks => Reason::new(Code::Lacks),
                    Denial::HoldsNothing => Reason::new(Code::HoldsNothing),
                };
                let mut names = Names::default();
                if may_be_unknown {
                    names.action(session, &question.action);
                    names.parameters(session, &question.resource.properties);
                }
                let reason = reason.or_unknown(names.first(session));
                let explain = question.context.explain;
                // Roles are told to callers that may read the catalogue.
                Self::denied(
                    match explain && state.authorize_catalogue(&session.caller, at).is_ok() {
                        false => reason,
                        true => {
                            let said = state.explain(subject, &wanted, node, &parameters, at);
                            let here = said.steps.first().map(Step::named_roles);
                            reason.with_roles(&here.unwrap_or_else(|| Bounded::of(0, [])))
                        }
                    },
                )
            }
        })
    }

    /// The answer to one question of several that could not be answered.
    pub(super) fn failed(problem: &Problem) -> Self {
        Self {
            decision: false,
            context: Context::Error(ItemError {
                status: problem.status().as_u16(),
                message: problem.cut().message(),
            }),
        }
    }

    /// The decision as JSON. Where that has more than `most` bytes, without what explains it:
    /// then it has at most [`Self::BARE`].
    ///
    /// # Errors
    /// If it cannot be written, which nothing known brings about.
    pub(super) fn within(mut self, most: usize) -> Result<Box<RawValue>, Problem> {
        let write = |decision: &Self| {
            let written = to_raw_value(decision);
            written.map_err(|_| Problem::internal("a decision could not be written"))
        };
        let whole = write(&self)?;
        if whole.get().len() <= most.max(Self::BARE) {
            return Ok(whole);
        }
        match &mut self.context {
            Context::Reason(reason) => **reason = reason.without_the_rest(),
            Context::Error(error) => LEFT_OUT.clone_into(&mut error.message),
        }
        write(&self)
    }

    /// How many bytes a decision has at most without what explains it.
    pub(super) const BARE: usize = 160;

    fn denied(reason: Reason) -> Self {
        Self {
            decision: false,
            context: Context::Reason(Box::new(reason)),
        }
    }
}

fn is_invited(state: &State, user: UserNumber) -> bool {
    let user = state.user(user);
    user.is_some_and(|user| user.status == Status::Invited)
}

/// Why what is no name of a permission is not held.
fn no_permission(session: &Session, subject: Subject, node: Node) -> Code {
    let state = &*session.state;
    if !state.has_access(subject) {
        match subject {
            Subject::User(user) if is_invited(state, user) => Code::Invited,
            _ => Code::Inactive,
        }
    } else if state.holds_anything(subject, node, session.at) {
        Code::Lacks
    } else {
        Code::HoldsNothing
    }
}
