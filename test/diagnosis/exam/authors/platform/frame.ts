import type { Candidate, Deploy } from "./case.ts";
import { type Change, write } from "./change.ts";
import { hour, minute, type Plot } from "./plot.ts";
import { harmless, withCompanions } from "./pool/index.ts";
import type { Random } from "./random.ts";
import { type Service, serviceNamed, services } from "./services.ts";
import type { Window } from "./signals.ts";

export type Clock = {
  at: number;
  onset: number;
  live: number;
  landed: number;
  start: number;
  window: Window;
  latest: boolean;
};

const firstDay = 1_769_904_000_000;

const between = (r: Random, [low, high]: readonly [number, number]) =>
  r.int(Math.round(low * minute), Math.round(high * minute));

/** Draws the moments of a case, from the alert backwards. */
export const clock = <V>(r: Random, plot: Plot<V>): Clock => {
  const [early, late] = plot.hours ?? [6, 21];
  const at =
    firstDay + r.int(0, 270) * 24 * hour + r.int(early * 60, late * 60) * minute + r.int(0, 59) * 1000;
  const onset = at - between(r, plot.alert);
  const lag = between(r, plot.lag);
  const live = onset - lag;
  const latest = r.chance(lag > 90 * minute ? 0.38 : 0.74);
  const landed = live - (r.chance(0.4) ? r.int(8, 60) : r.int(60, 400)) * minute;
  const start = Math.min(at - r.int(1, 6) * 24 * hour, landed - r.int(2, 20) * hour);
  const seen = at - live < 5.6 * hour ? at - live + r.int(12, 30) * minute : 0;
  const length = Math.max(seen, Math.min(6 * hour, r.int(60, 300) * minute + (at - onset)));
  const everyMs = length > 3 * hour ? r.pick([30_000, 60_000]) : r.pick([15_000, 30_000, 60_000]);
  return { at, onset, live, landed, start, latest, window: { from: at - length, to: at, everyMs } };
};

type Slot = { at: number; service: string; sha: string; written: ReturnType<typeof write> };

const slot = (r: Random, at: number, service: Service, change: Change): Slot => {
  const prefixed = r.chance(0.35) && !change.title.includes(service.name);
  const title = prefixed ? `${service.name}: ${change.title}` : change.title;
  const written = write(r, withCompanions(r, service, { ...change, title }));
  return { at: at - (at % 1000), service: service.name, sha: r.hex(40), written };
};

/** Background changes, none with the title of another. */
const background = (
  r: Random,
  { at, live, start }: Clock,
  names: readonly string[],
  count: number,
): Slot[] => {
  const titles = new Set<string>();
  const found: Slot[] = [];
  for (let tries = 0; found.length < count && tries < count * 6; tries++) {
    const service = r.chance(0.62) ? serviceNamed(r.pick(names)) : r.pick(services);
    const change = harmless(r, service);
    if (titles.has(change.title)) continue;
    titles.add(change.title);
    const from = r.pick([start, start, at - 20 * hour, live - 6 * hour, live - 3 * hour]);
    const to = from === live - 3 * hour ? live - 5 * minute : at - 6 * minute;
    found.push(slot(r, r.int(Math.max(start, from), to), service, change));
  }
  return found;
};

export type History = { slots: Slot[]; culprit: Slot; replacement: Slot };

/** The commits, oldest first, with the culprit and the harmless commit for its place in the twin. */
export const history = <V>(r: Random, plot: Plot<V>, v: V, moments: Clock, names: string[]): History => {
  const home = serviceNamed(plot.via(v) || "cluster-base");
  const culprit = slot(r, moments.landed, home, plot.culprit(v, r, moments.onset));
  const replacement = slot(r, moments.landed, home, harmless(r, home));
  const earliest = Math.max(moments.start, moments.live - 14 * hour);
  const kept = plot.decoys(v, r).filter(() => r.chance(0.7));
  const decoys = kept.map(({ service, change }) => {
    const near = r.chance(0.5) ? Math.max(earliest, moments.live - 90 * minute) : earliest;
    return slot(r, r.int(near, moments.onset - 4 * minute), serviceNamed(service), change);
  });
  const titles = new Set([culprit, ...decoys].map((each) => each.written.subject));
  const others = background(r, moments, names, r.int(9, 38) - decoys.length).filter(
    (each) => !titles.has(each.written.subject) && each.written.subject !== replacement.written.subject,
  );
  const slots = [culprit, ...decoys, ...others].sort((a, b) => a.at - b.at);
  return { slots, culprit, replacement };
};

export const candidate = (r: Random, { at, sha, written }: Slot): Candidate => ({
  sha,
  at,
  subject: written.subject,
  body: written.body,
  files: written.files,
  patch: written.patch,
  author: written.author,
  ...(r.chance(0.2) || written.bot ? { bot: written.bot } : {}),
});

type Rollout = { at: number; service: string; kept: boolean };

const rollouts = (
  r: Random,
  { at, start, live, landed, latest, onset }: Clock,
  names: string[],
  via: string,
) => {
  const found: Rollout[] = [];
  for (const service of names)
    for (let left = r.int(2, 6); left > 0; left--)
      found.push({ at: r.int(start + hour, at - 30_000), service, kept: r.chance(0.15) });
  const others = names.filter((name) => name !== via);
  if (r.chance(0.5)) found.push({ at: live - r.int(60, 540) * 1000, service: r.pick(others), kept: true });
  const allowed = found.filter(
    (each) => (each.service !== via || each.at < landed || each.at > live) && !(latest && each.at > live),
  );
  if (!latest) {
    const slow = onset - live > 90 * minute;
    const service = slow && via !== "" && r.chance(0.4) ? via : r.pick(others);
    const from = slow ? Math.max(live + 20 * minute, onset - 100 * minute) : live + 15_000;
    const to = slow ? onset - 20_000 : Math.max(live + 20_000, onset + (at - onset) * 0.5);
    allowed.push({ at: r.int(from, to), service, kept: true });
  }
  if (via !== "") allowed.push({ at: live, service: via, kept: true });
  return allowed.sort((a, b) => a.at - b.at);
};

const version = (r: Random) => {
  const major = r.int(1, 9);
  const minor = r.int(3, 60);
  const style = r.pick(["semver", "calendar", "sha"]);
  return (index: number, sha: string) => {
    if (style === "semver") return `${major}.${minor + index}.${(index * 7 + minor) % 4}`;
    if (style === "calendar") return `2026.${major}.${minor + index}`;
    return `main-${sha.slice(0, 8)}`;
  };
};

/** The deploys of the case's services, oldest first. Each holds what had landed when its build began. */
export const deploys = (
  r: Random,
  moments: Clock,
  { slots }: History,
  names: string[],
  via: string,
): Deploy[] => {
  const found: Deploy[] = [];
  const last = new Map<string, { at: number; sha: string; index: number }>();
  const versions = new Map(names.map((name) => [name, version(r)]));
  const push = (at: number, service: string, sha: string, held: number) => {
    const index = (last.get(service)?.index ?? -1) + 1;
    last.set(service, { at: held, sha, index });
    found.push({ at, service, sha, version: versions.get(service)!(index, sha) });
  };
  for (const name of names) push(moments.start - r.int(1, 40) * hour, name, r.hex(40), 0);
  for (const { at, service, kept } of rollouts(r, moments, names, via)) {
    const built = service === via && at === moments.live ? 4 * minute : r.int(180, 720) * 1000;
    const waited = service !== via && at > moments.live && r.chance(0.6);
    const ready = waited ? Math.min(moments.landed - minute, at - built) : at - built;
    const head = slots.findLast((each) => each.at <= ready);
    const before = last.get(service)!;
    if (!head || head.sha === before.sha || head.at < before.at) continue;
    const own = slots.some((each) => each.service === service && each.at > before.at && each.at <= head.at);
    if (own || kept) push(at, service, head.sha, head.at);
  }
  const late = r.chance(0.25);
  return found
    .sort((a, b) => a.at - b.at)
    .map((each) => (late ? { ...each, heardAt: Math.min(moments.at, each.at + r.int(5, 90) * 1000) } : each));
};
