//! The PostgreSQL that the other tests stand on does what they expect of it.

use attache_own_postgres::Postgres;

#[test]
fn what_was_committed_survives_a_restart_and_a_crash() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let name = postgres.fresh_name();
    postgres.sql(&name, "CREATE TABLE written (number int)");
    postgres.sql(&name, "INSERT INTO written VALUES (1)");
    postgres.restart();
    postgres.sql(&name, "INSERT INTO written VALUES (2)");
    postgres.kill();
    postgres.start_again();
    let numbers = postgres.sql(&name, "SELECT number FROM written ORDER BY number");
    assert_eq!(numbers, "1\n2");
    assert_ne!(postgres.fresh_name(), name);
}

#[test]
fn a_standby_has_what_was_committed_and_takes_over() {
    let Some(first) = Postgres::start() else {
        return;
    };
    let second = first.standby();
    for round in 0..2 {
        let (primary, standby) = match round % 2 {
            0 => (&first, &second),
            _ => (&second, &first),
        };
        let table = format!("CREATE TABLE round_{round} (number int)");
        primary.sql("postgres", &table);
        primary.kill();
        standby.promote();
        let count = format!("SELECT count(*) FROM round_{round}");
        assert_eq!(standby.sql("postgres", &count), "0");
        primary.follow(standby);
    }
}

#[test]
fn nothing_is_left_of_it_when_it_is_dropped() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let folder = postgres.socket_folder().to_owned();
    assert!(postgres.socket().exists());
    drop(postgres);
    assert!(!folder.exists());
}
