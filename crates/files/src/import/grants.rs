//! `grants.csv`

use std::collections::BTreeMap;

use attache_core::command::GrantRef;
use attache_core::id::Node;
use attache_core::model::{Parameters, Subject};
use attache_core::{Command, Draft, Locator, Refusal, State, Timestamp};
use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};

use super::comebacks::Fact;
use super::describes::cause;
use super::fault::{Fault, Spot, shown};
use super::given::{FILE, Given, GivenBy, subject_ref};
use super::membership_row::{self, MembershipRow};
use super::row::{AS_IS, Row};
use super::work::{FromRow, Work};
use super::{catalogue, conflicts, replace};
use attache_core::nearest::near;

pub(super) struct GrantRow {
    spot: Spot,
    pub(super) subject: SubjectName,
    role: String,
    pub(super) resource: String,
    /// The parameters in the form in which they are compared.
    parameters: Parameters,
    /// The parameters as the row writes them, if the row marks them as taken as they are.
    as_is: Option<Parameters>,
    expires_at: Option<Timestamp>,
}

/// The type and name of a subject.
pub(super) enum SubjectName {
    User(String),
    Group(String),
    Service(String),
    /// No subject: the resource has no grants. Only if the file is the truth.
    Nobody,
}

impl FromRow for GrantRow {
    const FILE: &'static str = FILE;
    const REQUIRED: &'static [&'static str] = &["subject", "role", "resource"];
    const OPTIONAL: &'static [&'static str] = &["parameters", "expires_at", AS_IS];

    fn read(row: &Row<'_>) -> Result<Self, Fault> {
        let pairs = row.parsed("parameters", parameters)?.unwrap_or_default();
        let is_as_is = row.is_as_is("parameters");
        Ok(Self {
            as_is: is_as_is.then(|| Parameters::as_stored(pairs.clone())),
            parameters: pairs.into_iter().collect(),
            spot: row.spot,
            subject: match row.cell("subject").unwrap_or_default().split_once(':') {
                Some(("user", name)) => SubjectName::User(name.to_owned()),
                Some(("group", name)) => SubjectName::Group(name.to_owned()),
                Some(("service", name)) => SubjectName::Service(name.to_owned()),
                None if row.filled("subject").or(row.filled("role")).is_none() => {
                    SubjectName::Nobody
                }
                _ => {
                    row.needed("subject")?;
                    let reason = "must be user:…, group:… or service:…";
                    return Err(row.wrong(
                        "subject",
                        reason,
                        row.filled("subject").unwrap_or_default(),
                    ));
                }
            },
            role: match row.filled("subject") {
                Some(_) => row.needed("role")?.to_owned(),
                None => String::new(),
            },
            resource: row.needed("resource")?.to_owned(),
            expires_at: row.end()?,
        })
    }

    fn check(&self, is_read: &dyn Fn(&str) -> bool, work: &mut Work<'_>) {
        if is_read("subject") {
            self.subject(work);
        }
        if is_read("resource") {
            work.resource(self.spot, "resource", &self.resource);
        }
        let state = work.draft.state();
        let roles = state.catalogue().map(|catalogue| &catalogue.roles);
        let mut roles = roles.into_iter().flatten();
        let is_known = self.role.is_empty() || roles.any(|role| *role.name.as_str() == self.role);
        if is_read("role") && !is_known {
            let cause = no_role(&self.role, state);
            if !work.following.takes(FILE, catalogue::FILE) {
                work.wrong(self.spot.fault("role", cause));
            }
        }
    }
}

/// Parses parameters: `name=value` with semicolons in between, or a JSON object.
fn parameters(cell: &str) -> Result<Vec<(String, String)>, &'static str> {
    let pairs: Vec<(String, String)> = match cell.starts_with('{') {
        true => {
            let mut json = serde_json::Deserializer::from_str(cell);
            let pairs = json.deserialize_map(Pairs);
            let pairs = pairs.and_then(|pairs| json.end().map(|()| pairs));
            pairs.map_err(|_| "must be a JSON object of texts")?
        }
        false => cell
            .split(';')
            .filter(|pair| !pair.trim().is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=')?;
                Some((name.trim().to_owned(), value.trim().to_owned()))
            })
            .collect::<Option<_>>()
            .ok_or("must be name=value, with a semicolon between them")?,
    };
    let mut names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    match names
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if a == b))
    {
        true => Err("must name each parameter once"),
        false => Ok(pairs),
    }
}

/// The members of a JSON object, with repeated ones.
struct Pairs;

impl<'de> Visitor<'de> for Pairs {
    type Value = Vec<(String, String)>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(pairs)
    }
}

pub(super) fn plan(rows: &[GrantRow], work: &mut Work<'_>) {
    let mut given = Given::new();
    // The resources that rows name, with the first row of each.
    let mut named: BTreeMap<Node, Spot> = BTreeMap::new();
    for row in rows {
        if let Some(node) = one(row, &mut given, work) {
            named.entry(node).or_insert(row.spot);
        }
        work.step(row.spot);
    }
    match work.options.replace.grants {
        true => replace::grants(&named, &given, work),
        false => conflicts::grants(&given, work),
    }
}

/// Plans a row. Returns the resource that it names.
fn one<'r>(row: &'r GrantRow, given: &mut Given<'r>, work: &mut Work<'_>) -> Option<Node> {
    let subject = row.subject(work);
    let node = work.resource(row.spot, "resource", &row.resource)?;
    if let SubjectName::Nobody = row.subject {
        work.nobody(row.spot, "subject", work.options.replace.grants);
        return Some(node);
    }
    let subject = subject?;
    let grant = (node, subject, row.role.as_str(), &row.parameters);
    let is_live = !work.is_over(row.expires_at);
    let line = row.spot.line;
    if let Some(other) = given.insert(grant, GivenBy { line, is_live }) {
        let cause = format!("is repeated: line {} is this grant too", other.line);
        work.wrong(row.spot.fault("subject", cause));
        return Some(node);
    }
    if is_live {
        grant_it(row, node, subject, work);
    }
    Some(node)
}

fn grant_it(row: &GrantRow, node: Node, subject: Subject, work: &mut Work<'_>) {
    let Some(id) = work
        .draft
        .state()
        .resource(node)
        .map(|resource| resource.id)
    else {
        return;
    };
    let parameters = row.as_is.as_ref().unwrap_or(&row.parameters);
    let grant = GrantRef {
        resource: Locator::id(id),
        subject: subject_ref(subject),
        role: row.role.as_str().into(),
        parameters: parameters.clone(),
    };
    let expires_at = row.expires_at;
    let command = Command::Grant { grant, expires_at };
    let run = match row.as_is {
        Some(_) => Draft::run_as_is,
        None => Draft::run,
    };
    if let Err(refusal) = run(work.draft, &command) {
        refused(row, &refusal, work);
    }
    work.room();
    let since = |before: &State| {
        let subject = match subject {
            Subject::User(number) => before.user(number)?.created_at,
            Subject::Group(number) => before.group_node(number)?.group.created_at,
            Subject::Service(number) => before.service_node(number)?.service.created_at,
        };
        Some(before.resource(node)?.created_at.max(subject))
    };
    let fact = |state: &State| {
        let subject = state.subject_id(subject)?;
        let role = row.role.as_str().into();
        Some(Fact::Grant(id, subject, role, row.parameters.clone()))
    };
    work.may_come_back(row.spot, "subject", since, fact);
}

/// Reports why a row is refused, unless that follows from another fault.
fn refused(row: &GrantRow, refusal: &Refusal, work: &mut Work<'_>) {
    let spot = row.spot;
    let (column, cause) = match refusal {
        Refusal::NotAMember { .. } => {
            let is_lost = match &row.subject {
                SubjectName::User(user) => {
                    work.is_lost(&membership_row::named(&row.resource, user))
                }
                _ => false,
            };
            if is_lost || work.following.takes(FILE, MembershipRow::FILE) {
                return;
            }
            ("subject", cause(refusal))
        }
        Refusal::Unknown { field: "role", .. } => {
            if work.following.takes(FILE, catalogue::FILE) {
                return;
            }
            ("role", no_role(&row.role, work.draft.state()))
        }
        Refusal::Invalid { field, .. } if field.starts_with("parameters") => {
            if work.following.takes(FILE, catalogue::FILE) {
                return;
            }
            ("parameters", cause(refusal))
        }
        Refusal::Invalid { field, .. } if &**field == "expires_at" => {
            ("expires_at", cause(refusal))
        }
        _ => ("role", cause(refusal)),
    };
    work.wrong(spot.fault(column, cause));
}

/// Returns the reason for an unknown role, with the most similar one.
fn no_role(name: &str, state: &State) -> String {
    let roles = state.catalogue().map(|catalogue| &catalogue.roles);
    let names = roles.into_iter().flatten().map(|role| role.name.as_str());
    let nearest = near(name, names);
    let nearest = nearest.map(|it| format!("; the nearest is {it}"));
    format!(
        "there is no role {}{}",
        shown(name),
        nearest.unwrap_or_default()
    )
}

impl GrantRow {
    fn subject(&self, work: &mut Work<'_>) -> Option<Subject> {
        let spot = self.spot;
        match &self.subject {
            SubjectName::User(name) => work.user(spot, "subject", name).map(Subject::User),
            SubjectName::Group(name) => work.group(spot, "subject", name).map(Subject::Group),
            SubjectName::Service(name) => work.service(spot, "subject", name).map(Subject::Service),
            SubjectName::Nobody => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_pairs_or_json_and_each_stands_once() {
        let read = |cell: &str| -> Result<Vec<(String, String)>, &'static str> { parameters(cell) };
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(read("a=1"), Ok(vec![pair("a", "1")]));
        assert_eq!(
            read(" a = 1 ; b=2;"),
            Ok(vec![pair("a", "1"), pair("b", "2")])
        );
        assert_eq!(read("a=b=c"), Ok(vec![pair("a", "b=c")]));
        assert_eq!(read(r#"{"a":"1;b=2"}"#), Ok(vec![pair("a", "1;b=2")]));
        for cell in ["a=1;a=2", r#"{"a":"1","a":"2"}"#] {
            assert_eq!(read(cell), Err("must name each parameter once"), "{cell}");
        }
        for cell in ["a", "a=1;b", "{", r#"{"a":1}"#, r#"{"a":"1"} x"#, "[]"] {
            assert!(read(cell).is_err(), "{cell}");
        }
    }
}
