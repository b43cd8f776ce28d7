//! What a copy says of itself, in a section of its own beside those of the blocks.
//!
//! | offset | size | field | invariant |
//! |---|---|---|---|
//! | 0 | 4 | magic | `EGRM` |
//! | 4 | 1 | version | 1 |
//! | 5 | 1 | standing | 0 together, 1 alone, 2 incomplete |
//! | 6 | 2 | reserved | 0 |
//! | 8 | 8 | pair | the same in both copies |
//! | 16 | 8 | generation | of the commit that wrote it |
//! | 24 | 8 | common | the last generation that is known to be in both |
//! | 32 | 4 | checksum | CRC-32 of bytes 0..32 |

use emberglass_columns::{ByteReader, checksum};

use super::Side;
use crate::{BlockId, SectionKey, SectionKind, StoredManifest};

/// Where the mark is kept: no block has this id.
pub(super) const MARK: SectionKey = SectionKey { block: BlockId(0), kind: SectionKind::Unknown(255), part: 0 };

const MAGIC: &[u8; 4] = b"EGRM";
const VERSION: u8 = 1;
const CHECKSUM_AT: usize = 32;
const LEN: usize = CHECKSUM_AT + 4;

/// How a copy stood when it was written last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// What it holds was meant for both.
    Together,
    /// It was written without the other one.
    Alone,
    /// It is being copied into.
    Incomplete,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) standing: Standing,
    pub(super) pair: u64,
    pub(super) generation: u64,
    pub(super) common: u64,
}

impl Mark {
    pub(super) fn encode(self) -> Vec<u8> {
        let Self { standing, pair, generation, common } = self;
        let mut out = Vec::with_capacity(LEN);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&[VERSION, standing as u8, 0, 0]);
        for number in [pair, generation, common] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        let sum = checksum(&out).0;
        out.extend_from_slice(&sum.to_le_bytes());
        out
    }

    /// `None` for what is not a mark.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (body, sum) = bytes.split_at_checked(CHECKSUM_AT)?;
        if sum != checksum(body).0.to_le_bytes() {
            return None;
        }
        let mut reader = ByteReader::new(body);
        if reader.take(MAGIC.len()).ok()? != MAGIC || reader.u8().ok()? != VERSION {
            return None;
        }
        let standing = match reader.u8().ok()? {
            0 => Standing::Together,
            1 => Standing::Alone,
            2 => Standing::Incomplete,
            _ => return None,
        };
        let _reserved = reader.u16_le().ok()?;
        let mut number = || {
            let low = u64::from(reader.u32_le().ok()?);
            Some(low | u64::from(reader.u32_le().ok()?) << 32)
        };
        Some(Self { standing, pair: number()?, generation: number()?, common: number()? })
    }
}

/// A copy as it was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) manifest: Option<StoredManifest>,
    pub(super) mark: Option<Mark>,
}

/// Which copy holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Both are the same.
    Same,
    /// This one has all that the other has, and more.
    Ahead(Side),
    /// Each has something that the other lacks, or they never belonged together.
    Parted,
}

impl Found {
    pub(super) fn generation(&self) -> u64 {
        self.manifest.as_ref().map_or(0, |manifest| manifest.generation)
    }

    pub(super) fn incomplete(&self) -> bool {
        self.mark.is_some_and(|mark| mark.standing == Standing::Incomplete)
    }

    /// True if its last commit was meant for both.
    fn together(&self) -> bool {
        let now = |mark: Mark| mark.standing == Standing::Together && mark.generation >= self.generation();
        self.mark.is_some_and(now)
    }

    /// The last generation that the other copy is known to have.
    pub(super) fn common(&self) -> u64 {
        match self.mark {
            Some(mark) if mark.standing == Standing::Together => mark.generation.min(self.generation()),
            Some(mark) => mark.common,
            None => 0,
        }
    }

    /// True if `other` holds nothing acknowledged that this one lacks. A commit that was meant for both and is only in
    /// `other` was acknowledged by nobody.
    fn covers(&self, other: &Self) -> bool {
        let common = if self.together() { self.generation().saturating_sub(1) } else { self.common() };
        common + u64::from(other.together()) >= other.generation()
    }
}

/// Compares the copies.
pub(super) fn judge(primary: &Found, replica: &Found) -> Verdict {
    match (&primary.manifest, &replica.manifest) {
        (None, None) => return Verdict::Same,
        (Some(_), None) if !primary.incomplete() => return Verdict::Ahead(Side::Primary),
        (None, Some(_)) if !replica.incomplete() => return Verdict::Ahead(Side::Replica),
        _ => {}
    }
    match (primary.incomplete(), replica.incomplete()) {
        (true, true) => return Verdict::Parted,
        (true, false) => return Verdict::Ahead(Side::Replica),
        (false, true) => return Verdict::Ahead(Side::Primary),
        (false, false) => {}
    }
    if primary.manifest == replica.manifest {
        return Verdict::Same;
    }
    if primary.mark.zip(replica.mark).is_none_or(|(primary, replica)| primary.pair != replica.pair) {
        return Verdict::Parted;
    }
    match (primary.covers(replica), replica.covers(primary)) {
        (true, true) if primary.generation() > replica.generation() => Verdict::Ahead(Side::Primary),
        (true, true) if primary.generation() < replica.generation() => Verdict::Ahead(Side::Replica),
        (true, false) => Verdict::Ahead(Side::Primary),
        (false, true) => Verdict::Ahead(Side::Replica),
        _ => Verdict::Parted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(generation: u64, mark: Option<(Standing, u64, u64)>) -> Found {
        let mark = mark.map(|(standing, at, common)| Mark { standing, pair: 7, generation: at, common });
        Found { manifest: Some(StoredManifest { generation, bytes: generation.to_le_bytes().to_vec() }), mark }
    }

    fn together(generation: u64) -> Found {
        found(generation, Some((Standing::Together, generation, 0)))
    }

    fn alone(generation: u64, common: u64) -> Found {
        found(generation, Some((Standing::Alone, generation, common)))
    }

    /// The verdict with the copies in either place.
    fn both_ways(a: &Found, b: &Found) -> Verdict {
        let (one, other) = (judge(a, b), judge(b, a));
        match one {
            Verdict::Ahead(side) => assert_eq!(other, Verdict::Ahead(side.other())),
            _ => assert_eq!(one, other),
        }
        one
    }

    #[test]
    fn marks_round_trip_and_no_changed_byte_goes_unnoticed() {
        for standing in [Standing::Together, Standing::Alone, Standing::Incomplete] {
            let mark = Mark { standing, pair: u64::MAX - 3, generation: 1 << 40, common: 5 };
            let bytes = mark.encode();
            assert_eq!(Mark::decode(&bytes), Some(mark));
            for at in 0..bytes.len() {
                let mut changed = bytes.clone();
                changed[at] ^= 1;
                assert_eq!(Mark::decode(&changed), None);
                assert_eq!(Mark::decode(&bytes[..at]), None);
            }
        }
    }

    #[test]
    fn the_copy_that_has_all_holds() {
        let (first, same) = (Verdict::Ahead(Side::Primary), Verdict::Same);
        assert_eq!(both_ways(&Found::default(), &Found::default()), same);
        assert_eq!(both_ways(&together(5), &together(5)), same);
        assert_eq!(both_ways(&alone(5, 3), &together(5)), same);
        // A restart between the two commits.
        assert_eq!(both_ways(&together(6), &together(5)), first);
        // One was written alone; the other may have a commit more that nobody acknowledged.
        assert_eq!(both_ways(&alone(9, 5), &together(5)), first);
        assert_eq!(both_ways(&alone(6, 5), &together(6)), same);
        assert_eq!(both_ways(&alone(7, 5), &together(6)), first);
        // A copy that was made, but whose source still says that it stands alone.
        assert_eq!(both_ways(&together(8), &alone(7, 2)), first);
        // An empty one, and one that is being copied into.
        assert_eq!(both_ways(&found(3, None), &Found::default()), first);
        let incomplete = found(40, Some((Standing::Incomplete, 40, 0)));
        assert_eq!(both_ways(&together(3), &incomplete), first);
        // Written without its mark since, with replication off.
        assert_eq!(both_ways(&found(9, Some((Standing::Together, 5, 4))), &together(5)), first);
    }

    #[test]
    fn copies_that_both_hold_something_of_their_own_have_parted() {
        assert_eq!(both_ways(&alone(9, 5), &alone(6, 5)), Verdict::Parted);
        assert_eq!(both_ways(&alone(9, 5), &together(7)), Verdict::Parted);
        assert_eq!(both_ways(&alone(9, 5), &found(6, Some((Standing::Together, 5, 4)))), Verdict::Parted);
        assert_eq!(both_ways(&found(9, None), &together(5)), Verdict::Parted);
        let mut other = together(4);
        other.mark.as_mut().unwrap().pair = 8;
        assert_eq!(both_ways(&together(5), &other), Verdict::Parted);
    }
}
