/** Styles of the tables of a comparison. */

import { css } from 'lit';

export const diffTableStyles = css`
  eg-diff-functions,
  eg-diff-nodes {
    display: flex;
    flex-direction: column;
    min-width: 0;
    min-height: 0;
    container-type: inline-size;

    .grid {
      position: relative;
      flex: 1;
      min-height: 0;
      overflow: auto;
      scrollbar-gutter: stable;
    }

    .grid:focus-visible {
      outline-offset: -2px;
    }

    .rows {
      position: relative;
      margin-top: -29px;
    }

    .row {
      display: grid;
      grid-template-columns: minmax(80px, 1fr) 76px 76px 72px 72px;
      column-gap: 4px;
      align-items: center;
      height: 24px;
      padding: 0 8px;
    }

    .told .row {
      grid-template-columns: minmax(80px, 1fr) 76px 76px 72px 72px 76px;
    }

    .rows .row {
      position: absolute;
      inset: 0 0 auto;
      cursor: default;
    }

    .rows .row[aria-selected='true'] {
      background: var(--eg-bg-selected);
    }

    .grid:focus .row.active {
      box-shadow: inset 2px 0 var(--eg-focus);
    }

    .titles.row {
      position: sticky;
      z-index: 1;
      top: 0;
      height: 29px;
      border-bottom: 1px solid var(--eg-line);
      background: var(--eg-bg);
    }

    .titles button {
      height: 24px;
      padding: 0;
      color: var(--eg-text-muted);
      font-size: var(--eg-size-small);
    }

    .end {
      overflow: hidden;
      text-align: right;
      white-space: nowrap;
    }

    .p {
      padding-right: 8px;
    }

    .mark {
      position: absolute;
      padding-left: 1px;
      color: var(--eg-accent-text);
    }

    .name {
      display: flex;
      align-items: center;
      gap: 6px;
      min-width: 0;
    }

    .rows .name {
      cursor: pointer;
    }

    .name:hover .text {
      text-decoration: underline;
    }

    .text {
      display: flex;
      min-width: 0;
      white-space: pre;
    }

    .lead,
    .tail {
      overflow: hidden;
      text-overflow: ellipsis;
    }

    .lead {
      flex: 0 1000 auto;
      min-width: 2ch;
    }

    .tail {
      flex: 0 1 auto;
      min-width: 0;
    }

    .lines {
      flex: 1;
      min-width: 0;
    }

    /* The place goes to a second line, which is not seen, where it does not fit beside the name. */
    .first {
      display: flex;
      flex-wrap: wrap;
      align-content: flex-start;
      align-items: flex-start;
      height: 24px;
      overflow: hidden;
      line-height: 24px;
    }

    .label {
      display: flex;
      align-items: center;
      gap: 6px;
      min-width: 0;
      max-width: 100%;
      height: 24px;
    }

    .place {
      min-height: 0;
      height: 24px;
      margin-left: auto;
      padding: 0 0 0 12px;
      border: 0;
      color: var(--eg-text-muted);
      font-size: var(--eg-size-small);
      line-height: inherit;
    }

    .rows .place:hover {
      background: none;
      color: var(--eg-text);
      text-decoration: underline;
      text-underline-offset: 3px;
    }

    .lines > .path {
      display: block;
      line-height: 17px;
    }

    .path {
      font-size: 11px;
    }

    .tag {
      flex: none;
      padding: 0 4px;
      border: 1px solid var(--eg-line-strong);
      border-radius: 3px;
      color: var(--eg-text-muted);
      font-size: 11px;
      line-height: 14px;
    }

    .change.more {
      color: var(--eg-accent-text);
    }

    .change.less {
      color: var(--eg-focus);
    }

    .none p,
    .wrong {
      margin: 0;
      padding: 12px;
    }

    .count {
      display: flex;
      flex: none;
      align-items: center;
      gap: 8px;
      padding: 2px 8px;
      border-top: 1px solid var(--eg-line);
      font-size: var(--eg-size-small);
    }

    @container (max-width: 560px) {
      .row {
        grid-template-columns: minmax(80px, 1fr) 64px 64px 68px 68px;
      }

      .told .row {
        grid-template-columns: minmax(80px, 1fr) 64px 64px 68px 76px;
      }

      .told .row > .selfChange,
      .told .rows .row > :nth-child(5) {
        display: none;
      }
    }
  }

  eg-diff-nodes .rows .row {
    height: 40px;

    .first,
    .label,
    .place {
      height: 17px;
      line-height: 17px;
    }
  }
`;
