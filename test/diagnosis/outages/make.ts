import { type Read, readForm } from "../../../infra/train/case-format.ts";
import { type Change, changes } from "./changes.ts";
import { type Line, type Story, stories } from "./stories.ts";

/** An outage in the benchmark's form: an innocent deploy of the alerting service just before, parts of the evidence missing. */
export type Outage = { story: string; read: Read; culprit: string | undefined };

const minute = 60_000;
const hour = 60 * minute;
type Landed = Change & { sha: string; at: number };
type Dice = {
  next: () => number;
  int: (from: number, to: number) => number;
  pick: <T>(some: T[]) => T;
};

/** A small generator of chance with a seed (the linear one of the C standard). */
const diceOf = (seed: number): Dice => {
  let state = seed * 2654435 + 17;
  const next = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  for (let n = 0; n < 5; n++) next();
  const int = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return { next, int, pick: (some) => some[int(0, some.length - 1)]! };
};

export const outage = (seed: number): Outage => {
  const dice = diceOf(seed);
  const story = stories[seed % stories.length]!;
  const onset = Date.UTC(2026, 4, 1) + seed * 5 * hour + dice.int(0, 59) * minute;
  const at = onset + dice.int(1, 12) * minute;
  const { landed, deploys, culprit, innocent } = history(dice, story, onset);
  const patches = dice.next() < 0.7;
  const known = (share: number): boolean => dice.next() < share;
  const raw = {
    ...{ id: String(seed), at, service: story.service, symptom: story.symptom },
    candidates: landed
      .toSorted((a, b) => b.at - a.at)
      .map(({ service: _, files, patch, ...one }) => ({
        ...one,
        files: files.map((file) => [file, 3, 2]),
        ...(patches ? { patch } : {}),
      })),
    ...(known(0.8) ? { deploys } : {}),
    ...(known(0.75) ? { logs: logs(dice, story, { onset, at, innocent }) } : {}),
    ...(known(0.75) ? { series: series(dice, story, { onset, at }) } : {}),
    ...(known(0.8) || story.flag ? { flags: flags(dice, story, onset) } : {}),
    ...(known(0.7) || story.dependsOn !== undefined ? { dependsOn: story.dependsOn ?? ["identity"] } : {}),
    ...(known(0.3) && story.dependsOn === undefined
      ? { servicePaths: [story.service, `deploy/${story.service}`] }
      : {}),
  };
  return { story: story.name, read: readForm(raw), culprit };
};

const history = (dice: Dice, { service, culprit, minutes }: Story, onset: number) => {
  const sha = (): string => Array.from({ length: 40 }, () => dice.int(0, 15).toString(16)).join("");
  const step = dice.pick([12, 25, 50, 90]);
  const wait = dice.int(4, 12) * minute;
  const innocent: Landed = {
    ...dice.pick(changes.filter((one) => one.service === service && one !== culprit)),
    ...{ sha: sha(), at: onset - dice.int(5, 30) * minute },
  };
  const rest = changes
    .filter((one) => one.subject !== culprit?.subject && one.subject !== innocent.subject)
    .map((one) => ({ one, key: dice.next() }))
    .sort((a, b) => a.key - b.key)
    .map(
      ({ one }, n): Landed => ({
        ...one,
        ...{ sha: sha(), at: onset - (n + 1) * step * minute - dice.int(0, 10) * minute },
      }),
    );
  const live = onset - dice.int(...minutes) * minute;
  const guilty: Landed[] = culprit === undefined ? [] : [{ ...culprit, sha: sha(), at: live - wait }];
  const deploys = [
    ...rest
      .filter((one) => one.service !== "")
      .map((one) => ({
        ...{
          at: Math.min(onset - dice.int(3, 11) * minute, one.at + wait),
          service: one.service,
          sha: one.sha,
        },
      })),
    { at: onset - dice.int(30, 170) * 1000, service, sha: innocent.sha },
    ...guilty.map((one) => ({ at: live, service: one.service, sha: one.sha })),
  ];
  return { landed: [...rest, innocent, ...guilty], deploys, culprit: guilty[0]?.sha, innocent };
};

type Span = { onset: number; at: number };
const logs = (dice: Dice, story: Story, { onset, at, innocent }: Span & { innocent: Landed }) => {
  const write = ({ text, ...rest }: Line, from: number) => ({
    ...rest,
    ...{ at: Math.round(from + dice.next() * (at - from)) },
    text: text.replaceAll("%", () => String(dice.int(1, 99_999))),
  });
  const usual = ["GET /v2/items/% 200 in % ms", "job % finished", "heartbeat ok %", "connected client %"];
  const noise = Array.from({ length: 200 }, (_, n) => ({
    service: dice.pick([story.service, "web", "player-api", "identity", "billing"]),
    ...(n % 16 === 0
      ? { level: "warn", text: "retrying request % after reset" }
      : { level: "info", text: dice.pick(usual) }),
  }));
  return [
    ...noise.map((line) => write(line, onset - 3 * hour)),
    ...(story.lines ?? []).flatMap((line) => Array.from({ length: 12 }, () => write(line, onset))),
    {
      ...{ at: onset - minute / 2, service: story.service, level: "info" },
      text: `listening on :8080 version ${innocent.sha.slice(0, 8)}`,
    },
  ].sort((a, b) => a.at - b.at);
};

const series = (dice: Dice, { service, metric, base, to, load = 1, shape }: Story, { onset, at }: Span) => {
  const from = onset - 4 * hour;
  const of = (name: string, before: number, after: number, ramp = false) => ({
    ...{ service, metric: name },
    points: Array.from({ length: Math.floor((at - from) / minute) + 1 }, (_, n) => {
      const when = from + n * minute;
      const grown = ramp ? before + ((after - before) * 0.8 * (when - from)) / (onset - from) : before;
      return [when, (when < onset ? grown : after) * (0.85 + 0.3 * dice.next())];
    }),
  });
  return [
    of(metric, base, to, shape === "ramp"),
    of("http_requests_per_second", 200, 200 * load),
    of("cpu_utilisation", 0.4, 0.45),
  ];
};

const flags = (dice: Dice, { service, flag }: Story, onset: number) => {
  if (flag)
    return [
      {
        ...{ at: onset - dice.int(20, 100) * 1000, service, flag: "ranker-two-tower-v3" },
        change: { from: "0%", to: "50%" },
      },
    ];
  return dice.next() < 0.3
    ? [{ at: onset - dice.int(1, 4) * hour, service: "web", flag: "dark-mode", change: "on" }]
    : [];
};
