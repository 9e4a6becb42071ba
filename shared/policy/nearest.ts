/** The one of `names` that `text` was meant to be, when they differ by little (case, dashes, or about one letter in three) or it begins with `text`. */
export const nearest = (text: string, names: string[]): string | undefined => {
  const [best] = names
    .map((name) => ({ name, distance: distance(plain(text), plain(name)) }))
    .filter(({ name, distance }) => distance <= Math.floor((name.length + 1) / 3))
    .toSorted((a, b) => a.distance - b.distance);
  const begun =
    plain(text).length < 3 ? undefined : names.find((name) => plain(name).startsWith(plain(text)));
  return best?.name ?? begun;
};

const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_ ]/g, "");

/** The number of letters to put in, take out or change to get from one text to the other. */
const distance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [line, letter] of [...from].entries()) {
    const next = [line + 1];
    for (const [column, other] of [...to].entries())
      next.push(Math.min(row[column + 1]! + 1, next[column]! + 1, row[column]! + (letter === other ? 0 : 1)));
    row = next;
  }
  return row[to.length]!;
};
