//! Filters: every key a query parameter of its own.

use super::{ask, numbers};
use attache_testkit::world::acme::{
    self, ADA, BEN, CLEO, DORA, EVE, FINN, IRIS, KAI, LI, NAMELESS,
};
use attache_testkit::world::wishes::attach;
use attache_testkit::world::{World, ids, person};

/// Everybody at the mill, in the order of the list.
const ALL: [u32; 10] = [ADA, DORA, LI, BEN, CLEO, NAMELESS, EVE, FINN, IRIS, KAI];

#[tokio::test]
async fn without_a_query_everybody_is_listed() {
    let world = World::new().await;
    assert_eq!(numbers(&world, "").await, ALL);
}

#[tokio::test]
async fn any_scalar_field_of_a_record_filters_by_exact_match() {
    let world = World::new().await;
    let ben = format!("id={}", ids::user(BEN));
    let ada = format!("id={}", ids::user(ADA));
    let by_ada = format!("created_by={}", ids::user(ADA));
    let changed_by_ada = format!("updated_by={}", ids::user(ADA));
    let by_service = format!("created_by={}", ids::service(acme::DEPUTY));
    let cases: [(&str, &[u32]); 18] = [
        (&ben, &[BEN]),
        (&ada, &[ADA]),
        ("first_name=Ben", &[BEN]),
        ("first_name=Be", &[]),
        ("last_name=Adeyemi", &[CLEO, KAI]),
        ("email=ben%40mill.example", &[BEN]),
        ("mobile=%2B44+20+7946+0000", &[BEN]),
        ("is_email_verified=true", &[BEN]),
        (
            "is_first_login=true",
            &[ADA, DORA, LI, CLEO, NAMELESS, EVE, FINN, IRIS, KAI],
        ),
        ("created_at=2026-03-03T09:30:02.000Z", &[DORA]),
        ("created_at=2026-03-03T10:30:02%2B01:00", &[DORA]),
        ("updated_at=2026-03-03T09:30:05.000Z", &[EVE]),
        (&by_ada, &[DORA]),
        (&changed_by_ada, &[DORA, EVE]),
        (&by_service, &[LI]),
        (
            "ext_auth_ref_id=ec46bd5b-0fae-47e1-8e4e-d37a5ac87e7e",
            &[BEN],
        ),
        ("status=INVITED", &[DORA]),
        ("status=INACTIVE", &[CLEO]),
    ];
    for (query, expected) in cases {
        assert_eq!(numbers(&world, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn every_scalar_of_a_record_finds_that_record() {
    let world = World::new().await;
    let records = ask(&world, "").await.at("/data/records");
    for record in records.as_array().unwrap() {
        for (field, value) in record.as_object().unwrap() {
            let text = match value {
                serde_json::Value::String(text) => text.clone(),
                serde_json::Value::Bool(yes) => yes.to_string(),
                serde_json::Value::Null => String::new(),
                // The one object: it filters by its code.
                subrole => subrole["code"].as_str().unwrap().to_owned(),
            };
            let query: String = form_urlencoded::Serializer::new(String::new())
                .append_pair(field, &text)
                .finish();
            let found = ask(&world, &query).await;
            let ids = found.each("/data/records", "id");
            assert!(ids.contains(&record["id"]), "{query}: {}", found.body);
        }
    }
}

#[tokio::test]
async fn subrole_filters_by_its_code() {
    let world = World::new().await;
    for (code, expected) in [
        ("owner", &[BEN][..]),
        ("cro", &[IRIS]),
        // Iris holds it too, and another stands before it.
        ("viewer", &[LI, CLEO]),
        ("nothing", &[]),
    ] {
        let query = format!("subrole={code}");
        assert_eq!(numbers(&world, &query).await, expected, "{code}");
    }
}

#[tokio::test]
async fn several_filters_must_all_hold() {
    let world = World::new().await;
    let query = "last_name=Adeyemi&status=ACTIVE";
    assert_eq!(numbers(&world, query).await, [KAI]);
    let query = "last_name=Adeyemi&status=ACTIVE&first_name=Cleo";
    assert!(numbers(&world, query).await.is_empty());
}

#[tokio::test]
async fn text_is_compared_without_case() {
    let world = World::new().await;
    for (query, expected) in [
        ("email=dora%40mill.EXAMPLE", DORA),
        ("first_name=bEN", BEN),
        // Not only in ASCII.
        ("last_name=%C3%A5NGSTR%C3%96M", EVE),
        ("subrole=OWNER", BEN),
        ("status=invited", DORA),
    ] {
        assert_eq!(numbers(&world, query).await, [expected], "{query}");
    }
}

#[tokio::test]
async fn names_are_compared_without_accents_and_addresses_with_them() {
    let world = World::new().await;
    let people = [
        person(71)
            .called("Émile", "Straße")
            .email("émile@mill.example")
            .phone("+４９ 1"),
        person(72)
            .called("EMILE", "Strasse")
            .email("emile@mill.example"),
        person(73).called("İpek", "Øster"),
    ];
    let mut commands: Vec<_> = people.into_iter().map(|person| person.add()).collect();
    commands.extend([71, 72, 73].map(|user| attach(acme::MILL, user)));
    world.operate(&commands).await;
    for (query, expected) in [
        ("first_name=emile", &[71, 72][..]),
        ("first_name=E%CC%81mile", &[71, 72]),
        ("last_name=STRASSE", &[71, 72]),
        ("filter[last_name]=stra%C3%9Fe", &[71, 72]),
        ("first_name=ipek&last_name=oster", &[73]),
        ("first_name=emil", &[]),
        ("mobile=%2B49+1", &[71]),
        ("email=EMILE%40mill.example", &[72]),
    ] {
        assert_eq!(numbers(&world, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn filter_and_search_filter_in_brackets_are_the_same_as_the_field() {
    let world = World::new().await;
    for query in [
        "first_name=Ben",
        "filter[first_name]=Ben",
        "search_filter[first_name]=Ben",
        "search_filter%5Bfirst_name%5D=Ben",
        "filter%5Bfirst_name%5D=Ben",
    ] {
        assert_eq!(numbers(&world, query).await, [BEN], "{query}");
    }
    let mixed = "search_filter[last_name]=Adeyemi&filter[status]=ACTIVE";
    assert_eq!(numbers(&world, mixed).await, [KAI]);
}

#[tokio::test]
async fn nothing_finds_who_has_nothing_there() {
    let world = World::new().await;
    assert_eq!(numbers(&world, "last_name=&first_name=").await, [NAMELESS]);
    let nobody_but_ben = [ADA, DORA, LI, CLEO, NAMELESS, EVE, FINN, IRIS, KAI];
    assert_eq!(numbers(&world, "mobile=").await, nobody_but_ben);
}

#[tokio::test]
async fn other_scripts_are_found() {
    let world = World::new().await;
    assert_eq!(numbers(&world, "first_name=%E6%9D%8E").await, [LI]);
}

#[tokio::test]
async fn totals_are_those_of_what_matches() {
    let world = World::new().await;
    let answer = ask(&world, "last_name=Adeyemi&items_per_page=1").await;
    assert_eq!(answer.at("/data/total_items"), "2");
    assert_eq!(answer.at("/data/total_pages"), 2);
}
