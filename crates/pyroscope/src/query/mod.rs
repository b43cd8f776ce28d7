//! What is asked: selections, and the answers to them.

mod cut;
mod flame;
mod names;
mod render;
mod selector;
mod series;

pub(crate) use flame::{diff, merge_profile, merge_stacktraces};
pub(crate) use names::{label_names, label_values, profile_types, series as label_sets, stats};
pub(crate) use render::{label_values_http, render, render_diff};
pub(crate) use series::select_series;
