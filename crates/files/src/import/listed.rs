//! Reads a list of users from a text, for `attache sync`.

use std::borrow::Cow;

use super::fault::{Fault, Spot};
use super::sheet::{Found, Sheet};
use super::text;

/// The columns of CSV that name users, in order of preference: people write `user`, and
/// `attache members --output csv` has `id`.
const COLUMNS: [&str; 2] = ["user", "id"];

/// Returns the users that a file lists, with their lines: those of its column `user`, or
/// else `id`, or one per line. Encoding, separators and quotes are as in an import.
///
/// # Errors
/// The faults of the file, line by line.
pub fn listed_users(file: &str, bytes: Vec<u8>) -> Result<Vec<(String, u64)>, Vec<Fault>> {
    read(bytes).map_err(|mut faults| {
        for fault in &mut faults {
            fault.file = Cow::Owned(file.to_owned());
        }
        faults
    })
}

fn read(bytes: Vec<u8>) -> Result<Vec<(String, u64)>, Vec<Fault>> {
    let text = text::decode(bytes).map_err(|no_text| {
        let (file, line) = ("", no_text.line);
        vec![Spot { file, line }.fault("", no_text.reason)]
    })?;
    let mut faults = Vec::new();
    let mut users = Vec::new();
    if let Some((sheet, column)) = Sheet::of_list("", &text, &COLUMNS, &mut faults) {
        sheet.each(&mut faults, |found, faults| {
            let Found::Row(row) = found else { return };
            match row.needed(column) {
                Ok(user) => users.push((user.to_owned(), row.spot.line)),
                // Skipping the line would detach a user.
                Err(fault) => faults.push(fault),
            }
        });
    }
    match faults.is_empty() {
        true => Ok(users),
        false => Err(faults),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(text: &str) -> Result<Vec<String>, Vec<String>> {
        let read = listed_users("list.csv", text.as_bytes().to_vec());
        let names = |users: Vec<(String, u64)>| users.into_iter().map(|(user, _)| user).collect();
        read.map(names)
            .map_err(|faults| faults.iter().map(Fault::to_string).collect())
    }

    const USERS: [&str; 3] = ["freya.holm", "#7", "auth0|5f"];

    #[test]
    fn a_file_lists_a_user_a_line_or_in_a_column() {
        for text in [
            "freya.holm\n#7\n\nauth0|5f\n",
            "\u{feff}freya.holm\r\n#7\r\nauth0|5f",
            "freya.holm\r#7\rauth0|5f\r",
            "freya.holm,\n#7,\nauth0|5f,\n",
            "user\nfreya.holm\n#7\nauth0|5f",
            "USER\n\"freya.holm\"\n #7 \nauth0|5f",
            "resource,User\ncustomer:mill,freya.holm\ncustomer:mill,#7\ncustomer:mill,auth0|5f\n",
            "name,id\n\"Holm, Freya\",freya.holm\n,#7\n,auth0|5f\n",
            "id,user\n1,freya.holm\n2,#7\n3,auth0|5f\n",
            "name;user;\r\nHolm;freya.holm;\r\n;#7;\r\n;;\r\nO;auth0|5f;\r\n",
            "sep=;\r\nuser;name\r\nfreya.holm;A\r\n#7;B\r\nauth0|5f;C\r\n",
            "sep=;\nfreya.holm\n#7\nauth0|5f\n",
            "name\tuser\nA\tfreya.holm\nB\t#7\nC\tauth0|5f\n",
            "\n\n,,\nname,user,\nA,freya.holm,\n,,\nB,#7,\nC,auth0|5f,\n",
            "user|name\nfreya.holm|A\n#7|B\n\"auth0|5f\"|C\n",
        ] {
            assert_eq!(
                listed(text),
                Ok(USERS.map(str::to_owned).to_vec()),
                "{text:?}"
            );
        }
        for nobody in ["", "\n\n", "user\n", "sep=;\n", "\u{feff}", ",,\n"] {
            assert_eq!(listed(nobody), Ok(Vec::new()), "{nobody:?}");
        }
    }

    #[test]
    fn a_list_is_decoded_and_formulas_are_read_as_in_an_import() {
        let utf_16 =
            |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        let marked = "\u{feff}user\tname\r\nzoë\tZoë\r\n'=1\t\r\n";
        for bytes in [
            utf_16(marked),
            utf_16(&marked[3..]),
            marked.as_bytes().to_vec(),
        ] {
            let users = listed_users("list.csv", bytes).unwrap();
            assert_eq!(users, [("zoë".to_owned(), 2), ("=1".to_owned(), 3)]);
        }
        assert_eq!(
            listed("'=1\n'+x\n"),
            Ok(vec!["=1".to_owned(), "+x".to_owned()])
        );
        let latin = listed_users("list.csv", b"user\nzo\xeb\n".to_vec()).unwrap_err();
        let latin = latin[0].to_string();
        assert!(
            latin.starts_with("list.csv, line 2: is not UTF-8"),
            "{latin}"
        );
    }

    #[test]
    fn a_line_that_cannot_be_understood_is_a_fault_and_detaches_nobody() {
        for (text, fault) in [
            (
                "a,b\nc,d\n",
                "list.csv: has several columns, and none of them is named user",
            ),
            (
                "a\tb\nc\td\n",
                "list.csv: has several columns, and none of them is named user",
            ),
            (
                "x,user\na,b\nc\n",
                "list.csv, line 3: has 1 cell, and the first line 2",
            ),
            (
                "x,user\r\na,\r\n",
                "list.csv, line 2, column user: must not be empty",
            ),
            (
                "user,user\na,b\n",
                "list.csv, line 1, column user: is repeated",
            ),
            ("user\n\"a\nb\n", "list.csv, line 2: a quote is opened"),
            (
                "ada\nholm, freya\n",
                "list.csv, line 2: the value freya stands in column 2",
            ),
            ("\"ada\nbo\n", "list.csv, line 1: a quote is opened"),
        ] {
            let faults = listed(text).unwrap_err();
            assert!(faults[0].starts_with(fault), "{text:?}: {faults:?}");
        }
    }
}
