/** Which service and profile type is shown: a button and a list of all that are stored. */

import { css, html } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { formatCount, groupDigits, shortType } from '../../engine/format.ts';
import type { PickGroup } from '../state/pick.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { chevronDown } from './icons.ts';
import type { PickList } from './pick-list.ts';
import './pick-list.ts';
import { togglePopover } from './popover.ts';

/** `<eg-profile-picker>` */
export class ProfilePicker extends AppView {
  protected override render(): TemplateResult {
    const { view, catalog } = this.state;
    const services = catalog?.services ?? [];
    const title = view.service === '' ? 'No profiles yet' : `${view.service}, ${view.type}`;
    return html`
      <button
        class="open"
        title=${title}
        aria-haspopup="dialog"
        aria-expanded="false"
        aria-label=${`Service and profile type: ${title}`}
        ?disabled=${services.length === 0}
        @click=${this.#open}
      >
        ${view.service === ''
          ? html`<span class="muted">No profiles yet</span>`
          : html`<span class="cut service">${view.service}</span><span class="muted">/</span
              ><span class="cut type mono">${shortType(view.type)}</span>`}
        ${chevronDown}
      </button>
      <div popover="auto" aria-label="Choose a profile type">
        <eg-pick-list id="profile-list" label="Services and profile types" @eg-pick=${this.#pick} @eg-shown=${this.#shown}></eg-pick-list>
      </div>
    `;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const list = this.querySelector<PickList>('eg-pick-list');
    if (list !== null && this.querySelector('[popover]')?.matches(':popover-open') === true) list.groups = this.#groups();
  }

  #groups(): PickGroup[] {
    const { view, catalog } = this.state;
    return (catalog?.services ?? []).map((service) => ({
      title: service.name,
      note: formatCount(service.profiles, 'profile'),
      options: service.types.map((type) => ({
        id: JSON.stringify([service.name, type.id]),
        text: shortType(type.id),
        note: `${type.unit} · ${groupDigits(type.profiles)}`,
        selected: service.name === view.service && type.id === view.type,
        spark: this.session.sparklines.of(service.name, type.id),
      })),
    }));
  }

  protected override subscriptions(): (() => void)[] {
    return [...super.subscriptions(), this.session.sparklines.store.subscribe(() => this.requestUpdate())];
  }

  #shown({ detail }: CustomEvent<{ ids: readonly string[] }>): void {
    const { catalog } = this.state;
    if (catalog === null) return;
    const wanted = detail.ids.flatMap((id) => {
      const [service, typeId] = JSON.parse(id) as [string, string];
      const type = catalog.services.find(({ name }) => name === service)?.types.find((each) => each.id === typeId);
      return type === undefined ? [] : [{ service, type }];
    });
    this.session.sparklines.want(catalog.generation, wanted);
  }

  #open(event: Event): void {
    const panel = this.querySelector<HTMLElement>('[popover]');
    const list = this.querySelector<PickList>('eg-pick-list');
    if (panel === null || list === null) return;
    list.groups = this.#groups();
    togglePopover(event.currentTarget as HTMLElement, panel);
    if (panel.matches(':popover-open')) list.open();
  }

  #pick(event: CustomEvent<{ id: string }>): void {
    const [service, type] = JSON.parse(event.detail.id) as [string, string];
    this.querySelector<HTMLElement>('[popover]')?.hidePopover();
    const other = service !== this.state.view.service;
    this.session.navigate({ service, type, zoom: [], ...(other ? { match: '', from: '', until: '' } : {}) }, 'push');
  }
}

adoptStyles(css`
  eg-profile-picker {
    display: flex;
    min-width: 0;

    .open {
      min-width: 120px;
      max-width: 420px;
      padding: 0 6px 0 10px;
    }

    .service {
      font-weight: 600;
    }

    .type {
      flex-shrink: 0.5;
    }
  }
`);

customElements.define('eg-profile-picker', ProfilePicker);
