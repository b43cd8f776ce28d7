/** The dialogs to pick from: the code of each is loaded when it is opened first. */

import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { Dialog } from '../state/app-state.ts';
import type { Session } from '../state/session.ts';
import { isLoaded } from './loaded.ts';

interface Loaded {
  tag: string;
  load: () => Promise<unknown>;
  render: (session: Session) => TemplateResult;
}

const DIALOGS: Partial<Readonly<Record<Dialog, Loaded>>> = {
  palette: {
    tag: 'eg-palette',
    load: () => import('./palette.ts'),
    render: (session) => html`<eg-palette .session=${session}></eg-palette>`,
  },
  'base': {
    tag: 'eg-base-picker',
    load: () => import('./base-picker.ts'),
    render: (session) => html`<eg-base-picker .session=${session}></eg-base-picker>`,
  },
};

/** Whether a dialog is one of these. */
export function isPickDialog(dialog: Dialog): boolean {
  return DIALOGS[dialog] !== undefined;
}

/** A dialog as a template; until its code is there nothing stands for it, then `drawAgain` is called. */
export function renderPickDialog(dialog: Dialog, session: Session, drawAgain: () => void): TemplateResult | typeof nothing {
  const found = DIALOGS[dialog];
  if (found === undefined) return nothing;
  const failed = (thrown: unknown): void => {
    session.store.set({ dialog: 'none' });
    session.notices.report(thrown);
  };
  return isLoaded(found.tag, found.load, drawAgain, failed) ? found.render(session) : nothing;
}
