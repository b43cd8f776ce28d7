//! The types of a chunk: a tree of elements with attributes, of which the classes and their fields count.

use std::collections::HashMap;

use emberglass_profile::InputError;
use foldhash::fast::FixedState;

use super::chunk::{Body, Header};

/// A type by its fields.
#[derive(Clone, Debug, Default)]
pub(super) struct Class {
    pub(super) name: String,
    pub(super) fields: Vec<Field>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) class: i64,
    /// The value is a key of the constant pool of its class.
    pub(super) is_pooled: bool,
    pub(super) is_array: bool,
}

/// Types by id.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    pub(super) classes: HashMap<i64, Class, FixedState>,
}

impl Metadata {
    pub(super) fn read(chunk: &Header, body: &dyn Body) -> Result<Self, InputError> {
        let mut reader = chunk.event(body, chunk.metadata_at)?;
        let _size = reader.number(4)?;
        let kind = reader.long()?;
        if kind != 0 {
            return Err(reader.malformed("the chunk's metadata is another event"));
        }
        for _start_duration_id in 0..3 {
            reader.long()?;
        }
        let mut strings = Vec::new();
        for _ in 0..reader.count()? {
            strings.push(reader.text()?.decode().unwrap_or_default());
        }
        let string =
            |index: i64| usize::try_from(index).ok().and_then(|index| strings.get(index)).map_or("", String::as_str);
        let mut metadata = Self::default();
        // Elements that are open: how many of their children are still to come, and the class that they are in.
        let mut open: Vec<(usize, Option<i64>)> = vec![(1, None)];
        while let Some((left, class)) = open.last_mut() {
            if *left == 0 {
                open.pop();
                continue;
            }
            *left -= 1;
            let mut class = *class;
            let element = string(reader.number(4)?);
            let mut attributes = HashMap::<&str, &str, FixedState>::default();
            for _ in 0..reader.count()? {
                let (name, value) = (reader.number(4)?, reader.number(4)?);
                attributes.insert(string(name), string(value));
            }
            let get = |name: &str| attributes.get(name).copied().unwrap_or("");
            match element {
                "class" => {
                    let id = get("id").parse().map_err(|_no_number| reader.malformed("a class has no id"))?;
                    metadata.classes.insert(id, Class { name: get("name").to_owned(), fields: Vec::new() });
                    class = Some(id);
                }
                "field" => {
                    let of = get("class").parse().map_err(|_no_number| reader.malformed("a field has no class"))?;
                    let field = Field {
                        name: get("name").to_owned(),
                        class: of,
                        is_pooled: get("constantPool") == "true",
                        is_array: get("dimension").parse().is_ok_and(|dimension: u32| dimension > 0),
                    };
                    if let Some(class) = class.and_then(|class| metadata.classes.get_mut(&class)) {
                        class.fields.push(field);
                    }
                }
                _ => {}
            }
            let children = reader.count()?;
            open.push((children, class));
        }
        Ok(metadata)
    }
}
