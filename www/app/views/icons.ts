/** The icons of the app: 16 px strokes in the colour of the text. */

import { svg } from 'lit';
import type { TemplateResult } from 'lit';

function icon(paths: TemplateResult): TemplateResult {
  return svg`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor"
    stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${paths}</svg>`;
}

/** The mark: an ember. */
export const mark = svg`<svg class="mark" viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
  <path fill="#b8461b" d="M8 .8 15.2 8 8 15.2.8 8z"/><path fill="#f4803e" d="M8 3.2 12.8 8 8 12.8 3.2 8z"/>
  <path fill="#ffd9a8" d="M8 6 10 8 8 10 6 8z"/></svg>`;

export const chevronUp = icon(svg`<path d="m4.5 9.5 3.5-3.5 3.5 3.5"/>`);
export const chevronDown = icon(svg`<path d="m4.5 6.5 3.5 3.5 3.5-3.5"/>`);
export const chevronLeft = icon(svg`<path d="M9.5 4.5 6 8l3.5 3.5"/>`);
export const chevronRight = icon(svg`<path d="M6.5 4.5 10 8l-3.5 3.5"/>`);
export const close = icon(svg`<path d="m4.5 4.5 7 7m0-7-7 7"/>`);
export const plus = icon(svg`<path d="M8 3.5v9M3.5 8h9"/>`);
export const search = icon(svg`<circle cx="7" cy="7" r="3.6"/><path d="m9.8 9.8 3 3"/>`);
export const more = icon(svg`<g fill="currentColor" stroke="none"><circle cx="3.5" cy="8" r="1.2"/><circle cx="8" cy="8" r="1.2"/><circle cx="12.5" cy="8" r="1.2"/></g>`);
export const check = icon(svg`<path d="m3.5 8.5 3 3 6-7"/>`);
export const compare = icon(svg`<path d="M5.5 3.500v9m0 0L3 10m2.500 2.500L8 10M10.500 12.500v-9m0 0L8 6m2.500-2.500L13 6"/>`);
export const file = icon(svg`<path d="M4 2.5h5l3 3v8H4z"/><path d="M9 2.5v3h3"/>`);
export const folder = icon(svg`<path d="M2.5 4.5h4l1.5 1.5h5.5v6.500h-11z"/>`);
export const flask = icon(svg`<path d="M6.5 2.500h3M7 2.500v4l-3.5 6c-.3.6 0 1 .7 1h7.600c.7 0 1-.4.7-1L9 6.500v-4M5.2 10h5.6"/>`);
export const table = icon(svg`<path d="M2.5 3.500h11v9h-11zM2.5 6.500h11M6.5 6.500v6"/>`);
export const flame = icon(svg`<path d="M2.5 12.500h11M2.5 9.500h7M2.5 6.500h5M2.5 3.500h3"/>`);
export const trash = icon(svg`<path d="M3 4.500h10M6.5 4.500v-2h3v2M4.5 4.500l.6 9h5.800l.6-9"/>`);
export const lock = icon(svg`<path d="M4 7.500h8v5.500H4zM5.8 7.500V5.200a2.2 2.2 0 0 1 4.4 0v2.3"/>`);
export const alert = icon(svg`<path d="M8 2.5 14 13H2zM8 6.500v3M8 11.300v.1"/>`);
