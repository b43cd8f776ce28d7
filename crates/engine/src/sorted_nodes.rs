//! The nodes of a diff as they are read, page by page: sorted for many pages at once.

use std::cell::RefCell;

use emberglass_views::DiffNode;

use crate::EngineError;
use crate::view_answers::DiffTopRequestText;

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
    pub(crate) fn page(
        &self,
        request: &DiffTopRequestText,
        sort: impl FnOnce(&DiffTopRequestText) -> Result<Nodes, EngineError>,
    ) -> Result<Nodes, EngineError> {
        let (offset, limit) = (request.offset as usize, request.limit as usize);
        let from = offset / AT_ONCE * AT_ONCE;
        // Names may be shown otherwise by the next page.
        let is_by_name = request.sort == "name" || !request.pattern.is_empty();
        if is_by_name || offset.saturating_add(limit) > from + AT_ONCE {
            return sort(request);
        }
        let window = DiffTopRequestText { offset: from as u32, limit: AT_ONCE as u32, ..request.clone() };
        let mut kept = self.kept.borrow_mut();
        if kept.as_ref().is_none_or(|(of, _)| *of != window) {
            let nodes = sort(&window)?;
            *kept = Some((window, nodes));
        }
        let Some((_, nodes)) = kept.as_ref() else { return Ok(Nodes::default()) };
        let rows = nodes.rows.iter().skip(offset - from).take(limit).copied();
        Ok(Nodes { rows: rows.collect(), count: nodes.count })
    }
}

#[cfg(test)]
mod tests {
    use emberglass_profile::FunctionId;

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
        let sort = |request: &DiffTopRequestText| {
            *sorts.borrow_mut() += 1;
            let rows = (request.offset..25_000).take(request.limit as usize).map(node).collect();
            Ok(Nodes { rows, count: 25_000 })
        };
        let ask = |request: DiffTopRequestText| {
            let page = sorted.page(&request, sort).unwrap();
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
        let refused = sorted.page(&request("x", 0, 1), |_| Err(EngineError::new("bad-argument", "no")));
        assert_eq!(refused.unwrap_err().code, "bad-argument");
        assert_eq!(sorted.page(&request("x", 0, 1), |_| Ok(Nodes::default())).unwrap(), Nodes::default());
    }
}
