import type { Looked } from "./read.ts";

/** The sentences on the signals that were read, and on the neighbours of which neither errors nor latency were. `alerting` is watched by its alert. */
export const notesOnSignals = (looked: Looked[], alerting: string): string[] => {
  const read = looked.filter(({ signals }) => signals.length > 0);
  const blind = looked.filter(
    ({ service, signals, isOff }) =>
      service !== alerting && isOff !== true && !signals.includes("errors") && !signals.includes("latency"),
  );
  return [
    ...(read.length === 0 ? [] : [`also looked at: ${read.map(told).join("; ")}`]),
    ...(blind.length === 0 ? [] : [`neither errors nor latency of ${listed(blind)} could be read`]),
  ];
};

const told = ({ service, signals, from }: Looked): string =>
  `${signals.join(", ")} of ${service} (${from.join(", ")})`;

const listed = (some: Looked[]): string => {
  const names = some.map(({ service }) => service);
  return names.length === 1 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
};
