import { alertmanager } from "./alertmanager.ts";
import { chanceOf } from "./chance.ts";
import { deployer } from "./deployer.ts";
import { developers } from "./developers.ts";
import { embeddedHost, type Host } from "./embedded.ts";
import { atTheEnd, isAtRest } from "./end.ts";
import { awsHost, untold } from "./lambda.ts";
import type { Violation } from "./ledger.ts";
import { quickStore } from "./memory.ts";
import { people } from "./people.ts";
import { begin, createScene, minute, type Scene } from "./scene.ts";
import { givingWay, promised } from "./schedule.ts";
import { type Size, sizeOf } from "./size.ts";
import { sqliteDisk } from "./sqlite.ts";

export type Played = {
  seed: number;
  violations: Violation[];
  seen: Set<string>;
  happened: { number: number; kind: string }[];
  lines: string[];
};

export type Playing = { on?: HostName; left?: ReadonlySet<number>; isTraced?: boolean; size?: Size };

type Hosted = {
  host: Host;
  pending: () => Promise<{ id: string; version: number }[]>;
  remove?: () => Promise<void>;
};

const hosts = {
  memory: (scene: Scene): Hosted => {
    const store = scene.ledger.watched(quickStore());
    return { host: embeddedHost(scene, { open: async () => store }), pending: store.pending };
  },
  sqlite: (scene: Scene): Hosted => {
    const { open, pending, remove } = sqliteDisk(scene.ledger);
    const disk = { open: async () => scene.ledger.watched(await open()) };
    return { host: embeddedHost(scene, disk), pending, remove };
  },
  aws: (scene: Scene): Hosted => {
    const host = awsHost(scene);
    return { host, pending: async () => untold(host.table) };
  },
};
export type HostName = keyof typeof hosts;
export const hostNames = Object.keys(hosts) as HostName[];

/** The time after a history in which all must come to rest: at least, at most, and between two looks. */
const calm = { leastMs: 8 * minute, mostMs: 40 * minute, everyMs: 2 * minute };

/** Plays one history: the same seed is the same history. */
export const play = async (seed: number, playing: Playing = {}): Promise<Played> => {
  // Thousands of calls fail on purpose, and nobody reads where.
  const before = Error.stackTraceLimit;
  if (!playing.isTraced) Error.stackTraceLimit = 0;
  try {
    return await playOut(seed, playing);
  } finally {
    Error.stackTraceLimit = before;
  }
};

const playOut = async (
  seed: number,
  { on = "memory", left = new Set(), isTraced = false, size = sizeOf(chanceOf(seed, "size")) }: Playing,
): Promise<Played> => {
  const scene = createScene(seed, {
    size,
    left,
    isTraced,
    turns: on === "sqlite" ? givingWay : promised,
  });
  const { schedule, ledger, happenings } = scene;
  const { host, pending, remove } = hosts[on](scene);
  developers(scene, host);
  deployer(scene, host);
  alertmanager(scene, host, 0);
  if (scene.chanceFor("replicas").is(0.5))
    alertmanager(scene, host, scene.chanceFor("replicas").between(1_000, 45_000));
  people(scene, host);
  const isOver = () => ledger.violations.length > 0;
  await schedule.run(begin + size.wildMs, isOver);
  happenings.heal();
  scene.skew.ms = 0;
  host.up();
  await comeToRest(scene, pending);
  await remove?.();
  const seen = new Set([...ledger.seen, ...happenings.list().map(({ kind }) => kind)]);
  return { seed, violations: ledger.violations, seen, happened: happenings.list(), lines: ledger.lines };
};

/** Goes on until nothing is broken any more, and what still is at the very end breaks its rule. */
const comeToRest = async (scene: Scene, pending: Hosted["pending"]): Promise<void> => {
  const { schedule, ledger } = scene;
  const isOver = () => ledger.violations.length > 0;
  const end = schedule.now() + calm.mostMs;
  for (let at = schedule.now() + calm.leastMs; ; at += calm.everyMs) {
    await schedule.run(Math.min(at, end), isOver);
    if (isOver()) return;
    const broken = atTheEnd(scene, await pending());
    if (broken.length === 0 && isAtRest(scene)) return;
    if (at < end) continue;
    for (const { rule, detail } of broken) ledger.violate(rule, detail);
    return;
  }
};
