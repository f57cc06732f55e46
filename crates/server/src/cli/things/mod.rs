//! The commands that add, list, show, change and remove a tenant's things, all through
//! attache's own API.

mod catalogue;
mod group;
mod in_tenant;
mod in_use;
mod kind;
mod named;
mod resource;
mod role;
mod service;
mod user;

pub(super) use group::Group;
pub(super) use in_tenant::{InTenant, Verb};
pub(super) use kind::Kind;
pub(super) use resource::Resource;
pub(super) use role::Role;
pub(super) use service::Service;
pub(super) use user::{User, first_and_last, note_standing};

use std::io::{IsTerminal as _, Write as _};

use clap::Args;
use http::Method;
use serde_json::{Map, Value, json};

use super::CliError;
use super::api::{Api, display_name, plain};
use super::listing::{Column, Output};
use super::output::{counted, note, say};

/// A type of thing: its path in the API, and its output.
pub(super) struct Thing {
    /// The noun for one.
    noun: &'static str,
    /// The path of the list.
    path: &'static str,
    columns: &'static [Column],
    /// What is lost with one, as the end of "it goes with".
    goes_with: &'static str,
}

/// The tenant of a command.
#[derive(Clone, Debug, Args)]
pub(super) struct OfTenant {
    /// The tenant. Can be left out if there is only one.
    #[arg(long = "tenant", value_name = "SLUG")]
    slug: Option<String>,
}

impl OfTenant {
    pub(super) fn slug(&self) -> Option<&str> {
        self.slug.as_deref()
    }
}

/// The handling of unknown names.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(super) struct Strict {
    /// Refuse permissions that no kind has and parameters that narrow nothing. Without
    /// this, attache warns of them.
    #[arg(long)]
    strict: bool,
}

/// An existing thing.
#[derive(Debug, Args)]
pub(super) struct One {
    /// The thing: its key, id or number (#7); for a resource with its kind before it
    /// (customer:harbour-bakery); for a role or kind, its name.
    name: String,
    #[command(flatten)]
    output: Output,
}

/// A thing to remove.
#[derive(Debug, Args)]
pub(super) struct Gone {
    /// The thing: its key, id or number (#7); for a resource with its kind before it
    /// (customer:harbour-bakery); for a role or kind, its name.
    name: String,
    /// Do not ask for confirmation.
    #[arg(long, short)]
    yes: bool,
}

/// A list of things.
#[derive(Debug, Args)]
pub(super) struct Filtered {
    /// Only things whose name or key contains this text, ignoring case and accents.
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    #[command(flatten)]
    output: Output,
}

impl Thing {
    /// Prints the things of a query.
    async fn list(
        &self,
        api: &Api,
        query: &[(&str, Option<&str>)],
        output: Output,
    ) -> Result<(), CliError> {
        self.list_at(api, &[self.path], query, output).await
    }

    /// Prints the things of a query at another path.
    async fn list_at(
        &self,
        api: &Api,
        path: &[&str],
        query: &[(&str, Option<&str>)],
        output: Output,
    ) -> Result<(), CliError> {
        let given = query.iter().filter_map(|(name, it)| Some((*name, (*it)?)));
        let query: Vec<(&str, &str)> = given.collect();
        let things = api.all(path, &query).await?;
        output.list(self.columns, &things)?;
        if output.is_table() {
            note(counted(things.len(), self.noun))?;
        }
        Ok(())
    }

    async fn show(&self, api: &Api, one: &One) -> Result<(), CliError> {
        let thing = api.get(&[self.path, &one.name], &[]).await?.json;
        one.output.one(self.columns, &thing)
    }

    /// Adds a thing, and prints its id.
    async fn add(&self, api: &Api, body: &Value, output: Output) -> Result<(), CliError> {
        let made = api.write(Method::POST, &[self.path], Some(body)).await?;
        self.written("added", &made.json, output)
    }

    /// Changes the given fields of a thing.
    async fn change(
        &self,
        api: &Api,
        name: &str,
        change: Map<String, Value>,
        output: Output,
    ) -> Result<(), CliError> {
        if change.is_empty() {
            return Err(nothing_to_change());
        }
        let path = [self.path, name];
        let now = api
            .write(Method::PATCH, &path, Some(&change.into()))
            .await?;
        self.written("changed", &now.json, output)
    }

    /// Writes a thing of the catalogue: a new one, or one that replaces the version with
    /// this tag.
    async fn put(
        &self,
        api: &Api,
        name: &str,
        tag: Option<&str>,
        body: &Value,
        strict: Strict,
        output: Output,
    ) -> Result<(), CliError> {
        let path = [self.path, name];
        let only_if = match tag {
            None => ("if-none-match", "*"),
            Some(tag) => ("if-match", tag),
        };
        let query: &[(&str, &str)] = match strict.strict {
            true => &[("strict", "true")],
            false => &[],
        };
        let put = api.write_if(only_if, query, Method::PUT, &path, body).await;
        if let Ok(now) = &put {
            warn(&now.json)?;
        }
        match put {
            Ok(now) if tag.is_none() => self.written("added", &now.json, output),
            Ok(now) => self.written("changed", &now.json, output),
            Err(error) if error.is_problem("changed") && tag.is_none() => Err(CliError::new(
                format!("there is a {} {name} already", self.noun),
            )
            .with_hint(&format!("change it: attache {} change {name}", self.noun))),
            Err(error) => Err(error),
        }
    }

    async fn remove(&self, api: &Api, gone: &Gone) -> Result<(), CliError> {
        let path = [self.path, gone.name.as_str()];
        let thing = api.get(&path, &[]).await?.json;
        let called = called(&thing);
        if !gone.yes {
            let noun = self.noun;
            must_be_meant(&format!(
                "The {noun} {called} would be removed, with {}.",
                self.goes_with
            ))?;
        }
        if let Err(error) = api.write(Method::DELETE, &path, None).await {
            return Err(in_use::with_names(error, api).await);
        }
        say(format!("removed {} {called}", self.noun))
    }

    /// Prints what was written: a line, or the whole thing for programs.
    fn written(&self, how: &str, thing: &Value, output: Output) -> Result<(), CliError> {
        if !output.is_table() {
            return output.one(self.columns, thing);
        }
        let id = match plain(&thing["id"]) {
            id if id.is_empty() => id,
            id => format!(" {id}"),
        };
        say(format!("{how} {} {}{id}", self.noun, called(thing)))
    }
}

/// The error for a change without options.
fn nothing_to_change() -> CliError {
    CliError::new("say what to change: --help lists it")
}

/// Prints the warnings of an answer.
fn warn(written: &Value) -> Result<(), CliError> {
    for warning in written["warnings"].as_array().into_iter().flatten() {
        let (field, reason) = (plain(&warning["field"]), plain(&warning["reason"]));
        note(format!("warning: {field} {reason}"))?;
    }
    Ok(())
}

/// Returns a thing's name for people: its name, with its key or number.
fn called(thing: &Value) -> String {
    let name = match plain(&thing["name"]) {
        name if name.is_empty() => display_name(thing),
        name => name,
    };
    let kind = match plain(&thing["kind"]) {
        kind if kind.is_empty() || thing["number"].is_null() => String::new(),
        kind => format!("{kind}:"),
    };
    let short = match (&thing["key"], &thing["number"]) {
        (Value::String(key), _) => format!("{kind}{key}"),
        (_, Value::Null) => return name,
        (_, number) => format!("{kind}#{number}"),
    };
    match name.is_empty() || name == short {
        true => short,
        false => format!("{short} ({name})"),
    }
}

/// Asks for confirmation, if a person can answer.
fn must_be_meant(what: &str) -> Result<(), CliError> {
    if !std::io::stdin().is_terminal() {
        return Err(CliError::new(what).with_hint("Nothing was changed. If it is meant: --yes"));
    }
    write!(std::io::stderr(), "{what} Go on? [y/N] ")?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(CliError::new("Nothing was changed")),
    }
}

/// Converts an option's text: an empty text removes the field.
fn or_null(text: &str) -> Value {
    match text {
        "" => Value::Null,
        text => json!(text),
    }
}

/// Returns the given fields. Null removes a field.
fn given<'a>(fields: impl IntoIterator<Item = (&'a str, Option<Value>)>) -> Map<String, Value> {
    let fields = fields.into_iter();
    fields
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

/// Reads a JSON object from a file.
fn of_file(file: &std::path::Path) -> Result<Map<String, Value>, CliError> {
    let wrong = |reason: String| CliError::new(format!("{}: {reason}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    // Some editors write a byte order mark.
    match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(wrong("must be one object of JSON".to_owned())),
        Err(error) => Err(wrong(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_called_by_its_key_and_its_name() {
        let user = json!({"key": "ada", "number": 1, "first_name": "Ada", "last_name": "Okafor"});
        assert_eq!(called(&user), "ada (Ada Okafor)");
        assert_eq!(
            called(&json!({"key": null, "number": 7, "first_name": null})),
            "#7"
        );
        let customer = json!({"kind": "customer", "key": "mill", "number": 1, "name": "Mill"});
        assert_eq!(called(&customer), "customer:mill (Mill)");
        assert_eq!(
            called(&json!({"name": "owner", "kind": "customer"})),
            "owner"
        );
        let service = json!({"key": "portal", "number": 1, "name": "portal"});
        assert_eq!(called(&service), "portal");
    }
}
