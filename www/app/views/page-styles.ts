/** Styles of the pages that lie over the frame. */

import { css } from 'lit';

export const pageStyles = css`
  .page {
    width: min(640px, 100vw);

    .head {
      padding-left: 16px;
    }

    h2:focus-visible {
      outline: none;
    }

    section {
      display: grid;
      gap: 8px;
      padding: 12px 16px;
      border-bottom: 1px solid var(--eg-line);
    }

    dl {
      display: grid;
      grid-template-columns: max-content minmax(0, 1fr);
      align-items: baseline;
      gap: 4px 16px;
      margin: 0;
    }

    dt {
      color: var(--eg-text-muted);
    }

    dd,
    dd.number {
      margin: 0;
      white-space: normal;
    }

    dd:has(> button) {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 4px 8px;
    }

    p {
      margin: 0;
    }

    ul {
      margin: 0;
      padding-left: 16px;
    }

    .good {
      color: var(--eg-good);
    }

    .warn {
      color: var(--eg-warn);
    }

    .bad {
      color: var(--eg-bad);
    }

    .row {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 8px;
    }

    .row > span.muted {
      flex: 1 1 240px;
    }

    .limits {
      display: grid;
      grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
      align-items: end;
      gap: 8px 16px;
    }

    .limits label {
      display: grid;
      gap: 4px;
      color: var(--eg-text-muted);
    }

    .limits .wide-label {
      grid-column: 1 / -1;
      display: flex;
      align-items: center;
      gap: 8px;
      color: inherit;
    }

    .limits input[type="number"] {
      height: 28px;
      padding: 0 8px;
      border: 1px solid var(--eg-line);
      border-radius: 4px;
      background: var(--eg-bg);
      color: var(--eg-text);
      font: inherit;
    }

    .limits input::placeholder {
      color: var(--eg-text-muted);
      opacity: 1;
    }

    .limits button {
      justify-self: start;
    }

    table {
      width: 100%;
      border-collapse: collapse;
      table-layout: fixed;
    }

    th,
    td {
      height: 24px;
      padding: 0 8px 0 0;
      text-align: left;
      font-weight: 400;
    }

    thead th {
      color: var(--eg-text-muted);
      font-size: var(--eg-size-small);
    }

    th.end,
    td.end {
      width: 80px;
      text-align: right;
      padding-right: 16px;
    }

    .working {
      display: flex;
      align-items: center;
      gap: 12px;
      flex: none;
      height: 36px;
      padding: 0 16px;
      border-top: 1px solid var(--eg-line);
    }

    @media (max-width: 719px) {
      .wide {
        display: none;
      }
    }
  }
`;
