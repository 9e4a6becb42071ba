import { readCases } from "../../../infra/train/read-cases.ts";
import { caseOf } from "../../ordinary/weigh.ts";
import { canary } from "../canaries/make.ts";
import { make } from "../incidents.ts";
import { outage } from "../outages/make.ts";
import { tried } from "../plots/index.ts";
import { type Author, authors, incidentsBy, latest, type Seeds } from "./authors/index.ts";
import { examined, size } from "./make.ts";
import type { Incident } from "./score.ts";
import type { Half } from "./world.ts";

/** `seen` may be looked at by those who improve the evidence; of `kept` they get the counts alone. */
export const seeds = { seen: [0, 120], kept: [1000, 1120] } as const satisfies Record<string, Seeds>;

/**
 * A set of incidents by one hand. `latest` is its base rate: the share of guilty changes that went live with the latest deploy
 * before the alert. It was declared to the three authors before they wrote; of the older sets it is the measured one.
 */
export type Origin = {
  name: string;
  latest: number;
  incidents: (of: Seeds) => Iterable<Incident> | AsyncIterable<Incident>;
  /** It has seeds to spare, so that some are kept. */
  isSeeded?: true;
};

const numbered = (count: number): number[] => Array.from({ length: count }, (_, number) => number);

const byAuthor = (name: string, author: Author): Origin => ({
  ...{ name, latest, isSeeded: true },
  incidents: (of) => incidentsBy(author, of),
});

const byHalf = (half: Half): Origin => ({
  ...{ name: `half ${half}`, latest: 0.15 },
  *incidents() {
    for (const number of numbered(size)) {
      const { story, read, culprit } = examined(half, number);
      yield { name: read.id, story, given: read.given, culprit };
    }
  },
});

const incidents: Origin = {
  ...{ name: "incidents", latest: 0.01 },
  *incidents() {
    for (const seed of numbered(180)) {
      const { given, culprit, cause } = make(seed);
      yield { name: `incident-${seed}`, story: cause, given, culprit };
    }
  },
};

const outages: Origin = {
  ...{ name: "outages", latest: 0.06 },
  *incidents() {
    for (const seed of numbered(200)) {
      const { story, read, culprit } = outage(seed);
      yield { name: `outage-${seed}`, story, given: read.given, culprit };
    }
  },
};

/** Each canary, and its twin: the same without the bad deploy and its change. */
const canaries = (isLater: boolean): Origin => ({
  ...{ name: isLater ? "canaries again" : "canaries", latest: 0.55 },
  *incidents() {
    for (const pair of numbered(102))
      for (const isTaken of [false, true]) {
        const { read, culprit } = canary(pair, isTaken);
        const given = isLater ? read.looks[0]!.given : read.given;
        yield { name: `${read.id}${isTaken ? " without" : ""}`, story: "", given, culprit, pair };
      }
  },
});

/** Told by the loop, as production tells them. */
const plots: Origin = {
  ...{ name: "plots", latest: 0.87 },
  async *incidents() {
    for (const { name, guilty, given: plot, diagnosis } of await tried()) {
      const given = caseOf(plot);
      const culprit = given.commits.find(({ title }) => title === guilty)?.sha;
      const ranked = diagnosis.suspects.map(({ sha, score }) => ({ sha, p: score }));
      yield { name, story: "", given, culprit, answer: { ranked, none: diagnosis.none } };
    }
  },
};

/** Cases of a file whose `culprit` is told; it is null where nobody is guilty. */
export const byFile = (file: string): Origin => ({
  ...{ name: file.replace(/^.*\//, ""), latest: 0.6 },
  async *incidents() {
    for await (const line of readCases(file)) {
      if ("problem" in line) throw new Error(`${file}:${line.number}: ${line.problem}`);
      const { read, raw } = line;
      const culprit = typeof raw.culprit === "string" ? raw.culprit : undefined;
      yield { name: read.id, story: String(raw.kind ?? ""), given: read.given, culprit };
    }
  },
});

export const origins: Origin[] = [
  ...Object.entries(authors).map(([name, author]) => byAuthor(name, author)),
  ...(["A", "B"] as const).map(byHalf),
  ...[incidents, outages, canaries(false), canaries(true), plots],
];
