/** Styles of the top table. */

import { css } from 'lit';

export const topTableStyles = css`
  :host {
    position: relative;
    display: block;
    height: 24rem;
    overflow: hidden;
    contain: strict;
    container-type: size;
  }

  .grid {
    height: 100%;
    overflow: hidden scroll;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    scrollbar-color: var(--_line-strong) transparent;
    outline: none;
  }

  .grid:focus-visible ~ .ring {
    position: absolute;
    inset: 0;
    z-index: 2;
    border: 2px solid var(--_focus);
    pointer-events: none;
  }

  .head,
  .row {
    display: grid;
    grid-template-columns: 72px 56px 72px 56px minmax(0, 1fr);
  }

  .header {
    position: sticky;
    z-index: 1;
    top: 0;
    height: 28px;
    border-bottom: 1px solid var(--_line);
    background: var(--_bg-raised);
    color: var(--_text-muted);
    font-size: 12px;
    line-height: 27px;
  }

  [role='columnheader'] {
    padding: 0 8px;
    white-space: nowrap;
    overflow: hidden;
  }

  [role='columnheader'].number {
    padding: 0 6px 0 0;
    text-align: right;
  }

  [role='columnheader'].function {
    display: flex;
    justify-content: space-between;
    gap: 8px;
    padding-left: 12px;
  }

  .header button {
    height: 27px;
    padding: 0;
    border: 0;
    background: none;
    color: inherit;
    font: inherit;
    cursor: default;
  }

  .header button:hover,
  [aria-sort='ascending'] button,
  [aria-sort='descending'] button {
    color: var(--_text);
  }

  .header button:focus-visible {
    outline: 2px solid var(--_focus);
    outline-offset: -2px;
  }

  [aria-sort='ascending'] button::before,
  [aria-sort='descending'] button::before {
    content: '▾' / '';
    padding-right: 4px;
  }

  [aria-sort='ascending'] button::before {
    content: '▴' / '';
  }

  .function button::before {
    float: right;
    padding: 0 0 0 4px;
  }

  .count {
    font-variant-numeric: tabular-nums;
  }

  .state {
    top: 28px;
  }

  .body {
    overflow: hidden;
  }

  .row {
    height: 24px;
    line-height: 24px;
    cursor: default;
  }

  .row:hover {
    background: var(--_bg-hover);
  }

  .row[aria-selected='true'] {
    background: var(--_bg-selected);
  }

  .grid:focus-visible .row.active {
    outline: 1px solid var(--_focus);
    outline-offset: -1px;
  }

  .number {
    padding-right: 6px;
    overflow: hidden;
    text-align: right;
    white-space: nowrap;
    font-size: 12px;
    font-variant-numeric: tabular-nums;
  }

  .share {
    color: var(--_text-muted);
    background: linear-gradient(var(--_bar), var(--_bar)) no-repeat left 0 top 3px / calc(var(--share, 0) * 100%) 18px;
    --_bar: color-mix(in oklab, var(--_accent) 26%, transparent);
  }

  /* Muted text on a bar on such a row has too little contrast. */
  .row:is(:hover, [aria-selected='true']) .share {
    color: var(--_text);
  }

  .function {
    display: flex;
    flex-wrap: wrap;
    height: 24px;
    padding: 0 8px 0 12px;
    overflow: hidden;
  }

  .name,
  .place {
    display: flex;
    min-width: 0;
    font: 12px / 24px var(--_mono);
    white-space: pre;
  }

  .name {
    flex: 0 1 auto;
    max-width: 100%;
  }

  .name:hover {
    text-decoration: underline;
    text-decoration-color: var(--_text-muted);
    text-underline-offset: 3px;
  }

  .swatch {
    flex: none;
    width: 8px;
    height: 8px;
    margin: 8px 7px 8px 0;
    border-radius: 2px;
    background: var(--swatch);
  }

  /* Goes to a second line, which is not seen, where it does not fit beside the name. */
  .place {
    margin-left: auto;
    padding-left: 16px;
    color: var(--_text-muted);
  }

  button.place {
    height: 24px;
    padding-top: 0;
    padding-right: 0;
    padding-bottom: 0;
    border: 0;
    background: none;
    cursor: pointer;
  }

  button.place:hover {
    color: var(--_text);
    text-decoration: underline;
    text-underline-offset: 3px;
  }

  .lead,
  .end {
    flex: 0 1 auto;
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
  }

  .lead {
    flex-shrink: 100000;
  }

  .name .lead:not(:empty) {
    min-width: 2ch;
    color: var(--_text-muted);
  }

  .skeleton {
    display: block;
    width: 60%;
    height: 10px;
    margin: 7px 12px;
    border-radius: 2px;
    background: var(--_bg-raised);
  }

  @container (width < 400px) {
    .head,
    .row {
      grid-template-columns: 64px 0 64px 0 minmax(0, 1fr);
    }

    .share {
      visibility: hidden;
    }
  }
`;
