/** Styles of the flame graph. */

import { css } from 'lit';

export const flameStyles = css`
  :host {
    position: relative;
    display: block;
    height: 24rem;
    overflow: hidden;
    contain: strict;
  }

  .scroller {
    position: absolute;
    inset: 0;
    overflow: hidden scroll;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    scrollbar-color: var(--_line-strong) transparent;
  }

  .axis {
    position: absolute;
    top: 0;
    left: 0;
    display: none;
    height: 20px;
  }

  .axis:focus-visible {
    z-index: 1;
    outline: 2px solid var(--_focus);
    outline-offset: -2px;
  }

  :host([timed]) .axis {
    display: block;
  }

  :host([timed]) .scroller,
  :host([timed]) .map {
    top: 21px;
    border-top: 1px solid var(--_line);
  }

  .scroller.mapped {
    right: 57px;
  }

  .map {
    position: absolute;
    inset: 0 0 0 auto;
    display: none;
    width: 57px;
    border-left: 1px solid var(--_line);
    overflow: hidden;
    touch-action: none;
    cursor: default;
  }

  .map.shown {
    display: block;
  }

  .map .frame {
    position: absolute;
    box-sizing: border-box;
    min-width: 6px;
    max-width: 100%;
    border: 1px solid var(--_focus);
    background: color-mix(in oklch, var(--_focus) 14%, transparent);
    pointer-events: none;
  }

  .spacer {
    min-height: 100%;
  }

  .stage {
    position: sticky;
    top: 0;
    overflow: hidden;
  }

  canvas,
  .tree {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
  }

  .tree {
    overflow: hidden;
    outline: none;
    user-select: none;
    touch-action: pan-y;
    cursor: default;
  }

  .tree.over {
    cursor: pointer;
  }

  .tree:focus-visible {
    outline: 2px solid var(--_focus);
    outline-offset: -2px;
  }

  .lanes button {
    position: absolute;
    top: 0;
    left: 0;
    display: flex;
    max-width: 100%;
    height: 19px;
    padding: 0 8px 0 4px;
    border: 0;
    background: var(--_bg-raised);
    color: var(--_text);
    font: 600 12px / 19px var(--_font);
    white-space: pre;
    cursor: pointer;
  }

  .lanes span:first-child {
    overflow: hidden;
    text-overflow: ellipsis;
  }

  .lanes button::before {
    flex: none;
    content: '▾ ' / '';
    color: var(--_text-muted);
  }

  .lanes button[aria-expanded='false']::before {
    content: '▸ ' / '';
  }

  .lanes button:hover {
    background: var(--_bg-hover);
  }

  .lanes button:focus-visible {
    outline: 2px solid var(--_focus);
    outline-offset: -2px;
  }

  [role='treeitem'] {
    position: absolute;
    pointer-events: none;
  }
`;
