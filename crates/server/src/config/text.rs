//! The commented file that `attache config` prints: all settings with their defaults.

use std::fmt::Write as _;

use super::declared::SECTIONS;

/// The text before the settings.
const BEGINNING: &str = "\
# The configuration of attache, with what holds where nothing else is said.
#
# Every key can be given as an environment variable too, with two underscores
# between a section and its key: ATTACHE_LISTEN, ATTACHE_LIMITS__BODY_SIZE.
# A variable overrules this file, and a flag of the command line overrules both.
#
# A time has its unit: 250ms, 10s, 15m, 24h, 7d. So has a size: 512B, 64KiB, 4MiB, 1GiB.
";

/// Returns the commented file, with every setting's default.
#[must_use]
pub fn default_file() -> String {
    let mut text = BEGINNING.to_owned();
    for section in SECTIONS {
        text.push('\n');
        comment(section.about, &mut text);
        if !section.name.is_empty() {
            let _ = writeln!(text, "[{}]", section.name);
        }
        for (place, setting) in section.settings.iter().enumerate() {
            if section.name.is_empty() && place > 0 {
                text.push('\n');
            }
            comment(setting.about, &mut text);
            let _ = writeln!(text, "{} = {}", setting.key, setting.default);
        }
    }
    text
}

fn comment(lines: &[&str], text: &mut String) {
    for line in lines {
        let _ = writeln!(text, "#{line}");
    }
}
