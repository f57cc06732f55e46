//! Who is attached to what, with which roles.

use attache_core::ask::{Attached, Field, Filter, MemberQuery, Sort, Standing, Value};
use attache_core::collation::Folded;
use attache_core::id::{ResourceId, UserId};
use attache_core::model::Status;
use attache_core::time::Expiry;
use attache_core::{Actor, State, Timestamp};

use super::random::Random;
use super::universe::{instant, user};
use super::{Questions, same};
use crate::naive::{self, Stands, Tenant};

pub(super) const FIELDS: [Field; 17] = [
    Field::Id,
    Field::Number,
    Field::FirstName,
    Field::LastName,
    Field::FullName,
    Field::Email,
    Field::Phone,
    Field::EmailVerified,
    Field::FirstLogin,
    Field::ExternalAuthId,
    Field::Status,
    Field::CreatedAt,
    Field::CreatedBy,
    Field::UpdatedAt,
    Field::UpdatedBy,
    Field::Added,
    Field::FirstRole,
];

type Row = (UserId, Timestamp, Expiry, Option<Actor>);

fn core_row(state: &State, member: &Attached<'_>) -> Row {
    let (it, by) = (member.membership, member.added_by(state));
    (member.user().id, it.added_at(), it.expires_at(), by)
}

pub(crate) fn compare(
    state: &State,
    model: &Tenant,
    at: Timestamp,
    questions: &mut Questions,
) -> Result<(), String> {
    let view = state.view(at);
    for (node, found) in state.resources() {
        let on = found.resource.id;
        let members = model.members(on, at);
        let rows = |rows: Vec<naive::Member<'_>>| {
            let rows = rows.into_iter();
            rows.map(|(user, added, end, by)| (user.id, added, Expiry::from(end), Some(by)))
                .collect::<Vec<_>>()
        };
        let members = rows(members);
        let core: Vec<Row> = view.members(node).map(|it| core_row(state, &it)).collect();
        same!(questions, core, members, "the members of {on}");
        for user in &model.users {
            let (id, number) = (user.id, user.number);
            let member = members.iter().find(|row| row.0 == id).copied();
            same!(
                questions,
                view.member(node, number).map(|it| core_row(state, &it)),
                member,
                "the member {id} of {on}"
            );
            same!(
                questions,
                view.is_member(node, number),
                member.is_some(),
                "whether {id} is a member of {on}"
            );
            let roles = view.roles_on(node, number);
            let roles: Vec<&str> = roles.iter().map(|role| role.name.as_str()).collect();
            same!(
                questions,
                roles,
                model.roles_on(on, id, at),
                "the roles of {id} on {on}"
            );
        }
    }
    for user in &model.users {
        let (id, number) = (user.id, user.number);
        same!(
            questions,
            view.branch(state.root())
                .zip(state.user_node(number))
                .is_some_and(|(root, user)| root.is_admin(user)),
            model.is_admin(id, at),
            "whether {id} is an admin"
        );
        let core = match view.standing(number) {
            Standing::Tenant => Stands::Tenant,
            Standing::Customer => Stands::Customer,
            Standing::Reseller(nodes) => {
                let ids = nodes.iter().filter_map(|node| state.resource(*node));
                Stands::Resellers(ids.map(|it| it.id).collect::<Vec<ResourceId>>())
            }
        };
        same!(questions, core, model.standing(id, at), "where {id} stands");
    }
    Ok(())
}

/// Ask for every list in every order, so that those that are kept are kept from
/// here on.
pub(crate) fn every_order(state: &State) {
    for (node, _) in state.resources() {
        for by in FIELDS {
            for descending in [false, true] {
                let query = MemberQuery {
                    sort: Sort { by, descending },
                    ..MemberQuery::all(by)
                };
                let _ = state.view(instant(0)).list(node, &query);
                let query = query.only(Filter::Text(Folded::new("a")));
                let _ = state.view(instant(0)).list(node, &query);
            }
        }
    }
}

/// A value that a field may well have.
pub(super) fn value(field: Field, random: &mut Random) -> Value {
    let of = |texts: &[&str], random: &mut Random| match random.of(texts) {
        Some(&"") | None => Value::Nothing,
        Some(text) => Value::text(text),
    };
    let name = |texts: &[&str], random: &mut Random| match random.of(texts) {
        Some(&"") | None => Value::Nothing,
        Some(text) => Value::name(text),
    };
    match field {
        Field::Id | Field::CreatedBy | Field::UpdatedBy => Value::Id(user(1 + random.below(5)).0),
        Field::Number => Value::Number(1 + random.below(6) as u32),
        Field::FirstName => name(&["ADA", "bo", "Emile", "i\u{307}pek", ""], random),
        Field::LastName => name(&["BYRON", "ÅNGSTRÖM", "Angstrom", "strasse", ""], random),
        Field::FullName => name(&["ada byron", "Ada ", " ångström", "bo", "Emil"], random),
        Field::Email => of(&["ADA@mill.example", ""], random),
        Field::Phone => of(&["+49 1", ""], random),
        Field::EmailVerified | Field::FirstLogin => Value::Bool(random.percent(50)),
        Field::ExternalAuthId => match random.percent(50) {
            true => Value::Nothing,
            false => Value::Id(uuid::Uuid::from_u128(5)),
        },
        Field::Status => {
            Value::Status([Status::Active, Status::Inactive, Status::Invited][random.below(3)])
        }
        Field::CreatedAt | Field::UpdatedAt | Field::Added => {
            Value::Time(instant(random.below(4) as i64))
        }
        Field::FirstRole => of(&["Admin", "owner", "inboxuser", ""], random),
    }
}
