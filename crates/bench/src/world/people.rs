//! Who the users are.

use attache_core::model::{Email, Name, Profile, UserFacts};
use uuid::Uuid;

const FIRST: [&str; 24] = [
    "Ada",
    "Ben",
    "Chiara",
    "Dmitri",
    "Elif",
    "Freya",
    "Goran",
    "Hana",
    "Ines",
    "Jun",
    "Katarzyna",
    "Liam",
    "Mei",
    "Noor",
    "Owen",
    "Priya",
    "Quentin",
    "Rosa",
    "Søren",
    "Tariq",
    "Uma",
    "Viktor",
    "Wanjiru",
    "Zoë",
];
const LAST: [&str; 24] = [
    "Abe",
    "Byrne",
    "Castillo",
    "Dubois",
    "Eriksen",
    "Fischer",
    "García",
    "Holm",
    "Ivanov",
    "Jansen",
    "Kowalska",
    "Lindqvist",
    "Moreau",
    "Novák",
    "Okafor",
    "Papadakis",
    "Quinn",
    "Rossi",
    "Schneider",
    "Tanaka",
    "Ueda",
    "Varga",
    "Wójcik",
    "Yılmaz",
];

/// The name of a user, from its number.
fn words(number: u32) -> (&'static str, String) {
    let number = number as usize;
    let first = FIRST[number % FIRST.len()];
    let last = LAST[number / FIRST.len() % LAST.len()];
    // So that two are seldom called alike, as among real ones.
    (first, format!("{last}-{}", number / 576 % 1000))
}

/// Who the user of a number is.
pub(super) fn profile(number: u32) -> Result<Profile, &'static str> {
    let (first, last) = words(number);
    Ok(Profile {
        first_name: Some(Name::new(first)?),
        last_name: Some(Name::new(&last)?),
        email: Some(Email::from(format!("user-{number:07}@people.example"))),
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

/// What another system calls the user of a number.
pub(crate) fn key(number: u32) -> String {
    format!("user-{number:07}")
}
