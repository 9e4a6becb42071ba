import type { Case, Deploy, Flag, Pair } from "./case.ts";
import { type Clock, candidate, clock, deploys, type History, history } from "./frame.ts";
import { flagNames, grumble, noiseLine } from "./noise.ts";
import { hour, minute, type Part, type Plot, scene, type Told } from "./plot.ts";
import { type Random, random } from "./random.ts";
import { serviceNamed, services } from "./services.ts";
import { quietSeries } from "./signals.ts";

/** A story whose varying part is hidden. */
export type Story = { name: string; pair: (seed: number) => Pair };

const flagsOf = (r: Random, { at, onset }: Clock, names: string[]): Flag[] => {
  if (r.chance(0.6)) return [];
  const found = Array.from({ length: r.int(1, 3) }, (_, index): Flag => {
    const share = r.pick([5, 10, 25, 50, 100]);
    return {
      at: index === 0 && r.chance(0.5) ? onset - r.int(20, 700) * 1000 : r.int(at - 30 * hour, at - minute),
      service: r.pick(names),
      flag: r.pick(flagNames),
      change: r.pick([`rollout ${share} %`, "on", "off", `{"variant":"b","percent":${share}}`]),
    };
  });
  return found.sort((a, b) => a.at - b.at);
};

const namesOf = <V>(r: Random, plot: Plot<V>, v: V): string[] => {
  const fixed = [...new Set([plot.service(v), plot.via(v), ...plot.others(v)])].filter((name) => name !== "");
  const more = r.shuffle(services.map((each) => each.name).filter((name) => !fixed.includes(name)));
  return [...fixed, ...more.slice(0, r.int(0, Math.max(0, Math.min(2, 6 - fixed.length))))];
};

type Given<V> = {
  plot: Plot<V>;
  v: V;
  names: string[];
  moments: Clock;
  past: History;
  rolled: Deploy[];
  lacks: Part | "";
  seed: number;
};

const versionsOf = (rolled: Deploy[], via: string, live: number) => {
  const own = rolled.filter((each) => each.service === via && each.at <= live);
  return { version: own.at(-1)?.version ?? "", previous: own.at(-2)?.version ?? "" };
};

/** The deploy with one commit's sha put for another's. */
const swapped = (deploy: Deploy, from: string, to: string): Deploy =>
  deploy.sha === from
    ? { ...deploy, sha: to, version: deploy.version!.replace(from.slice(0, 8), to.slice(0, 8)) }
    : deploy;

/** In some twins the trouble begins before the rollout that would otherwise be blamed. */
const earlier = (r: Random, { at, onset, live }: Clock): number => {
  const before = live - r.int(90, 420) * 1000;
  return r.chance(0.35) && at - before <= 18 * minute ? before : onset;
};

type Sizes = { logs: number; series: number };
type Ground = { names: string[]; moments: Clock };

const filled = (r: Random, told: Told, { names, moments }: Ground, sizes: Sizes) => {
  const taken = new Set(told.series.map((each) => `${each.service} ${each.metric}`));
  while (told.series.length < sizes.series) told.series.push(quietSeries(r, moments.window, names, taken));
  const from = moments.at - r.int(40, 170) * minute;
  while (told.logs.length < sizes.logs) {
    const make = r.chance(0.07) ? grumble : noiseLine;
    told.logs.push(make(r, names, from, moments.at - 1));
  }
  told.logs.sort((a, b) => a.at - b.at);
  told.series = r.shuffle(told.series);
};

const heading = <V>(r: Random, { plot, v, lacks }: Given<V>) => {
  const service = plot.service(v);
  const { source, config } = serviceNamed(service);
  const named = lacks === "symptom" || r.chance(0.8);
  return {
    symptom: lacks === "symptom" ? "" : plot.symptom(v),
    ...(named ? { service } : {}),
    ...(r.chance(0.6) ? { servicePaths: [`${source}/`, `${config}/`] } : {}),
    ...(plot.dependsOn ? { dependsOn: plot.dependsOn(v) } : {}),
  };
};

const caseOf = <V>(given: Given<V>, guilty: boolean, sizes: Sizes): Case => {
  const { plot, v, moments, past, lacks, seed, names } = given;
  const shared = random(seed * 31 + 5);
  const r = random(seed * 31 + (guilty ? 7 : 11));
  const told: Told = { logs: [], series: [] };
  const onset = guilty ? moments.onset : earlier(r, moments);
  const placed = guilty ? past.culprit : past.replacement;
  const rolled = given.rolled.map((each) => swapped(each, past.culprit.sha, placed.sha));
  const versions = versionsOf(rolled, plot.via(v), moments.live);
  const { at, live, window } = moments;
  const set = scene({ r, at, onset, live, window, sha: placed.sha, ...versions }, told);
  (guilty ? plot.guilty : plot.twin)(set, v);
  filled(r, told, given, sizes);
  const slots = past.slots.map((each) => (each === past.culprit ? placed : each)).reverse();
  const flags = flagsOf(shared, moments, names);
  const head = heading(shared, given);
  return {
    id: `platform-${seed}-${r.hex(6)}`,
    at,
    candidates: slots.map((each) => candidate(shared, each)),
    ...head,
    ...(lacks === "deploys" ? {} : { deploys: rolled }),
    ...(lacks === "logs" ? {} : { logs: told.logs }),
    ...(lacks === "series" ? {} : { series: told.series }),
    ...(flags.length > 0 ? { flags } : {}),
    culprit: guilty ? placed.sha : null,
  };
};

export const story = <V>(plot: Plot<V>): Story => ({
  name: plot.name,
  pair: (seed) => {
    const r = random(seed * 7919 + 13);
    const v = plot.vars(r);
    const names = namesOf(r, plot, v);
    const moments = clock(r, plot);
    const past = history(r, plot, v, moments, names);
    const rolled = deploys(r, moments, past, names, plot.via(v));
    const lacks = r.chance(0.26) && plot.mayLack.length > 0 ? r.pick(plot.mayLack) : "";
    const given = { plot, v, names, moments, past, rolled, lacks, seed } as const;
    const sizes = { logs: r.int(35, 190), series: r.int(6, 13) };
    return { story: plot.name, guilty: caseOf(given, true, sizes), twin: caseOf(given, false, sizes) };
  },
});
