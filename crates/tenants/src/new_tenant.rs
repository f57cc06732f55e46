//! The first commands of a new tenant, and checks of its slug and domains.

use attache_core::Command;
use attache_core::Locator;
use attache_core::catalogue::{ADMIN_ROLE, Catalogue, Problem};
use attache_core::command::{GrantRef, SubjectRef};
use attache_core::id::{ResourceId, UserId};
use attache_core::model::{Name, Parameters, Profile, Status, UserFacts, check_identifier};

use attache_ambient::Ambient;
use uuid::Uuid;

/// Returns the command that begins a tenant with the starting catalogue.
///
/// # Errors
/// If the starting catalogue is invalid. A test prevents that, since it is part of the
/// program.
pub fn beginning(ambient: &Ambient, name: Name) -> Result<Command, Vec<Problem>> {
    Ok(Command::CreateTenant {
        root: ResourceId(ambient.id()),
        name,
        catalogue: Box::new(Catalogue::starting()?),
    })
}

/// Returns the commands that add the first admin. Its e-mail address counts as verified,
/// since the operator names it.
#[must_use]
pub fn first_admin(ambient: &Ambient, profile: Profile) -> [Command; 2] {
    let id = UserId(ambient.id());
    let facts = UserFacts {
        email_verified: profile.email.is_some(),
        ..UserFacts::default()
    };
    [
        Command::AddUser {
            id,
            number: None,
            key: None,
            profile: Box::new(profile),
            status: Status::Active,
            facts,
        },
        Command::Grant {
            grant: GrantRef {
                resource: Locator::root(),
                subject: SubjectRef::User(id.into()),
                role: ADMIN_ROLE.into(),
                parameters: Parameters::none(),
            },
            expires_at: None,
        },
    ]
}

/// Checks that a text can be a tenant's slug.
///
/// # Errors
/// The fault, as the end of a sentence that starts with the text.
pub fn check_slug(text: &str) -> Result<(), &'static str> {
    let is_word = text
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let fits = (1..=63).contains(&text.len()) && !text.starts_with('-') && !text.ends_with('-');
    match is_word && fits {
        // A tenant is named by its slug or its id, so a slug must not look like an id.
        true if Uuid::parse_str(text).is_ok() => Err("must not be a UUID"),
        true => Ok(()),
        false => Err("must have 1 to 63 of a-z, 0-9 and -, and no - at either end"),
    }
}

const DOMAIN: &str = "must be a web domain, such as acme.example";

/// Returns a web domain in ASCII (IDNA), as requests name it.
///
/// # Errors
/// The fault, as the end of a sentence that starts with the text.
pub fn check_domain(text: &str) -> Result<String, &'static str> {
    // IDNA removes invisible characters, which would change the domain silently.
    check_identifier(text).map_err(|_| DOMAIN)?;
    let text = text.strip_suffix('.').unwrap_or(text);
    let domain = idna::domain_to_ascii(text).map_err(|_| DOMAIN)?;
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    match domain.len() <= 253 && domain.split('.').all(is_label) {
        true => Ok(domain),
        false => Err(DOMAIN),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_cannot_be_taken_for_an_id() {
        for slug in ["acme", "a", "7", "acme-eu"] {
            assert_eq!(check_slug(slug), Ok(()), "{slug}");
        }
        for slug in [
            "",
            "-a",
            "Acme",
            "a b",
            "0195e000-0000-7000-8000-001000000001",
            "0195e000000070008000001000000001",
        ] {
            assert!(check_slug(slug).is_err(), "{slug}");
        }
    }

    #[test]
    fn a_domain_is_kept_as_requests_name_it() {
        for (domain, kept) in [
            ("Acme.example.", "acme.example"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(check_domain(domain).as_deref(), Ok(kept));
        }
        for domain in [
            "",
            "a b",
            "a_b.example",
            "a..example",
            "acme.example:80",
            "acme.example..",
            " acme.example",
            "x\u{200b}.example",
            "x\u{ad}.example",
            "\u{feff}x.example",
            "x.example\u{2060}",
            "x\u{fe0f}.example",
            "x.\u{3164}.example",
            "xn--\u{fffd}",
        ] {
            assert!(check_domain(domain).is_err(), "{domain}");
        }
    }
}
