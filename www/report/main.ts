/**
 * The page of a report: the flame graph and the top table of the app over the profile in the page. Opened from a disk it
 * asks nobody for anything; its policy allows this script by its hash, and nothing else.
 */

import '../elements/top-table.ts';
import type { FunctionDetail } from '../elements/top-table.ts';
import { exactValue, formatCount, formatPercent, formatValue, groupDigits, shortType } from '../engine/format.ts';
import type { NodeInfo, QueryResult } from '../engine/protocol.ts';
import { placeOf } from '../flamegraph/describe.ts';
import '../flamegraph/flamegraph.ts';
import type { HoverDetail } from '../flamegraph/flamegraph.ts';
import type { Report } from './payload.ts';
import { readReport } from './payload.ts';
import './report.css';
import { ReportSource } from './source.ts';

/** A search begins this long after the last letter, ms. */
const SEARCH_PAUSE = 120;

function find<E extends HTMLElement>(selector: string): E {
  return document.querySelector(selector) as E;
}

/** `2026-11-23 13:36:05 UTC` */
function second(time: bigint): string {
  return `${new Date(Number(time / 1_000_000n)).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function factsOf({ profileType, profiles, samples, from, until, selection }: Report): string {
  const range = from === null ? '' : until === null || until <= from ? second(from) : `${second(from)} to ${second(until)}`;
  return [
    shortType(profileType),
    profiles === null ? '' : formatCount(profiles, 'profile'),
    samples === null ? '' : formatCount(samples, 'sample'),
    range,
    selection,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

/** Says what the frame under the pointer is, in the last line. */
function tell(info: NodeInfo | null, { unit, scale, total }: QueryResult): void {
  const line = find('.hovered');
  line.replaceChildren();
  if (info === null) return;
  const name = document.createElement('b');
  name.textContent = info.name;
  const place = placeOf(info);
  line.append(name, ` ${place === '' ? '' : `${place} `}· self ${formatValue(info.self, unit, scale)} · total ${formatValue(info.total, unit, scale)}, ${formatPercent(info.total, total)}`);
}

function show(report: Report): void {
  const source = new ReportSource(report);
  const { result } = source;
  const { unit, scale, total } = result;
  const title = report.title === '' ? 'Profile' : report.title;
  document.title = `${title} - ${shortType(report.profileType)}`;
  find('h1').textContent = title;
  const facts = find('.facts');
  facts.textContent = factsOf(report);
  facts.title = facts.textContent;
  const sum = find('.sum');
  sum.textContent = formatValue(total, unit, scale);
  sum.title = `Total: ${exactValue(total, unit, scale)}`;

  const flame = document.createElement('emberglass-flamegraph');
  const table = document.createElement('emberglass-top-table');
  flame.source = source;
  table.source = source;
  find('.flame').append(flame);
  find('.table').append(table);
  flame.addEventListener('eg-hover', (event) => tell((event as CustomEvent<HoverDetail>).detail.info, result));

  const input = find<HTMLInputElement>('input');
  let timer: ReturnType<typeof setTimeout> | undefined;
  const search = (): void => {
    clearTimeout(timer);
    const pattern = input.value;
    const found = find('.found');
    let wrong = false;
    try {
      const answer = source.search(pattern);
      if (answer === null) found.textContent = '';
      else if (answer.functions === 0) found.textContent = 'no match';
      else found.textContent = `${groupDigits(answer.functions)} of ${formatCount(result.functions, 'function')} · ${formatValue(answer.sum, unit, scale)}, ${formatPercent(answer.sum, total)}`;
    } catch (thrown) {
      found.textContent = thrown instanceof Error ? thrown.message : String(thrown);
      wrong = true;
    }
    found.title = found.textContent ?? '';
    found.classList.toggle('wrong', wrong);
    input.ariaInvalid = String(wrong);
    flame.search = wrong ? '' : pattern;
    table.search = wrong ? '' : pattern;
  };
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(search, SEARCH_PAUSE);
  });
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    if (input.value === '') input.blur();
    input.value = '';
    search();
  });
  table.addEventListener('eg-function', (event) => {
    const { name } = (event as CustomEvent<FunctionDetail>).detail;
    input.value = input.value === name ? '' : name;
    search();
  });
  find('.reset').addEventListener('click', () => {
    input.value = '';
    search();
    flame.focusNode = 0;
    // Another source begins at the root, whatever part of it was in view.
    flame.source = new ReportSource(report);
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.altKey || event.ctrlKey || event.metaKey || event.target === input) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
}

/** The two panes as tabs, where there is room for one only. */
function tabs(): void {
  const pair = [find('#tab-flame'), find('#tab-table')];
  const choose = (chosen: HTMLElement): void => {
    document.body.dataset['pane'] = chosen.id.replace('tab-', '');
    for (const tab of pair) {
      tab.ariaSelected = String(tab === chosen);
      tab.tabIndex = tab === chosen ? 0 : -1;
    }
  };
  for (const tab of pair) {
    tab.addEventListener('click', () => choose(tab));
    tab.addEventListener('keydown', ({ key }) => {
      const other = pair.find((each) => each !== tab);
      if (other === undefined || (key !== 'ArrowLeft' && key !== 'ArrowRight')) return;
      choose(other);
      other.focus();
    });
  }
  choose(find('#tab-flame'));
}

tabs();
try {
  show(readReport(find('#emberglass-profile').textContent ?? ''));
} catch (thrown) {
  const problem = document.createElement('p');
  problem.className = 'problem';
  problem.role = 'alert';
  problem.textContent = `The report cannot be shown. ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  find('main').append(problem);
}
