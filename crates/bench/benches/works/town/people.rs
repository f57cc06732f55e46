//! Who the users are.

use attache_core::model::{Email, Name, Profile, UserFacts};
use uuid::Uuid;

use crate::works::Failure;

const FIRST: [&str; 12] = [
    "Ada", "Ben", "Chiara", "Elif", "Freya", "Hana", "Jun", "Liam", "Noor", "Søren", "Tariq", "Zoë",
];
const LAST: [&str; 12] = [
    "Abe", "Byrne", "Dubois", "Eriksen", "García", "Holm", "Jansen", "Novák", "Okafor", "Rossi",
    "Tanaka", "Wójcik",
];

/// Who the user of a number is.
pub(super) fn profile(number: u32) -> Result<Profile, Failure> {
    let nth = number as usize;
    let first = FIRST[nth % FIRST.len()];
    let last = LAST[nth / FIRST.len() % LAST.len()];
    Ok(Profile {
        first_name: Some(Name::new(first)?),
        // So that two are seldom called alike, as among real ones.
        last_name: Some(Name::new(&format!("{last}-{}", nth / 144))?),
        email: Some(Email::from(email(number))),
        phone: Some(Name::new(&format!("+49 30 {number:07}"))?),
    })
}

pub(super) fn facts(number: u32) -> UserFacts {
    UserFacts {
        email_verified: true,
        first_login: number.is_multiple_of(7),
        external_auth_id: Some(Uuid::from_u128(u128::from(number) << 64 | 0x8000).into()),
    }
}

pub(super) fn email(number: u32) -> String {
    format!("user-{number:07}@people.example")
}

/// What another system calls the user of a number.
pub(super) fn key(number: u32) -> String {
    format!("user-{number:07}")
}
