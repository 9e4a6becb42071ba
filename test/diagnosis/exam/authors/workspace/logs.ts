import { chatter } from "./chatter.ts";
import type { Dice } from "./dice.ts";
import type { Candidate, LogLine } from "./form.ts";
import { ownerOf, type ServiceName } from "./services.ts";
import { js, py, type Said } from "./story.ts";
import { fillerOf } from "./words.ts";

const minute = 60_000;

export type Told = {
  at: number;
  onset: number;
  /** The first moment at which the lines may come, before the onset for a trouble that builds up. */
  begin: number;
  said: readonly Said[];
  near: readonly ServiceName[];
  candidates: readonly Candidate[];
  /** The sha of the slot, which the old error does not name. */
  slot: string;
  fixed: Record<string, string>;
};

const line = (at: number, said: Said, fill: (text: string) => string): LogLine => {
  const told = { at, service: said.service, level: said.level, text: fill(said.text) };
  return said.trace === undefined ? told : { ...told, trace: fill(said.trace) };
};

const storyLines = (told: Told, from: number, dice: Dice): LogLine[] => {
  const repeated = told.said.filter((each) => each.once === undefined);
  const count = dice.int(9, 42);
  const builds = told.begin < told.onset - minute;
  const lines = Array.from({ length: count }, () => {
    const early = builds && dice.chance(0.3);
    const start = Math.max(from, early ? told.begin : told.onset);
    const at = Math.round(dice.between(start, early ? told.onset : told.at - 1000));
    const said = dice.chance(0.6) ? repeated[0]! : dice.pick(repeated);
    return line(at, said, fillerOf(dice, told.fixed));
  });
  const single = told.said.filter((each) => each.once !== undefined);
  const clamp = (at: number) => Math.min(told.at - 500, Math.max(from, at));
  return [
    ...lines,
    ...single.map((said) => line(clamp(told.onset + said.once! * 1000), said, fillerOf(dice, told.fixed))),
  ];
};

const noise = (told: Told, from: number, dice: Dice): LogLine[] =>
  Array.from({ length: dice.int(18, 120) }, () => {
    const service = dice.pick(told.near);
    const [level, text] = dice.pick(chatter[service]);
    return line(Math.round(dice.between(from, told.at - 200)), { service, level, text }, fillerOf(dice));
  });

const traceIn = (path: string): string => {
  if (path.endsWith(".py")) {
    const inside = path.replace(/^services\/\w+\//, "");
    return py(
      "ValueError: unexpected empty value",
      `${inside}:${40 + path.length} call`,
      "~django/core/handlers/base.py:197 _get_response",
    );
  }
  return js("TypeError: Cannot read properties of null (reading 'id')", `${path}:${20 + path.length} call`);
};

/** An error that came as often before the trouble, from a file that a harmless commit changed. */
const oldError = (told: Told, from: number, dice: Dice): LogLine[] => {
  const others = told.candidates.filter(({ sha }) => sha !== told.slot);
  const paths = others
    .flatMap(({ files }) => files)
    .filter((path) => /^(?!.*(test|migrations)).*\.(py|tsx?)$/.test(path));
  if (paths.length === 0 || !dice.chance(0.4)) return [];
  const path = dice.pick(paths);
  const service = ownerOf(path)!;
  const said = {
    service,
    level: "error",
    text: "unhandled error request=%id% tenant=%tenant%",
    trace: traceIn(path),
  };
  const every = (told.at - from) / dice.int(5, 14);
  const lines: LogLine[] = [];
  for (let at = from + every / 3; at < told.at; at += every) {
    lines.push(
      line(Math.round(at + every * 0.5 * dice.roll() * (at + every < told.at ? 1 : 0)), said, fillerOf(dice)),
    );
  }
  return lines;
};

/** The lines of a case in order of time: those of the trouble among those of any day. */
export const logsOf = (told: Told, dice: Dice): LogLine[] => {
  const from = told.at - Math.round(dice.between(28, 70)) * minute;
  const lines = [...storyLines(told, from, dice), ...noise(told, from, dice), ...oldError(told, from, dice)];
  return lines.filter(({ at }) => at < told.at).sort((a, b) => a.at - b.at);
};
