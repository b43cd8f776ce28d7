/** Choices of the person that outlive the page: theme, time zone, demangled names, workers, colours of changes, the service shown last. Without storage they last as long as the page. */

import { CHANGE_COLORS } from '../../flamegraph/palette.ts';
import type { ChangeColors } from '../../flamegraph/palette.ts';

export type Theme = 'system' | 'light' | 'dark';

const PREFIX = 'emberglass:';

function read(key: string): string | null {
  try {
    return localStorage.getItem(PREFIX + key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + key, value);
  } catch {
    // Storage is refused in some private windows: the choice then ends with the page.
  }
}

/** The theme chosen last. */
export function storedTheme(): Theme {
  const theme = read('theme');
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

/** Shows and keeps a theme. */
export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  write('theme', theme);
}

/** Whether times are shown in UTC. */
export function storedUtc(): boolean {
  return read('utc') === 'true';
}

/** Keeps the choice of the time zone. */
export function storeUtc(utc: boolean): void {
  write('utc', String(utc));
}

/** Whether names are shown demangled. */
export function storedDemangle(): boolean {
  return read('demangle') !== 'false';
}

/** Keeps whether names are shown demangled. */
export function storeDemangle(demangle: boolean): void {
  write('demangle', String(demangle));
}

/** Whether large queries are merged by several workers. */
export function storedSharding(): boolean {
  return read('sharding') !== 'false';
}

/** Keeps whether large queries are merged by several workers. */
export function storeSharding(sharding: boolean): void {
  write('sharding', String(sharding));
}

/** How changes are coloured. */
export function storedChangeColors(): ChangeColors {
  const colors = read('change-colors');
  return CHANGE_COLORS.find((each) => each === colors) ?? 'blue-orange';
}

/** Keeps how changes are coloured. */
export function storeChangeColors(colors: ChangeColors): void {
  write('change-colors', colors);
}

/** The service imported last. */
export function storedService(): string | null {
  return read('service');
}

/** Keeps the service imported last. */
export function storeService(service: string): void {
  write('service', service);
}

/** Key of the choice of a second copy: other tabs hear when it changes. */
export const REPLICA_KEY = `${PREFIX}replica`;

/** Where a second copy of the data is kept; null for none. */
export function storedReplicaKind(): 'opfs' | 'directory' | null {
  const kind = read('replica');
  return kind === 'opfs' || kind === 'directory' ? kind : null;
}

/** Keeps where a second copy of the data goes. */
export function storeReplicaKind(kind: 'opfs' | 'directory' | null): void {
  write('replica', kind ?? '');
}

/** What was stored in a back end when this was last told: on one line, or null. */
export function storedHeld(backend: string): string | null {
  return read(`held:${backend}`);
}

/** Keeps what is stored in a back end; null where that is nothing. */
export function storeHeld(backend: string, held: string | null): void {
  write(`held:${backend}`, held ?? '');
}
