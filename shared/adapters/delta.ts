type Fields = Record<string, unknown>;

/**
 * What turns one JSON value into another: the value itself; the fields of an object that changed and those that are
 * gone; or the items of a list, each piece either a run `[from, to)` of the earlier list or one new item.
 */
export type Delta =
  | { is: unknown }
  | { fields: [name: string, Delta][]; gone: string[] }
  | { items: ([from: number, to: number] | [item: unknown])[] };

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Cheap for values that share their unchanged parts: what is the same object counts as the same, nothing else in lists does. */
export const delta = (before: unknown, after: unknown): Delta => {
  if (Array.isArray(before) && Array.isArray(after)) return { items: itemsOf(before, after) };
  if (!isFields(before) || !isFields(after)) return { is: after };
  const fields: [string, Delta][] = [];
  for (const name of Object.keys(after)) {
    if (!Object.hasOwn(before, name)) fields.push([name, { is: after[name] }]);
    else if (before[name] !== after[name]) fields.push([name, delta(before[name], after[name])]);
  }
  return { fields, gone: Object.keys(before).filter((name) => !Object.hasOwn(after, name)) };
};

const itemsOf = (before: unknown[], after: unknown[]) => {
  const pieces: ([number, number] | [unknown])[] = [];
  let run: [number, number] | undefined;
  for (const item of after) {
    const at = before.indexOf(item, run?.[1] ?? 0);
    if (at === -1) {
      pieces.push([item]);
    } else if (run !== undefined && run[1] === at && pieces.at(-1) === run) {
      run[1]++;
    } else {
      run = [at, at + 1];
      pieces.push(run);
    }
  }
  return pieces;
};

/** `before` after the change; what did not change is shared with it. */
export const applyDelta = (before: unknown, change: Delta): unknown => {
  if ("is" in change) return change.is;
  if ("items" in change)
    return change.items.flatMap(([from, to]) =>
      to === undefined ? [from] : (before as unknown[]).slice(from as number, to),
    );
  const fields = new Map(Object.entries(before as Fields));
  for (const name of change.gone) fields.delete(name);
  for (const [name, inner] of change.fields) fields.set(name, applyDelta(fields.get(name), inner));
  return Object.fromEntries(fields);
};
