//! Writes protobuf's wire format: fields in order, zeros left out.

use emberglass_columns::put_u64;
use emberglass_profile::StringTable;

/// A message as it grows.
#[derive(Default)]
pub(super) struct Message(pub(super) Vec<u8>);

impl Message {
    fn key(&mut self, number: u32, wire_type: u64) {
        put_u64(&mut self.0, u64::from(number) << 3 | wire_type);
    }

    /// A number that is not 0.
    pub(super) fn number(&mut self, number: u32, value: u64) {
        if value != 0 {
            self.key(number, 0);
            put_u64(&mut self.0, value);
        }
    }

    pub(super) fn signed(&mut self, number: u32, value: i64) {
        self.number(number, value.cast_unsigned());
    }

    pub(super) fn flag(&mut self, number: u32, value: bool) {
        self.number(number, u64::from(value));
    }

    /// Bytes, text, a message; written when empty, too.
    pub(super) fn bytes(&mut self, number: u32, bytes: &[u8]) {
        self.key(number, 2);
        put_u64(&mut self.0, bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    /// Packed numbers, with `packed` as memory.
    pub(super) fn packed(&mut self, number: u32, values: impl Iterator<Item = u64>, packed: &mut Vec<u8>) {
        packed.clear();
        values.for_each(|value| put_u64(packed, value));
        if !packed.is_empty() {
            self.bytes(number, packed);
        }
    }
}

/// The string table of the output; index 0 is the empty string.
#[derive(Default)]
pub(super) struct Strings {
    table: StringTable,
}

impl Strings {
    pub(super) fn index(&mut self, text: &str) -> u64 {
        u64::from(self.table.intern(text).0)
    }

    pub(super) fn write(&self, number: u32, out: &mut Message) {
        for text in self.table.iter() {
            out.bytes(number, text.as_bytes());
        }
    }
}
