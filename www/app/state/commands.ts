/** Everything that can be done from the palette, as groups of options with what they run. */

import { formatCount, groupDigits, shortType } from '../../engine/format.ts';
import { BASES } from './bases.ts';
import { openSource } from './open-source.ts';
import type { PickGroup } from './pick.ts';
import type { Strip } from './view.ts';
import type { Session } from './session.ts';
import { PRESETS } from './time.ts';

/** One entry. */
export interface Command {
  text: string;
  /** Keys, or a number that tells it from others. */
  note: string;
  run: () => unknown;
}

/** Commands under a title. */
export interface CommandGroup {
  title: string;
  note: string;
  commands: Command[];
}

/** What can be done now. */
export function commandGroups(session: Session): CommandGroup[] {
  const { store } = session;
  const { view, catalog, result, imports, outputFormats, theme, utc, demangle, sharding, path, aside } = store.state;
  const command = (text: string, run: () => unknown, note = ''): Command => ({ text, note, run });
  const services = catalog?.services ?? [];
  const isShown = services.length > 0;
  const groups: CommandGroup[] = [
    {
      title: 'Open',
      note: '',
      commands: [
        command('Files', () => session.navigate({ page: 'files' }, 'push')),
        command('Storage', () => session.navigate({ page: 'storage' }, 'push')),
        ...(isShown ? [command('Profiles of the selection', () => session.navigate({ page: 'profiles' }, 'push'))] : []),
        ...(isShown ? BASES.map(({ kind, words }) => command(`Compare with ${words}`, () => session.bases.earlier(kind))) : []),
        ...(isShown ? [command('Compare with a label value, a file or a service…', () => session.bases.choose())] : []),
        ...(imports.length > 0 ? [command('Import report', () => store.set({ panel: 'imports' }))] : []),
        command('Example profiles', () => session.imports.openExamples()),
        ...(aside ? [command('Back to what is stored', () => session.aside.putAway()), command('Store the files that are only looked at', () => session.aside.keep())] : []),
        command('Keys', () => store.set({ dialog: 'keys' }), '?'),
        command('About Emberglass', () => store.set({ dialog: 'about' })),
      ],
    },
    {
      title: 'View',
      note: '',
      commands: [
        command('Copy link to this view', () => session.links.copyView()),
        ...(result.value === null ? [] : [command('Copy link with its data', () => session.links.copyData())]),
        ...(isShown
          ? [
              command('Table and flame graph', () => session.navigate({ panes: 'both' }, 'replace')),
              command('Table only', () => session.navigate({ panes: 'table' }, 'replace')),
              command('Flame graph only', () => session.navigate({ panes: 'flame' }, 'replace')),
              command('Source by file and line', () => openSource(session, '')),
              ...STRIP_COMMANDS.filter(([strip]) => strip !== view.strip).map(([strip, words]) => command(words, () => session.navigate({ strip }, 'replace'))),
            ]
          : []),
        ...(path.length > 0 ? [command('Zoom out', () => session.zoom.out(), 'Esc')] : []),
        ...(view.search === '' ? [] : [command('Empty the search', () => session.navigate({ search: '' }, 'replace'))]),
        ...(view.match === '' ? [] : [command('All label values', () => session.navigate({ match: '', zoom: [] }, 'push'))]),
        command(utc ? 'Show times in the local zone' : 'Show times in UTC', () => session.setUtc(!utc)),
        command(demangle ? 'Show names as they are stored' : 'Demangle C++ and Rust names', () => session.setDemangle(!demangle)),
        command(sharding ? 'Merge large queries in one worker' : 'Merge large queries in several workers', () => session.engine.setSharding(!sharding)),
        ...(['system', 'light', 'dark'] as const)
          .filter((each) => each !== theme)
          .map((each) => command(`Theme: ${each === 'system' ? 'as the system' : each}`, () => session.setTheme(each))),
      ],
    },
  ];
  if (isShown) {
    groups.push({
      title: 'Time range',
      note: '',
      commands: PRESETS.map(({ label, from, until }) => command(label, () => session.navigate({ from, until }, 'push'))),
    });
  }
  if (result.value !== null) {
    groups.push({
      title: 'Save the view',
      note: '',
      commands: outputFormats.map((format) => command(`Save as ${format.description}`, () => session.saving.result(format), `.${format.extensions[0] ?? format.name}`)),
    });
  }
  for (const service of services) {
    groups.push({
      title: service.name,
      note: formatCount(service.profiles, 'profile'),
      commands: service.types.map((type) => {
        const other = service.name === view.service ? {} : { match: '', from: '', until: '' };
        const run = (): void => session.navigate({ service: service.name, type: type.id, zoom: [], ...other }, 'push');
        return command(shortType(type.id), run, groupDigits(type.profiles));
      }),
    });
  }
  if (isShown) {
    groups.push({
      title: 'Delete',
      note: '',
      commands: [
        command('Delete profiles of this service…', () => store.set({ dialog: 'delete' })),
        command('Delete everything…', () => store.set({ dialog: 'delete-all' })),
      ],
    });
  }
  return groups;
}

const STRIP_COMMANDS: readonly (readonly [Strip, string])[] = [
  ['total', 'Total over time'],
  ['groups', 'Lines over time by label'],
  ['heat', 'Heat map over time'],
];

/** The commands as options; an option's id is `group.command`. */
export function optionsOf(groups: readonly CommandGroup[]): PickGroup[] {
  return groups.map(({ title, note, commands }, group) => ({
    title,
    note,
    options: commands.map(({ text, note: keys }, row) => ({ id: `${group}.${row}`, text, note: keys, selected: false })),
  }));
}

/** The command of an option's id. */
export function commandAt(groups: readonly CommandGroup[], id: string): Command | null {
  const [group, row] = id.split('.').map(Number);
  return groups[group ?? -1]?.commands[row ?? -1] ?? null;
}
