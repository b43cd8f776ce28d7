/** Styles that all views share: controls, popovers, states. */

import { css } from 'lit';

export const sharedStyles = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }

  :focus-visible {
    outline: 2px solid var(--eg-focus);
    outline-offset: -1px;
  }

  .drawer {
    position: absolute;
    z-index: 10;
    inset: 48px 0 25px auto;
    display: flex;
    flex-direction: column;
    background: var(--eg-bg);
    box-shadow: var(--eg-shadow);

    .head {
      display: flex;
      align-items: center;
      gap: 8px;
      flex: none;
      height: 44px;
      padding-right: 8px;
      border-bottom: 1px solid var(--eg-line);
    }

    .scroll {
      flex: 1;
      min-height: 0;
      overflow: auto;
    }

    h2,
    h3 {
      margin: 0;
      font-size: 13px;
      font-weight: 600;
    }

    @media (max-width: 719px) {
      top: 0;
    }
  }

  .choices {
    display: grid;
    gap: 4px;
  }

  .choices label {
    display: flex;
    align-items: center;
    gap: 8px;
  }

  .choices input {
    margin: 0;
    accent-color: var(--eg-accent);
  }

  .icon {
    flex: none;
    display: block;
  }

  .mono {
    font: var(--eg-size-small) / 20px var(--eg-mono);
  }

  .muted {
    color: var(--eg-text-muted);
  }

  .number {
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }

  .cut {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  /* Of a long path the end stays; the path is in an element of its own direction. */
  .cut.tail {
    direction: rtl;
    text-align: left;
  }

  .grow {
    flex: 1;
    min-width: 0;
  }

  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  button,
  input,
  .button {
    font: inherit;
    color: inherit;
  }

  button,
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    height: var(--eg-control);
    padding: 0 10px;
    border: 1px solid var(--eg-line-strong);
    border-radius: var(--eg-radius);
    background: var(--eg-bg);
    white-space: nowrap;
    cursor: default;
    user-select: none;
  }

  button:hover:not(:disabled),
  .button:hover {
    background: var(--eg-bg-hover);
  }

  button:disabled {
    color: var(--eg-text-muted);
    opacity: 0.55;
  }

  button.bare,
  .button.bare {
    border-color: transparent;
    background: none;
  }

  button.square {
    width: var(--eg-control);
    padding: 0;
  }

  button.bare:hover:not(:disabled),
  button.bare[aria-pressed='true'],
  button.bare[aria-expanded='true'],
  .button.bare:hover {
    background: var(--eg-bg-hover);
  }

  button.primary,
  .button.primary {
    border-color: transparent;
    background: var(--eg-accent);
    color: var(--eg-on-accent);
    font-weight: 600;
  }

  button.primary:hover:not(:disabled),
  .button.primary:hover {
    background: color-mix(in oklch, var(--eg-accent), var(--eg-text) 10%);
  }

  button.danger {
    border-color: transparent;
    background: var(--eg-bad);
    color: var(--eg-bg);
    font-weight: 600;
  }

  button.danger:hover:not(:disabled) {
    background: color-mix(in oklch, var(--eg-bad), var(--eg-text) 15%);
  }

  button.link {
    height: auto;
    padding: 0;
    border: 0;
    background: none;
    color: var(--eg-accent-text);
    text-decoration: underline;
    text-underline-offset: 2px;
  }

  label.button:focus-within {
    outline: 2px solid var(--eg-focus);
    outline-offset: 1px;
  }

  label.button input {
    position: absolute;
    width: 1px;
    height: 1px;
    opacity: 0;
    overflow: hidden;
  }

  label.button {
    position: relative;
  }

  input[type='text'],
  input[type='search'] {
    height: var(--eg-control);
    min-width: 0;
    padding: 0 8px;
    border: 1px solid var(--eg-line-strong);
    border-radius: var(--eg-radius);
    background: var(--eg-bg);
  }

  input::placeholder {
    color: var(--eg-text-muted);
    opacity: 1;
  }

  input[aria-invalid='true'] {
    border-color: var(--eg-bad);
  }

  kbd {
    display: inline-block;
    min-width: 20px;
    padding: 0 5px;
    border: 1px solid var(--eg-line-strong);
    border-radius: 3px;
    background: var(--eg-bg-raised);
    color: var(--eg-text-muted);
    font: 11px / 16px var(--eg-mono);
    text-align: center;
  }

  code {
    font: var(--eg-size-small) / 18px var(--eg-mono);
    color: var(--eg-text-muted);
  }

  [popover] {
    position: fixed;
    inset: auto;
    margin: 0;
    padding: 4px;
    border: 0;
    border-radius: 6px;
    background: var(--eg-bg-overlay);
    color: var(--eg-text);
    box-shadow: var(--eg-shadow);
    max-width: calc(100vw - 16px);
  }

  .menu-item {
    display: flex;
    justify-content: flex-start;
    gap: 8px;
    width: 100%;
    height: var(--eg-control);
    padding: 0 10px 0 8px;
    border: 0;
    background: none;
    text-align: left;
  }

  .menu-item .said {
    display: flex;
    gap: 4px;
    min-width: 0;
  }

  .menu-item kbd {
    margin-left: auto;
  }

  .menu-line {
    height: 1px;
    margin: 4px 0;
    background: var(--eg-line);
  }

  .menu-title {
    padding: 6px 8px 2px;
    color: var(--eg-text-muted);
    font-size: var(--eg-size-small);
  }

  .segments {
    display: flex;
    gap: 1px;
    padding: 1px;
    border: 1px solid var(--eg-line-strong);
    border-radius: var(--eg-radius);
  }

  .segments button {
    height: 24px;
    flex: 1;
    padding: 0 8px;
    border: 0;
    border-radius: 3px;
    background: none;
    color: var(--eg-text-muted);
  }

  .segments button[aria-pressed='true'] {
    background: var(--eg-bg-selected);
    color: var(--eg-text);
  }

  .state {
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    gap: 8px;
    height: 100%;
    padding: 24px;
    text-align: center;
  }

  .state h2 {
    margin: 0;
    font-size: 14px;
    font-weight: 600;
  }

  .state p {
    margin: 0;
    max-width: 56ch;
    color: var(--eg-text-muted);
    overflow-wrap: anywhere;
  }

  .state .row {
    display: flex;
    gap: 8px;
    margin-top: 8px;
    flex-wrap: wrap;
    justify-content: center;
  }

  .skeleton {
    background: var(--eg-bg-raised);
    border-radius: 2px;
  }
`;
