/** Frame filters as the engine reads them (docs/queries.md): `verb[@field]:literal`, a literal being a whole name. */

/** What the menu of a frame offers; there are more verbs to type. */
export type FilterVerb = 'focus' | 'ignore' | 'hide' | 'show-from' | 'collapse' | 'collapse-function';
export type FilterField = '' | 'package' | 'binary' | 'file';

/** The text of a filter for one name. */
export function filterText(verb: FilterVerb, field: FilterField, name: string): string {
  const where = field === '' ? '' : `@${field}`;
  return `${verb}${where}:${isAmbiguous(name) ? `"${name}"` : name}`;
}

/** The filter that keeps a lane of a time chart alone, or leaves it out, by the thread or the only label in its name; null without. */
export function laneFilter(lane: string, keeps: boolean): string | null {
  const pairs = lane.split(', ').map((label): [string, string] => [label.slice(0, Math.max(0, label.indexOf('='))), label.slice(label.indexOf('=') + 1)]);
  const labels = new Map(pairs.filter(([name]) => name !== ''));
  const name = ['thread_id', 'thread'].find((each) => labels.has(each)) ?? (labels.size === 1 ? [...labels.keys()][0] : undefined);
  const value = name === undefined ? undefined : labels.get(name);
  return value === undefined || value === '' || value.includes('"') ? null : `${keeps ? 'tagfocus' : 'tagignore'}:${name}="${value}"`;
}

/** True for a name that would be read as an expression, or would lose its quotes. */
function isAmbiguous(name: string): boolean {
  return name.length > 1 && ((name.startsWith('/') && name.endsWith('/')) || (name.startsWith('"') && name.endsWith('"')));
}

/** What a person typed as a filter: a text without a verb is a focus. */
export function typedFilter(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '' || /^[a-z][a-z-]*(@[a-z]+)?:(?!:)/.test(trimmed)) return trimmed;
  return `focus:${trimmed}`;
}
