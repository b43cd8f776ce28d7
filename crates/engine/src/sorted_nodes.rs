//! The nodes of a diff as they are read, page by page: sorted for many pages at once.

use std::cell::RefCell;

use emberglass_views::DiffNode;

use crate::EngineError;
use crate::answers::DiffTopRequestText;

/// Rows that one sort is good for.
const AT_ONCE: usize = 10_000;

/// Nodes in their order, and how many there are in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Nodes {
    pub(crate) rows: Vec<DiffNode>,
    pub(crate) count: usize,
}

/// What was sorted last.
#[derive(Debug, Default)]
pub(crate) struct SortedNodes {
    kept: RefCell<Option<(DiffTopRequestText, Nodes)>>,
}

impl SortedNodes {
    /// The rows that a request asks for; `sort` gives those of any request.
    ///
    /// # Errors
    /// Those of `sort`.
    pub(crate) async fn page(
        &self,
        request: &DiffTopRequestText,
        sort: impl AsyncFnOnce(&DiffTopRequestText) -> Result<Nodes, EngineError>,
    ) -> Result<Nodes, EngineError> {
        let (offset, limit) = (request.offset as usize, request.limit as usize);
        let from = offset / AT_ONCE * AT_ONCE;
        // Names may be shown otherwise by the next page.
        let is_by_name = request.sort == "name" || !request.pattern.is_empty();
        if is_by_name || offset.saturating_add(limit) > from + AT_ONCE {
            return sort(request).await;
        }
        let window = DiffTopRequestText { offset: from as u32, limit: AT_ONCE as u32, ..request.clone() };
        let page = |nodes: &Nodes| {
            let rows = nodes.rows.iter().skip(offset - from).take(limit).copied();
            Nodes { rows: rows.collect(), count: nodes.count }
        };
        if let Some((of, nodes)) = &*self.kept.borrow()
            && *of == window
        {
            return Ok(page(nodes));
        }
        let nodes = sort(&window).await?;
        let answer = page(&nodes);
        *self.kept.borrow_mut() = Some((window, nodes));
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use emberglass_profile::FunctionId;
    use emberglass_trie::at_once;

    use super::*;

    fn request(sort: &str, offset: u32, limit: u32) -> DiffTopRequestText {
        DiffTopRequestText { sort: sort.to_owned(), offset, limit, ..DiffTopRequestText::default() }
    }

    #[test]
    fn pages_of_one_order_are_sorted_once() {
        let sorted = SortedNodes::default();
        let sorts = RefCell::new(0);
        let node =
            |node: u32| DiffNode { node, function: FunctionId(0), self_value: [0, 0], total: [0, i64::from(node)] };
        let sort = async |request: &DiffTopRequestText| {
            *sorts.borrow_mut() += 1;
            let rows = (request.offset..25_000).take(request.limit as usize).map(node).collect();
            Ok(Nodes { rows, count: 25_000 })
        };
        let ask = |request: DiffTopRequestText| {
            let page = at_once(sorted.page(&request, sort)).unwrap();
            assert_eq!(page.count, 25_000);
            let expected: Vec<u32> = (request.offset..25_000).take(request.limit as usize).collect();
            assert_eq!(page.rows.iter().map(|row| row.node).collect::<Vec<_>>(), expected);
            *sorts.borrow()
        };
        assert_eq!(ask(request("total", 0, 200)), 1);
        assert_eq!(ask(request("total", 9_800, 200)), 1);
        assert_eq!(ask(request("total", 9_900, 200)), 2, "more than is kept");
        assert_eq!(ask(request("total", 400, 200)), 2);
        assert_eq!(ask(request("total", 24_900, 200)), 3, "the next rows");
        assert_eq!(ask(request("self", 24_900, 200)), 4);
        assert_eq!(ask(DiffTopRequestText { significant: true, ..request("self", 24_900, 200) }), 5);
        assert_eq!(ask(request("name", 0, 10)), 6);
        assert_eq!(ask(request("name", 0, 10)), 7, "names change");
    }

    #[test]
    fn what_cannot_be_sorted_is_not_kept() {
        let sorted = SortedNodes::default();
        let no = async |_: &DiffTopRequestText| Err(EngineError::new("bad-argument", "no"));
        let refused = at_once(sorted.page(&request("x", 0, 1), no));
        assert_eq!(refused.unwrap_err().code, "bad-argument");
        let none = async |_: &DiffTopRequestText| Ok(Nodes::default());
        assert_eq!(at_once(sorted.page(&request("x", 0, 1), none)).unwrap(), Nodes::default());
    }
}
