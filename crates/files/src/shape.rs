//! What files are made into before they are asked: names, frames and stacks.

use std::collections::{BTreeMap, BTreeSet};

use emberglass_engine::{EngineError, Shaping, SourceInfo};
use emberglass_store::Origin;

use crate::FileSet;
use crate::file_set::File;
use crate::frame_filter;
use crate::packing::origin_of;
use crate::rename::{demangle, names_of_cpp};

impl FileSet {
    /// Mangled names of C++ in the files, each once, sorted.
    #[must_use]
    pub fn mangled_names(&self) -> Vec<String> {
        let names: BTreeSet<&str> = self.files.iter().flat_map(|file| names_of_cpp(&file.batch)).collect();
        names.into_iter().map(str::to_owned).collect()
    }

    /// From now on answers with demangled names: those of Rust by itself, those of C++ as `cpp` has them.
    pub fn demangle(&mut self, cpp: &BTreeMap<String, String>) {
        for file in &mut self.files {
            demangle(&mut file.batch, cpp);
        }
    }

    /// Drops the frames that the files themselves say to drop (pprof's `drop_frames` without its `keep_frames`), with
    /// all that they call.
    ///
    /// # Errors
    /// `bad-frame-filter` for a regular expression that can't be read, `value-overflow`.
    pub fn drop_frames(&mut self) -> Result<(), EngineError> {
        self.files.iter_mut().try_for_each(|file| frame_filter::apply(&file.name, &mut file.batch))
    }

    /// Applies frame filters in order, then tells frames apart by `granularity` (function without it): everything that is asked
    /// from then on is of what is left. Labels are those of samples, profiles and files, with a `template` those of paths, too.
    ///
    /// # Errors
    /// `bad-filter`, `bad-argument`, `bad-path-template`, `value-overflow`.
    pub fn filter(
        &mut self,
        filters: &[String],
        granularity: Option<&str>,
        template: Option<&str>,
    ) -> Result<(), EngineError> {
        let shaping = Shaping::read(filters, granularity)?;
        for file in &mut self.files {
            let labels = file.origin(template)?.labels;
            shaping.apply_to_batch(&mut file.batch, &labels)?;
        }
        Ok(())
    }
}

impl File {
    /// What the store needs to know of it; `template` names labels in the leading folders of its path.
    pub(crate) fn origin(&self, template: Option<&str>) -> Result<Origin, EngineError> {
        let source = SourceInfo {
            name: self.place.path.clone(),
            bytes: self.bytes as f64,
            modified_ms: Some(self.place.modified_ms),
            path_template: template.map(str::to_owned),
            ..SourceInfo::default()
        };
        origin_of(&source, &self.batch)
    }
}
