//! Looks up the names of things whose ids an answer has.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::CliError;
use super::api::{Api, display_name, plain};

/// Up to this many things are looked up one by one; for more, all are listed.
const FEW: usize = 20;

/// A cache of things' names.
pub(super) struct Names<'a> {
    api: &'a Api,
    known: BTreeMap<(String, String), Name>,
}

/// The names of a thing.
#[derive(Clone, Debug, Default)]
pub(super) struct Name {
    /// Its name in commands: the key, else the number; a resource with its kind.
    pub(super) short: String,
    /// Its display name.
    pub(super) name: String,
}

impl Name {
    /// Returns the names of a user, group, service or resource, from the API's answer.
    pub(super) fn of(thing: &Value) -> Self {
        let name = match plain(&thing["name"]) {
            name if name.is_empty() => display_name(thing),
            name => name,
        };
        let short = match (&thing["key"], &thing["number"]) {
            (Value::String(key), _) => key.clone(),
            (_, Value::Null) => plain(&thing["id"]),
            (_, number) => format!("#{number}"),
        };
        let short = match thing["kind"].as_str() {
            Some("tenant") => "tenant".to_owned(),
            Some(kind) => format!("{kind}:{short}"),
            None => short,
        };
        Self { short, name }
    }

    /// Returns both names: `Freya Holm (freya.holm)`.
    pub(super) fn both(&self) -> String {
        match self.name.is_empty() || self.name == self.short {
            true => self.short.clone(),
            false => format!("{} ({})", self.name, self.short),
        }
    }
}

impl<'a> Names<'a> {
    pub(super) fn new(api: &'a Api) -> Self {
        Self {
            api,
            known: BTreeMap::new(),
        }
    }

    /// Looks up the names of things of a type by their keys or ids. Things that are gone
    /// or hidden stay unknown.
    pub(super) async fn look_up<T: AsRef<str>>(
        &mut self,
        kind: &str,
        ids: &[T],
    ) -> Result<(), CliError> {
        let path = format!("{kind}s");
        let ids = ids.iter().map(|id| id.as_ref().to_owned());
        let mut unknown: BTreeSet<String> = ids.collect();
        unknown.retain(|id| !self.known.contains_key(&(kind.to_owned(), id.clone())));
        if unknown.len() > FEW {
            for thing in self.api.all(&[&path], &[]).await? {
                self.learn(kind, &plain(&thing["id"]), Name::of(&thing));
                if let Some(key) = thing["key"].as_str() {
                    self.learn(kind, key, Name::of(&thing));
                }
            }
            return Ok(());
        }
        for id in unknown {
            // A caller that may not list users gets their ids.
            if let Ok(Some(thing)) = self.api.find(&[&path, &id]).await {
                self.learn(kind, &id, Name::of(&thing));
            }
        }
        Ok(())
    }

    /// Looks up the names of actors, from the API's names: `user:<id>`, `operator`.
    pub(super) async fn look_up_actors(&mut self, actors: &[Value]) -> Result<(), CliError> {
        for kind in ["user", "service"] {
            let ids = actors.iter().filter_map(|actor| {
                let (of_kind, id) = actor.as_str()?.split_once(':')?;
                (of_kind == kind).then_some(id)
            });
            let ids: Vec<&str> = ids.collect();
            self.look_up(kind, &ids).await?;
        }
        Ok(())
    }

    /// Returns an actor's name for people: `user:freya.holm`, `operator`.
    pub(super) fn actor(&self, actor: &Value) -> String {
        let actor = plain(actor);
        match actor.split_once(':') {
            Some((kind, id)) => format!("{kind}:{}", self.of(kind, id).short),
            None => actor,
        }
    }

    /// Adds a name from elsewhere.
    pub(super) fn learn(&mut self, kind: &str, id: &str, name: Name) {
        self.known.insert((kind.to_owned(), id.to_owned()), name);
    }

    /// Returns whether a thing's names are known.
    pub(super) fn knows(&self, kind: &str, id: &str) -> bool {
        self.known.contains_key(&(kind.to_owned(), id.to_owned()))
    }

    /// Returns a thing's names; its id if they are unknown.
    pub(super) fn of(&self, kind: &str, id: &str) -> Name {
        let known = self.known.get(&(kind.to_owned(), id.to_owned()));
        known.cloned().unwrap_or_else(|| Name {
            short: id.to_owned(),
            name: String::new(),
        })
    }
}
