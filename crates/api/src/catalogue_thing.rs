//! The operations that kinds and roles of the catalogue share: get, put and remove.

use attache_core::catalogue::{self, Catalogue};
use attache_core::{Command, State};
use attache_http::{Problem, Session};
use axum::response::Response;
use http::HeaderMap;
use serde::Serialize;

use super::answer::{gone, made, path_of};
use super::call::{Call, not_found};
use super::doubts::Doubts;
use super::etag;
use super::weights::of_catalogue;

/// A sort of things in the catalogue, which are identified by their names. The
/// implementing type is the view of one.
pub(super) trait CatalogueThing: Serialize + Sized + 'static {
    /// The core's type of the thing.
    type Core;

    /// The name of the sort in problems and in changes, such as `kind`.
    const NOUN: &'static str;
    /// The path of all things of the sort, such as `kinds`.
    const PATH: &'static str;

    /// Returns the thing with a name.
    fn find<'a>(catalogue: &'a Catalogue, name: &str) -> Option<&'a Self::Core>;

    /// Returns the view of a thing.
    fn view(state: &State, thing: &Self::Core) -> Self;

    /// Returns the doubts about a thing: what is valid and probably not intended.
    fn doubts(catalogue: &Catalogue, thing: &Self::Core) -> Vec<catalogue::Problem>;

    /// Returns the effects of a thing on others of the catalogue, which may well be intended.
    fn effects(_: &Catalogue, _: &Self::Core) -> Vec<catalogue::Problem> {
        Vec::new()
    }

    /// Returns the command that puts a thing into the catalogue.
    fn set(thing: Self::Core) -> Command;
}

/// Answers a read of the thing with a name.
pub(super) fn get<T: CatalogueThing>(
    session: &Session,
    headers: &HeaderMap,
    name: &str,
) -> Result<Response, Problem> {
    let state = session.subject().state();
    session.authority().authorize_catalogue()?;
    let view = view::<T>(state, name);
    etag::answer(headers, view.ok_or_else(|| not_found(T::NOUN))?)
}

/// Adds a thing to the catalogue, or replaces the one with its name. `query` tells
/// whether doubts are errors.
pub(super) async fn put<T: CatalogueThing>(
    mut call: Call,
    query: Option<&str>,
    name: String,
    thing: T::Core,
) -> Result<Response, Problem> {
    let state = call.session.subject().state();
    let found = call.session.weigh(of_catalogue(state), || {
        let catalogue = state.catalogue();
        catalogue.map(|it| (T::doubts(it, &thing), T::effects(it, &thing)))
    });
    let (found, effects) = found.await?.unwrap_or_default();
    let doubts = Doubts::read(query, found)?.with_effects(effects);
    let tag = tag::<T>(name.clone());
    let done = call.write_to(T::set(thing), tag).await?;
    let is_new = done.has_added(&format!("{}:{name}", T::NOUN));
    let now = done.shown(view::<T>(call.session.subject().state(), &name))?;
    let mut response = doubts.answer(&done, now)?;
    if is_new {
        made(&mut response, &done, &path_of(&[T::PATH, &name]));
    }
    Ok(response)
}

/// Runs a command that removes the thing with a name from the catalogue.
pub(super) async fn remove<T: CatalogueThing>(
    mut call: Call,
    command: Command,
    name: String,
) -> Result<Response, Problem> {
    let done = call.write_to(command, tag::<T>(name)).await?;
    Ok(gone(&done))
}

/// Returns the view of the thing with a name.
fn view<T: CatalogueThing>(state: &State, name: &str) -> Option<T> {
    Some(T::view(state, T::find(state.catalogue()?, name)?))
}

/// Returns the tag of the thing with a name in a state.
fn tag<T: CatalogueThing>(
    name: String,
) -> impl Fn(&State) -> Option<String> + Send + Sync + 'static + use<T> {
    move |state| etag::of(&view::<T>(state, &name)?)
}
