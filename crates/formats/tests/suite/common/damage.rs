//! Broken inputs, many at a time.

use emberglass_formats::Format;

use super::Numbers;
pub(crate) use super::sound::{assert_sound, decode_as, decode_in_slices, survives};

/// Cuts `sample` at every length, flips and replaces bytes, repeats and moves pieces; `rounds` damages of each kind.
pub(crate) fn damage(format: &dyn Format, sample: &[u8], rounds: usize) {
    let step = (sample.len() / 2000).max(1);
    for len in (0..=sample.len()).step_by(step) {
        survives(format, &sample[..len]);
    }
    let mut numbers = Numbers(0x5eed);
    for _ in 0..rounds {
        let mut bytes = sample.to_vec();
        for _ in 0..1 + numbers.below(4) {
            let at = numbers.below(bytes.len());
            match numbers.below(5) {
                0 => bytes[at] ^= 1 << numbers.below(8),
                1 => bytes[at] = numbers.next() as u8,
                2 => bytes[at] = [0, 0xff, 0x7f, 0x80, b'\n', b' '][numbers.below(6)],
                3 => {
                    let end = (at + numbers.below(40)).min(bytes.len());
                    let piece = bytes[at..end].to_vec();
                    let to = numbers.below(bytes.len());
                    bytes.splice(to..to, piece);
                }
                _ => {
                    let end = (at + numbers.below(40)).min(bytes.len());
                    bytes.drain(at..end);
                }
            }
            if bytes.is_empty() {
                break;
            }
        }
        survives(format, &bytes);
        let noise: Vec<u8> = (0..numbers.below(200)).map(|_| numbers.next() as u8).collect();
        survives(format, &noise);
    }
}
