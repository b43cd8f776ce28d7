//! Function tables: what formats of call graphs state for each function.
//!
//! Such formats carry no full stacks. Their samples are stacks put together as far as the data allows; the
//! values of a function are exact only here.

use emberglass_columns::{ByteReader, ReadError, put_i64, put_u64};

use crate::FunctionId;

/// Own and total values by function, for the columns of one sample table.
///
/// Rows are distinct functions. A total may exceed the profile's: where functions call each other in a cycle
/// the calls around it are counted each time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionCosts {
    /// Which of [`crate::Batch::tables`] it belongs to.
    pub table: u32,
    /// Function of each row.
    pub function: Vec<FunctionId>,
    /// One column a column of the table, with the same scale: the functions' own values.
    pub own: Vec<Vec<i64>>,
    /// One column a column of the table, with the same scale: own values and those of calls to other functions.
    pub total: Vec<Vec<i64>>,
}

impl FunctionCosts {
    /// Appends the table to a batch's bytes.
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        let Self { table, function, own, total } = self;
        put_u64(out, u64::from(*table));
        put_u64(out, function.len() as u64);
        for function in function {
            put_u64(out, u64::from(function.0));
        }
        put_u64(out, own.len() as u64);
        for &value in own.iter().chain(total).flatten() {
            put_i64(out, value);
        }
    }

    /// Reads what [`Self::put`] wrote.
    pub(crate) fn read(reader: &mut ByteReader<'_>) -> Result<Self, ReadError> {
        let table = reader.varint_u32()?;
        let rows = reader.count()?;
        let function = (0..rows).map(|_| Ok(FunctionId(reader.varint_u32()?))).collect::<Result<_, ReadError>>()?;
        let columns = reader.count()?;
        let mut column = || (0..rows).map(|_| reader.zigzag()).collect::<Result<Vec<i64>, ReadError>>();
        let own = (0..columns).map(|_| column()).collect::<Result<_, _>>()?;
        let total = (0..columns).map(|_| column()).collect::<Result<_, _>>()?;
        Ok(Self { table, function, own, total })
    }
}
