//! Every fixture through every encoder and back: the same values by stack, and the same bytes the second time.

use std::path::Path;

use emberglass_formats::{Encoder, Export, encoders};
use emberglass_profile::{Batch, ErrorCode, ProfileEntry, ProfileType, Warnings};

use crate::common;
use crate::common::carried::{Values, carried, difference};
use crate::common::{decode_named, files_below, fixtures};

fn is_input(path: &Path) -> bool {
    let text = path.to_string_lossy();
    let is_other = ["malformed", "/archives/", "/fuzz-crashers/", "/blocks/", ".expected.json", "README", ".hex"]
        .iter()
        .any(|part| text.contains(part));
    // One of the series is like the other.
    let is_series = text.contains("/series/") && !text.contains("1795440986") && !text.contains("1795441039");
    !is_other && !is_series
}

fn has(warnings: &Warnings, code: &str) -> bool {
    warnings.as_slice().iter().any(|warning| warning.code == code)
}

/// What is exported together: everything, or each type by itself.
fn exports<'a>(batch: &'a Batch, encoder: &dyn Encoder) -> Vec<Export<'a>> {
    if encoder.holds_many() {
        return vec![Export::all(batch)];
    }
    let mut types: Vec<&ProfileType> = batch.profiles.iter().map(|entry| &entry.profile_type).collect();
    types.dedup();
    let of_type = |wanted: &ProfileType| batch.profiles.iter().filter(|entry| entry.profile_type == *wanted).collect();
    types.into_iter().map(|wanted| Export { batch, profiles: of_type(wanted) }).collect()
}

fn sum_of(list: &[(String, Values)]) -> i128 {
    list.iter().flat_map(|(_, values)| values.values()).sum()
}

/// Encodes, decodes, compares; the words say what differs.
fn check(export: &Export<'_>, encoder: &dyn Encoder) -> Result<(), String> {
    let name = format!("x.{}", encoder.extensions()[0]);
    let encoded = encoder.encode(export).map_err(|error| format!("not written: {error}"))?;
    if encoded.bytes.is_empty() && export.batch.tables.iter().all(|table| table.stack.is_empty()) {
        return Ok(());
    }
    let again = match decode_named(&encoded.bytes, &name) {
        Ok(batch) => batch,
        // Bars with a negative width are drawn by nobody.
        Err(_) if encoder.name() == "flamebearer" && has(&encoded.warnings, "negative-values") => return Ok(()),
        Err(error) => return Err(format!("not read back: {error} at {:?}", error.offset)),
    };
    if again.format != encoder.name() {
        return Err(format!("read back as {}", again.format));
    }
    let all: Vec<&ProfileEntry> = again.profiles.iter().collect();
    let wanted = carried(export.batch, &export.profiles, encoder.name());
    let have = carried(&again, &all, encoder.name());
    if has(&encoded.warnings, "rounded-values") {
        let off = (sum_of(&have) - sum_of(&wanted)).abs();
        if off > 1_000_000_000 * export.profiles.len() as i128 {
            return Err(format!("the rounded total is {off} off"));
        }
    } else if let Some(words) = difference(&have, &wanted).filter(|_| !has(&encoded.warnings, "inlined-flags")) {
        return Err(words);
    }
    if wanted.is_empty() {
        return Ok(());
    }
    // A bar whose width was rounded to nothing is gone.
    if encoder.name() == "flamebearer" && has(&encoded.warnings, "rounded-values") {
        return Ok(());
    }
    let second = match encoder.holds_many() {
        true => Export::all(&again),
        false => Export { batch: &again, profiles: all },
    };
    let second = encoder.encode(&second).map_err(|error| format!("not written again: {error}"))?;
    if second.bytes != encoded.bytes {
        let (a, b) = (common::gunzip(&encoded.bytes), common::gunzip(&second.bytes));
        let at = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
        let near = |bytes: &[u8]| {
            String::from_utf8_lossy(&bytes[at.saturating_sub(60).min(bytes.len())..(at + 60).min(bytes.len())])
                .into_owned()
        };
        return Err(format!("the second file differs at {at}: {:?} became {:?}", near(&a), near(&b)));
    }
    Ok(())
}

#[test]
fn every_file_goes_through_every_encoder_and_back() {
    let mut faults = Vec::new();
    let mut count = 0;
    for path in files_below(&fixtures(), is_input) {
        let name = path.strip_prefix(fixtures()).unwrap().to_string_lossy().into_owned();
        let batch = match decode_named(&std::fs::read(&path).unwrap(), &name) {
            Ok(batch) => batch,
            // What stands beside profiles: labels, documents.
            Err(error) if error.code == ErrorCode::UnrecognizedFormat => continue,
            Err(error) => panic!("{name}: {error}"),
        };
        for &encoder in encoders() {
            for export in exports(&batch, encoder) {
                count += 1;
                if let Err(words) = check(&export, encoder) {
                    faults.push(format!("{name} to {}: {words}", encoder.name()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} of {count} failed\n{}", faults.len(), faults.join("\n"));
    assert!(count > 400, "{count}");
}
