//! Asks expectations of the API, and compares the answers.

use std::collections::BTreeMap;

use attache_core::Timestamp;
use serde_json::{Value, json};
use serde_saphyr::Spanned;

use super::file::{Can, File, Members, Resources, WhoCan};
use crate::cli::CliError;
use crate::cli::api::{Api, plain};
use crate::cli::arguments::{entity, subject_name, time};
use crate::cli::explanation;

/// The expectation of a question.
pub(super) enum Expected<'a> {
    Can(&'a Can),
    Members(&'a Members),
    Resources(&'a Resources),
    WhoCan(&'a WhoCan),
}

/// A question with its expectation, and its place in the file.
pub(super) struct Question<'a> {
    pub(super) line: u64,
    pub(super) at: Timestamp,
    pub(super) expected: Expected<'a>,
}

/// The outcome of an expectation.
pub(super) enum Outcome {
    Holds,
    /// It does not hold. The lines say why, with the steps of the decision.
    Fails(Vec<String>),
    /// It makes no sense, since something that it names does not exist.
    Senseless(String),
}

/// An outcome, with doubts about it.
pub(super) struct Answer {
    pub(super) outcome: Outcome,
    pub(super) warning: Option<String>,
}

impl From<Outcome> for Answer {
    fn from(outcome: Outcome) -> Self {
        Self {
            outcome,
            warning: None,
        }
    }
}

impl<'a> Question<'a> {
    /// Returns all questions of a file, in the order of their lines.
    ///
    /// # Errors
    /// A time that cannot be parsed, with its line.
    pub(super) fn all(file: &'a File, now: Timestamp) -> Result<Vec<Self>, (u64, String)> {
        let instant = |line: u64, at: &Option<String>, default: Timestamp| match at {
            None => Ok(default),
            Some(text) => time(text).map_err(|reason| (line, format!("at {reason}"))),
        };
        let default = match &file.at {
            None => now,
            Some(at) => instant(at.referenced.line(), &Some(at.value.clone()), now)?,
        };
        fn lined<T>(all: &[Spanned<T>]) -> impl Iterator<Item = (u64, &T)> {
            all.iter().map(|it| (it.referenced.line(), &it.value))
        }
        let can = lined(&file.can).map(|(line, it)| (line, &it.at, Expected::Can(it)));
        let members = lined(&file.members).map(|(line, it)| (line, &it.at, Expected::Members(it)));
        let resources = lined(&file.resources);
        let resources = resources.map(|(line, it)| (line, &it.at, Expected::Resources(it)));
        let who_can = lined(&file.who_can).map(|(line, it)| (line, &it.at, Expected::WhoCan(it)));
        let all = can.chain(members).chain(resources).chain(who_can);
        let questions = all.map(|(line, at, expected)| -> Result<Self, (u64, String)> {
            let at = instant(line, at, default)?;
            Ok(Self { line, at, expected })
        });
        let mut questions = questions.collect::<Result<Vec<_>, _>>()?;
        questions.sort_by_key(|question| question.line);
        Ok(questions)
    }

    /// Describes the expectation briefly.
    pub(super) fn words(&self) -> String {
        match &self.expected {
            Expected::Can(it) => {
                let parameters = words(&it.parameters);
                let expected = if it.expect { "may" } else { "may not" };
                format!(
                    "{} {expected} {} on {}{parameters}",
                    it.user, it.permission, it.resource
                )
            }
            Expected::Members(it) => match it.effective {
                Some(_) => format!("effective members of {}", it.resource),
                None => format!("members of {}", it.resource),
            },
            Expected::Resources(it) => match &it.permission {
                Some(permission) => format!("resources on which {} holds {permission}", it.user),
                None => format!("resources that {} sees", it.user),
            },
            Expected::WhoCan(it) => {
                let parameters = words(&it.parameters);
                format!("who may {} on {}{parameters}", it.permission, it.resource)
            }
        }
    }

    /// Asks the question and compares the answer.
    ///
    /// # Errors
    /// If it could not be asked for a reason other than the question.
    pub(super) async fn ask(&self, api: &Api) -> Result<Answer, CliError> {
        let asked = match &self.expected {
            Expected::Can(it) => can(api, it).await,
            Expected::Members(it) => members(api, it).await.map(Answer::from),
            Expected::Resources(it) => resources(api, it).await.map(Answer::from),
            Expected::WhoCan(it) => who_can(api, it).await,
        };
        match asked {
            Err(error)
                if ["invalid", "not-found"]
                    .iter()
                    .any(|it| error.is_problem(it)) =>
            {
                Ok(Outcome::Senseless(error.message().to_owned()).into())
            }
            other => other,
        }
    }
}

fn words(parameters: &BTreeMap<String, String>) -> String {
    let all: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    match all.is_empty() {
        true => String::new(),
        false => format!(" ({})", all.join(", ")),
    }
}

async fn can(api: &Api, it: &Can) -> Result<Answer, CliError> {
    let question = json!({
        "subject": subject_name(&it.user),
        "permission": it.permission,
        "resource": it.resource,
        "parameters": it.parameters,
    });
    let answer = api.question(&["explain"], &question).await?;
    let (code, message) = (plain(&answer["code"]), plain(&answer["message"]));
    if ["unknown_subject", "unknown_resource", "unknown_type"].contains(&code.as_str()) {
        return Ok(Outcome::Senseless(message).into());
    }
    let outcome = match answer["decision"] == it.expect {
        true => Outcome::Holds,
        false => {
            let mut lines = vec![message.clone()];
            lines.extend(explanation::tree(&answer));
            Outcome::Fails(lines)
        }
    };
    // An expected denial may be due to a misspelt name.
    let is_unknown = ["unknown_action", "unknown_parameter"].contains(&code.as_str());
    let first = || message.split(". ").next().unwrap_or_default().to_owned();
    let warning = (is_unknown && !it.expect).then(first);
    Ok(Answer { outcome, warning })
}

async fn members(api: &Api, it: &Members) -> Result<Outcome, CliError> {
    let (include, expected) = match (&it.direct, &it.effective) {
        (Some(expected), None) => ("direct", expected),
        (None, Some(expected)) => ("effective", expected),
        _ => {
            let reason = "says either direct or effective";
            return Ok(Outcome::Senseless(reason.to_owned()));
        }
    };
    let path = ["resources", it.resource.as_str(), "members"];
    let found = api.all(&path, &[("include", include)]).await?;
    let found = found.iter().map(|it| Named::of("", &it["user"]));
    Ok(compared(expected, &found.collect::<Vec<_>>()))
}

async fn resources(api: &Api, it: &Resources) -> Result<Outcome, CliError> {
    let query = [
        ("kind", it.kind.as_deref()),
        ("permission", it.permission.as_deref()),
    ];
    let query = query.into_iter();
    let query: Vec<(&str, &str)> = query.filter_map(|(name, it)| Some((name, it?))).collect();
    let found = api.all(&["users", &it.user, "resources"], &query).await?;
    let found = found.iter().map(|it| {
        let kind = plain(&it["resource"]["kind"]);
        Named::of(&format!("{kind}:"), &it["resource"])
    });
    // Everybody sees the tenant, so the expectation may leave it out.
    let found = found.filter(|found| {
        !found.names.iter().any(|name| name.starts_with("tenant:"))
            || it.expect.iter().any(|name| name.starts_with("tenant"))
    });
    let found: Vec<Named> = found
        .map(|mut found| {
            if found.names.iter().any(|name| name.starts_with("tenant:")) {
                found.names.insert(0, "tenant".to_owned());
            }
            found
        })
        .collect();
    Ok(compared(&it.expect, &found))
}

async fn who_can(api: &Api, it: &WhoCan) -> Result<Answer, CliError> {
    // Without this, an unknown resource would be one on which nobody may do anything.
    api.get(&["resources", &it.resource], &[]).await?;
    let (kind, id) = entity(api, &it.resource).await?;
    let types = [
        ("user", "users", &it.users),
        ("group", "groups", &it.groups),
        ("service", "services", &it.services),
    ];
    let mut failed = Vec::new();
    let (mut any, mut warning) = (false, None);
    for (of_type, path, expected) in types {
        let Some(expected) = expected else {
            continue;
        };
        any = true;
        let question = json!({
            "subject": {"type": of_type},
            "action": {"name": it.permission},
            "resource": {"type": kind, "id": id, "properties": it.parameters},
        });
        if expected.is_empty() {
            warning = api.unknown_in_search("subject", &question).await?;
        }
        let mut found = Vec::new();
        for result in api.search("subject", &question).await? {
            let id = plain(&result["id"]);
            // The search returns one of a thing's three names.
            let thing = api.find(&[path, &id]).await?;
            found.push(Named::of("", &thing.unwrap_or(json!({"key": id}))));
        }
        if let Outcome::Fails(lines) = compared(expected, &found) {
            failed.extend(lines.into_iter().map(|line| format!("{path}: {line}")));
        }
    }
    let outcome = match (any, failed.is_empty()) {
        (false, _) => Outcome::Senseless("says none of users, groups and services".to_owned()),
        (true, true) => Outcome::Holds,
        (true, false) => Outcome::Fails(failed),
    };
    Ok(Answer { outcome, warning })
}

/// A found thing, with all of its names. The first is for people.
struct Named {
    names: Vec<String>,
}

impl Named {
    fn of(before: &str, thing: &Value) -> Self {
        let key = plain(&thing["key"]);
        let number = format!("{before}#{}", plain(&thing["number"]));
        let key = (!key.is_empty()).then(|| format!("{before}{key}"));
        let id = plain(&thing["id"]);
        let names = key
            .into_iter()
            .chain([number, id.clone(), format!("{before}{id}")]);
        Self {
            names: names.collect(),
        }
    }

    fn is_called(&self, name: &str) -> bool {
        self.names.iter().any(|own| own.eq_ignore_ascii_case(name))
    }
}

/// Compares the found things with the expected ones, as sets.
fn compared(expected: &[String], found: &[Named]) -> Outcome {
    let missing = expected
        .iter()
        .filter(|name| !found.iter().any(|it| it.is_called(name)));
    let missing: Vec<&str> = missing.map(String::as_str).collect();
    let more = found
        .iter()
        .filter(|it| !expected.iter().any(|name| it.is_called(name)));
    let more: Vec<&str> = more
        .filter_map(|it| Some(it.names.first()?.as_str()))
        .collect();
    let mut lines = Vec::new();
    if !missing.is_empty() {
        lines.push(format!("expected and not found: {}", missing.join(", ")));
    }
    if !more.is_empty() {
        lines.push(format!("found and not expected: {}", more.join(", ")));
    }
    match lines.is_empty() {
        true => Outcome::Holds,
        false => Outcome::Fails(lines),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_found_by_each_of_its_names() {
        let found = || {
            [Named::of(
                "customer:",
                &json!({"key": "mill", "number": 7, "id": "0199F7C4-3b6e-7a52-9d0e-5f1c2b7a9e34"}),
            )]
        };
        for name in [
            "customer:mill",
            "customer:#7",
            "0199f7c4-3b6e-7a52-9d0e-5f1c2b7a9e34",
        ] {
            let expected = [name.to_owned()];
            assert!(
                matches!(compared(&expected, &found()), Outcome::Holds),
                "{name}"
            );
        }
        let Outcome::Fails(lines) = compared(&["customer:mile".to_owned()], &found()) else {
            panic!("it is another");
        };
        assert_eq!(
            lines,
            [
                "expected and not found: customer:mile",
                "found and not expected: customer:mill"
            ]
        );
    }
}
