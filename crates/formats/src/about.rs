//! What the documentation says of a format: kept beside its decoder, rendered into `docs/formats.md`.

/// A format in words. `docs/formats.md` is generated from it, and a test compares the two.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// What it is, in a few words.
    pub title: &'static str,
    /// Usual names of its files, `*` for anything. They only decide between formats that find the same in the content.
    pub files: &'static [&'static str],
    /// Where the format is specified, or its source where there is no specification.
    pub specifications: &'static [&'static str],
    /// What in the first bytes tells it from others.
    pub recognised: &'static str,
    /// What of a file is kept.
    pub kept: &'static str,
    /// What is left out, and why.
    pub dropped: &'static str,
    /// What is refused because of its size or kind.
    pub limits: &'static str,
}

/// An output format in words, for the same page.
#[derive(Clone, Copy, Debug)]
pub struct AboutOutput {
    /// Which profiles one file holds.
    pub profiles: &'static str,
    /// What of them it carries.
    pub carried: &'static str,
    /// What is left out or changed, and why.
    pub dropped: &'static str,
}
