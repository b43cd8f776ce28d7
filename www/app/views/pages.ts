/** The pages that lie over the frame or, to compare, stand in its place: the code of each is loaded when it is opened first. */

import { html } from 'lit';
import type { TemplateResult } from 'lit';
import type { Session } from '../state/session.ts';
import type { PageName } from '../state/view.ts';
import { isLoaded } from './loaded.ts';

type Name = Exclude<PageName, ''>;

interface Page {
  tag: string;
  load: () => Promise<unknown>;
  render: (session: Session) => TemplateResult;
}

const PAGES: Readonly<Record<Name, Page>> = {
  storage: {
    tag: 'eg-storage-page',
    load: () => import('./storage-page.ts'),
    render: (session) => html`<eg-storage-page class="drawer page" role="complementary" aria-label="Storage page" .session=${session}></eg-storage-page>`,
  },
  files: {
    tag: 'eg-files-page',
    load: () => import('./files-page.ts'),
    render: (session) => html`<eg-files-page class="drawer page" role="complementary" aria-label="Files page" .session=${session}></eg-files-page>`,
  },
  profiles: {
    tag: 'eg-profiles-page',
    load: () => import('./profiles-page.ts'),
    render: (session) => html`<eg-profiles-page class="drawer page" role="complementary" aria-label="Profiles page" .session=${session}></eg-profiles-page>`,
  },
  compare: {
    tag: 'eg-compare-page',
    load: () => import('./compare-page.ts'),
    render: (session) => html`<eg-compare-page role="region" aria-label="Comparison" .session=${session}></eg-compare-page>`,
  },
};

/** A page as a template; until its code is there an empty drawer stands for it, then `drawAgain` is called. */
export function renderPage(name: Name, session: Session, drawAgain: () => void): TemplateResult {
  const { tag, load, render } = PAGES[name];
  const failed = (thrown: unknown): void => {
    session.notices.report(thrown);
    if (session.store.state.view.page === name) session.navigate({ page: '' }, 'replace');
  };
  if (isLoaded(tag, load, drawAgain, failed)) return render(session);
  return html`<div class=${name === 'compare' ? '' : 'drawer page'} aria-busy="true"></div>`;
}
