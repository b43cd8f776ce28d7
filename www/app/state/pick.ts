/** Lists to pick from: groups of options, narrowed down by words. */

/** One thing to pick. */
export interface PickOption {
  /** Opaque to the list. */
  id: string;
  text: string;
  note: string;
  selected: boolean;
  /** A line beside it, as `sparkPath` draws it; null while it is not known. Without it there is no room for one. */
  spark?: readonly number[] | null;
}

/** Options under a title. */
export interface PickGroup {
  title: string;
  note: string;
  options: readonly PickOption[];
}

/** The options whose text or title holds every word, in their groups; groups without any are left out. */
export function filterGroups(groups: readonly PickGroup[], filter: string): PickGroup[] {
  const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const found: PickGroup[] = [];
  for (const group of groups) {
    const options = group.options.filter(({ text }) => {
      const whole = `${group.title} ${text}`.toLowerCase();
      return words.every((word) => whole.includes(word));
    });
    if (options.length > 0) found.push({ ...group, options });
  }
  return found;
}
