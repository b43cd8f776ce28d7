/** The menu at the end of the bar: import, export, theme, deletion, help. */

import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { OutputFormat } from '../../engine/protocol.ts';
import type { PictureKind } from '../../flamegraph/picture.ts';
import type { Dialog } from '../state/app-state.ts';
import type { Theme } from '../state/preferences.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { fileInputs } from './file-inputs.ts';
import { check, flask, more } from './icons.ts';
import { togglePopover, walkEntries } from './popover.ts';

const THEMES: readonly { theme: Theme; label: string }[] = [
  { theme: 'system', label: 'System' },
  { theme: 'light', label: 'Light' },
  { theme: 'dark', label: 'Dark' },
];

const PICTURES: readonly { kind: PictureKind; label: string }[] = [
  { kind: 'svg', label: 'Save the view as SVG' },
  { kind: 'png', label: 'Save the view as PNG' },
];

/** `<eg-main-menu>` */
export class MainMenu extends AppView {
  protected override render(): TemplateResult {
    const { theme, demangle, catalog, result, imports, panel, outputFormats } = this.state;
    const stored = (catalog?.services.length ?? 0) > 0;
    return html`
      <button class="bare square" aria-label="Menu" title="Menu" aria-haspopup="dialog" aria-expanded="false" @click=${this.#toggle}>${more}</button>
      <div popover="auto" aria-label="Menu" @keydown=${this.#key}>
        ${fileInputs(this.session, {
          words: ['Import files…', 'Import a folder…'],
          classes: ['menu-item', 'menu-item'],
          after: () => this.#close(),
        })}
        <button class="menu-item" @click=${() => this.#run(() => this.session.imports.openExamples())}>${flask}Open the example profiles</button>
        ${imports.length > 0
          ? html`<button class="menu-item indent" @click=${() => this.#run(() => this.session.store.set({ panel: panel === 'imports' ? 'none' : 'imports' }))}>
              ${panel === 'imports' ? 'Hide' : 'Show'} the import report
            </button>`
          : nothing}
        ${result.value === null
          ? nothing
          : html`<div class="menu-line"></div>
              ${PICTURES.map(
                ({ kind, label }) =>
                  html`<button class="menu-item indent" @click=${() => this.#run(() => this.session.saving.picture(kind))}>${label}</button>`,
              )}
              ${outputFormats.map(
                (format) =>
                  html`<button class="menu-item indent" @click=${() => this.#export(format)}>Save as ${format.description}</button>`,
              )}`}
        <div class="menu-line"></div>
        <div class="menu-title" id="theme-title">Theme</div>
        <div class="segments" role="group" aria-labelledby="theme-title">
          ${THEMES.map(
            ({ theme: each, label }) =>
              html`<button aria-pressed=${each === theme} @click=${() => this.session.setTheme(each)}>${label}</button>`,
          )}
        </div>
        <div class="menu-line"></div>
        <button class=${demangle ? 'menu-item' : 'menu-item indent'} role="switch" aria-checked=${demangle} @click=${() => this.#run(() => this.session.setDemangle(!demangle))}>
          ${demangle ? check : nothing}Demangle C++ and Rust names
        </button>
        <div class="menu-line"></div>
        <button class="menu-item indent" @click=${() => this.#run(() => this.session.navigate({ page: 'files' }, 'push'))}>Files</button>
        <button class="menu-item indent" ?disabled=${!stored} @click=${() => this.#run(() => this.session.navigate({ page: 'profiles' }, 'push'))}>Profiles of the selection</button>
        <button class="menu-item indent" ?disabled=${!stored} @click=${() => this.#run(() => this.session.bases.earlier('before'))}>Compare with just before</button>
        <button class="menu-item indent" ?disabled=${!stored} @click=${() => this.#run(() => this.session.bases.choose())}>Compare with…</button>
        <button class="menu-item indent" @click=${() => this.#run(() => this.session.navigate({ page: 'storage' }, 'push'))}>Storage</button>
        <button class="menu-item indent" ?disabled=${!stored} @click=${() => this.#dialog('delete')}>Delete profiles of this service…</button>
        <button class="menu-item indent" ?disabled=${!stored} @click=${() => this.#dialog('delete-all')}>Delete everything…</button>
        <div class="menu-line"></div>
        <button class="menu-item indent" @click=${() => this.#run(() => this.session.links.copyView())}>Copy link to this view</button>
        ${result.value === null ? nothing : html`<button class="menu-item indent" title="For small selections: the link holds the profile itself, nothing is sent to a server" @click=${() => this.#run(() => this.session.links.copyData())}>Copy link with its data</button>`}
        <button class="menu-item indent" @click=${() => this.#dialog('palette')}>Commands <kbd>⌘K</kbd></button>
        <button class="menu-item indent" @click=${() => this.#dialog('keys')}>Keys <kbd>?</kbd></button>
        <button class="menu-item indent" @click=${() => this.#dialog('about')}>About Emberglass</button>
      </div>
    `;
  }

  #panel(): HTMLElement | null {
    return this.querySelector<HTMLElement>('[popover]');
  }

  #toggle(event: Event): void {
    const panel = this.#panel();
    if (panel !== null) togglePopover(event.currentTarget as HTMLElement, panel, 'bottom-end');
  }

  #close(): void {
    this.#panel()?.hidePopover();
  }

  #dialog(dialog: Dialog): void {
    this.#close();
    this.session.store.set({ dialog });
  }

  #export(format: OutputFormat): void {
    this.#run(() => this.session.saving.result(format));
  }

  #run(action: () => unknown): void {
    this.#close();
    Promise.resolve(action()).catch((thrown: unknown) => this.session.notices.report(thrown));
  }

  #key(event: KeyboardEvent): void {
    const panel = this.#panel();
    if (panel !== null) walkEntries(event, panel);
  }
}

adoptStyles(css`
  eg-main-menu {
    display: block;

    [popover] {
      width: 252px;
      overflow: auto;
    }

    .indent {
      padding-left: 32px;
    }

    .menu-title {
      padding-left: 32px;
    }

    .segments {
      margin: 2px 8px 6px 32px;
    }
  }
`);

customElements.define('eg-main-menu', MainMenu);
