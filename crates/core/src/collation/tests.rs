use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Folded, SortKey, fold, root, weights};

fn collated(text: &str) -> Vec<u8> {
    let mut key = Vec::new();
    root::write_accents(text, &mut key);
    key
}

fn sorted<const N: usize>(mut names: [&str; N]) -> [&str; N] {
    names.sort_by_key(|name| SortKey::new(name));
    names
}

/// Each how many characters are tried. All of them take seconds in an unoptimised build, so
/// that they are tried where `ATTACHE_EVERY_CHARACTER` is set.
fn stride() -> usize {
    if std::env::var_os("ATTACHE_EVERY_CHARACTER").is_some() {
        1
    } else {
        13
    }
}

/// The characters but the private ones, Han and Hangul: all up to U+024F, one in `stride`
/// above.
fn characters() -> impl Iterator<Item = char> {
    let ranges = [
        0x250..0x3400,
        0xa000..0xac00,
        0xf900..0x1_8000,
        0x1_a000..0x2_0000,
    ];
    let others = [
        '一',
        '龍',
        '가',
        '각',
        '\u{20000}',
        '\u{e000}',
        '\u{10ffff}',
    ];
    let above = ranges.into_iter().flatten().step_by(stride());
    (0..0x250)
        .chain(above)
        .filter_map(char::from_u32)
        .chain(others)
}

#[test]
fn accents_count_after_letters_and_case_never() {
    assert_eq!(
        sorted(["Zoë", "Emil", "Fay", "Émile", "emil", "Émil"]),
        ["Emil", "emil", "Émil", "Émile", "Fay", "Zoë"]
    );
    assert_eq!(
        sorted(["Zoe", "Åsa", "Øyvind", "Pia"]),
        ["Åsa", "Øyvind", "Pia", "Zoe"]
    );
    assert_eq!(sorted(["Ж", "И", "Й", "К", "Д"]), ["Д", "Ж", "И", "Й", "К"]);
    assert_eq!(
        sorted(["李", "Ω", "Ann Z", "Anna A", "Я", "1"]),
        ["1", "Ann Z", "Anna A", "Ω", "Я", "李"]
    );
    assert_eq!(SortKey::new("ADA"), SortKey::new("ada"));
    assert_eq!(SortKey::new("e\u{301}mile"), SortKey::new("Émile"));
    assert_eq!(SortKey::of_both("Ada", "李"), SortKey::new("Ada 李"));
    assert_eq!(SortKey::of_both("", ""), SortKey::new(" "));
}

#[test]
fn keys_from_the_table_are_those_of_the_collator() {
    let mut known = Vec::new();
    for c in (0..0x700).filter_map(char::from_u32) {
        let mut key = Vec::new();
        if weights::write(&[&c.to_string()], &mut key) {
            known.push(c);
        }
    }
    assert!(known.len() > 900, "only {}", known.len());
    for c in (' '..='~').chain('À'..='ž') {
        assert!(known.contains(&c), "{c} is not in the table");
    }
    // Every pair, so that no contraction is overlooked.
    let differ = |one: &char| {
        let text: String = known.iter().flat_map(|other| [*one, *other]).collect();
        SortKey::new(&text).as_bytes() != collated(&text)
    };
    let tried = known.iter().copied().step_by(stride());
    let wrong: Vec<char> = tried.filter(differ).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert_eq!(SortKey::new("").as_bytes(), collated(""));
    for length in 1..150 {
        let text = "é".repeat(length) + &"a".repeat(length) + "ß1";
        assert_eq!(SortKey::new(&text).as_bytes(), collated(&text), "{length}");
    }
}

#[test]
fn folding_keeps_the_letters_of_every_character() {
    let wrong = characters().filter(|c| {
        let folded = fold(&c.to_string());
        root::letters(&folded) != root::letters_of(*c)
    });
    let wrong: Vec<char> = wrong.collect();
    assert!(wrong.is_empty(), "{}: {wrong:?}", wrong.len());
}

#[test]
fn characters_of_the_same_letters_fold_alike() {
    let mut classes: BTreeMap<Vec<u8>, (char, String)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for c in characters() {
        let key = root::letters_of(c);
        let folded = fold(&c.to_string());
        // Radicals are signs of their own, and stand in no name.
        if matches!(c, '\u{2e80}'..='\u{2fdf}' | '⅍' | '\u{16ff0}'..='\u{16fff}') {
            continue;
        }
        let first = classes.entry(key).or_insert_with(|| (c, folded.clone()));
        if first.1 != folded {
            wrong.push(format!(
                "{} {c} {:x} {:x}",
                first.0,
                u32::from(first.0),
                u32::from(c)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}: {wrong:#?}", wrong.len());
}

#[test]
fn what_is_folded_stays_as_it_is() {
    for c in characters() {
        let folded = fold(&c.to_string());
        assert_eq!(fold(&folded), folded, "{c}");
    }
}

#[test]
fn searches_find_names_without_case_and_accents() {
    for (text, name) in [
        ("emile", "Émile"),
        ("EMILE", "e\u{301}mile"),
        ("ipek", "İpek"),
        ("İPEK", "ipek"),
        ("strasse", "Straße"),
        ("STRASSE", "straße"),
        ("STRAẞE", "strasse"),
        ("aß", "Strass"),
        ("σοφος", "ΣΟΦΌΣ"),
        ("σοφοσ", "Σοφός"),
        ("soren", "Søren"),
        ("lukasz", "Łukasz"),
        ("aegir", "Ægir"),
        ("oeuvre", "Œuvre"),
        ("dorde", "Đorđe"),
        ("file", "\u{fb01}le"),
        ("ada", "Ａｄａ"),
        ("タロウ", "ﾀﾛｳ"),
        ("たろう", "タロウ"),
        ("がく", "カク"),
        ("김", "\u{1100}\u{1175}\u{11b7}민수"),
        ("елена", "Елёна"),
        ("йога", "и\u{306}ога"),
        ("nguyen", "Nguyễn"),
        ("nguyễn", "Nguye\u{302}\u{303}n"),
        ("שלום", "שָׁלוֹם"),
        ("محمد", "مُحَمَّد"),
        ("李", "李小龍"),
        ("", "anybody"),
    ] {
        assert!(Folded::new(text).is_in(name), "{text} in {name}");
    }
    for (text, name) in [
        // Letters of their own to the root collation.
        ("irmak", "ırmak"),
        ("иога", "йога"),
        ("thor", "Þór"),
        ("가", "각"),
        ("\u{301}", "Emile"),
        ("\u{301}", "Émile"),
        ("emil ", "Émile"),
    ] {
        assert!(!Folded::new(text).is_in(name), "{text} in {name}");
    }
    assert!(Folded::new("EMILE").is("Émile") && !Folded::new("emil").is("Émile"));
    assert!(!Folded::new("\u{301}").is("") && Folded::new("").is(""));
}

/// Texts of what stands close together: neighbours, accents, several scripts.
fn text() -> impl Strategy<Value = String> {
    let c = prop_oneof![
        4 => prop::char::range(' ', '~'),
        3 => prop::char::range('À', 'ž'),
        1 => prop::char::range('\u{300}', '\u{345}'),
        2 => prop::char::range('Ͱ', 'ԯ'),
        1 => any::<char>(),
        1 => prop::sample::select(vec!['·', 'l', 'L', 'い', 'ー', '가', '李', 'เ', 'ก', '\0', '\u{fffe}']),
    ];
    prop::collection::vec(c, 0..12).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn every_key_is_that_of_the_collator(text in text()) {
        let key = SortKey::new(&text);
        prop_assert_eq!(key.as_bytes(), collated(&text));
    }

    #[test]
    fn a_text_is_found_in_a_text_that_contains_it(a in text(), b in text()) {
        let whole = format!("{a} {b}");
        prop_assert!(Folded::new(&whole).is(&whole));
        for part in [&a, &b] {
            prop_assert!(part.is_empty() || fold(part).is_empty() || Folded::new(part).is_in(&whole));
            prop_assert!(Folded::new(&part.to_uppercase()).is_in(&part.to_uppercase()) || fold(part).is_empty());
        }
    }
}
