/** Styles of the compare page. */

import { css } from 'lit';

export const comparePageStyles = css`
  eg-compare-page {
    display: flex;
    flex-direction: column;
    min-width: 0;
    min-height: 0;

    .head,
    .tools {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 8px;
      flex: none;
      padding: 4px 8px 4px 12px;
      border-bottom: 1px solid var(--eg-line);
    }

    .bases {
      display: flex;
      flex-wrap: wrap;
      gap: 4px 8px;
      min-width: 0;
    }

    h2 {
      margin: 0;
      font-size: 13px;
      font-weight: 600;
    }

    h2:focus-visible {
      outline: none;
    }

    .side {
      flex: none;
      padding: 4px 12px;
      border-bottom: 1px solid var(--eg-line);
    }

    .base {
      --eg-strip: var(--eg-focus);
    }

    .what {
      display: flex;
      align-items: center;
      gap: 8px;
      min-height: 28px;
    }

    .letter {
      color: var(--eg-focus);
    }

    .head-side .letter {
      color: var(--eg-accent-text);
    }

    .what input {
      flex: 1;
      min-width: 60px;
    }

    .what .sum {
      margin-left: auto;
      font-weight: 600;
    }

    .what .sum .muted {
      font-weight: 400;
    }

    select {
      max-width: 200px;
      height: var(--eg-control);
      border: 1px solid var(--eg-line-strong);
      border-radius: var(--eg-radius);
      background: var(--eg-bg);
      color: inherit;
      font: inherit;
    }

    .strip-room {
      height: 44px;
    }

    .body {
      display: flex;
      flex: 1;
      flex-direction: column;
      min-height: 0;
    }

    .body > .skeleton {
      flex: 1;
      margin: 8px;
    }

    .tools input {
      flex: 1;
      max-width: 260px;
      min-width: 120px;
    }

    .tools eg-diff-tools {
      margin-left: auto;
    }

    .panes {
      display: grid;
      flex: 1;
      grid-template: minmax(0, 1fr) / minmax(0, 1fr);
      min-height: 0;
    }

    .panes.both {
      grid-template-columns: minmax(0, 9fr) minmax(0, 11fr);
    }

    .panes.both > :first-child {
      border-right: 1px solid var(--eg-line);
    }

    .panes > emberglass-flamegraph {
      height: 100%;
    }

    .note {
      margin: 2px 0;
      color: var(--eg-warn);
      font-size: var(--eg-size-small);
    }

    .own[aria-pressed='true'] {
      background: var(--eg-bg-selected);
    }

    .side eg-filter-bar .bar {
      padding: 0;
      border-bottom: 0;
    }

    .reading {
      flex: none;
      padding: 4px 12px;
      border-bottom: 1px solid var(--eg-line);
    }

    @media (max-width: 719px) {
      .head .bases {
        order: 1;
        flex: 1 0 100%;
        gap: 4px;
      }

      .head .bases button {
        flex: 1 0 auto;
        padding: 0 6px;
      }

      .what {
        flex-wrap: wrap;
      }

      .what input {
        order: 1;
        flex: 1 1 28%;
      }

      eg-time-strip,
      .strip-room {
        height: 28px;
      }

      .tools input {
        max-width: none;
      }

      .tools eg-diff-tools {
        margin-left: 0;
      }

      .tools .legend .total,
      .tools.flame .list,
      .tools.table .legend,
      .tools.table eg-diff-tools select {
        display: none;
      }
    }
  }
`;
