/**
 * Styles that the elements share: the custom properties of the host page under names of their own, with values for pages
 * that set none (`README.md` in `www/elements` lists them).
 */

import { css } from 'lit';

export const tokens = css`
  :host {
    --_bg: var(--eg-bg, light-dark(oklch(99.3% 0.002 70), oklch(18.5% 0.006 60)));
    --_bg-raised: var(--eg-bg-raised, light-dark(oklch(97.3% 0.003 70), oklch(21.8% 0.007 60)));
    --_bg-overlay: var(--eg-bg-overlay, light-dark(oklch(99.3% 0.002 70), oklch(23% 0.007 60)));
    --_bg-hover: var(--eg-bg-hover, light-dark(oklch(94.3% 0.005 70), oklch(28% 0.009 60)));
    --_bg-selected: var(--eg-bg-selected, light-dark(oklch(93% 0.03 55), oklch(30% 0.04 50)));
    --_line: var(--eg-line, light-dark(oklch(90.5% 0.004 70), oklch(28.5% 0.008 60)));
    --_line-strong: var(--eg-line-strong, light-dark(oklch(83% 0.006 70), oklch(37% 0.01 60)));
    --_text: var(--eg-text, light-dark(oklch(24% 0.01 60), oklch(92% 0.006 70)));
    --_text-muted: var(--eg-text-muted, light-dark(oklch(46% 0.012 60), oklch(70.5% 0.012 70)));
    --_accent: var(--eg-accent, oklch(68% 0.17 45));
    --_focus: var(--eg-focus, light-dark(oklch(55% 0.17 255), oklch(72% 0.14 250)));
    --_shadow: var(
      --eg-shadow,
      0 0 0 1px light-dark(oklch(0% 0 0 / 10%), oklch(100% 0 0 / 12%)),
      0 8px 28px light-dark(oklch(0% 0 0 / 14%), oklch(0% 0 0 / 55%))
    );
    --_font: var(--eg-font, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif);
    --_mono: var(
      --eg-mono,
      ui-monospace, 'SF Mono', 'Cascadia Mono', 'JetBrains Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace
    );
    background: var(--_bg);
    color: var(--_text);
    font: 13px / 20px var(--_font);
  }

  :host([hidden]) {
    display: none;
  }

  *,
  *::before,
  *::after {
    box-sizing: border-box;
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

  .state {
    position: absolute;
    inset: 0;
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    gap: 8px;
    padding: 24px;
    background: var(--_bg);
    text-align: center;
  }

  .state.loading {
    background: none;
    pointer-events: none;
    opacity: 0;
    animation: appear 0s 250ms forwards;
  }

  @keyframes appear {
    to {
      opacity: 1;
    }
  }

  .state h2 {
    margin: 0;
    font-size: 14px;
    font-weight: 600;
  }

  .state p {
    margin: 0;
    max-width: 56ch;
    color: var(--_text-muted);
    overflow-wrap: anywhere;
  }

  .state button {
    height: 28px;
    margin-top: 8px;
    padding: 0 10px;
    border: 1px solid var(--_line-strong);
    border-radius: 4px;
    background: var(--_bg);
    color: inherit;
    font: inherit;
  }

  .state button:hover {
    background: var(--_bg-hover);
  }

  .state button:focus-visible {
    outline: 2px solid var(--_focus);
    outline-offset: -1px;
  }

  /* Carries the colours to the canvas and tells when they change; see theme.ts. */
  .probe {
    position: absolute;
    width: 0;
    height: 0;
    visibility: hidden;
    pointer-events: none;
    color: var(--_accent);
    background-color: var(--_bg);
    outline-color: var(--_focus);
    font-family: var(--_mono);
    transition:
      color 1ms,
      background-color 1ms,
      outline-color 1ms;
  }
`;
