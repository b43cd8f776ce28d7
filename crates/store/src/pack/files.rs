//! What a packed block was made of: its inputs as decoders gave them.
//!
//! Types, values, stacks, lines, times, records and function tables are those of the input. Profiles have the labels that
//! they were stored with, `service_name` and those of the path among them. What differs between the samples of a profile
//! is an attribute of the samples again; the sample types of an input that share their stacks share a table again.

use emberglass_labels::LabelSet;
use emberglass_profile::{
    Attribute, AttributeSetId, AttributeValue, Batch, Frame, FrameId, Function, FunctionCosts, FunctionId, Mapping,
    MappingId, ProfileEntry, SampleTableBuilder, StackId, StringId,
};
use rustc_hash::FxHashMap;

use super::PackedBlock;
use crate::block::Content;
use crate::store::BlockContent;
use crate::{SampleAttributes, Source, StoreError};

const UNUSED: u32 = u32::MAX;

/// One input, or what there is of it.
#[derive(Clone, Debug)]
pub struct PackedFile {
    /// Path as it was dropped, or the file's name.
    pub name: String,
    /// Size of the file as it was.
    pub bytes: u64,
    /// What it holds.
    pub batch: Batch,
}

/// The inputs that the profiles of a block come from, in the order of their arrival.
///
/// # Errors
/// `Damaged` for a block that can't be read.
pub fn packed_files(packed: &PackedBlock) -> Result<Vec<PackedFile>, StoreError> {
    let content = BlockContent::unpack(packed)?;
    let block = content.block();
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); block.sources.len()];
    // Of what only sums are left no input can be made.
    for row in (0..block.profiles.len()).filter(|&row| content.has_samples(row)) {
        if let Some(of_source) = rows.get_mut(block.profiles.source[row] as usize) {
            of_source.push(row);
        }
    }
    let sources = block.sources.iter().zip(rows).filter(|(_, rows)| !rows.is_empty());
    sources.map(|(source, rows)| file(&content, source, rows)).collect()
}

/// One profile of the input: its shares, which differ in labels only.
struct Whole {
    entry: u32,
    rows: Vec<usize>,
    contents: Vec<Content>,
    labels: LabelSet,
}

fn file(content: &BlockContent, source: &Source, mut rows: Vec<usize>) -> Result<PackedFile, StoreError> {
    let block = content.block();
    let table = &block.profiles;
    emberglass_columns::heap_sort_by(&mut rows, |&a, &b| (table.entry[a], a).cmp(&(table.entry[b], b)));
    let mut profiles: Vec<Whole> = Vec::new();
    for row in rows {
        let labels =
            block.series.get(table.series[row] as usize).map(|series| series.labels.clone()).unwrap_or_default();
        match profiles.last_mut().filter(|whole| whole.entry == table.entry[row]) {
            Some(whole) => {
                whole.labels = common(&whole.labels, &labels);
                whole.rows.push(row);
                whole.contents.push(content.of(row)?);
            }
            None => {
                let contents = vec![content.of(row)?];
                profiles.push(Whole { entry: table.entry[row], rows: vec![row], contents, labels });
            }
        }
    }

    let mut taker = Taker::new(content);
    let mut at = 0;
    while let Some(first) = profiles.get(at) {
        let more = profiles.get(at + 1..).unwrap_or_default();
        let together = 1 + more.iter().take_while(|other| content.share_a_table(first, other)).count();
        taker.table(profiles.get(at..at + together).unwrap_or_default())?;
        at += together;
    }
    let default_entry = source.default_entry.and_then(|entry| profiles.iter().position(|of| of.entry == entry));
    let mut batch = Batch {
        format: source.format.clone(),
        content_hash: source.content_hash,
        default_sample_type: source.default_sample_type.clone(),
        default_entry: default_entry.map(|at| at as u32),
        service_name: source.service_name.clone(),
        comments: source.comments.clone(),
        metadata: source.metadata.clone(),
        drop_frames: source.drop_frames.clone(),
        keep_frames: source.keep_frames.clone(),
        ..taker.batch
    };
    for warning in &source.warnings {
        batch.warnings.add_many(&warning.code, warning.count, warning.offset, || warning.message.clone());
    }
    Ok(PackedFile { name: source.name.clone(), bytes: source.bytes, batch })
}

/// The labels that both have.
fn common(a: &LabelSet, b: &LabelSet) -> LabelSet {
    a.iter().filter(|&(name, value)| b.get(name) == Some(value)).collect()
}

impl BlockContent {
    /// True if two profiles of one input are two sample types of the same records.
    fn share_a_table(&self, a: &Whole, b: &Whole) -> bool {
        let table = &self.block().profiles;
        let times = |whole: &Whole| -> Vec<(Vec<i64>, Vec<u32>, Vec<u32>)> {
            let of = |content: &Content| {
                let timeline = &content.timeline;
                (timeline.time.clone(), timeline.stacks.clone(), timeline.attributes.clone())
            };
            whole.contents.iter().map(of).collect()
        };
        let costs = |whole: &Whole| -> Vec<Option<Vec<u32>>> {
            whole.contents.iter().map(|content| content.costs.as_ref().map(|costs| costs.functions.clone())).collect()
        };
        let series = |whole: &Whole| -> Vec<LabelSet> {
            let of = |&row: &usize| self.block().series.get(table.series[row] as usize);
            whole.rows.iter().filter_map(of).map(|series| series.labels.clone()).collect()
        };
        let records = |whole: &Whole| whole.rows.iter().map(|&row| table.records[row]).sum::<u64>();
        let span = |whole: &Whole| whole.rows.first().map(|&row| (table.start[row], table.duration[row]));
        span(a) == span(b)
            && records(a) == records(b)
            && a.labels == b.labels
            && series(a) == series(b)
            && costs(a) == costs(b)
            && times(a) == times(b)
    }
}

/// Takes what profiles refer to from a block into a batch.
struct Taker<'a> {
    content: &'a BlockContent,
    batch: Batch,
    stacks: Vec<u32>,
    frames: Vec<u32>,
    functions: Vec<u32>,
    mappings: Vec<MappingId>,
}

impl<'a> Taker<'a> {
    fn new(content: &'a BlockContent) -> Self {
        let block = content.block();
        let mut taker = Self {
            content,
            batch: Batch::default(),
            stacks: vec![UNUSED; block.stacks.len()],
            frames: vec![UNUSED; block.symbols.frames.len()],
            functions: vec![UNUSED; block.symbols.functions.len()],
            mappings: Vec::new(),
        };
        if let Some(root) = taker.stacks.first_mut() {
            *root = 0;
        }
        for mapping in block.symbols.mappings.iter() {
            let (file, build_id) = (taker.string(mapping.file), taker.string(mapping.build_id));
            let id = taker.batch.symbols.mappings.intern(Mapping { file, build_id, ..mapping });
            taker.mappings.push(id);
        }
        taker
    }

    fn string(&mut self, id: StringId) -> StringId {
        self.batch.symbols.strings.intern(self.content.block().symbols.text(id))
    }

    fn function(&mut self, row: u32) -> FunctionId {
        match self.functions.get(row as usize) {
            Some(&UNUSED) => {}
            Some(&known) => return FunctionId(known),
            None => return FunctionId::default(),
        }
        let found = self.content.block().symbols.functions.get(FunctionId(row)).unwrap_or_default();
        let Function { name, system_name, file, start_line } = found;
        let (name, system_name, file) = (self.string(name), self.string(system_name), self.string(file));
        let id = self.batch.symbols.functions.intern(Function { name, system_name, file, start_line });
        self.functions[row as usize] = id.0;
        id
    }

    fn frame(&mut self, id: FrameId) -> FrameId {
        match self.frames.get(id.index()) {
            Some(&UNUSED) => {}
            Some(&known) => return FrameId(known),
            None => return id,
        }
        let frame = self.content.block().symbols.frames.get(id).unwrap_or_default();
        let function = self.function(frame.function.0);
        let mapping = self.mappings.get(frame.mapping.index()).copied().unwrap_or_default();
        let taken = self.batch.symbols.frames.intern(Frame { function, mapping, ..frame });
        self.frames[id.index()] = taken.0;
        taken
    }

    /// Takes a stack with all that it lies on; no walk is deeper than what was not taken yet.
    fn stack(&mut self, stack: u32) -> StackId {
        let all = &self.content.block().stacks;
        let mut missing = Vec::new();
        let mut at = StackId(stack);
        let mut parent = loop {
            match self.stacks.get(at.index()) {
                Some(&UNUSED) => missing.push(at),
                Some(&known) => break StackId(known),
                None => break StackId::ROOT,
            }
            at = all.parent(at);
        };
        while let Some(at) = missing.pop() {
            let frame = self.frame(all.frame(at));
            parent = self.batch.stacks.push(parent, frame).unwrap_or_default();
            self.stacks[at.index()] = parent.0;
        }
        parent
    }

    /// The attribute set `set` of the block, and what the labels of a series say beside `labels`.
    fn set(&mut self, set: u32, series: &LabelSet, labels: &LabelSet) -> AttributeSetId {
        let SampleAttributes { strings, sets } = self.content.attributes();
        let own = &mut self.batch.symbols.strings;
        let mut taken: Vec<Attribute> = Vec::new();
        for Attribute { key, value } in sets.get(AttributeSetId(set)) {
            let value = match *value {
                AttributeValue::Text(text) => AttributeValue::Text(own.intern(strings.get(text))),
                AttributeValue::Number(number, unit) => AttributeValue::Number(number, own.intern(strings.get(unit))),
            };
            taken.push(Attribute { key: own.intern(strings.get(*key)), value });
        }
        for (name, value) in series.iter().filter(|(name, _)| labels.get(name).is_none()) {
            taken.push(Attribute { key: own.intern(name), value: AttributeValue::Text(own.intern(value)) });
        }
        self.batch.attributes.intern(&mut taken)
    }

    /// Adds profiles that are sample types of the same records, as one table.
    fn table(&mut self, profiles: &[Whole]) -> Result<(), StoreError> {
        let block = self.content.block();
        let profile_table = &block.profiles;
        let first_row = |whole: &Whole| whole.rows.first().copied().unwrap_or_default();
        let scales: Vec<u8> = profiles.iter().map(|whole| profile_table.scale[first_row(whole)]).collect();
        let mut builder = SampleTableBuilder::new(&scales);
        let overflow = |_sum| StoreError::ValueOverflow;
        let mut values = vec![0; profiles.len()];
        let mut sets: FxHashMap<(usize, u32), AttributeSetId> = FxHashMap::default();
        for (column, whole) in profiles.iter().enumerate() {
            for (share, (&row, content)) in whole.rows.iter().zip(&whole.contents).enumerate() {
                let Some(series) = block.series.get(profile_table.series[row] as usize) else { continue };
                let mut key = |taker: &mut Self, stack: u32, set: u32| {
                    let stack = taker.stack(stack);
                    let taken = sets.entry((share, set));
                    (stack, *taken.or_insert_with(|| taker.set(set, &series.labels, &whole.labels)))
                };
                if content.timeline.is_empty() {
                    for (stack, set, value) in content.rows.iter() {
                        let (stack, set) = key(self, stack.0, set.0);
                        values[column] = value;
                        builder.add(stack, set, &values).map_err(overflow)?;
                        values[column] = 0;
                    }
                } else if column == 0 {
                    for (record, (time, stack, set, _)) in content.timeline.iter().enumerate() {
                        let (stack, set) = key(self, stack.0, set.0);
                        for (value, of) in values.iter_mut().zip(profiles) {
                            let timeline = of.contents.get(share).map(|content| &content.timeline.values);
                            *value = timeline.and_then(|values| values.get(record)).copied().unwrap_or_default();
                        }
                        builder.add_at(time, stack, set, &values).map_err(overflow)?;
                    }
                    values.iter_mut().for_each(|value| *value = 0);
                }
            }
        }
        let mut table = builder.finish();
        table.records = profiles.first().map_or(0, |of| of.rows.iter().map(|&row| profile_table.records[row]).sum());
        let number = self.batch.tables.len() as u32;
        self.batch.tables.push(table);
        self.costs(profiles, number);
        for (column, whole) in profiles.iter().enumerate() {
            let row = first_row(whole);
            let own_clock = whole.contents.iter().any(|content| content.timeline.own_clock);
            let profile_type = block.series.get(profile_table.series[row] as usize);
            self.batch.profiles.push(ProfileEntry {
                profile_type: profile_type.map(|series| series.profile_type.clone()).unwrap_or_default(),
                table: number,
                column: column as u32,
                labels: whole.labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
                start: (!own_clock).then_some(profile_table.start[row]),
                duration: profile_table.duration[row],
                period: profile_table.period[row],
            });
        }
        Ok(())
    }

    /// Takes what is stated of functions, which is the same functions for all of `profiles`.
    fn costs(&mut self, profiles: &[Whole], table: u32) {
        let all = || profiles.iter().filter_map(|whole| whole.contents.first()?.costs.as_ref());
        let Some(first) = all().next() else { return };
        let function = first.functions.iter().map(|&row| self.function(row)).collect();
        let (own, total) = (all().map(|costs| costs.own.clone()), all().map(|costs| costs.total.clone()));
        let (own, total) = (own.collect(), total.collect());
        self.batch.function_tables.push(FunctionCosts { table, function, own, total });
    }
}
