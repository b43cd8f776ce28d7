//! Older manifests, brought up to date version by version.

use std::borrow::Cow;

use crate::{Fault, RetentionPolicy};

/// Version that is written.
pub const MANIFEST_VERSION: u16 = 3;
/// Oldest version that is read.
pub(crate) const OLDEST_VERSION: u16 = 1;

/// Rewrites the body of one version as that of the next.
type Step = fn(&[u8]) -> Result<Vec<u8>, Fault>;

/// One step for each version before the current one, the oldest first.
const STEPS: [Step; (MANIFEST_VERSION - OLDEST_VERSION) as usize] = [with_policy, with_sample_ages];

/// Version 2 has a policy, which drops nothing here, and what the last scrub found, which there was none.
fn with_policy(body: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut body = body.to_vec();
    RetentionPolicy::default().put(&mut body);
    body.push(0);
    Ok(body)
}

/// Version 3 knows an age of samples, which no policy had.
fn with_sample_ages(body: &[u8]) -> Result<Vec<u8>, Fault> {
    Ok(body.to_vec())
}

/// The body of a manifest of `version` as one of [`MANIFEST_VERSION`].
pub(crate) fn upgrade(version: u16, body: &[u8]) -> Result<Cow<'_, [u8]>, Fault> {
    run(&STEPS, usize::from(version.saturating_sub(OLDEST_VERSION)), body)
}

fn run<'a>(steps: &[Step], done: usize, body: &'a [u8]) -> Result<Cow<'a, [u8]>, Fault> {
    steps.iter().skip(done).try_fold(Cow::Borrowed(body), |body, step| step(&body).map(Cow::Owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_from_the_version_on_runs_once() {
        let steps: [Step; 3] =
            [|body| Ok([body, b"a"].concat()), |body| Ok([body, b"b"].concat()), |_| Err(Fault::Missing)];
        assert_eq!(run(&steps[..2], 0, b"x").unwrap().as_ref(), b"xab");
        assert_eq!(run(&steps[..2], 1, b"x").unwrap().as_ref(), b"xb");
        assert_eq!(run(&steps[..2], 2, b"x").unwrap().as_ref(), b"x");
        assert_eq!(run(&steps, 0, b"x"), Err(Fault::Missing));
    }
}
