//! The labels that Pyroscope's Java agent sends beside a recording.
//!
//! Source of the format: `LabelsSnapshot` in <https://github.com/grafana/pyroscope-java>. Events name a set of labels by
//! their field `contextId`; keys and values are numbers of strings: `contexts` (1) maps ids to `labels` (1), which map
//! string to string, `strings` (2) maps numbers to texts.

use std::collections::HashMap;

use emberglass_profile::InputError;
use foldhash::fast::FixedState;

use crate::protobuf::{Field, Message, Read};
use crate::{Input, Meter};

type Map<V> = HashMap<i64, V, FixedState>;

/// Most bytes of labels.
const LIMIT: u64 = 64 << 20;

/// Sets of labels by the ids of contexts.
#[derive(Debug, Default)]
pub(super) struct Labels {
    contexts: Map<Vec<(i64, i64)>>,
    strings: Map<String>,
}

impl Labels {
    /// Reads a snapshot, compressed or not.
    ///
    /// # Errors
    /// What is wrong with it, at an offset of it; `too-large` beyond 64 MiB.
    pub(super) fn read(file: &[u8], meter: &mut Meter<'_>) -> Result<Self, InputError> {
        let bytes = Input::new(file).read_all(LIMIT, meter)?;
        Ok(Self::of(&bytes)?)
    }

    fn of(bytes: &[u8]) -> Read<Self> {
        let mut labels = Self::default();
        let mut message = Message::outermost(bytes);
        while let Some(field) = message.next()? {
            match field.number {
                1 => {
                    let (id, context) = entry(&field, "LabelsSnapshot.contexts")?;
                    let pairs = labels.contexts.entry(id).or_default();
                    let Some(context) = context else { continue };
                    let mut context = context.message("LabelsSnapshot.contexts")?;
                    while let Some(field) = context.next()? {
                        if field.number == 1 {
                            let (key, value) = entry(&field, "Context.labels")?;
                            let value = value.map_or(Ok(0), |value| value.signed("Context.labels"))?;
                            pairs.push((key, value));
                        }
                    }
                }
                2 => {
                    let (id, text) = entry(&field, "LabelsSnapshot.strings")?;
                    let text = text.map_or(Ok((&[][..], 0)), |text| text.bytes("LabelsSnapshot.strings"))?;
                    labels.strings.insert(id, String::from_utf8_lossy(text.0).into_owned());
                }
                _ => {}
            }
        }
        Ok(labels)
    }

    /// The labels of a context; `None` for one that is not there.
    pub(super) fn of_context(&self, id: i64) -> Option<impl Iterator<Item = (&str, &str)>> {
        let pairs = self.contexts.get(&id)?;
        let named = |&(key, value)| (self.string(key), self.string(value));
        Some(pairs.iter().map(named).filter(|(key, _)| !key.is_empty()))
    }

    /// A text by its number; empty if it is not there.
    pub(super) fn string(&self, id: i64) -> &str {
        self.strings.get(&id).map_or("", String::as_str)
    }
}

/// Key and value of an entry of a map.
fn entry<'a>(field: &Field<'a>, name: &str) -> Read<(i64, Option<Field<'a>>)> {
    let (mut key, mut value) = (0, None);
    let mut message = field.message(name)?;
    while let Some(field) = message.next()? {
        match field.number {
            1 => key = field.signed(name)?,
            2 => value = Some(field),
            _ => {}
        }
    }
    Ok((key, value))
}
