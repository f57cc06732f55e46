//! What every log must do, whatever the database.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod appending;
mod by_hand;
mod copying;
mod databases;
mod directory;
mod domains;
mod entry_times;
mod erasing;
mod histories;
mod index;
mod kept_snapshots;
mod older_file;
mod private_parts;
mod reading;
mod refusing;
mod requests;
mod rewriting;
mod servers;
mod snapshots;
mod token_uses;
mod written;

use databases::{Database, Postgres, Sqlite};
use written::{Put, beginning, done, entry, entry_at, later, save, tenant, trust, user};

/// Every test of the suite, by its module, against a log that begins empty.
macro_rules! suite {
    ($($database:ident: $open:expr;)*) => {$(
        mod $database {
            suite!(@tests $open;
                appending:
                    entries_come_back_as_they_were_written
                    a_place_that_is_taken_is_a_collision_and_leaves_nothing
                    tenants_do_not_see_each_other
                    many_writers_at_once_each_get_their_own_answer
                    what_was_appended_is_there_after_closing
                    the_very_same_entries_stand_once
                    what_follows_an_entry_that_is_not_there_is_not_written
                    what_cannot_be_stored_is_refused_and_disturbs_nobody;
                reading:
                    entries_are_read_in_pages
                    entries_are_found_by_each_filter
                    entries_are_found_the_newest_first_in_pages
                    heads_are_the_last_entries_of_many_tenants;
                entry_times:
                    the_last_entry_by_an_instant_is_found_without_reading_the_others
                    the_revision_of_a_snapshot_is_told_without_the_state;
                directory:
                    a_tenant_is_created_with_its_first_entry_or_not_at_all
                    a_slug_and_a_domain_are_one_tenants_only
                    an_issuer_is_noted_with_the_entry_that_names_it
                    two_who_create_the_same_tenant_do_not_both_succeed
                    what_is_new_in_the_directory_is_found_without_the_rest;
                snapshots:
                    a_snapshot_comes_back_and_the_newer_one_stays
                    a_snapshot_that_the_entries_do_not_lead_to_is_not_saved
                    a_damaged_snapshot_is_thrown_away_and_made_anew
                    a_snapshot_of_another_tenant_is_thrown_away;
                requests:
                    a_request_is_found_until_it_is_forgotten
                    a_request_that_was_done_already_leaves_no_entry
                    a_name_that_is_forgotten_can_be_used_again;
                servers:
                    two_logs_over_one_database_order_what_both_write
                    what_is_written_elsewhere_is_heard_where_it_can_be
                    a_password_is_in_no_error
                    a_hold_is_seen_until_it_is_released
                    the_database_says_its_time_where_it_has_one;
                copying:
                    a_tenant_is_copied_as_it_stands;
                kept_snapshots:
                    the_newest_snapshot_and_the_one_before_it_are_kept
                    where_the_newest_snapshot_is_damaged_the_one_before_it_is_used
                    a_save_that_was_killed_before_it_dropped_is_made_up_for
                    servers_that_save_at_the_same_time_keep_the_newest
                    a_snapshot_of_lost_entries_takes_no_place
                    a_snapshot_of_a_newer_version_is_neither_used_nor_dropped;
                token_uses:
                    the_last_use_of_each_token_is_kept;
                domains:
                    a_domain_is_the_tenants_that_lists_it;
                private_parts:
                    what_names_somebody_stands_in_rows_of_its_own
                    a_row_deleted_by_hand_names_nobody_and_the_tenant_opens
                    a_row_changed_by_hand_is_not_believed
                    long_changes_are_packed_and_found_all_the_same;
                index:
                    the_index_finds_what_looking_through_finds
                    an_entry_of_ten_thousand_changes_is_found_by_each_thing;
                rewriting:
                    a_log_of_the_version_before_is_rewritten_and_says_the_same
                    two_who_rewrite_at_the_same_time_do_each_entry_once
                    what_is_deleted_while_a_batch_is_rewritten_stays_deleted
                    older_entries_behind_rewritten_ones_are_rewritten
                    a_tenant_that_cannot_be_read_stops_the_rewriting_of_no_other
                    a_rewriting_that_is_killed_goes_on_and_loses_nothing;
                erasing:
                    what_is_erased_after_rewriting_names_nobody;
                histories:
                    histories_say_what_the_entries_say
                    a_merge_that_is_killed_hides_nothing
                    what_is_erased_is_named_in_no_history;
            );
        }
    )*};
    (@tests $open:expr; $($module:ident: $($test:ident)*;)*) => {$($(
        #[tokio::test(flavor = "multi_thread")]
        async fn $test() {
            // Where there is no such database, that was said.
            if let Some(database) = $open {
                super::$module::$test(database).await;
            }
        }
    )*)*};
}

suite! {
    over_sqlite: Some(super::Sqlite(tempfile::tempdir().unwrap()));
    over_postgres: super::Postgres::fresh();
}
