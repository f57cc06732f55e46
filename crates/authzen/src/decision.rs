//! Answers a question with a decision.

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

/// Replaces a message that does not fit into the answer.
const LEFT_OUT: &str = "The message is left out: see limits.answer_size.";

/// A decision on a question, with its reason.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Decision {
    /// Whether the subject may do the action.
    pub(super) decision: bool,
    context: Context,
}

/// The reason for the decision, or the fault of the question.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = DecisionContext)]
#[serde(rename_all = "snake_case")]
enum Context {
    /// The reason for the decision.
    Reason(Box<Reason>),
    /// The fault of one of several questions.
    Error(ItemError),
}

/// The fault of one of several questions (AuthZEN 1.0, section 7.2.1).
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ItemError {
    /// The status that the question would have alone.
    #[schema(value_type = i32, example = 400)]
    status: u16,
    /// The message for a developer.
    message: String,
}

impl Decision {
    /// Decides a question.
    ///
    /// # Errors
    /// If the caller may not ask about this subject, or asks strictly with a name that
    /// the catalogue does not have.
    pub(super) fn of(session: &Session, question: &Question) -> Result<Self, Problem> {
        let (state, shown) = (session.subject().state(), session.subject());
        let subject = question.subject.subject(state);
        let told = session
            .authority()
            .sight_about(session.subject(), subject, CHECK)?;
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
        let access = shown.access(subject, &wanted, node, &parameters);
        let through = |code, source: Source<'_>| match told.sees(source.on) {
            true => Reason::through(code, state, subject, &source),
            // What is granted on a resource that the caller does not see stays hidden.
            false => Reason::new(code),
        };
        Ok(match access {
            Access::Allowed(source) => Self {
                decision: true,
                context: Context::Reason(Box::new(through(Code::Allowed, source))),
            },
            Access::Denied(denial) => {
                // Any other denial follows from a known name.
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
                // Only callers that may read the catalogue learn about roles.
                Self::denied(
                    match explain && session.authority().authorize_catalogue().is_ok() {
                        false => reason,
                        true => {
                            let said = shown.explain(subject, &wanted, node, &parameters);
                            let here = said.steps.first().map(Step::named_roles);
                            reason.with_roles(&here.unwrap_or_else(|| Bounded::of(0, [])))
                        }
                    },
                )
            }
        })
    }

    /// Returns the answer to one of several questions that could not be answered.
    pub(super) fn failed(problem: &Problem) -> Self {
        Self {
            decision: false,
            context: Context::Error(ItemError {
                status: problem.status().as_u16(),
                message: problem.cut().message(),
            }),
        }
    }

    /// Writes the decision as JSON. If it has more than `most` bytes, the explanation is
    /// left out; then it has at most [`Self::BARE`] bytes.
    ///
    /// # Errors
    /// If it cannot be written as JSON, which is a defect.
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

    /// The most bytes of a decision without its explanation.
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

/// Returns why an action that is not a permission's name is denied.
fn no_permission(session: &Session, subject: Subject, node: Node) -> Code {
    let state = session.subject().state();
    if !session.subject().has_access(subject) {
        match subject {
            Subject::User(user) if is_invited(state, user) => Code::Invited,
            _ => Code::Inactive,
        }
    } else if session.subject().holds_anything(subject, node) {
        Code::Lacks
    } else {
        Code::HoldsNothing
    }
}
