/** `emberglass info`: what each file holds. */

import { formatDuration } from '../engine/format.ts';
import { newFiles } from './engine.ts';
import { parseExact, readable } from './exact.ts';
import { Account, answer, decoded, inputs } from './load.ts';
import { printable, write } from './output.ts';
import type { Column } from './table.ts';
import { table } from './table.ts';

/** A file as the engine describes it, with numbers as texts; only what the table shows. */
interface FileInfo {
  file: string;
  format: string;
  bytes: string;
  profiles: ProfileInfo[];
  warnings: { code: string; message: string; offset: string | null; count: string }[];
}

interface ProfileInfo {
  type: string;
  unit: string;
  /** `null` for a sum beyond 64 bits. */
  total: string | null;
  samples: string;
  stacks: string;
  from: string | null;
  duration: string;
  labels: Record<string, string>;
}

const COLUMNS: readonly Column[] = [
  { title: '#', align: 'right' },
  { title: 'type', align: 'left' },
  { title: 'total', align: 'right' },
  { title: 'samples', align: 'right' },
  { title: 'stacks', align: 'right' },
  { title: 'duration', align: 'right' },
  { title: 'from (UTC)', align: 'left' },
];

const LABELS: Column = { title: 'labels', align: 'left' };

function row(profile: ProfileInfo, number: number): string[] {
  return [
    String(number),
    printable(profile.type),
    profile.total === null ? 'overflow' : readable(profile.total, profile.unit),
    readable(profile.samples, 'count'),
    readable(profile.stacks, 'count'),
    profile.duration === '0' ? '-' : formatDuration(BigInt(profile.duration)),
    profile.from === null ? '-' : profile.from.replace('T', ' ').replace(/(\.\d{3})\d*Z$/, '$1'),
    Object.entries(profile.labels).map(([name, value]) => printable(`${name}=${value}`)).join(' '),
  ];
}

function describe(file: FileInfo): string {
  const heading = `${printable(file.file)}  ${file.format}, ${readable(file.bytes, 'bytes')}\n`;
  const labelled = file.profiles.some(({ labels }) => Object.keys(labels).length > 0);
  const columns = labelled ? [...COLUMNS, LABELS] : COLUMNS;
  const profiles = file.profiles.length === 0 ? '  no profiles\n' : table(columns, file.profiles.map(row), '  ');
  const warnings = file.warnings.map(({ code, message, offset, count }) => {
    const place = offset === null ? '' : `, at byte ${offset}`;
    return `  warning: ${printable(message)} (${code}${place}${count === '1' ? '' : `, ${count} times`})\n`;
  });
  return heading + profiles + warnings.join('');
}

/** Runs the command; gives the exit status. Each file is answered and let go before the next is read. */
export async function info(paths: readonly string[], json: boolean): Promise<number> {
  const account = new Account();
  let separator = '';
  if (json) await write('{"files":[');
  for (const input of inputs(paths, account)) {
    for (const { name, place, files } of decoded(input, newFiles, account)) {
      const text = answer(name, place, account, () => files.info());
      if (text !== null) {
        if (json) await write(`${separator}${text.slice(1, -1)}`);
        else await write(`${separator === '' ? '' : '\n'}${(parseExact(text) as FileInfo[]).map(describe).join('\n')}`);
        separator = ',';
      }
      if (account.crashedOn === null) files.free();
    }
  }
  if (json) await write(`],"errors":${JSON.stringify(account.failures)}}\n`);
  account.finish();
  return account.failures.length > 0 ? 1 : 0;
}
