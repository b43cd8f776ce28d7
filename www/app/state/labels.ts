/** The labels of a selection. */

import type { LabelPair, LabelValues } from '../../engine/protocol.ts';

/** The labels that narrow a service down: the service itself is chosen elsewhere, and labels of the engine's own start with `__`. */
export function narrowingLabels(labels: readonly LabelValues[]): LabelValues[] {
  return labels.filter(({ name }) => isNarrowing(name));
}

/** Labels of one profile that tell it from others of its service. */
export function ownLabels(labels: readonly LabelPair[]): LabelPair[] {
  return labels.filter(([name]) => isNarrowing(name));
}

function isNarrowing(name: string): boolean {
  return name !== 'service_name' && !name.startsWith('__');
}

/** A value for people: profiles without the label have an empty one. */
export function shownValue(value: string): string {
  return value === '' ? '(none)' : value;
}
