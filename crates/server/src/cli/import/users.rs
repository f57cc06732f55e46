//! `users.csv`

use attache_core::id::{Key, UserId, UserNumber};
use attache_core::model::{Email, FactsChange, Name, Profile, Status, UserFacts};
use attache_core::{Command, Ref, Refusal};
use uuid::Uuid;

use super::sheet::{Fault, Row, Spot};
use super::work::{FromRow, Work, matching};

/// A user. What is `None` in it, the file does not speak of.
pub(super) struct UserRow {
    spot: Spot,
    id: Option<Uuid>,
    key: Option<Key>,
    number: Option<u32>,
    first_name: Option<Option<Name>>,
    last_name: Option<Option<Name>>,
    email: Option<Option<Email>>,
    phone: Option<Option<Name>>,
    status: Option<Status>,
    email_verified: Option<bool>,
    first_login: Option<bool>,
    external_auth_id: Option<Option<Uuid>>,
}

impl FromRow for UserRow {
    const FILE: &'static str = "users.csv";
    const REQUIRED: &'static [&'static str] = &[];
    const OPTIONAL: &'static [&'static str] = &[
        "key",
        "number",
        "first_name",
        "last_name",
        "email",
        "phone",
        "status",
        "email_verified",
        "first_login",
        "external_auth_id",
        "id",
    ];

    fn read(row: &Row<'_>) -> Result<Self, Fault> {
        let name = |column: &str| -> Result<Option<Option<Name>>, Fault> {
            let name = row.parsed(column, Name::new)?;
            Ok(row.cell(column).map(|_| name))
        };
        let email = row.parsed("email", Email::new)?;
        let external_auth_id = row.uuid("external_auth_id")?;
        let read = Self {
            spot: row.spot,
            id: row.uuid("id")?,
            key: row.key()?,
            number: row.number()?,
            first_name: name("first_name")?,
            last_name: name("last_name")?,
            email: row.cell("email").map(|_| email),
            phone: name("phone")?,
            status: row.parsed("status", |cell| match cell.to_ascii_lowercase().as_str() {
                "active" => Ok(Status::Active),
                "inactive" => Ok(Status::Inactive),
                "invited" => Ok(Status::Invited),
                _ => Err("must be active, inactive or invited"),
            })?,
            email_verified: row.yes_or_no("email_verified")?,
            first_login: row.yes_or_no("first_login")?,
            external_auth_id: row.cell("external_auth_id").map(|_| external_auth_id),
        };
        if read.key.is_none() && read.number.is_none() && read.id.is_none() {
            return Err(row.spot.fault("key", "is needed, or a number or an id"));
        }
        Ok(read)
    }

    fn names(row: &Row<'_>) -> Vec<String> {
        let key = row.filled("key").map(str::to_owned);
        let number = row.filled("number").map(|number| format!("#{number}"));
        key.into_iter().chain(number).collect()
    }
}

impl UserRow {
    fn profile(&self, old: Profile) -> Profile {
        Profile {
            first_name: self.first_name.clone().unwrap_or(old.first_name),
            last_name: self.last_name.clone().unwrap_or(old.last_name),
            email: self.email.clone().unwrap_or(old.email),
            phone: self.phone.clone().unwrap_or(old.phone),
        }
    }

    /// What the row says, and nothing of what it leaves out.
    fn facts(&self) -> FactsChange {
        FactsChange {
            email_verified: self.email_verified,
            first_login: self.first_login,
            external_auth_id: self.external_auth_id,
        }
    }
}

pub(super) fn plan(rows: &[UserRow], work: &mut Work<'_>) {
    for row in rows {
        one(row, work);
        work.step();
    }
}

fn one(row: &UserRow, work: &mut Work<'_>) {
    let state = work.draft.state();
    let found = matching(
        row.id.and_then(|id| state.find_user(&Ref::Id(id))),
        row.key
            .as_ref()
            .and_then(|key| state.find_user(&Ref::key(key.as_str()))),
        row.number
            .and_then(|number| state.find_user(&Ref::Number(number))),
        |number: UserNumber| state.user(number).is_some_and(|user| user.key.is_some()),
        row.key.is_some(),
    );
    let command = match found {
        Err(reason) => return work.wrong(row.spot.fault("number", reason)),
        Ok(None) => Command::AddUser {
            id: UserId(row.id.unwrap_or_else(|| work.ambient.id())),
            number: row.number,
            key: row.key.clone(),
            profile: Box::new(row.profile(Profile::default())),
            status: row.status.unwrap_or_default(),
            facts: row.facts().on(&UserFacts::default()),
        },
        Ok(Some(number)) => {
            let Some(user) = state.user(number) else {
                return;
            };
            if row.number.is_some_and(|wanted| wanted != number.0) {
                let cause = format!("is {number} already, and cannot change");
                return work.wrong(row.spot.fault("number", cause));
            }
            Command::ChangeUser {
                user: user.id.into(),
                key: row.key.clone().map(Some),
                profile: Box::new(row.profile(user.profile.clone()).into()),
                status: row.status,
                facts: row.facts(),
            }
        }
    };
    work.run(row.spot, &command, |refusal| match refusal {
        Refusal::Taken { field: "key" } => "key",
        Refusal::Taken { field: "id" } => "id",
        Refusal::LastAdmin => "status",
        _ => "number",
    });
}
