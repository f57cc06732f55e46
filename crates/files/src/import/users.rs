//! `users.csv`

use attache_core::id::{Key, UserId};
use attache_core::model::{
    Email, ExternalId, FactsChange, Name, Profile, ProfileChange, Status, UserFacts,
};
use attache_core::{Command, Ref, Refusal, State};
use uuid::Uuid;

use super::describes::{Describes, Match};
use super::fault::{Fault, Spot};
use super::identify::{self, add, identify};
use super::row::{AS_IS, Address, EXTERNAL_AUTH_ID, Refused, Row};
use super::thing::What;
use super::undone::{self, Standing};
use super::work::{FromRow, Work};

/// A row of a user. The file lacks the columns of fields that are `None`.
pub(super) struct UserRow {
    spot: Spot,
    id: Option<Uuid>,
    key: Option<Key>,
    number: Option<u32>,
    first_name: Option<Option<Name>>,
    last_name: Option<Option<Name>>,
    email: Option<Option<Address>>,
    phone: Option<Option<Name>>,
    status: Option<Status>,
    email_verified: Option<bool>,
    first_login: Option<bool>,
    external_auth_id: Option<Option<ExternalId>>,
    /// Whether another user may have the same `external_auth_id`.
    shares_external_auth_id: bool,
    as_is: bool,
    refused: Refused,
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
        EXTERNAL_AUTH_ID,
        "id",
        AS_IS,
    ];

    fn read(row: &Row<'_>) -> Result<Self, Fault> {
        let mut refused = Refused::default();
        let email = row.email()?;
        let external_auth_id = row.external_auth_id(&mut refused)?;
        let read = Self {
            spot: row.spot,
            id: row.uuid("id")?,
            key: row.key(&mut refused)?,
            number: row.number()?,
            first_name: row.text("first_name", &mut refused)?,
            last_name: row.text("last_name", &mut refused)?,
            email: row.cell("email").map(|_| email),
            phone: row.text("phone", &mut refused)?,
            status: row.parsed("status", |cell| match cell.to_ascii_lowercase().as_str() {
                "active" => Ok(Status::Active),
                "inactive" => Ok(Status::Inactive),
                "invited" => Ok(Status::Invited),
                _ => Err("must be active, inactive or invited"),
            })?,
            email_verified: row.yes_or_no("email_verified")?,
            first_login: row.yes_or_no("first_login")?,
            external_auth_id: row.cell(EXTERNAL_AUTH_ID).map(|_| external_auth_id),
            shares_external_auth_id: row.is_as_is(EXTERNAL_AUTH_ID),
            as_is: row.has_as_is_text() || row.is_as_is(EXTERNAL_AUTH_ID),
            refused,
        };
        if read.key.is_none() && read.number.is_none() && read.id.is_none() {
            return Err(row.spot.fault("key", "is needed, or a number or an id"));
        }
        Ok(read)
    }

    fn check(&self, _: &dyn Fn(&str) -> bool, work: &mut Work<'_>) {
        let found = identify::check(self, work);
        self.address(found, work);
    }

    fn names(row: &Row<'_>) -> Vec<String> {
        super::named::names(row)
    }
}

impl Describes for UserRow {
    fn spot(&self) -> Spot {
        self.spot
    }

    fn what(&self) -> What<'_> {
        What::User
    }

    fn id(&self) -> Option<Uuid> {
        self.id
    }

    fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    fn number(&self) -> Option<u32> {
        self.number
    }

    fn name(&self) -> String {
        self.profile(None).on(&Profile::default()).full_name()
    }

    fn email(&self) -> Option<String> {
        let address = self.email.as_ref()?.as_ref()?;
        Some(address.email().to_string())
    }

    fn is_as_is(&self) -> bool {
        self.as_is
    }

    fn refused(&self) -> &Refused {
        &self.refused
    }

    fn stands(&self, column: &str, state: &State, id: Uuid) -> bool {
        let user = state.find_user(&Ref::Id(id)).and_then(|it| state.user(it));
        user.is_some_and(|user| {
            let profile = &user.profile;
            match column {
                "key" => user.key == self.key,
                "first_name" => self.first_name.as_ref() == Some(&profile.first_name),
                "last_name" => self.last_name.as_ref() == Some(&profile.last_name),
                "phone" => self.phone.as_ref() == Some(&profile.phone),
                EXTERNAL_AUTH_ID => {
                    self.external_auth_id.as_ref() == Some(&user.facts.external_auth_id)
                }
                _ => false,
            }
        })
    }
}

impl UserRow {
    fn profile(&self, email: Option<Option<Email>>) -> ProfileChange {
        ProfileChange {
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            email,
            phone: self.phone.clone(),
        }
    }

    fn facts(&self) -> FactsChange {
        FactsChange {
            email_verified: self.email_verified,
            first_login: self.first_login,
            external_auth_id: self.external_auth_id.clone(),
        }
    }

    /// Returns the id at the identity provider; `None` if the user has it already, in whichever spelling.
    fn new_external_auth_id(&self, state: &State, id: Uuid) -> Option<Option<ExternalId>> {
        let user = state.find_user(&Ref::Id(id)).and_then(|it| state.user(it));
        let now = user.and_then(|user| user.facts.external_auth_id.as_ref());
        let given = self.external_auth_id.as_ref()?;
        let is_so = given
            .as_ref()
            .zip(now)
            .is_some_and(|(given, now)| given.is(now));
        (!is_so).then(|| given.clone())
    }

    /// Returns the standing that the row gives an existing user.
    fn standing(&self, id: Uuid, work: &Work<'_>) -> Standing {
        let state = work.draft.state();
        let user = state.find_user(&Ref::Id(id));
        let user = user.and_then(|number| state.user(number));
        let old = user.and_then(|user| user.profile.email.as_ref());
        let gives_another = match (&self.email, old) {
            (None, _) | (Some(None), None) => false,
            (Some(Some(new)), Some(old)) => !old.is_same(new.email().as_str()),
            (Some(_), _) => true,
        };
        Standing {
            status: self.status,
            first_login: self.first_login,
            email_verified: self.email_verified.filter(|_| !gives_another),
        }
    }

    /// Returns the address of the row, if it is acceptable, or none. A user keeps an odd
    /// address that it already has.
    fn address(&self, found: Option<Match>, work: &mut Work<'_>) -> Option<Option<Email>> {
        let address = self.email.as_ref()?;
        if let (Some(Match::There(id)), Some(Address::Refused(email) | Address::Odd(email))) =
            (found, address)
        {
            let state = work.draft.state();
            let user = state.find_user(&Ref::Id(id)).and_then(|it| state.user(it));
            let own = user.and_then(|user| user.profile.email.as_ref());
            if own.is_some_and(|own| own.is_same(email.as_str())) {
                return None;
            }
        }
        if let Some(Address::Refused(email)) = address
            && !work.options.any_address
        {
            let cause = format!(
                "must be an e-mail address, and {email} is none by RFC 5321; --any-address takes it"
            );
            work.wrong(self.spot.fault("email", cause));
        } else if let Some(Address::Refused(email) | Address::Odd(email)) = address {
            let cause = format!("{email} is no e-mail address by RFC 5321, and is taken as it is");
            work.warnings.push(self.spot.fault("email", cause));
        }
        Some(address.as_ref().map(|address| address.email().clone()))
    }
}

pub(super) fn plan(rows: &[UserRow], work: &mut Work<'_>) {
    work.reserve(rows);
    for row in rows {
        one(row, work);
        work.step(row.spot);
    }
}

/// Reports a fault if another row gives the row's `external_auth_id` to another user.
fn is_given_twice(row: &UserRow, id: Uuid, work: &mut Work<'_>) -> bool {
    let Some(Some(external)) = &row.external_auth_id else {
        return false;
    };
    if row.shares_external_auth_id {
        return false;
    }
    let Some(cause) = given_before(external, id, work) else {
        return false;
    };
    work.fails(row, row.spot.fault(EXTERNAL_AUTH_ID, cause));
    true
}

/// Returns the earlier row that gives an id at the identity provider to another user.
fn given_before(external: &ExternalId, own: Uuid, work: &Work<'_>) -> Option<String> {
    let state = work.draft.state();
    let holders = state.users_by_external_id(external);
    let mut holders = holders.filter_map(|number| Some(state.user(number)?.id.0));
    let other = holders.find(|holder| *holder != own)?;
    let user = What::User
        .find(state, &Ref::Id(other))?
        .described(What::User);
    let line = work.line_of(other)?;
    Some(format!("is repeated: line {line} gives it to {user} too"))
}

fn one(row: &UserRow, work: &mut Work<'_>) {
    let found = identify(row, work);
    let email = row.address(found, work);
    let profile = row.profile(email);
    match found {
        None => {}
        Some(Match::New(number)) => {
            let id = row.id.unwrap_or_else(|| work.new_id(row, number));
            if is_given_twice(row, id, work) {
                return;
            }
            let command = |number| Command::AddUser {
                id: UserId(id),
                number,
                key: row.key.clone(),
                profile: Box::new(profile.on(&Profile::default())),
                status: row.status.unwrap_or_default(),
                facts: row.facts().on(&UserFacts::default()),
            };
            add(row, id, number, work, command, column);
            if let Some(key) = &row.key {
                work.comebacks.note_user(row.spot, key.as_str());
            }
        }
        Some(Match::There(id)) => {
            if is_given_twice(row, id, work) {
                return;
            }
            let (status, first_login) = undone::warn(row.standing(id, work), row.spot, id, work);
            let state = work.draft.state();
            let command = Command::ChangeUser {
                user: UserId(id).into(),
                key: What::User.new_key(state, id, row.key.as_ref()).map(Some),
                profile: Box::new(profile),
                status,
                facts: FactsChange {
                    first_login,
                    external_auth_id: row.new_external_auth_id(state, id),
                    ..row.facts()
                },
            };
            work.change(row, &command, column);
        }
    }
}

fn column(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Taken { field: "key" } => "key",
        Refusal::Taken { field: "id" } => "id",
        Refusal::Taken {
            field: EXTERNAL_AUTH_ID,
        } => EXTERNAL_AUTH_ID,
        Refusal::LastAdmin => "status",
        Refusal::Invalid { field, .. } => match &**field {
            "key" => "key",
            "external_auth_id" => EXTERNAL_AUTH_ID,
            "first_name" => "first_name",
            "last_name" => "last_name",
            "email" => "email",
            "phone" => "phone",
            _ => "number",
        },
        _ => "number",
    }
}
