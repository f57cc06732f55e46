//! How answers read: a snapshot in the folder of the dialect that gives them.

use attache_http::description::Description;
use attache_testkit::examples::Operation;

/// How something of a dialect reads, to the byte.
pub(crate) fn golden(dialect: &Description, what: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("../{}/snapshots", dialect.name));
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_snapshot!(what, text));
}

/// The first operation of each dialect.
pub(super) fn of_each(operations: impl Iterator<Item = Operation>) -> Vec<Operation> {
    let mut firsts: Vec<Operation> = Vec::new();
    for operation in operations {
        if firsts
            .iter()
            .all(|it| it.dialect.name != operation.dialect.name)
        {
            firsts.push(operation);
        }
    }
    firsts
}
