//! Tables of small numbers, as rows with a schema or as columns.

use emberglass_profile::InputError;

use crate::json::{Kind, Reader};

/// No number: `null`, a missing cell, or a value that is no row.
pub(super) const NONE: u32 = u32::MAX;

/// The columns of a table that are wanted; `N` of them.
#[derive(Debug)]
pub(super) struct Table<const N: usize> {
    pub(super) columns: [Vec<u32>; N],
}

impl<const N: usize> Default for Table<N> {
    fn default() -> Self {
        Self { columns: std::array::from_fn(|_| Vec::new()) }
    }
}

#[inline]
fn small(value: Option<i64>) -> u32 {
    value.and_then(|value| u32::try_from(value).ok()).unwrap_or(NONE)
}

impl<const N: usize> Table<N> {
    /// Rows: the length of the longest column.
    pub(super) fn len(&self) -> usize {
        self.columns.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// The cell, [`NONE`] where there is none.
    #[inline]
    pub(super) fn get(&self, column: usize, row: usize) -> u32 {
        self.columns[column].get(row).copied().unwrap_or(NONE)
    }

    /// Reads the table that comes next; `names` are the keys of its columns.
    pub(super) fn read(&mut self, reader: &mut Reader<'_, '_, '_>, names: &[&str; N]) -> Result<(), InputError> {
        if !reader.enters_object()? {
            return Ok(());
        }
        let mut schema = default_schema(names);
        while let Some(key) = reader.next_key()? {
            if let Some(at) = names.iter().position(|name| *name == key) {
                let column = &mut self.columns[at];
                if reader.peek()? == Kind::Array {
                    reader.integers(|value| column.push(small(value)))?;
                } else {
                    reader.skip()?;
                }
                continue;
            }
            match key {
                "schema" => schema = read_schema(reader, names)?,
                "data" => self.read_rows(reader, &schema)?,
                _ => reader.skip()?,
            }
        }
        Ok(())
    }

    fn read_rows(&mut self, reader: &mut Reader<'_, '_, '_>, schema: &[Option<usize>]) -> Result<(), InputError> {
        if !reader.enters_array()? {
            return Ok(());
        }
        while reader.next_element()? {
            reader.begin_array()?;
            let mut cells = [NONE; N];
            let mut at = 0;
            while reader.next_element()? {
                match schema.get(at) {
                    Some(&Some(column)) => cells[column] = small(reader.integer_if_whole()?),
                    _ => reader.skip()?,
                }
                at += 1;
            }
            for (column, cell) in self.columns.iter_mut().zip(cells) {
                column.push(cell);
            }
        }
        Ok(())
    }
}

/// The order of a table's columns where it has no schema: the wanted ones as they are named.
fn default_schema<const N: usize>(names: &[&str; N]) -> Vec<Option<usize>> {
    (0..names.len()).map(Some).collect()
}

/// Which wanted column each cell of a row is.
pub(super) fn read_schema<const N: usize>(
    reader: &mut Reader<'_, '_, '_>,
    names: &[&str; N],
) -> Result<Vec<Option<usize>>, InputError> {
    const MOST_COLUMNS: usize = 64;
    let mut schema = Vec::new();
    if !reader.enters_object()? {
        return Ok(schema);
    }
    while let Some(key) = reader.next_key()? {
        let column = names.iter().position(|name| *name == key);
        let place = reader.integer_if_whole()?.and_then(|place| usize::try_from(place).ok());
        if let Some(place) = place.filter(|&place| place < MOST_COLUMNS) {
            if schema.len() <= place {
                schema.resize(place + 1, None);
            }
            schema[place] = column;
        }
    }
    Ok(schema)
}
