//! What archives are taken, and what is packed.

use std::io::{Cursor, Write as _};

use bytes::Bytes;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::packing::options;
use super::*;
use crate::export::Files as _;

const BOUNDS: Bounds = Bounds {
    entries: 20,
    unpacked_bytes: 10_000,
};

fn zipped(files: &[(&str, &str)]) -> Bytes {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        archive.start_file(*name, options()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner().into()
}

/// An archive in which a name of 9 bytes is replaced by another, in both headers.
fn renamed(bytes: &Bytes, from: &[u8], to: &[u8]) -> Bytes {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(from.len()).position(|it| it == from) {
        at += found;
        bytes[at..at + from.len()].copy_from_slice(to);
    }
    bytes.into()
}

fn faults(bytes: Bytes) -> String {
    let faults = Archive::open(bytes, BOUNDS).unwrap_err();
    let faults: Vec<String> = faults.iter().map(Fault::to_string).collect();
    faults.join("\n")
}

#[test]
fn files_are_found_at_the_top_or_in_the_one_folder() {
    for (folder, more) in [
        ("", &[][..]),
        ("from-the-old-system/", &[]),
        (
            "acme/",
            &[("__MACOSX/acme/._users.csv", "x"), ("acme/.DS_Store", "x")],
        ),
    ] {
        let users = format!("{folder}users.csv");
        let notes = format!("{folder}notes.txt");
        let mut files = vec![(users.as_str(), "key\nada\n"), (notes.as_str(), "")];
        files.extend(more);
        let archive = Archive::open(zipped(&files), BOUNDS).unwrap();
        let users = archive.read("users.csv").unwrap();
        assert_eq!(users.as_deref(), Some(&b"key\nada\n"[..]), "{folder}");
        assert_eq!(archive.read("grants.csv").unwrap(), None);
        let strangers = archive.strangers();
        assert!(strangers.faults.is_empty(), "{:?}", strangers.faults);
        assert!(strangers.passed_over.contains(&"notes.txt".to_owned()));
    }
}

#[test]
fn a_file_that_was_meant_is_a_fault_and_others_are_named() {
    let files = [
        ("users.csv", "key\n"),
        ("user.csv", ""),
        ("old/grants.csv", ""),
        ("old/notes.csv", ""),
        ("readme.md", ""),
    ];
    let archive = Archive::open(zipped(&files), BOUNDS).unwrap();
    let strangers = archive.strangers();
    let faults: Vec<String> = strangers.faults.iter().map(Fault::to_string).collect();
    assert_eq!(
        faults,
        [
            "old/grants.csv: stands in a folder of the archive, and is read at its top only",
            "user.csv: is none of the files that an import reads; the nearest is users.csv",
        ]
    );
    assert_eq!(strangers.passed_over, ["old/notes.csv", "readme.md"]);
    assert_eq!(archive.lacks_all(), None);
    let nothing = Archive::open(zipped(&[("readme.md", "")]), BOUNDS).unwrap();
    let lacks = nothing.lacks_all().unwrap();
    assert!(lacks.ends_with("(there is readme.md)"), "{lacks}");
    // Each alone in the archive.
    for name in [
        "users.tsv",
        "Users.CSV",
        ".users.csv",
        "users.csv.txt",
        "users.xlsx",
    ] {
        for folder in ["", "acme/"] {
            let file = format!("{folder}{name}");
            let archive = Archive::open(zipped(&[(&file, "key\n")]), BOUNDS).unwrap();
            assert_eq!(archive.lacks_all(), None);
            let fault = archive.strangers().faults[0].to_string();
            assert!(fault.starts_with(name), "{fault}");
            assert!(fault.contains("the nearest is users.csv"), "{fault}");
        }
    }
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for name in [
        "../users.csv",
        "/etc/users.csv",
        "a/../../users.csv",
        "C:/users.csv",
        "..\\users.csv",
        "./users.csv",
    ] {
        let said = faults(zipped(&[(name, "key\n")]));
        assert!(said.contains("leads out of the archive"), "{name}: {said}");
    }
}

#[test]
fn two_entries_of_one_name_are_refused() {
    let twice = zipped(&[("users.csv", "key\nada\n"), ("userz.csv", "key\nben\n")]);
    let twice = renamed(&twice, b"userz.csv", b"users.csv");
    assert_eq!(faults(twice), "users.csv: is repeated in the archive");
}

#[test]
fn links_and_encrypted_entries_are_refused() {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    archive
        .add_symlink("users.csv", "/etc/passwd", options)
        .unwrap();
    let linked = archive.finish().unwrap().into_inner();
    assert_eq!(
        faults(linked.into()),
        "users.csv: is a symbolic link, and must be a file"
    );
    let mut bytes = zipped(&[("users.csv", "key\n")]).to_vec();
    // The flag of encryption, in the local and in the central header.
    bytes[6] |= 1;
    let central = bytes.windows(4).position(|it| it == b"PK\x01\x02").unwrap();
    bytes[central + 8] |= 1;
    assert_eq!(
        faults(bytes.into()),
        "users.csv: is encrypted, and must not be"
    );
}

#[test]
fn what_is_no_archive_or_has_too_much_in_it_is_refused() {
    for bytes in [&b""[..], b"key\nada\n", b"PK\x03\x04"] {
        let said = faults(Bytes::from_static(bytes));
        assert!(said.contains("must be a zip archive"), "{said}");
    }
    let names: Vec<String> = (0..21).map(|number| format!("{number}.txt")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    let said = faults(zipped(&many));
    assert!(said.contains("at most 20 entries, and has 21"), "{said}");
    let cut = zipped(&[("users.csv", "key\n")]);
    let cut = cut.slice(..cut.len() - 30);
    assert!(faults(cut).contains("must be a zip archive"));
}

#[test]
fn what_unpacks_to_too_much_is_refused_whatever_it_says_of_itself() {
    let large = "x".repeat(BOUNDS.unpacked_bytes + 1);
    let bomb = zipped(&[("users.csv", &large)]);
    assert!(bomb.len() < 1_000, "{}", bomb.len());
    let said = faults(bomb.clone());
    assert!(
        said.contains("must unpack to at most 10000 bytes"),
        "{said}"
    );
    // It says that it is small.
    let mut lying = bomb.to_vec();
    let central = lying.windows(4).position(|it| it == b"PK\x01\x02").unwrap();
    lying[central + 24..central + 28].copy_from_slice(&100u32.to_le_bytes());
    if let Ok(archive) = Archive::open(lying.into(), BOUNDS) {
        let read = archive.read("users.csv");
        assert!(read.is_err(), "{read:?}");
    }
    // Two that are small enough each.
    let half = "x".repeat(BOUNDS.unpacked_bytes / 2 + 1);
    let said = faults(zipped(&[("users.csv", &half), ("groups.csv", &half)]));
    assert!(said.contains("must unpack"), "{said}");
    // What is not read may be as large as it likes.
    let beside = zipped(&[("users.csv", "key\n"), ("photos.bin", &large)]);
    assert!(Archive::open(beside, BOUNDS).is_ok());
}

#[test]
fn any_bytes_are_an_archive_or_a_fault() {
    let whole = zipped(&[("users.csv", "key\nada\n"), ("old/notes.txt", "x")]);
    for at in 0..whole.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = whole.to_vec();
            bytes[at] ^= flip;
            if let Ok(archive) = Archive::open(bytes.into(), BOUNDS) {
                for file in FILES {
                    let _ = archive.read(file);
                }
            }
        }
    }
}

#[test]
fn what_is_packed_piece_by_piece_is_unpacked_again() {
    let mut packing = Packing::default();
    let mut bytes = Vec::new();
    packing.begin("users.csv").unwrap();
    packing.write(b"key\n").unwrap();
    bytes.extend(packing.take());
    packing.write(b"ada\n").unwrap();
    packing.end().unwrap();
    packing.begin("grants.csv").unwrap();
    bytes.extend(packing.take());
    bytes.extend(packing.finish().unwrap());
    let mut found = Vec::new();
    unpack(Cursor::new(bytes), |name, file| {
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        found.push((name, text));
        Ok(())
    })
    .unwrap();
    let expected = [("users.csv", "key\nada\n"), ("grants.csv", "")];
    assert_eq!(found, expected.map(|(name, text)| (name, text.to_owned())));
}
