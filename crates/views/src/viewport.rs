//! From weights to pixels.

use std::ops::Range;

use crate::DrawRequest;

/// Narrowest box asked for, CSS pixels: bounds the number of boxes whatever a request says.
const LEAST_MIN_WIDTH: f64 = 0.1;

/// The visible part of the focused node.
pub(crate) struct Viewport {
    /// Visible range in weights.
    pub(crate) visible: Range<f64>,
    /// Width of the drawing area, CSS pixels.
    pub(crate) width: f64,
    /// Least weight of a box that is not narrow.
    pub(crate) min_weight: u64,
    min_width: f64,
    /// CSS pixels of one weight.
    scale: f64,
}

impl Viewport {
    /// `left` and `weight` are those of the focused node.
    pub(crate) fn new(request: &DrawRequest, left: u64, weight: u64) -> Self {
        let share = |value: f64, or: f64| if value.is_finite() { value.clamp(0.0, 1.0) } else { or };
        let (x0, x1) = (share(request.x0, 0.0), share(request.x1, 1.0));
        let (x0, x1) = if x0 < x1 { (x0, x1) } else { (0.0, 1.0) };
        let width = if request.width.is_finite() { request.width.max(1.0) } else { 1.0 };
        let min_width = if request.min_width.is_finite() { request.min_width.max(LEAST_MIN_WIDTH) } else { 1.0 };
        let (left, weight) = (left as f64, weight as f64);
        Self {
            visible: left + x0 * weight..left + x1 * weight,
            width,
            min_weight: ((min_width * (x1 - x0) * weight / width).ceil() as u64).max(1),
            min_width,
            scale: width / ((x1 - x0) * weight).max(f64::MIN_POSITIVE),
        }
    }

    /// Left edge and width of a box in pixels, cut at the edges of the drawing area. A box narrower than asked for is
    /// widened, and moved left where it would leave its parent.
    pub(crate) fn place(&self, of: &Range<u64>, parent: &Range<u64>) -> (f32, f32) {
        let (mut left, mut right) = (self.pixel(of.start), self.pixel(of.end));
        if right - left < self.min_width {
            left = left.min(self.pixel(parent.end) - self.min_width).max(self.pixel(parent.start));
            right = left + self.min_width;
        }
        let (x, end) = (left.clamp(0.0, self.width), right.clamp(0.0, self.width));
        (x as f32, (end - x) as f32)
    }

    fn pixel(&self, x: u64) -> f64 {
        (x as f64 - self.visible.start) * self.scale
    }
}
