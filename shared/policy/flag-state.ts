/** The state that a flag has after a change, in the words of the tool that told it; undefined where they name none. */
const stateAfter = (change: string): string | undefined => {
  const [, ...moves] = change.split(/→|->/);
  const last = moves
    .at(-1)
    ?.replace(/[()\s]/g, "")
    .toLowerCase();
  if (last !== undefined) return last;
  if (/\b(off|disabled|archived)\b/i.test(change)) return "off";
  return /\b(on|enabled|revived)\b/i.test(change) ? "on" : undefined;
};

/**
 * Whether a flag is now as `change` left it, after the `later` changes, the newest first. Where words name no state, each change turns
 * back the one before it.
 */
export const isAsLeft = (change: string, later: { change: string }[]): boolean => {
  const [latest] = later;
  if (latest === undefined) return true;
  const [left, now] = [stateAfter(change), stateAfter(latest.change)];
  return left !== undefined && now !== undefined ? left === now : later.length % 2 === 0;
};
