//! The operations that users, groups, services, resources and issuers share: add, get, change
//! and remove.

use attache_core::ask::{Authority, View};
use attache_core::{Change, Command, State};
use attache_http::{Current, Problem, Session};
use axum::response::Response;
use http::HeaderMap;
use serde::Serialize;
use uuid::Uuid;

use super::answer::{created, gone, shown};
use super::call::{Call, Done, not_found};
use super::etag;

/// A sort of things that operations of this API add, get, change and remove.
pub(super) trait Thing: 'static {
    /// The name of a thing in a path or a command.
    type Name: Clone + Send + Sync + 'static;
    /// The index of a thing in a state.
    type Number;
    /// The view of a thing in answers. Its bytes determine its tag.
    type View<'a>: Serialize;

    /// The name of the sort in problems, such as `user`.
    const NOUN: &'static str;
    /// The path of all things of the sort, such as `users`.
    const PATH: &'static str;

    /// Returns the thing with a name.
    fn find(state: &State, name: &Self::Name) -> Option<Self::Number>;

    /// Returns the view of a thing of the subject, as far as the caller sees what it names.
    fn view<'a>(
        authority: Authority<'a>,
        subject: View<'a>,
        number: Self::Number,
    ) -> Option<Self::View<'a>>;

    /// Returns the id in a view.
    fn id(view: &Self::View<'_>) -> Uuid;

    /// Returns the name of the thing that a change added.
    fn added(change: &Change) -> Option<Self::Name>;

    /// Returns the name of the thing that a change changed, which may have a new key.
    fn changed(change: &Change) -> Option<Self::Name>;

    /// Returns the problem with a write to a thing, from the core's problem.
    fn refused(problem: Problem) -> Problem {
        problem
    }
}

/// Answers a read of a thing.
pub(super) fn get<T: Thing>(
    session: &Session,
    headers: &HeaderMap,
    number: T::Number,
) -> Result<Response, Problem> {
    let view = T::view(session.authority(), session.subject(), number);
    etag::answer(headers, view.ok_or_else(|| not_found(T::NOUN))?)
}

/// Runs a command that adds a thing. `current` returns the state's list as the
/// precondition's target.
pub(super) async fn create<T: Thing>(
    mut call: Call,
    command: Command,
    current: impl Fn(&State) -> Current + Send + Sync + 'static,
) -> Result<Response, Problem> {
    let done = call.write(command, current).await?;
    let added = done.made(T::added);
    let view = added.and_then(|name| named::<T>(&call.session, &name));
    at_its_place::<T>(&done, view)
}

/// Runs a command that adds or changes the thing with a name.
pub(super) async fn change<T: Thing>(
    mut call: Call,
    command: Command,
    name: T::Name,
) -> Result<Response, Problem> {
    let done = write::<T>(&mut call, command, name.clone()).await?;
    if let Some(added) = done.made(T::added) {
        return at_its_place::<T>(&done, named::<T>(&call.session, &added));
    }
    let name = done.made(T::changed).unwrap_or(name);
    let view = named::<T>(&call.session, &name);
    shown(&done, done.shown(view)?)
}

/// Runs a command that removes the thing with a name.
pub(super) async fn remove<T: Thing>(
    mut call: Call,
    command: Command,
    name: T::Name,
) -> Result<Response, Problem> {
    let done = write::<T>(&mut call, command, name).await?;
    Ok(gone(&done))
}

/// Runs a command, if the preconditions of the request hold for the thing with a name.
async fn write<T: Thing>(
    call: &mut Call,
    command: Command,
    name: T::Name,
) -> Result<Done, Problem> {
    let reader = call.session.reader();
    let tag = move |state: &State| {
        let number = T::find(state, &name)?;
        let view = T::view(reader.authority(state), reader.subject(state), number)?;
        etag::of(&view)
    };
    call.write_to(command, tag).await.map_err(T::refused)
}

/// Returns the view of the thing with a name.
fn named<'a, T: Thing>(session: &'a Session, name: &T::Name) -> Option<T::View<'a>> {
    let number = T::find(session.subject().state(), name)?;
    T::view(session.authority(), session.subject(), number)
}

fn at_its_place<T: Thing>(done: &Done, view: Option<T::View<'_>>) -> Result<Response, Problem> {
    created(done, done.shown(view)?, |view| {
        format!("{}/{}", T::PATH, T::id(view))
    })
}
