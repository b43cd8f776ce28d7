/** Styles of the source view. */

import { css } from 'lit';

export const sourceViewStyles = css`
  eg-source {
    position: relative;
    display: flex;
    flex-direction: column;
    flex: 1;
    min-height: 0;

    .source-bar {
      display: flex;
      align-items: center;
      flex: none;
      gap: 4px;
      min-height: 33px;
      padding: 2px 8px;
      border-bottom: 1px solid var(--eg-line);
    }

    .source-bar h2 {
      margin: 0;
      font-size: 13px;
      font-weight: 600;
    }

    /* The end of a path tells more than its begin. */
    .source-bar .path {
      flex: 0 1 auto;
      direction: rtl;
    }

    .source-bar .number.wide {
      padding-left: 8px;
    }

    .go {
      flex: none;
      width: 64px;
    }

    .reading {
      flex: none;
      padding: 8px 12px;
    }

    .detail {
      display: flex;
      align-items: center;
      flex: none;
      gap: 8px;
      min-height: 33px;
      padding: 2px 8px;
      border-top: 1px solid var(--eg-line);
    }

    .functions {
      display: flex;
      gap: 4px;
      overflow: auto hidden;
      scrollbar-width: none;
    }

    .functions button {
      flex: none;
      max-width: 100%;
    }

    a.button {
      text-decoration: none;
    }

    .dropping-source {
      position: absolute;
      z-index: 4;
      inset: 0;
      display: grid;
      place-items: center;
      margin: 0;
      border: 2px solid var(--eg-accent);
      background: color-mix(in oklch, var(--eg-bg) 80%, transparent);
      font-weight: 600;
      pointer-events: none;
    }

    @media (max-width: 719px) {
      .wide {
        display: none;
      }
    }
  }
`;
