import type { IncidentId } from "../../../shared/brands.ts";
import type { Event, EventOf } from "../../../shared/incident/events.ts";
import type { Alert } from "../../../shared/incident/model.ts";
import { roundsIn } from "../../../shared/incident/rounds/report.ts";
import type { Commit } from "../../../shared/ports/history.ts";
import type { Form } from "../../train/case-format.ts";
import { readLog, readPatch } from "./log.ts";

/** A case whose culprit is known, as `backtest --cases` reads it. */
export type OwnCase = Pick<Form, "id" | "at" | "service" | "symptom"> & {
  kind: "incident";
  repo: string;
  culprit: string;
  candidates: { sha: string; at: number; subject: string; body: string; files: string[]; patch: string }[];
};

const day = 24 * 60 * 60 * 1000;
/** Commits before the alert that may have done it. */
const window = { ms: 7 * day, count: 100 };

/**
 * The rounds that a verified revert ended, each with the commits of the clone that had landed by then; undefined for one whose culprit is
 * not among them. A pull request of several commits is named by the one that landed last.
 */
export async function* casesOf(
  facts: [IncidentId, Event[]][],
  repo: string,
): AsyncGenerator<OwnCase | undefined> {
  const patches = new Map<string, string>();
  const patchOf = async (sha: string): Promise<string> => {
    const known = patches.get(sha) ?? (await readPatch(repo, sha));
    patches.set(sha, known);
    return known;
  };
  for (const [incident, own] of facts)
    for (const { round, openedAt: at, attempts } of roundsIn(incident, own)) {
      const culprit = attempts.find(({ end, sha }) => end === "verified" && sha !== undefined)?.sha;
      if (culprit === undefined) continue;
      const landed = await readLog(repo, { until: at, since: at - window.ms, limit: window.count });
      if (!landed.some(({ sha }) => sha === culprit)) {
        yield undefined;
        continue;
      }
      const candidates = [];
      for (const commit of landed) candidates.push(candidateOf(commit, await patchOf(commit.sha)));
      const [service = ""] = incident.split("/");
      const symptom = alertsOf(own, round).map(symptomOf).join("\n");
      yield { id: `${incident} ${round}`, at, service, symptom, kind: "incident", repo, culprit, candidates };
    }
}

const candidateOf = ({ sha, at, title, message, paths }: Commit, patch: string) => ({
  ...{ sha, at, subject: title, body: message.slice(title.length).trim() },
  ...{ files: paths, patch },
});

const alertsOf = (facts: Event[], round: number): Alert[] =>
  facts.find(
    (fact): fact is EventOf<"IncidentOpened"> => fact.type === "IncidentOpened" && fact.round === round,
  )?.alerts ?? [];

const symptomOf = ({ name, labels, annotations }: Alert): string =>
  [
    name,
    ...Object.entries(labels).map(([label, value]) => `${label}="${value}"`),
    ...Object.values(annotations),
  ].join(" ");
