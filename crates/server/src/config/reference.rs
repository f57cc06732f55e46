//! Makes docs/configuration.md from the declarations, so that the page cannot differ from
//! them.

use std::fmt::Write as _;
use std::path::Path;

use super::declared::SECTIONS;
use super::setting::{Section, Setting};

/// The text before the settings.
const BEGINNING: &str = "\
# The configuration

`attache config` prints every setting with its default and a comment. Keep the lines that you change in a file, and name
the file with `--config` or `ATTACHE_CONFIG`:

```toml
# attache.toml
data = \"/var/lib/attache\"
listen = \"10.0.0.5:8080\"

[limits]
body_size = \"8MiB\"
keep_alive_for = \"620s\"
```

```sh
attache --config attache.toml serve
attache --config attache.toml config show     # what is in force, and where each value is from
ATTACHE_LIMITS__BODY_SIZE=8MiB attache serve  # the same, in the environment
```

- A flag overrules an environment variable, a variable the file, and the file the default.
- The variable of a setting is `ATTACHE_`, the section, two underscores and the key, in capitals: `limits.body_size` is
  `ATTACHE_LIMITS__BODY_SIZE`. `listen`, which is in no section, is `ATTACHE_LISTEN`.
- A time has its unit: `250ms`, `10s`, `15m`, `24h`, `7d`, `1h 30m`. A day has 24 hours. A size has its unit: `512B`,
  `64KiB`, `4MiB`, `1GiB`, or `4MB` for 4,000,000 bytes. A number without a unit is refused.
- attache reads the configuration as it starts, and does not start with an unknown key, an unknown variable or a value out
  of bounds. It names all of them at once, each with its file, line and nearest known key.

This page is made from the declarations: `ATTACHE_WRITE_DOCS=1 cargo test -p attache --lib config::reference` writes it
anew.
";

fn page() -> String {
    let mut text = BEGINNING.to_owned();
    for section in SECTIONS {
        let _ = match section.name {
            "" => write!(text, "\n## Above the sections\n\n"),
            name => write!(text, "\n## `[{name}]`\n\n"),
        };
        if !section.about.is_empty() {
            let _ = write!(text, "{}\n\n", joined(section.about));
        }
        text.push_str("| setting | default | from, to | meaning |\n|---|---|---|---|\n");
        for setting in section.settings {
            row(setting, &mut text);
        }
    }
    text.push_str(
        "\n## Former names\n\n\
         Times and sizes were numbers of a unit that their key named. Those keys are refused, with the new line to write:\n\n\
         ```text\n\
         attache.toml:12: limits.head_seconds is called limits.head_within now, and is written with its unit: head_within = \"10s\"\n\
         ```\n\n\
         | former key | its number was of | key |\n|---|---|---|\n",
    );
    for (section, setting) in SECTIONS.iter().flat_map(settings) {
        if let Some((former, unit)) = setting.former {
            let former = super::setting::path(section.name, former);
            let unit = format!("{unit:?}").to_lowercase().replace("mib", "MiB");
            let _ = writeln!(
                text,
                "| `{former}` | {unit} | `{}` |",
                setting.path(section)
            );
        }
    }
    text
}

fn settings(section: &Section) -> impl Iterator<Item = (&Section, &Setting)> {
    section
        .settings
        .iter()
        .map(move |setting| (section, setting))
}

fn row(setting: &Setting, text: &mut String) {
    let bounds = setting.range().map_or(String::new(), |(least, most)| {
        format!("`{least}`, `{most}`")
    });
    let default = match setting.default {
        "\"\"" => "empty".to_owned(),
        default => format!("`{default}`"),
    };
    let about = joined(setting.about).replace('|', "\\|");
    let _ = writeln!(
        text,
        "| `{}` | {default} | {bounds} | {about} |",
        setting.key
    );
}

/// Joins the lines of a comment. An indented line is an example.
fn joined(lines: &[&str]) -> String {
    let mut text = String::new();
    for line in lines {
        if !text.is_empty() {
            text.push(' ');
        }
        match line.strip_prefix("   ") {
            Some(example) => {
                let _ = write!(text, "`{example}`");
            }
            None => text.push_str(line.trim()),
        }
    }
    text
}

#[test]
fn the_page_of_the_configuration_is_up_to_date() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let page = page();
    if std::env::var_os("ATTACHE_WRITE_DOCS").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let stands = std::fs::read_to_string(&file).unwrap_or_default();
    let different = page.lines().zip(stands.lines()).find(|(is, was)| is != was);
    assert!(
        page == stands,
        "docs/configuration.md is not what the declarations say, at {different:?}: \
         ATTACHE_WRITE_DOCS=1 cargo test -p attache --lib config::reference writes it anew"
    );
}

/// The names that were given up must not come back with another meaning.
#[test]
fn no_former_key_is_a_key() {
    for (section, setting) in SECTIONS.iter().flat_map(settings) {
        let Some((former, _)) = setting.former else {
            continue;
        };
        let former = super::setting::path(section.name, former);
        let mut all = SECTIONS.iter().flat_map(settings);
        let same = all.find(|(section, setting)| setting.path(section) == former);
        assert!(same.is_none(), "{former}");
    }
}

#[test]
fn every_default_is_within_its_bounds() {
    for (section, setting) in SECTIONS.iter().flat_map(settings) {
        let path = setting.path(section);
        assert!((setting.fits)(setting, setting.default_text()), "{path}");
        if let Some((least, most)) = setting.range() {
            assert!((setting.fits)(setting, least), "{path}: {least}");
            assert!((setting.fits)(setting, most), "{path}: {most}");
        }
        assert!(!setting.about.is_empty(), "{path} has no comment");
    }
}
