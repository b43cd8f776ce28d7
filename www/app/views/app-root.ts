/** The frame of the app: bar, time line, tabs, panes, status line; files may be dropped anywhere on it. */

import { css, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { tinykeys } from 'tinykeys';
import { filesOfDrop } from '../../engine/import-files.ts';
import { shortType } from '../../engine/format.ts';
import { adviceFor } from '../state/advice.ts';
import { isEmpty } from '../state/app-state.ts';
import { pastedFiles } from '../state/incoming.ts';
import { AppView, adoptStyles } from './app-view.ts';
import './dialogs.ts';
import './empty-page.ts';
import './import-panel.ts';
import './notices.ts';
import { renderPage } from './pages.ts';
import './panes.ts';
import { isPickDialog, renderPickDialog } from './pick-dialogs.ts';
import { sharedStyles } from './shared-styles.ts';
import './status-line.ts';
import './over-time.ts';
import './top-bar.ts';
import './view-bar.ts';
import type { ViewBar } from './view-bar.ts';

/** `<eg-app>` */
export class AppRoot extends AppView {
  #removeListeners: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    const listen = <Name extends keyof WindowEventMap>(name: Name, listener: (event: WindowEventMap[Name]) => void): void => {
      addEventListener(name, listener);
      this.#removeListeners.push(() => removeEventListener(name, listener));
    };
    listen('dragenter', (event) => this.#drag(event));
    listen('dragover', (event) => this.#drag(event));
    listen('dragleave', (event) => {
      if (event.relatedTarget === null) this.session.store.set({ dragging: false });
    });
    listen('drop', (event) => void this.#drop(event));
    listen('paste', (event) => this.#paste(event));
    this.#removeListeners.push(
      tinykeys(window, {
        '/': (event) => this.#shortcut(event, () => this.querySelector<ViewBar>('eg-view-bar')?.focusSearch()),
        '?': (event) => this.#shortcut(event, () => this.session.store.set({ dialog: 'keys' })),
        'Shift+?': (event) => this.#shortcut(event, () => this.session.store.set({ dialog: 'keys' })),
        '$mod+k': (event) => {
          if (this.state.dialog !== 'none') return;
          event.preventDefault();
          this.session.store.set({ dialog: 'palette' });
        },
        Escape: (event) => this.#escape(event),
      }),
    );
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const remove of this.#removeListeners.splice(0)) remove();
  }

  protected override render(): TemplateResult {
    const { session } = this;
    const { panel, dragging, view, dialog } = this.state;
    return html`
      <header><eg-top-bar .session=${session}></eg-top-bar></header>
      <main>${this.#aside()} ${this.#main()}</main>
      <footer><eg-status-line .session=${session}></eg-status-line></footer>
      ${panel === 'imports' ? html`<eg-import-panel class="drawer" role="complementary" aria-label="Imports" .session=${session}></eg-import-panel>` : nothing}
      ${view.page === '' || view.page === 'compare' ? nothing : renderPage(view.page, session, () => this.requestUpdate())}
      <eg-notices role="region" aria-label="Notices" .session=${session}></eg-notices>
      ${isPickDialog(dialog) ? renderPickDialog(dialog, session, () => this.requestUpdate()) : html`<eg-dialogs .session=${session}></eg-dialogs>`}
      ${dragging ? html`<div class="dropping"><p>Drop to import</p></div>` : nothing}
    `;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const { service, type } = this.state.view;
    document.title = service === '' ? 'Emberglass' : `${service} ${shortType(type)} · Emberglass`;
  }

  /** Says that files are only looked at, and what may become of them. */
  #aside(): TemplateResult | typeof nothing {
    const { aside, linked } = this.state;
    if (!aside) return nothing;
    const run = (action: Promise<void>): void => void action.catch((thrown: unknown) => this.session.notices.report(thrown));
    return html`<div class="aside" role="status">
      <span class="grow words">${linked === null ? 'Only looked at: these profiles are not stored, and go with this tab.' : 'From the link: this profile is in the address itself. It is not stored, and nothing was sent.'}</span>
      <button @click=${() => run(this.session.aside.keep())}>${linked === null ? 'Store them' : 'Store it'}</button>
      <button @click=${() => run(this.session.aside.putAway())}>Back to what is stored</button>
    </div>`;
  }

  #main(): TemplateResult {
    const { session } = this;
    const { boot, bootError } = this.state;
    if (boot === 'failed') {
      return html`<div class="state" role="alert">
        <h2>Emberglass could not start</h2>
        <p>${bootError?.describe()}</p>
        <p>${adviceFor(bootError?.code ?? '')}</p>
        <div class="row">
          <button class="primary" @click=${() => location.reload()}>Reload the page</button>
          ${bootError?.code === 'storage-newer-version'
            ? html`<button @click=${() => void session.engine.copyStored()}>Save a copy of the data</button>`
            : nothing}
          ${bootError?.code.startsWith('storage-') === true || bootError?.code.startsWith('damaged-') === true
            ? html`<button @click=${() => void session.engine.startInMemory()}>Go on without the stored data</button>`
            : nothing}
        </div>
      </div>`;
    }
    if (isEmpty(this.state)) {
      return html`<eg-empty-page .session=${session}></eg-empty-page>`;
    }
    if (boot === 'starting' && location.hash === '') return html`<div class="blank" aria-busy="true"></div>`;
    if (this.state.view.page === 'compare') return renderPage('compare', this.session, () => this.requestUpdate());
    return html`<div class="frame">
      <eg-over-time .session=${session}></eg-over-time>
      <eg-view-bar .session=${session}></eg-view-bar>
      <eg-panes .session=${session}></eg-panes>
    </div>`;
  }

  #drag(event: DragEvent): void {
    if (event.dataTransfer?.types.includes('Files') !== true) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    this.session.store.set({ dragging: true });
  }

  async #drop(event: DragEvent): Promise<void> {
    this.session.store.set({ dragging: false });
    if (event.dataTransfer?.types.includes('Files') !== true) return;
    event.preventDefault();
    const files = await filesOfDrop(event.dataTransfer, (path, error) =>
      this.session.notices.show({
        id: `unreadable:${path}`,
        kind: 'bad',
        text: `${path} could not be read: ${error instanceof Error ? error.message : String(error)}.`,
        code: 'unreadable-file',
        action: null,
      }),
    );
    this.session.imports.start(files);
  }

  /** Imports what is pasted outside of fields. */
  #paste(event: ClipboardEvent): void {
    if (event.clipboardData === null || isTyping(event) || this.state.dialog !== 'none') return;
    const files = pastedFiles(event.clipboardData);
    if (files.length === 0) return;
    event.preventDefault();
    this.session.imports.start(files);
  }

  #shortcut(event: KeyboardEvent, run: () => void): void {
    if (event.defaultPrevented || isTyping(event) || this.state.dialog !== 'none') return;
    event.preventDefault();
    run();
  }

  /** One step back: what lies over the page first, then the zoom. */
  #escape(event: KeyboardEvent): void {
    const { dialog, panel, view } = this.state;
    if (event.defaultPrevented || dialog !== 'none' || document.querySelector(':popover-open') !== null) return;
    if (panel !== 'none') this.session.store.set({ panel: 'none' });
    else if (view.page !== '') this.session.navigate({ page: '' }, 'push');
    else this.session.zoom.out();
  }
}

function isTyping(event: Event): boolean {
  const target = event.composedPath()[0];
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || (target instanceof HTMLElement && target.isContentEditable);
}

adoptStyles(
  sharedStyles,
  css`
    eg-app {
      position: relative;
      display: grid;
      grid-template: auto minmax(0, 1fr) 25px / minmax(0, 1fr);
      height: 100dvh;
      overflow: hidden;

      main {
        display: grid;
        grid-template: auto minmax(0, 1fr) / minmax(0, 1fr);
        min-height: 0;
      }

      main > :not(.aside) {
        grid-row: 2;
      }

      .aside {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 8px;
        min-height: 36px;
        padding: 4px 12px;
        border-bottom: 1px solid var(--eg-line);
        background: var(--eg-bg-selected);
      }

      .aside .words {
        flex: 1 1 24em;
      }

      .frame {
        display: grid;
        grid-template: auto 33px minmax(0, 1fr) / minmax(0, 1fr);
        min-height: 0;
      }

      .dropping {
        position: fixed;
        z-index: 20;
        inset: 0;
        display: grid;
        place-items: center;
        border: 2px solid var(--eg-accent);
        background: color-mix(in oklch, var(--eg-bg) 70%, transparent);
        pointer-events: none;
      }

      .dropping p {
        margin: 0;
        padding: 12px 24px;
        border-radius: 6px;
        background: var(--eg-bg-overlay);
        box-shadow: var(--eg-shadow);
        font-size: 16px;
        font-weight: 600;
      }

    }
  `,
);

customElements.define('eg-app', AppRoot);
