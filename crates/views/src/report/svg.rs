//! The flame graph as a picture: SVG 1.1 (<https://www.w3.org/TR/SVG11/>) without script or style sheet, so that it shows
//! wherever images do.
//!
//! Boxes are those of the draw list: narrow siblings are one box with their sums, nothing is dropped. Levels are bounded;
//! what lies below the last one is in the totals above it, and a note says how much it is. Every box has a title with its
//! name, place and values, which browsers show when the pointer rests on it.

use std::fmt::Write as _;

use emberglass_columns::sorted_rows;
use emberglass_profile::{ProfileType, format_scaled};
use emberglass_trie::{MergedTrie, TreeOverflow};

use super::Facts;
use super::cut::{cells, label, middle};
use super::numbers::{Numbers, count, counted, percent};
use super::paint::{BACKGROUND, INK, MUTED, paint};
use super::text::{printable, put_xml};
use crate::{DrawBox, DrawRequest, FLAG_MERGED, FunctionPackages, Layout, display_name, node_info, visible_boxes};

/// Width of a picture that nobody chose one for, CSS pixels.
pub const SVG_WIDTH: u32 = 1200;

/// Most levels, the root's included.
const MOST_LEVELS: u32 = 200;
/// Most boxes: beyond, narrow ones are merged more eagerly.
const MOST_BOXES: usize = 20_000;
/// Boxes narrower than this are merged, CSS pixels.
const MIN_WIDTH: f64 = 1.5;

const MARGIN: u32 = 16;
const ROW: u32 = 20;
/// Baseline of the first line under the heading.
const FACTS: u32 = 50;
/// Baseline below the top of a box.
const BASELINE: u32 = 14;
/// Room left and right of a name.
const PADDING: f64 = 4.0;
/// Width of a cell of the widest of the fonts below at 12 pixels.
const CELL: f64 = 7.23;
/// Width of a cell of an interface font at 12 pixels, generously.
const WIDE_CELL: f64 = 7.6;
const MONO: &str = "ui-monospace, SF Mono, Cascadia Mono, JetBrains Mono, DejaVu Sans Mono, Menlo, Consolas, monospace";
const SANS: &str = "system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, sans-serif";
/// Longest name in a title.
const TITLE_CELLS: usize = 400;

/// A flame graph, root on top, `width` CSS pixels wide (240 to 20,000).
///
/// # Errors
/// [`TreeOverflow`] when values of different signs add up beyond 64 bits.
pub fn svg(
    trie: &MergedTrie,
    packages: &FunctionPackages,
    layout: &Layout,
    profile_type: &ProfileType,
    facts: &Facts<'_>,
    width: u32,
) -> Result<String, TreeOverflow> {
    let width = width.clamp(240, 20_000);
    let boxes = boxes(trie, packages, layout, width - 2 * MARGIN)?;
    let unit = printable(&profile_type.sample_unit);
    let picture = Picture {
        trie,
        packages,
        numbers: Numbers::new(&unit, trie.output_scale()),
        total: trie.output(trie.total()),
        width,
    };
    Ok(picture.draw(&boxes, profile_type, facts))
}

/// The boxes by level from left to right.
fn boxes(
    trie: &MergedTrie,
    packages: &FunctionPackages,
    layout: &Layout,
    width: u32,
) -> Result<Vec<DrawBox>, TreeOverflow> {
    let width = f64::from(width);
    let mut request = DrawRequest {
        focus: 0,
        x0: 0.0,
        x1: 1.0,
        depth0: 0,
        depth1: MOST_LEVELS,
        width,
        min_width: MIN_WIDTH,
        name_width: width,
    };
    let mut boxes = visible_boxes(trie, layout, packages, None, &request)?;
    while boxes.len() > MOST_BOXES && request.min_width < width {
        request.min_width *= 2.0;
        boxes = visible_boxes(trie, layout, packages, None, &request)?;
    }
    let order = sorted_rows(boxes.len(), &mut |a, b| {
        let (a, b) = (&boxes[a as usize], &boxes[b as usize]);
        a.depth.cmp(&b.depth).then(a.x.total_cmp(&b.x)).then(a.node.cmp(&b.node))
    });
    Ok(order.into_iter().map(|at| boxes[at as usize]).collect())
}

struct Picture<'a> {
    trie: &'a MergedTrie,
    packages: &'a FunctionPackages,
    numbers: Numbers<'a>,
    total: i64,
    width: u32,
}

impl Picture<'_> {
    fn draw(&self, boxes: &[DrawBox], profile_type: &ProfileType, facts: &Facts<'_>) -> String {
        let levels = boxes.iter().map(|of| of.depth + 1).max().unwrap_or(1);
        let notes = self.notes(boxes);
        let room = f64::from(self.width - 2 * MARGIN);
        let facts_lines = lines(&self.facts(profile_type, facts), (room / WIDE_CELL) as usize);
        let top = FACTS + facts_lines.len() as u32 * ROW - 2;
        let bottom = top + levels * ROW;
        let height = bottom + MARGIN + notes.len() as u32 * ROW;
        let width = self.width;
        let heading = printable(facts.heading());
        let mut out = String::new();
        // Writing to a string can't fail.
        let _ok = write!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>"
        );
        put_xml(&mut out, &middle(&heading, TITLE_CELLS));
        let _ok = write!(
            out,
            "</title>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#{BACKGROUND:06x}\"/>\n<g font-family=\"{SANS}\">\n"
        );
        let words = middle(&heading, (room / (WIDE_CELL * 1.25)) as usize);
        put_text(&mut out, MARGIN, 30, INK, "font-size=\"15\" font-weight=\"600\"", &words);
        for (at, line) in facts_lines.iter().enumerate() {
            put_text(&mut out, MARGIN, FACTS + ROW * at as u32, MUTED, "font-size=\"12\"", line);
        }
        for (at, note) in notes.iter().enumerate() {
            let note = middle(note, (room / WIDE_CELL) as usize);
            put_text(&mut out, MARGIN, bottom + ROW * (at as u32 + 1), MUTED, "font-size=\"12\"", &note);
        }
        let _ok = write!(out, "</g>\n<g font-family=\"{MONO}\" font-size=\"12\" shape-rendering=\"crispEdges\">\n");
        for of in boxes {
            self.put_box(&mut out, top, of);
        }
        out.push_str("</g>\n</svg>\n");
        out
    }

    fn facts(&self, profile_type: &ProfileType, facts: &Facts<'_>) -> Vec<String> {
        let ProfileType { name, sample_type, .. } = profile_type;
        let mut parts = vec![printable(&format!("{name}:{sample_type}")), self.numbers.readable(self.total)];
        parts.extend(facts.profiles.map(|profiles| counted(profiles, "profile")));
        parts.extend(facts.samples.map(|samples| counted(samples, "sample")));
        parts.extend(facts.range());
        parts.extend((!facts.selection.is_empty()).then(|| printable(facts.selection)));
        parts
    }

    fn notes(&self, boxes: &[DrawBox]) -> Vec<String> {
        let tree = &self.trie.tree;
        let mut notes = Vec::new();
        let deepest = tree.max_depth();
        if deepest >= MOST_LEVELS {
            let below = tree.depth.iter().zip(&tree.total).filter(|(depth, _)| **depth == MOST_LEVELS);
            let value: i128 = below.map(|(_, &total)| i128::from(total)).sum();
            // Levels of a tree hold no more than the root unless signs differ.
            let share = i64::try_from(value).map_or_else(
                |_| String::new(),
                |value| format!(", {} of the total", percent(self.trie.output(value), self.total)),
            );
            notes.push(format!(
                "Not drawn: the {} below level {MOST_LEVELS}{share}. The boxes above include them.",
                counted(u64::from(deepest - MOST_LEVELS + 1), "level"),
            ));
        }
        let merged: u64 = boxes.iter().filter(|of| of.flags & FLAG_MERGED != 0).map(|of| u64::from(of.count)).sum();
        if merged > 0 {
            notes.push(format!(
                "Light boxes stand for several frames too narrow to tell apart, {} in all.",
                count(merged)
            ));
        }
        if self.trie.negative {
            notes.push("Some values are negative: the boxes are as wide as their absolute values.".to_owned());
        }
        notes
    }

    fn put_box(&self, out: &mut String, top: u32, of: &DrawBox) {
        let is_merged = of.flags & FLAG_MERGED != 0;
        let info = node_info(self.trie, self.packages, of.node);
        let (name, place) = match &info {
            _ if is_merged => (counted(u64::from(of.count), "frame"), String::new()),
            Some(info) => {
                let place = match (info.file, info.line) {
                    ("", _) => info.binary.to_owned(),
                    (file, 0) => file.to_owned(),
                    (file, line) => format!("{file}:{line}"),
                };
                (printable(&display_name(info.name)), printable(&place))
            }
            None => return,
        };
        let paint = paint(of.color, is_merged, of.depth);
        let x = f64::from(of.x) + f64::from(MARGIN);
        let y = top + of.depth * ROW;
        // A pixel is left out between neighbours, unless that would take the box away.
        let box_width = f64::from(of.width);
        let drawn = if box_width >= 3.0 { box_width - 1.0 } else { box_width };
        out.push_str("<g><title>");
        put_xml(out, &middle(&name, TITLE_CELLS));
        if !place.is_empty() {
            out.push('\n');
            put_xml(out, &middle(&place, TITLE_CELLS));
        }
        let _ok = write!(
            out,
            "\nself {}, {}\ntotal {}, {}",
            escaped(&self.numbers.readable(of.self_value)),
            escaped(&percent(of.self_value, self.total)),
            escaped(&self.numbers.readable(of.total)),
            escaped(&percent(of.total, self.total)),
        );
        let _ok = write!(
            out,
            "</title><rect x=\"{}\" y=\"{y}\" width=\"{}\" height=\"{}\" fill=\"#{:06x}\"/>",
            pixels(x),
            pixels(drawn),
            ROW - 1,
            paint.fill,
        );
        let room = ((drawn - 2.0 * PADDING) / CELL).max(0.0) as usize;
        // A name that is cut in the middle of a count says another count.
        let shown = if is_merged { (cells(&name) <= room).then_some(name) } else { label(&name, room) };
        if let Some(shown) = shown {
            let _ok =
                write!(out, "<text x=\"{}\" y=\"{}\" fill=\"#{:06x}\">", pixels(x + PADDING), y + BASELINE, paint.text);
            put_xml(out, &shown);
            out.push_str("</text>");
        }
        out.push_str("</g>\n");
    }
}

/// Parts joined to as few lines as have the room, none of them divided.
fn lines(parts: &[String], room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        let part = middle(part, room);
        match lines.last_mut() {
            Some(line) if cells(line) + 3 + cells(&part) <= room => {
                line.push_str(" · ");
                line.push_str(&part);
            }
            _ => lines.push(part),
        }
    }
    lines
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    put_xml(&mut out, text);
    out
}

fn put_text(out: &mut String, x: u32, y: u32, fill: u32, font: &str, words: &str) {
    let _ok = write!(out, "<text x=\"{x}\" y=\"{y}\" fill=\"#{fill:06x}\" {font}>");
    put_xml(out, words);
    out.push_str("</text>\n");
}

/// CSS pixels to hundredths.
fn pixels(value: f64) -> String {
    format_scaled((value * 100.0).round() as i64, 2)
}
