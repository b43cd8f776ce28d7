//! What the files of the source cost, and their lines.

use emberglass_query::YieldNow;
use emberglass_store::Backend;
use emberglass_trie::{Granularity, MergedTrie};
use emberglass_views::{source_files, source_lines};
use serde::Serialize;

use crate::answers::LineAnswer;
use crate::database::Running;
use crate::results::{QueryResult, overflow};
use crate::{Database, EngineError};

/// One file of the source; see `SourceFile`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceFileAnswer {
    /// Its path, empty for all that has none.
    pub file: String,
    /// Lines with a cost, those of each function counted.
    pub lines: u32,
    /// Self value.
    #[serde(rename = "self")]
    pub self_value: i64,
    /// Total.
    pub total: i64,
}

/// One line of a file; see `SourceLine`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceLineAnswer {
    /// Line, 0 where unknown.
    pub line: u32,
    /// Self value.
    #[serde(rename = "self")]
    pub self_value: i64,
    /// Total, each stack counted once.
    pub total: i64,
    /// Functions that the line is of, the largest total first.
    pub functions: Vec<LineAnswer>,
}

impl<B: Backend> Database<B> {
    /// A result by line, which reads its selection again when it is first asked.
    pub(crate) async fn by_line<'a>(
        &self,
        result: &'a QueryResult,
        pause: &impl YieldNow,
    ) -> Result<&'a MergedTrie, EngineError> {
        let none = || EngineError::new("bad-argument", "lines are those of all that a query selected: ask its result");
        let selected = result.selection.as_ref().ok_or_else(none)?;
        if result.by_line.get().is_none() {
            let _running = Running::new(&self.queries);
            let output = emberglass_query::run(&self.store, selected, Granularity::Line, pause).await?;
            result.by_line.get_or_init(|| output.trie);
        }
        result.by_line.get().ok_or_else(none)
    }

    /// Files of the source that a result of [`Self::query`] has, by falling total.
    ///
    /// # Errors
    /// As [`Self::lines`]; `value-overflow`.
    pub async fn source_files(&self, handle: u32, pause: &impl YieldNow) -> Result<Vec<SourceFileAnswer>, EngineError> {
        let result = self.results.get(handle)?;
        let files = source_files(self.by_line(&result, pause).await?, pause).await.map_err(overflow)?;
        let answer = files.into_iter().map(|of| SourceFileAnswer {
            file: of.file.to_owned(),
            lines: of.lines,
            self_value: of.self_value,
            total: of.total,
        });
        Ok(answer.collect())
    }

    /// Lines of one of these files by line: `file` is its path as the profile has it.
    ///
    /// # Errors
    /// As [`Self::source_files`].
    pub async fn source_lines(
        &self,
        handle: u32,
        file: &str,
        pause: &impl YieldNow,
    ) -> Result<Vec<SourceLineAnswer>, EngineError> {
        let result = self.results.get(handle)?;
        let lines = source_lines(self.by_line(&result, pause).await?, file, pause).await.map_err(overflow)?;
        let answer = lines.into_iter().map(|of| SourceLineAnswer {
            line: of.line,
            self_value: of.self_value,
            total: of.total,
            functions: of.functions.into_iter().map(LineAnswer::from).collect(),
        });
        Ok(answer.collect())
    }
}
