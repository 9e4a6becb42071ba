/** The one of `names` that `text` was meant to be, when they differ by little (case, dashes, or about one letter in three) or it begins with `text`. */
export const nearest = (text: string, names: string[]): string | undefined => {
  const given = plain(text);
  let best: { name: string; distance: number } | undefined;
  for (const name of names) {
    const allowed = Math.floor((name.length + 1) / 3);
    const most = best === undefined ? allowed : Math.min(allowed, best.distance - 1);
    const distance = distanceUpTo(most, given, plain(name));
    if (distance !== undefined) best = { name, distance };
  }
  if (best !== undefined) return best.name;
  return given.length < 3 ? undefined : names.find((name) => plain(name).startsWith(given));
};

const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_ ]/g, "");

/** The number of letters to put in, take out or change to get from one text to the other, if it is at most `most`. */
const distanceUpTo = (most: number, from: string, to: string): number | undefined => {
  // Each letter that one text has more must be put in.
  if (Math.abs(from.length - to.length) > most) return undefined;
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let line = 0; line < from.length; line++) {
    const next = [line + 1];
    for (let column = 0; column < to.length; column++) {
      const changed = row[column]! + (from[line] === to[column] ? 0 : 1);
      next.push(Math.min(row[column + 1]! + 1, next[column]! + 1, changed));
    }
    // The distance is at least the least of a row.
    if (Math.min(...next) > most) return undefined;
    row = next;
  }
  const distance = row[to.length]!;
  return distance <= most ? distance : undefined;
};
