/** The longest part of a line that is shown. */
const mostLetters = 400;

/** The last lines of a log, each text once with its count: thirty equal lines would hide the reason of a failure. Times do not count. */
export const distinctLines = (log: string, most = 30): string => {
  const counts = new Map<string, number>();
  for (const line of log.split("\n").filter(Boolean)) {
    const text = line.replaceAll(/"(time|id)":"[^"]*",?|"at":\d+,?/g, "").slice(0, mostLetters);
    const count = counts.get(text) ?? 0;
    // Set again, so that it lies where it came last.
    counts.delete(text);
    counts.set(text, count + 1);
  }
  return [...counts]
    .slice(-most)
    .map(([text, count]) => (count === 1 ? text : `${text} (${count} times)`))
    .join("\n");
};
