import { alertsOfRound } from "../incident/alerts/alerts.ts";
import { diagnosisOf } from "../incident/diagnosis/review.ts";
import { isActive, type Parts, partsOf, type Started, type Suspect } from "../incident/model.ts";
import type { Annotation } from "../ports/annotations.ts";
import { dashboardOf } from "./dashboards.ts";
import { percent, short } from "./format.ts";
import { headline } from "./timeline.ts";

type Mark = Pick<Annotation, "at" | "until" | "text"> & { kind: string };

/** The marks of a round: the suspected deploy, what put a former deploy back, the merge, the live fix, and the verdict over the whole trouble. */
export const annotationsOf = (
  incident: Started,
  { base, url }: { base: string; url: string | undefined },
): Annotation[] => {
  const { id, round, service, environment } = incident;
  const page = dashboardOf(alertsOfRound(incident), base);
  return marksOf(incident).map(({ kind, ...mark }) => ({
    key: `${id}#${round}/${kind}`,
    tags: ["countersteer", kind, service, environment],
    ...mark,
    ...(url !== undefined && { url }),
    ...(page && {
      on: { dashboard: page.dashboard, ...(page.panel !== undefined && { panel: page.panel }) },
    }),
  }));
};

const marksOf = (incident: Started): Mark[] => {
  const { service, onsetAt } = incident;
  const { merge, pull, deploy, redeploy, remedy, fix } = partsOf(incident);
  const marks = suspected(incident);
  if (redeploy?.id !== undefined)
    marks.push({ kind: "redeploy", at: redeploy.at, text: `${service}: ${short(redeploy.sha)} is put back` });
  if (merge !== undefined && fix === undefined)
    marks.push({ kind: "merge", at: merge.at, text: `${service}: merged ${mergedText(pull, remedy)}` });
  if (deploy !== undefined)
    marks.push({ kind: "live", at: deploy.at, text: `${service}: ${fix?.detail ?? "the fix"} is live` });
  if (!isActive(incident))
    marks.push({
      ...{ kind: "verdict", at: onsetAt, until: Math.max(onsetAt, incident.endedAt) },
      text: headline(incident),
    });
  return marks;
};

const mergedText = (pull: Parts["pull"], remedy: Parts["remedy"]): string =>
  [pull && `#${pull.number}`, remedy?.title].filter((one) => one !== undefined).join(" ");

/** The deploy that brought the change which the remedy takes back, or else the likeliest suspect. */
const suspected = (incident: Started): Mark[] => {
  const suspects = diagnosisOf(incident)?.suspects ?? [];
  const { remedy } = partsOf(incident);
  const taken = remedy?.kind === "revert" ? suspects.find(({ sha }) => sha === remedy.sha) : undefined;
  const suspect = taken ?? suspects[0];
  const deploy = suspect?.change?.deploy;
  return suspect === undefined || deploy === undefined
    ? []
    : [{ kind: "deploy", at: deploy.at, text: deployText(incident.service, suspect, deploy.sha) }];
};

const deployText = (service: string, { title, score }: Suspect, sha: string): string =>
  `${service}: deploy of ${short(sha)}, suspected at ${percent(score)}: ${title}`;
