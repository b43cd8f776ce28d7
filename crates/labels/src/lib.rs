//! Labels: sets of name and value, selectors and matchers over them, and the index that answers matchers.
//!
//! Invariants: within a [`LabelSet`] names are distinct and sorted; a label with an empty value does not
//! exist, and a matcher sees a label that does not exist as one with an empty value, as in Prometheus
//! (<https://prometheus.io/docs/prometheus/latest/querying/basics/#instant-vector-selectors>).

mod group_by;
mod index;
mod matcher;
mod parser;
mod path;
mod reading;
mod selector;
mod set;
mod spot;
mod tag_frames;
mod tags;
mod typed;

pub use group_by::{GroupBy, GroupLabel};
pub use index::SeriesIndex;
pub use matcher::{Matcher, MatcherOp, Matchers};
pub use parser::{SelectorError, name_text, quoted_text};
pub use path::{TemplateError, labels_from_path};
pub use selector::{Selector, TypeName};
pub use set::LabelSet;
pub use spot::{Spot, Wanted};
pub use tag_frames::{StackEnds, TagFrame, TagFrames};
pub use tags::TagFilter;
pub use typed::Typed;

/// What stands before the key in the name of a label that a profile's metadata is matched by.
pub const META_PREFIX: &str = "__meta_";

/// The label that names the service a profile comes from.
pub const SERVICE_NAME: &str = "service_name";
