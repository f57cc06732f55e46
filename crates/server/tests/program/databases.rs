//! The program over PostgreSQL: configured, migrated, copied to and from.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command_line::begun;
use crate::process;
use attache_own_postgres::Postgres;

/// A configuration file in a folder of its own.
struct Configured {
    folder: tempfile::TempDir,
}

impl Configured {
    fn with(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("attache.toml"), text).unwrap();
        Self { folder }
    }

    fn database(url: &str) -> Self {
        Self::with(&format!("database = {url:?}"))
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("attache.toml")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_attache"));
        command.env_clear().current_dir(self.folder.path());
        command.arg("--config").arg(self.file()).args(arguments);
        command
    }

    /// What a command says that goes well.
    fn run(&self, arguments: &[&str]) -> String {
        let (well, said, error) = self.tried(arguments);
        assert!(well, "{arguments:?}: {error}");
        said
    }

    /// What is said of a command that does not.
    fn fails(&self, arguments: &[&str]) -> String {
        let (well, said, error) = self.tried(arguments);
        assert!(!well, "{arguments:?}: {said}");
        said + &error
    }

    fn tried(&self, arguments: &[&str]) -> (bool, String, String) {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (said, error) = (text(output.stdout), text(output.stderr));
        (output.status.success(), said.trim().to_owned(), error)
    }

    fn init(&self) {
        let email = "ada@lantern.example";
        self.run(&["init", "--tenant", "lantern", "--admin-email", email]);
    }
}

fn sqlite(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("attache.db").display())
}

fn rename(data: &Path, name: &str) {
    let arguments = ["tenant", "change", "lantern", "--domain", name];
    process::run(data, &arguments);
}

/// A write that makes an entry.
fn add_a_service(data: &Path, service: &str) {
    process::run(data, &["service", "add", service]);
}

#[test]
fn commands_work_on_the_database_that_is_configured() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let there = Configured::database(&postgres.fresh_database());
    there.init();
    let members = there.run(&["members", "tenant"]);
    assert!(members.contains("ada@lantern.example"), "{members}");
    // Nothing of it is in a folder.
    let inside = std::fs::read_dir(there.folder.path()).unwrap().count();
    assert_eq!(inside, 1);
    let error = there.fails(&["members", "tenant", "--data", "elsewhere"]);
    assert!(error.contains("leave one of them out"), "{error}");
}

#[test]
fn an_import_replaces_and_tells_what_comes_back() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let there = Configured::database(&postgres.fresh_database());
    there.init();
    let files = |name: &str, files: &[(&str, &str)]| {
        let folder = crate::import::folder(there.folder.path(), name, files);
        folder.to_str().unwrap().to_owned()
    };
    let all = files(
        "all",
        &[
            ("resources.csv", "kind,key,name\ncustomer,c3,Three\n"),
            ("users.csv", "key,first_name\nu17,Ana\nu18,Bo\n"),
            (
                "memberships.csv",
                "resource,user\ncustomer:c3,u17\ncustomer:c3,u18\n",
            ),
            (
                "grants.csv",
                "subject,role,resource\nuser:u17,owner,customer:c3\n",
            ),
        ],
    );
    there.run(&["import", &all]);
    there.run(&["detach", "u18", "customer:c3"]);
    let said = there.run(&["import", &all, "--dry-run"]);
    assert!(
        said.contains("user u18 Bo was detached from customer:c3 at ")
            && said.contains("by the operator, and comes back"),
        "{said}"
    );
    let demoted = files(
        "demoted",
        &[(
            "grants.csv",
            "subject,role,resource\nuser:u17,viewer,customer:c3\n",
        )],
    );
    let said = there.run(&["import", &demoted, "--replace", "grants"]);
    assert!(
        said.starts_with("user u17 Ana: role owner → viewer on customer:c3\n"),
        "{said}"
    );
}

#[test]
fn import_finds_numbers_and_addresses_of_others_over_postgres_too() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let there = Configured::database(&postgres.fresh_database());
    there.init();
    let files = |name: &str, users: &str| {
        let files = [("users.csv", users)];
        let folder = crate::import::folder(there.folder.path(), name, &files);
        folder.to_str().unwrap().to_owned()
    };
    let taken = files("taken", "key,number,first_name\nbob,1,Bob\n");
    let error = there.fails(&["import", &taken]);
    assert!(error.contains("1 is the number of user "), "{error}");
    there.run(&["import", &taken, "--renumber"]);
    let again = there.run(&["import", &taken, "--renumber"]);
    assert!(again.starts_with("It is all so already"), "{again}");
    let odd = files("odd", "key,email\ntaro,taro..y@docomo.example\n");
    let error = there.fails(&["import", &odd]);
    assert!(error.contains("users.csv, line 2, column email"), "{error}");
    let said = there.run(&["import", &odd, "--any-address"]);
    assert!(said.starts_with("Changed: 1 × user added"), "{said}");
    let again = there.run(&["import", &odd]);
    assert!(again.starts_with("It is all so already"), "{again}");
}

#[test]
fn tables_are_brought_up_to_date_when_that_is_wanted() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let name = postgres.fresh_name();
    let url = postgres.url(&name);
    let there = Configured::with(&format!(
        "database = {url:?}\nlisten = \"127.0.0.1:0\"\n[postgres]\nmigrate = false"
    ));
    let error = there.fails(&["serve"]);
    assert!(error.contains("`attache migrate` applies them"), "{error}");
    for _ in 0..2 {
        let shown = there.run(&["migrate", "--dry-run"]);
        assert!(shown.contains("not applied"), "{shown}");
    }
    assert!(there.run(&["migrate"]).contains("applied now"));
    let shown = there.run(&["migrate"]);
    assert!(!shown.contains("applied now") && shown.contains("was applied before"));
    there.init();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (9999, 'of a newer one', true, '', 0)";
    postgres.sql(&name, newer);
    for arguments in [&["serve"][..], &["migrate"], &["migrate", "--dry-run"]] {
        let error = there.fails(arguments);
        assert!(error.contains("newer attache (migration 9999"), "{error}");
    }
    // Also where a server would bring them up to date by itself.
    let there = Configured::database(&url);
    let error = there.fails(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(error.contains("newer attache (migration 9999"), "{error}");
}

#[test]
fn tenants_are_copied_there_and_back_and_again() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let (here, back) = (begun(), tempfile::tempdir().unwrap());
    let url = postgres.fresh_database();
    let (from, to) = (sqlite(here.path()), sqlite(back.path()));
    let any = Configured::with("");
    let copy = |from: &str, to: &str| any.run(&["copy", "--from", from, "--to", to]);
    add_a_service(here.path(), "portal");
    let plan = || any.tried(&["copy", "--from", &from, "--to", &url, "--dry-run"]);
    let cells = |planned: &str| -> Vec<String> {
        let last = planned.lines().last().unwrap_or_default();
        last.split_whitespace().map(str::to_owned).collect()
    };
    for _ in 0..2 {
        let (well, planned, said) = plan();
        assert!(well && said.contains("lacks tables"), "{said}");
        assert_eq!(cells(&planned), ["lantern", "0", "2"]);
    }
    let (well, planned, said) = any.tried(&["copy", "--from", &from, "--to", &to, "--dry-run"]);
    assert!(well && said.contains("would be made"), "{said}");
    assert_eq!(cells(&planned), ["lantern", "0", "2"]);
    assert!(!back.path().join("attache.db").exists());
    let done = copy(&from, &url);
    assert!(done.contains("2 entries copied, 2 in all"), "{done}");
    // What is there is not copied again, and what is new is.
    assert!(copy(&from, &url).contains("0 entries copied, 2 in all"));
    add_a_service(here.path(), "portal-2");
    let (_, planned, _) = plan();
    assert_eq!(cells(&planned), ["lantern", "2", "1"]);
    rename(here.path(), "new.lantern.example");
    assert!(copy(&from, &url).contains("1 entries copied, 3 in all"));
    assert!(copy(&url, &to).contains("3 entries copied, 3 in all"));
    let there = Configured::database(&url);
    for question in [
        &["entries", "--json"][..],
        &["tenant", "list"],
        &["token", "list"],
    ] {
        let [mine, other] = [here.path(), back.path()].map(|data| process::run(data, question));
        assert_eq!(mine, other);
        assert_eq!(mine, there.run(question));
    }
    // Written to there: nothing is overwritten, on either side.
    add_a_service(back.path(), "other");
    let error = any.fails(&["copy", "--from", &url, "--to", &to]);
    assert!(error.contains("4 entries there and 3 here"), "{error}");
    add_a_service(here.path(), "one");
    add_a_service(here.path(), "two");
    let error = any.fails(&["copy", "--from", &from, "--to", &to]);
    assert!(error.contains("both were written to"), "{error}");
    let entries = process::run(back.path(), &["entries", "--json"]);
    let entries: Vec<serde_json::Value> = serde_json::from_str(&entries).unwrap();
    assert_eq!(entries.len(), 4);
}

#[test]
fn copy_to_a_file_is_a_backup_while_others_write() {
    let (here, there) = (begun(), tempfile::tempdir().unwrap());
    let (from, to) = (sqlite(here.path()), sqlite(there.path()));
    let any = Configured::with("");
    let copy = || any.run(&["copy", "--from", &from, "--to", &to]);
    let done = std::sync::atomic::AtomicBool::new(false);
    let order = std::sync::atomic::Ordering::SeqCst;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for count in 0.. {
                add_a_service(here.path(), &format!("portal-{count}"));
                if done.load(order) {
                    return;
                }
            }
        });
        for _ in 0..5 {
            let said = copy();
            assert!(said.contains("the same state on both sides"), "{said}");
        }
        done.store(true, order);
    });
    copy();
    let question = &["entries", "--json"];
    let [mine, other] = [here.path(), there.path()].map(|data| process::run(data, question));
    assert_eq!(mine, other);
}

#[test]
fn what_cannot_be_copied_is_named() {
    let any = Configured::with("");
    for (from, to, said) in [
        ("sqlite:a.db", "sqlite:a.db", "the same"),
        ("sqlite:none.db", "sqlite:a.db", "none.db is not there"),
        ("mysql://a/b", "sqlite:a.db", "--from must be"),
        ("sqlite:a.db", "", "--to must be"),
    ] {
        let error = any.fails(&["copy", "--from", from, "--to", to]);
        assert!(error.contains(said), "{error}");
    }
    assert!(!any.folder.path().join("a.db").exists());
}

#[test]
fn a_session_is_encrypted_and_its_password_comes_from_a_file() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let made = || rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let (own, other) = (made(), made());
    let port = postgres.listen_with_tls(&own.cert.pem(), &own.signing_key.serialize_pem(), "right");
    let folder = tempfile::tempdir().unwrap();
    let written = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        file.display().to_string()
    };
    let (known, unknown) = (
        written("known.pem", &own.cert.pem()),
        written("unknown.pem", &other.cert.pem()),
    );
    let (right, wrong) = (written("right", "right\n"), written("wrong", "hidden\n"));
    let there = |query: &str, password: &str| {
        let url = format!("postgres://attache@127.0.0.1:{port}/postgres?{query}");
        Configured::with(&format!(
            "database = {url:?}\n[postgres]\npassword_file = {password:?}"
        ))
    };
    let full = format!("sslmode=verify-full&sslrootcert={known}");
    there(&full, &right).init();
    let encrypted = "SELECT count(*) FROM pg_stat_ssl WHERE ssl";
    assert_eq!(postgres.sql("postgres", encrypted), "0", "all have left");
    for (query, password) in [
        (full.as_str(), &wrong),
        ("sslmode=disable", &right),
        ("sslmode=verify-full", &right),
        (
            &format!("sslmode=verify-full&sslrootcert={unknown}"),
            &right,
        ),
    ] {
        let error = there(query, password).fails(&["members", "tenant"]);
        assert!(!error.contains("hidden"), "{error}");
    }
    let members = there(&full, &right).run(&["members", "tenant"]);
    assert!(members.contains("ada@lantern.example"), "{members}");
}
