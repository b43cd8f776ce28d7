//! Batches in a readable form, and what a store holds in the same form.

use std::collections::BTreeMap;

use emberglass_labels::LabelSet;
use emberglass_profile::{
    Attribute, AttributeSetId, AttributeValue, Batch, ContentHash, Frame, Function, FunctionCosts, FunctionId, Mapping,
    ProfileEntry, SampleTableBuilder, StackId,
};
use emberglass_store::{Backend, CompactStep, FaultMode, Origin, Store, StoreError, Urgency};
use emberglass_trie::StackBuilder;

/// Stack from the root as `name:line`, text attributes, value.
pub(crate) type Sample = (Vec<(String, u32)>, Vec<(String, String)>, i64);

/// One profile of a batch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plain {
    pub(crate) sample_type: String,
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) start: Option<i64>,
    pub(crate) scale: u8,
    pub(crate) samples: Vec<Sample>,
    /// Time of each sample; fewer than samples: the profile has no times.
    pub(crate) times: Vec<i64>,
    /// What is stated of functions: name, own and total value.
    pub(crate) costs: Vec<(String, i64, i64)>,
}

impl Plain {
    fn timed(&self) -> bool {
        self.times.len() >= self.samples.len()
    }
}

/// A batch; every profile has a table of its own.
pub(crate) fn batch(hash: u128, profiles: &[Plain]) -> Batch {
    let mut batch = Batch { format: "plain".to_owned(), content_hash: ContentHash(hash), ..Batch::default() };
    let text = batch.symbols.strings.intern("/bin/plain");
    let mapping =
        batch.symbols.mappings.push(Mapping { start: 4096, limit: 8192, offset: 1, file: text, build_id: text });
    let mut stacks = StackBuilder::default();
    for (at, plain) in profiles.iter().enumerate() {
        let mut table = SampleTableBuilder::new(&[plain.scale]);
        for (row, (stack, attributes, value)) in plain.samples.iter().enumerate() {
            let mut frames = Vec::new();
            for (name, line) in stack {
                let name = batch.symbols.strings.intern(name);
                let file = batch.symbols.strings.intern("plain.rs");
                let function = Function { name, system_name: name, file, start_line: 10 };
                let function = batch.symbols.functions.intern(function);
                frames.push(batch.symbols.frames.intern(Frame { function, line: *line, mapping, ..Frame::default() }));
            }
            let mut set = Vec::new();
            for (key, value) in attributes {
                let key = batch.symbols.strings.intern(key);
                let value = match value.parse() {
                    Ok(number) => AttributeValue::Number(number, batch.symbols.strings.intern("unit")),
                    Err(_) => AttributeValue::Text(batch.symbols.strings.intern(value)),
                };
                set.push(Attribute { key, value });
            }
            let (stack, set) = (stacks.insert(frames), batch.attributes.intern(&mut set));
            if plain.timed() {
                table.add_at(plain.times[row], stack, set, &[*value]).unwrap();
            } else {
                table.add(stack, set, &[*value]).unwrap();
            }
        }
        if !plain.costs.is_empty() {
            let mut costs = FunctionCosts { table: at as u32, ..FunctionCosts::default() };
            for (name, ..) in &plain.costs {
                let name = batch.symbols.strings.intern(name);
                let file = batch.symbols.strings.intern("plain.rs");
                let function = Function { name, system_name: name, file, start_line: 10 };
                costs.function.push(batch.symbols.functions.intern(function));
            }
            costs.own.push(plain.costs.iter().map(|(_, own, _)| *own).collect());
            costs.total.push(plain.costs.iter().map(|(.., total)| *total).collect());
            batch.function_tables.push(costs);
        }
        batch.tables.push(table.finish());
        batch.profiles.push(ProfileEntry {
            profile_type: format!("plain:{}:count::", plain.sample_type).parse().unwrap(),
            table: at as u32,
            labels: plain.labels.clone(),
            start: plain.start,
            duration: 10,
            period: 100,
            ..ProfileEntry::default()
        });
    }
    batch.stacks = stacks.finish();
    batch
}

pub(crate) fn origin(service: &str, fallback_start: i64) -> Origin {
    Origin {
        name: format!("{service}.plain"),
        labels: [("service_name", service)].into_iter().collect(),
        fallback_start,
        ..Origin::default()
    }
}

/// The content hash and the profile of input `n`, which starts at 10 n.
pub(crate) fn input(n: u8) -> (u128, [Plain; 1]) {
    let samples = vec![(vec![("main".to_owned(), 1), (format!("f{n}"), 2)], vec![], i64::from(n) + 1)];
    let start = Some(i64::from(n) * 10);
    (u128::from(n), [Plain { sample_type: "cpu".to_owned(), start, samples, ..Plain::default() }])
}

/// What is stored of input `n` of service `a`.
pub(crate) fn profiles(n: u8) -> Vec<Kept> {
    let (hash, profiles) = input(n);
    kept(hash, &profiles, &origin("a", 0))
}

/// Stores input `n` of service `a`.
pub(crate) async fn ingest<B: Backend>(store: &Store<B>, n: u8) -> Result<(), StoreError> {
    let (hash, profiles) = input(n);
    store.stage(&batch(hash, &profiles), &origin("a", 0)).await?;
    store.commit().await.map(|_report| ())
}

/// A stored profile, by value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Kept {
    pub(crate) hash: u128,
    pub(crate) profile_type: String,
    pub(crate) labels: LabelSet,
    pub(crate) start: i64,
    pub(crate) total: i64,
    /// Value by stack (`name:line;name:line`) and attributes that stayed with the sample.
    pub(crate) samples: Samples,
    /// Records in order of time: time, stack, attributes, value. Whether the clock is the source's own.
    pub(crate) records: Option<(bool, Vec<Record>)>,
    /// Own and total value by function.
    pub(crate) costs: BTreeMap<String, (i64, i64)>,
}

/// Value by stack and attributes.
pub(crate) type Samples = BTreeMap<(String, String), i64>;

/// Time, stack, attributes, value.
pub(crate) type Record = (i64, String, String, i64);

/// What a batch should become.
pub(crate) fn kept(hash: u128, profiles: &[Plain], origin: &Origin) -> Vec<Kept> {
    let mut all = Vec::new();
    for plain in profiles {
        let mut base = origin.labels.clone();
        for (name, value) in &plain.labels {
            base.insert_if_absent(name, value);
        }
        let mut by_labels: BTreeMap<LabelSet, (Samples, Vec<Record>)> = BTreeMap::new();
        if plain.samples.is_empty() {
            by_labels.insert(base.clone(), Default::default());
        }
        for (row, (stack, attributes, value)) in plain.samples.iter().enumerate() {
            let mut labels = base.clone();
            let mut rest = Vec::new();
            let mut attributes = attributes.clone();
            attributes.sort();
            for (name, value) in &attributes {
                let is_label = value.parse::<i64>().is_err() && name != "span_id" && name != "trace_id";
                if is_label {
                    labels.insert_if_absent(name, value);
                }
                if !is_label || labels.get(name) != Some(value.as_str()) {
                    rest.push(format!("{name}={value}"));
                }
            }
            rest.sort();
            let frames: Vec<String> = stack.iter().map(|(name, line)| format!("{name}:{line}")).collect();
            let (samples, records) = by_labels.entry(labels).or_default();
            *samples.entry((frames.join(";"), rest.join(","))).or_default() += value;
            if plain.timed() {
                records.push((plain.times[row], frames.join(";"), rest.join(","), *value));
            }
        }
        let whole = by_labels.len() == 1;
        for (labels, (mut samples, mut records)) in by_labels {
            records.sort_by_key(|record| record.0);
            samples.retain(|_, value| *value != 0);
            all.push(Kept {
                hash,
                profile_type: format!("plain:{}:count::", plain.sample_type),
                labels,
                start: plain.start.unwrap_or(origin.fallback_start),
                total: samples.values().sum(),
                samples,
                records: (!records.is_empty()).then_some((plain.start.is_none(), records)),
                costs: match whole {
                    true => plain.costs.iter().map(|(name, own, total)| (name.clone(), (*own, *total))).collect(),
                    false => BTreeMap::new(),
                },
            });
        }
    }
    all
}

/// Everything a store holds, sorted.
pub(crate) async fn contents<B: Backend>(store: &Store<B>) -> Result<Vec<Kept>, StoreError> {
    let mut all = Vec::new();
    for meta in &store.manifest().blocks {
        let block = store.block(meta.id).await?;
        let attributes = store.attributes(meta.id).await?;
        assert_eq!(block.profiles.len(), meta.profiles as usize);
        assert_eq!(block.series.len(), meta.series as usize);
        for row in 0..block.profiles.len() {
            let series = &block.series[block.profiles.series[row] as usize];
            let part = store.samples(meta.id, block.profiles.sample_part[row]).await?;
            let mut samples = BTreeMap::new();
            let mut total = 0;
            let stack_text = |stack: StackId| {
                let mut frames: Vec<String> = block
                    .stacks
                    .leaf_to_root(stack)
                    .map(|frame| {
                        let frame = block.symbols.frames.get(frame).unwrap();
                        assert_eq!(block.symbols.mappings.get(frame.mapping).unwrap().limit, 8192);
                        format!("{}:{}", block.symbols.function_name(frame.function), frame.line)
                    })
                    .collect();
                frames.reverse();
                frames.join(";")
            };
            let set_text = |set: AttributeSetId| {
                let mut rest: Vec<String> = Vec::new();
                for Attribute { key, value } in attributes.sets.get(set) {
                    let value = match value {
                        AttributeValue::Text(text) => attributes.strings.get(*text).to_owned(),
                        AttributeValue::Number(number, _) => number.to_string(),
                    };
                    rest.push(format!("{}={value}", attributes.strings.get(*key)));
                }
                rest.sort();
                rest.join(",")
            };
            block.for_each_sample(row, &part, |stack, set, value| {
                total += value;
                assert!(samples.insert((stack_text(stack), set_text(set)), value).is_none());
            })?;
            let records = store.records(&block, row).await?.map(|records| {
                let list =
                    records.iter().map(|(time, stack, set, value)| (time, stack_text(stack), set_text(set), value));
                (records.own_clock, list.collect())
            });
            let costs = store.costs(&block, row).await?.unwrap_or_default();
            let name = |function| block.symbols.function_name(FunctionId(function)).to_owned();
            let costs = costs.iter().map(|(function, own, total)| (name(function), (own, total))).collect();
            assert_eq!(total, block.profiles.total[row]);
            all.push(Kept {
                hash: block.sources[block.profiles.source[row] as usize].content_hash.0,
                profile_type: series.profile_type.to_string(),
                labels: series.labels.clone(),
                start: block.profiles.start[row],
                total,
                samples,
                records,
                costs,
            });
        }
    }
    all.sort();
    Ok(all)
}

/// Runs `attempt` with every operation failing in every way, until none is that far; `attempt` gets what fails, and gives the
/// operations that there were. How many faults that was.
pub(crate) async fn every_fault(attempt: impl AsyncFn(u64, FaultMode) -> u64) -> u64 {
    let mut faults = 0;
    for nth in 0.. {
        let mut reached = false;
        for mode in FaultMode::ALL {
            reached |= attempt(nth, mode).await > nth;
            faults += 1;
        }
        if !reached {
            break;
        }
    }
    faults
}

/// Merges until nothing is due, in steps of `limit`.
pub(crate) async fn compact<B: Backend>(store: &Store<B>, limit: usize) -> Result<(), StoreError> {
    while let Some(mut compaction) = store.plan_compaction(Urgency::All) {
        while store.compact_step(&mut compaction, limit).await? == CompactStep::More {}
    }
    Ok(())
}
