/** Of `query`: what a question would cost, and what series are told apart by. */

import { printable } from './output.ts';
import type { Column } from './table.ts';
import { table } from './table.ts';

/** Numbers as they are printed. */
export interface EstimateAnswer {
  type: string;
  profiles: string;
  series: string;
  blocks: string;
  rollups: string;
  rolled_up: string;
  row_bytes: string;
  bytes: string;
  cached_bytes: string;
  nodes: string | null;
}

export interface CardinalityAnswer {
  profiles: string;
  series: string;
  profiles_per_series: { least: string; median: string; most: string };
  labels: { label: string; values: string; series: string; top: { value: string; series: string; profiles: string }[] }[];
  largest: { type: string; labels: Record<string, string>; profiles: string }[];
}

const right = (title: string): Column => ({ title, align: 'right' });
const left = (title: string): Column => ({ title, align: 'left' });

/** One line a number. */
export function showEstimate(of: EstimateAnswer): string {
  const rows = [
    ['profiles', of.profiles],
    ['series', of.series],
    ['blocks', of.blocks],
    ['sums over steps of time', `${of.rollups} of ${of.rolled_up} profiles`],
    ['bytes of rows', of.row_bytes],
    ['bytes to read', `${of.bytes}, ${of.cached_bytes} of them in memory`],
    ['nodes, at most', of.nodes ?? 'not known before reading'],
  ];
  return `${printable(of.type)}\n${table([left('what'), left('how much')], rows)}`;
}

/** A table of labels and one of series. */
export function showCardinality(of: CardinalityAnswer, nameOf: (labels: Record<string, string>) => string): string {
  const { least, median, most } = of.profiles_per_series;
  const head = `${of.series} series, ${of.profiles} profiles: ${least} to ${most} a series, ${median} in the middle\n`;
  const labels = of.labels.map(({ label, values, series, top }) => {
    const shown = top.map(({ value, series }) => `${JSON.stringify(value)} ${series}`).join(', ');
    return [values, series, printable(label), printable(shown)];
  });
  const largest = of.largest.map(({ type, labels, profiles }) => [profiles, printable(type), nameOf(labels)]);
  return (
    head +
    table([right('values'), right('series'), left('label'), left('most series')], labels) +
    table([right('profiles'), left('type'), left('labels')], largest)
  );
}
