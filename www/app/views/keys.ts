/** All keys, as the dialog of keys lists them. */

/** Keys that work in one place; keys of an entry are apart by spaces. */
export interface KeyGroup {
  where: string;
  keys: readonly [keys: string, what: string][];
}

export const KEYS: readonly KeyGroup[] = [
  {
    where: 'Everywhere',
    keys: [
      ['/', 'Search functions'],
      ['Ctrl+K', 'Everything that can be done; ⌘K on a Mac'],
      ['?', 'These keys'],
      ['Esc', 'One step back: empty the search, close what lies over the page, zoom out'],
      ['Alt+← Alt+→', 'Back and forward through views'],
    ],
  },
  {
    where: 'In the search field',
    keys: [
      ['Enter', 'Next match in the flame graph'],
      ['Shift+Enter', 'The match before'],
    ],
  },
  {
    where: 'In the flame graph',
    keys: [
      ['↑ ↓', 'Caller, heaviest callee'],
      ['← →', 'Neighbours on the level'],
      ['Enter', 'Zoom to the frame'],
      ['Home', 'All of the result'],
      ['End', 'The end of the heaviest path'],
      ['n Shift+N', 'Next match of the search, the one before'],
      ['s', 'Callers of the function above, what it calls below'],
      ['i', 'From the leaves up, and back'],
      ['d', 'Compare with…'],
      ['f', 'Only stacks with the function'],
      ['h', 'Hide the function'],
      ['u', 'Remove the last filter'],
      ['c', 'Copy the name'],
      ['o', 'Open the source'],
      ['Shift+F10', 'Menu of the frame'],
    ],
  },
  {
    where: 'In the chart over time',
    keys: [
      ['l', 'Fold or unfold the lane of the frame'],
      ['← →', 'On the axis: begin a span, move it; on the name of a lane: fold, unfold it'],
      ['Shift+← Shift+→', 'On the axis: move the end of the span'],
      ['Enter', 'On the axis: show the stacks of the span'],
      ['Esc', 'On the axis: drop the span'],
      ['↑ ↓ Home End', 'On the name of a lane: to another lane'],
    ],
  },
  {
    where: 'In the flame graph, with the pointer',
    keys: [
      ['Ctrl+wheel', 'Zoom around the pointer'],
      ['Shift+wheel', 'Pan; dragging does too'],
      ['Double-click', 'On the root: all of the result'],
    ],
  },
  {
    where: 'In the source',
    keys: [
      ['↑ ↓ PgUp PgDn Home End', 'Move by lines'],
      ['n Shift+N', 'Next line that costs, the one before'],
      ['h', 'The line that costs most'],
      ['g', 'Go to a line'],
      ['c', 'Copy file:line'],
      ['o', 'Open the line where its repository is'],
      ['Backspace', 'All files'],
    ],
  },
  {
    where: 'In tables and lists',
    keys: [
      ['↑ ↓ Home End', 'Move; with Shift select'],
      ['Enter', 'Search for the function, zoom to the node'],
      ['o', 'Open the source'],
      ['Shift+F10', 'Menu of the row'],
      ['Ctrl+C', 'Copy the selected rows'],
    ],
  },
  {
    where: 'On the splitter',
    keys: [['← →', 'Move it']],
  },
];
