//! Why, and why not.

use attache_core::ask::{Access, Denial, Verdict};
use attache_core::model::{Parameters, Subject};

use crate::house::{CY, House, at, attach, grant, may, place, to_user};

const CHANGE: &str = "customers.change";

#[test]
fn an_explanation_names_each_step_the_roles_that_would_help_and_who_may_grant_them() {
    let mut house = House::new();
    let customer = place("customer", 2);
    house.does(attach(customer.clone(), CY, None));
    house.does(grant(customer.clone(), to_user(CY), "viewer"));
    let (node, none) = (house.node(&customer), Parameters::none());
    let cy = Subject::User(CY.into());
    let said = house
        .state
        .view(at(1))
        .explain(cy, &may(CHANGE), node, &none);
    assert!(matches!(said.access, Access::Denied(Denial::Lacks)));
    let verdicts = said.steps.first().map(|step| step.tried.iter());
    let verdicts: Vec<Verdict> = verdicts
        .into_iter()
        .flatten()
        .map(|it| it.verdict)
        .collect();
    assert_eq!(
        verdicts,
        [Verdict::Lacks, Verdict::Lacks],
        "attached, and a viewer"
    );
    let last = said.steps.last().map(|step| step.on);
    assert_eq!(last, Some(house.state.root()));

    let roles = said.steps.first().map(|step| step.roles.clone());
    let roles = roles.unwrap_or_default();
    let names: Vec<&str> = roles.iter().map(|role| role.name.as_str()).collect();
    assert_eq!(names, ["owner"]);
    let who = house.state.view(at(1)).who_may_grant(&roles, node, &none);
    assert_eq!(who, [Subject::User(1.into())], "the admin alone");

    house.does(grant(customer, to_user(CY), "owner"));
    let said = house
        .state
        .view(at(1))
        .explain(cy, &may(CHANGE), node, &none);
    assert!(said.access.is_allowed());
    let tried = said.steps.iter().flat_map(|step| &step.tried);
    assert!(tried.map(|it| it.verdict).any(|it| it == Verdict::Allows));
}
