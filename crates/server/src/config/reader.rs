//! Parses settings from their sources.

use super::setting::{ReadSetting, Section, Setting};
use super::sources::{Form, Sources};
use super::value::Value;

/// Parses settings from their sources.
pub(super) struct Reader<'s> {
    pub(super) sources: &'s Sources,
    pub(super) faults: Vec<String>,
}

impl ReadSetting for Reader<'_> {
    fn read<T: Value>(&mut self, section: &Section, setting: &Setting) -> Option<T> {
        let given = self.sources.of(section, setting);
        let is_of_type = match given.form {
            Form::Text => T::IS_TEXT,
            Form::Plain => !T::IS_TEXT,
            Form::Variable => true,
            Form::Other => false,
        };
        let shown = || match given.form {
            Form::Text | Form::Variable if T::IS_TEXT => format!("{:?}", T::shown(&given.text)),
            _ => T::shown(&given.text),
        };
        let wanted = match T::read(&given.text).filter(|_| is_of_type) {
            Some(value) if setting.bounds_hold(&value) => return Some(value),
            Some(_) => {
                let (least, most) = setting.range().unwrap_or_default();
                format!("from {least} to {most}")
            }
            None => T::WANTED.to_owned(),
        };
        // Formerly a number was enough, since the key named the unit.
        let was = setting.former.and_then(|(former, unit)| {
            let text = unit.written(&given.text)?;
            let number = &given.text;
            let key = setting.key;
            Some(format!("; {former} = {number} is {key} = \"{text}\" now"))
        });
        self.faults.push(format!(
            "{}{} must be {wanted}, and is {}{}",
            given.origin.before(),
            setting.path(section),
            shown(),
            was.unwrap_or_default()
        ));
        None
    }
}
