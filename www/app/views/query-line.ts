/** The line under the graph that says how far a query is that takes long, stops it, and takes it up again. */

import { css, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { groupDigits } from '../../engine/format.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { readingLine, stoppedLine } from './reading-line.ts';

/** `<eg-query-line>` */
export class QueryLine extends AppView {
  protected override render(): TemplateResult | typeof nothing {
    const { reading } = this.state;
    if (reading === null) return nothing;
    const { done, total, stopped } = reading;
    const stop = (): void => this.session.stopQuery();
    if (reading.of === 'graph') return readingLine({ label: 'Making the graph', words: 'Making the graph', done: 0, total: 0, stop });
    const of = total === 0 ? `${groupDigits(done)} profiles` : `${groupDigits(done)} of ${groupDigits(total)} profiles`;
    if (stopped) return stoppedLine(`Stopped: only ${of} are shown`, () => this.session.retry());
    return readingLine({ label: 'Merging profiles', words: `${of} merged`, done, total, stop });
  }
}

adoptStyles(css`
  eg-query-line .reading {
    position: absolute;
    right: 12px;
    bottom: 12px;
    z-index: 3;
    max-width: calc(100% - 24px);
    height: 36px;
    padding: 0 12px;
    border-radius: var(--eg-radius);
    background: var(--eg-bg-overlay);
    box-shadow: var(--eg-shadow);
  }
`);

customElements.define('eg-query-line', QueryLine);
