//! Summarises an explanation in a few sentences.

use super::{Attempt, Code, ExplanationView, Kind, Named, Worth};

/// Returns the sentences that a person needs first.
pub(super) fn of(shown: &ExplanationView) -> String {
    let who = shown.subject.as_ref().map(called).unwrap_or_default();
    let what = &shown.permission;
    let place = shown.resource.as_ref().map(place).unwrap_or_default();
    let first = match shown.code {
        Code::Allowed => match nearest(shown, Worth::Allows) {
            Some(through) => format!("{who} may {what} on {place}: {through}."),
            None => format!("{who} may {what} on {place}."),
        },
        Code::UnknownSubject => return "There is no such subject.".to_owned(),
        Code::UnknownResource => return "There is no such resource.".to_owned(),
        // These come before the message of a denial.
        Code::UnknownAction | Code::UnknownType | Code::UnknownParameter => String::new(),
        Code::Inactive => {
            return format!("{who} is inactive, and so has no access, whatever it was granted.");
        }
        Code::Invited => {
            return format!("{who} is invited and has not accepted, and so has no access yet.");
        }
        Code::Expired => match nearest(shown, Worth::DoesNotCount) {
            Some(through) => format!("What gave {who} {what} no longer counts: {through}."),
            None => format!("What gave {who} {what} no longer counts."),
        },
        Code::OtherParameters => match nearest(shown, Worth::AnotherPart) {
            Some(through) => format!("{who} holds {what} for another part only: {through}."),
            None => format!("{who} holds {what} for another part only."),
        },
        Code::Lacks | Code::HoldsNothing => lacking(shown, &who, &place),
    };
    let mut sentences = vec![first];
    if !shown.decision {
        sentences.extend(remedy(shown));
        sentences.extend(helpers(shown));
    }
    sentences.join(" ")
}

fn called(thing: &Named) -> String {
    match &thing.name {
        Some(name) => name.clone(),
        None => format!("the {} {}", thing.kind, thing.short),
    }
}

fn place(resource: &Named) -> String {
    match resource.short.as_str() {
        "tenant" => "the tenant".to_owned(),
        short => format!("{}:{short}", resource.kind),
    }
}

/// Describes the membership or grant of this worth that is closest to the resource.
fn nearest(shown: &ExplanationView, worth: Worth) -> Option<String> {
    shown.steps.iter().find_map(|step| {
        let found = step.tried.iter().find(|it| it.verdict == worth)?;
        Some(through(found, &place(&step.resource)))
    })
}

fn through(attempt: &Attempt, place: &str) -> String {
    let end = attempt.expires_at.map(|end| match attempt.verdict {
        Worth::DoesNotCount => format!(", until {end}"),
        _ => format!(" until {end}"),
    });
    let end = end.unwrap_or_default();
    match (attempt.kind, &attempt.role) {
        (Kind::Membership, _) | (Kind::Grant, None) => format!("attached to {place}{end}"),
        (Kind::Grant, Some(role)) => {
            let parameters = attempt.parameters.iter();
            let parameters: Vec<String> = parameters
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let parameters = match parameters.is_empty() {
                true => String::new(),
                false => format!(" ({})", parameters.join(", ")),
            };
            let group = attempt.group.as_ref();
            let group = group.map(|group| format!(" through the group {}", called_group(group)));
            let group = group.unwrap_or_default();
            format!("role {role}{parameters} on {place}{group}{end}")
        }
    }
}

fn called_group(group: &Named) -> String {
    group.name.clone().unwrap_or_else(|| group.short.clone())
}

/// Describes what the subject has on the resource, and what is missing.
fn lacking(shown: &ExplanationView, who: &str, place: &str) -> String {
    let what = &shown.permission;
    let here = shown.steps.first().map(|step| step.tried.as_slice());
    let here = here.unwrap_or_default();
    let is_attached = here.iter().any(|it| it.kind == Kind::Membership);
    let roles = |tried: &[Attempt]| -> Vec<String> {
        let mut roles: Vec<String> = tried.iter().filter_map(|it| it.role.clone()).collect();
        roles.dedup();
        roles
    };
    let above: Vec<String> = shown
        .steps
        .iter()
        .skip(1)
        .flat_map(|step| {
            let place = self::place(&step.resource);
            let roles = roles(&step.tried).into_iter();
            roles.map(move |role| format!("{role} on {place}"))
        })
        .collect();
    let attached = if is_attached {
        "is attached to"
    } else {
        "is not attached to"
    };
    match (roles(here).as_slice(), above.as_slice()) {
        ([], []) => {
            format!("{who} {attached} {place}, and holds no role there or above: it lacks {what}.")
        }
        ([], above) => format!(
            "{who} {attached} {place}, and holds {}, which lacks {what}.",
            and(above)
        ),
        (roles, []) => format!(
            "{who} {attached} {place} in the role {}, which lacks {what}.",
            and(roles)
        ),
        (roles, above) => format!(
            "{who} {attached} {place} in the role {}, and holds {}: none of them has {what}.",
            and(roles),
            and(above)
        ),
    }
}

/// Describes which roles would allow the action, on the resource or else above.
fn remedy(shown: &ExplanationView) -> Option<String> {
    let step = shown.steps.iter().find(|step| !step.roles.is_empty())?;
    let place = place(&step.resource);
    Some(match step.roles.as_slice() {
        [role] => format!("The role {role} on {place} gives it."),
        roles if step.more_roles > 0 => format!(
            "The roles {} and {} more on {place} give it.",
            roles.join(", "),
            step.more_roles
        ),
        roles => format!("The roles {} on {place} give it.", and(roles)),
    })
}

/// Describes who could grant such a role.
fn helpers(shown: &ExplanationView) -> Option<String> {
    let granting = shown.may_grant.as_ref()?;
    let has_roles = shown
        .steps
        .first()
        .is_some_and(|step| !step.roles.is_empty());
    if !has_roles {
        return None;
    }
    let first = granting.subjects.first().map(called);
    Some(match (first, granting.total) {
        (None, _) => "Nobody may grant that but the operator.".to_owned(),
        (Some(first), 1) => format!("{first} may grant that."),
        (Some(first), 2) => format!("{first} and 1 other may grant that."),
        (Some(first), total) => format!("{first} and {} others may grant that.", total - 1),
    })
}

/// `a`, `a and b`, `a, b and c`
fn and(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::and;

    #[test]
    fn words_are_listed_with_an_and() {
        let words =
            |words: &[&str]| and(&words.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
        assert_eq!(words(&[]), "");
        assert_eq!(words(&["a"]), "a");
        assert_eq!(words(&["a", "b", "c"]), "a, b and c");
    }
}
