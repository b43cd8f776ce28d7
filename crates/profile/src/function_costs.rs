//! Function tables: what formats of call graphs state for each function.
//!
//! Such formats carry no full stacks. Their samples are stacks put together as far as the data allows; the
//! values of a function are exact only here.

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
