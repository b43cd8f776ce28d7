//! A merged trie as a batch: what leaves the engine to be written in another format.

use emberglass_profile::{
    AttributeSetId, Batch, Frame, FrameId, FunctionId, ProfileEntry, ProfileType, SampleTable, StackId, StackTable,
    ValueColumn,
};

use crate::{MergedTrie, NoYield, TreeOverflow, Work, YieldNow, at_once, slices};

/// Units of work of a function and of a node, see [`Work`].
const FUNCTION: usize = 8;
const UNITS: usize = 3;

impl MergedTrie {
    /// One profile of `profile_type`, with a stack for each node and a sample for each own value.
    ///
    /// Averages are divided; the edges between stacks are rounded as [`Self::output`] rounds, so that the values
    /// still add up to the total as it is shown. Times, labels and the lines of calls are gone since the merge: a
    /// frame has the line that its function is shown with.
    ///
    /// # Errors
    /// [`TreeOverflow`] when the sum of some stacks, of values of different signs, leaves the 64-bit range.
    pub fn to_batch(&self, profile_type: ProfileType) -> Result<Batch, TreeOverflow> {
        at_once(self.to_batch_sliced(profile_type, &NoYield))
    }

    /// As [`Self::to_batch`], in slices.
    ///
    /// # Errors
    /// As [`Self::to_batch`].
    pub async fn to_batch_sliced(
        &self,
        profile_type: ProfileType,
        pause: &impl YieldNow,
    ) -> Result<Batch, TreeOverflow> {
        let mut work = Work::default();
        let mut symbols = self.symbols.clone();
        let mut frames: Vec<FrameId> = Vec::with_capacity(self.line.len());
        for functions in slices(0..self.line.len()) {
            let units = functions.len() * FUNCTION;
            let shown = self.line[functions.clone()].iter().zip(&self.mapping[functions.clone()]).zip(functions);
            frames.extend(shown.map(|((&line, &mapping), row)| {
                let function = FunctionId(row as u32);
                symbols.frames.intern(Frame { function, line, mapping, ..Frame::default() })
            }));
            work.done(units, pause).await;
        }
        let frame_of = |node: usize| frames.get(self.tree.key[node] as usize).copied().unwrap_or_default();
        let mut samples = 0;
        for nodes in slices(0..self.tree.len()) {
            work.done(nodes.len(), pause).await;
            samples += self.tree.self_value[nodes].iter().filter(|&&own| own != 0).count();
        }
        // As many as there will be: a list that grows is copied in one go.
        let mut stacks = StackTable::with_capacity(self.tree.len());
        let mut table = SampleTable::default();
        table.stack.reserve_exact(samples);
        table.attributes.reserve_exact(samples);
        let mut column = ValueColumn { values: Vec::with_capacity(samples), scale: self.output_scale() };
        let mut sum = 0i64;
        let mut edge = 0;
        for nodes in slices(0..self.tree.len()) {
            let units = nodes.len() * UNITS;
            for node in nodes {
                if node > 0 {
                    stacks.push(StackId(self.tree.parent[node]), frame_of(node));
                }
                let own = self.tree.self_value[node];
                if own != 0 {
                    sum = sum.checked_add(own).ok_or(TreeOverflow)?;
                    let start = std::mem::replace(&mut edge, self.output(sum));
                    table.stack.push(StackId(node as u32));
                    table.attributes.push(AttributeSetId::default());
                    column.values.push(edge.checked_sub(start).ok_or(TreeOverflow)?);
                }
            }
            work.done(units, pause).await;
        }
        table.records = table.stack.len() as u64;
        table.columns.push(column);
        Ok(Batch {
            symbols,
            stacks,
            tables: vec![table],
            profiles: vec![ProfileEntry { profile_type, ..ProfileEntry::default() }],
            ..Batch::default()
        })
    }
}
