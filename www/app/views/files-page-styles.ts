/** Styles of the files page. */

import { css } from 'lit';

import { fileLine } from './file-line.ts';

export const filesPageStyles = css`
  eg-files-page.page {
    width: min(760px, 100vw);

    label.off {
      opacity: 0.55;
    }

    summary {
      width: max-content;
      color: var(--eg-text-muted);
    }

    .labelling {
      display: grid;
      grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
      gap: 8px 16px;
      padding-top: 8px;
    }

    .labelling label {
      display: grid;
      gap: 4px;
      color: var(--eg-text-muted);
    }

    .labelling input {
      color: var(--eg-text);
    }

    .labelling p {
      grid-column: 1 / -1;
    }

    .tools,
    .chosen {
      display: flex;
      align-items: center;
      gap: 8px;
      flex: none;
      padding: 8px 16px;
      border-bottom: 1px solid var(--eg-line);
    }

    .chosen {
      background: var(--eg-bg-raised);
    }

    input[type='checkbox'] {
      flex: none;
      width: 16px;
      height: 16px;
      margin: 0;
      accent-color: var(--eg-accent);
    }

    select {
      height: var(--eg-control);
      padding: 0 4px;
      border: 1px solid var(--eg-line-strong);
      border-radius: var(--eg-radius);
      background: var(--eg-bg);
      color: inherit;
      font: inherit;
    }

    ${fileLine}

    .line {
      position: absolute;
      inset: 0 0 auto;
      display: flex;
      align-items: center;
      gap: 8px;
      height: 44px;
      padding: 0 8px 0 16px;
      border-bottom: 1px solid var(--eg-line);
    }

    .line.open {
      background: var(--eg-bg-selected);
    }

    .what {
      display: block;
      flex: 1;
      min-width: 0;
      height: 43px;
      padding: 3px 8px;
      text-align: left;
      line-height: 18px;
    }

    .line.open .what {
      background: none;
    }

    .count {
      min-width: 72px;
      text-align: right;
    }

    .none {
      padding: 16px;
    }

    .details {
      flex: none;
      max-height: 40%;
      overflow: auto;
      border-top: 1px solid var(--eg-line-strong);
      background: var(--eg-bg-raised);
    }

    dd {
      overflow-wrap: anywhere;
    }

    @media (max-width: 719px) {
      .labelling {
        grid-template-columns: minmax(0, 1fr);
      }

      .details h3 {
        flex-basis: 100%;
      }

      .details dl {
        grid-template-columns: minmax(0, 1fr);
        gap: 0;
      }

      .details dd {
        padding-bottom: 4px;
      }
    }
  }
`;
