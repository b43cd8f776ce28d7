//! A file whose bytes may be compressed: the same bytes whichever way they are read.

use emberglass_formats::{Input, Meter, NoProgress};
use emberglass_profile::InputError;

/// What is compared in full; a bomb is only read once.
const MOST: usize = 1 << 20;

/// Reads `file` in order, again from the start, and by offset, and compares.
pub fn read_every_way(file: &[u8]) {
    let mut progress = NoProgress;
    let mut meter = Meter::new(&mut progress, file.len() as u64);
    let mut input = Input::new(file);
    let prefix = input.prefix().to_vec();
    let (whole, end) = read_on(&mut input, &mut meter);
    assert!(whole.starts_with(&prefix));
    if whole.len() > MOST {
        return;
    }
    input.rewind();
    let (again, again_end) = read_on(&mut input, &mut meter);
    assert!(again == whole && again_end == end, "another result from the start");
    let mut piece = [0; 37];
    for step in 0..8u64 {
        let at = (whole.len() as u64 * (step * 5 % 8)) / 8;
        let Ok(read) = input.read_at(at, &mut piece, &mut meter) else {
            assert!(end.is_err());
            continue;
        };
        assert!(whole[at as usize..].starts_with(&piece[..read]), "other bytes at {at}");
    }
    if end.is_ok() {
        let mut fresh = Input::new(file);
        let expected = input.content_hash(&mut meter).expect("what was read before");
        assert_eq!(fresh.content_hash(&mut meter), Ok(expected));
    }
}

fn read_on(input: &mut Input<'_>, meter: &mut Meter<'_>) -> (Vec<u8>, Result<(), InputError>) {
    let mut whole = Vec::new();
    loop {
        match input.next_chunk(meter) {
            Ok(Some(chunk)) if whole.len() <= MOST => whole.extend_from_slice(chunk),
            Ok(Some(_)) => {}
            Ok(None) => return (whole, Ok(())),
            Err(error) => return (whole, Err(error)),
        }
    }
}
