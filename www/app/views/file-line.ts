/** Styles of lists of files, two lines each; they stand inside of the list's own element. */

import { css } from 'lit';

export const fileLine = css`
  .rows {
    position: relative;
  }

  .first,
  .second {
    display: flex;
    gap: 12px;
  }

  /* Of a long path the end stays. */
  .path {
    flex: 1;
    min-width: 0;
    direction: rtl;
    text-align: left;
  }

  .second {
    color: var(--eg-text-muted);
    font-size: var(--eg-size-small);
  }
`;
