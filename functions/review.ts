import { mayBeBefore } from "../shared/diagnosis/in-production/before-onset.ts";
import { firing } from "../shared/incident/alerts/alerts.ts";
import type { Intent } from "../shared/incident/commands.ts";
import { diagnosisOf, isLookDue, type Reviewable } from "../shared/incident/diagnosis/review.ts";
import type { Diagnosis, In, Incident, Reason } from "../shared/incident/model.ts";
import type { Question } from "../shared/incident/recovery.ts";
import type { DeployRecord, FlipRecord } from "../shared/ports/store.ts";
import { inReach } from "./diagnose/reach.ts";
import { fixByPeople } from "./people/people.ts";
import type { Work } from "./step.ts";

/** A diagnosis, and the questions that recovery answers. */
export type Diagnosed = { diagnosis: Diagnosis; questions: Question[] };

/** Diagnoses the incident when a look is due, and sees whether people have done something about it themselves. */
export const review = async (
  work: Work,
  incident: Reviewable,
  diagnose: () => Promise<Diagnosed>,
): Promise<Intent | null> => {
  const changes = await changesSince(work, incident);
  if (!isLookDue(incident, work.clock(), basisOf(incident, changes))) {
    const diagnosis = diagnosisOf(incident);
    const fix = diagnosis && (await fixByPeople(work, { incident, diagnosis, ...changes }));
    return fix === undefined ? null : { type: "RecordFix", fix };
  }
  const { diagnosis, questions } = await diagnose();
  const isFirst = incident.status === "opened" && incident.thin === undefined;
  // Proposing looks for a revert by people anyway, so a first diagnosis does not.
  const fix = isFirst ? undefined : await fixByPeople(work, { incident, diagnosis, ...changes });
  const seen = diagnosis.called === undefined ? changes : await changesSince(work, incident, diagnosis);
  const basis = basisOf(incident, seen);
  const known = countBefore(incident, seen);
  return { type: "RecordDiagnosis", diagnosis, questions, basis, known, ...(fix !== undefined && { fix }) };
};

/** Whether a deploy or a flag change that may explain the trouble became known after the latest diagnosis found too little. */
export const hasNews = async (work: Work, incident: In<"escalated">): Promise<boolean> => {
  const { known, reason, alerts } = incident;
  if (known === undefined || !unexplained.includes(reason) || !firing(alerts)) return false;
  return countBefore(incident, await changesSince(work, incident)) > known;
};
const unexplained: readonly Reason[] = ["no_suspect", "low_confidence", "unclean_revert"];

const day = 24 * 60 * 60 * 1000;

type ChangeWindow = Pick<Reviewable, "service" | "environment" | "onsetAt">;
type Changes = {
  deploys: DeployRecord[];
  flips: FlipRecord[];
  others: (DeployRecord | FlipRecord)[];
};

/** Deploys and flag changes of the service and of those in its reach, from a fixed time before the onset on. */
const changesSince = async (
  { store, serviceOf }: Work,
  incident: Incident & ChangeWindow,
  diagnosis = diagnosisOf(incident),
): Promise<Changes> => {
  const { service, environment, onsetAt } = incident;
  const names = inReach(serviceOf(service), diagnosis?.called ?? []);
  const [own, ...others] = await Promise.all(
    [service, ...names].map((name) => store.changes(name, environment, onsetAt - 7 * day)),
  );
  const theirs = others.flatMap(({ deploys, flips }) => [...deploys, ...flips]);
  return { deploys: own?.deploys ?? [], flips: own?.flips ?? [], others: theirs };
};

/** The changes that may explain the trouble, by number: a rollout is told only once it has ended. */
const countBefore = (
  { onsetAt }: Pick<ChangeWindow, "onsetAt">,
  { deploys, flips, others }: Changes,
): number => {
  const brought = others.filter((change) => "sha" in change);
  const flipped = [...flips, ...others.filter((change) => !("sha" in change))];
  return (
    mayBeBefore([...deploys, ...brought], onsetAt).length + flipped.filter(({ at }) => at <= onsetAt).length
  );
};

/** The records that a diagnosis rests on, as text to compare. */
const basisOf = ({ alerts }: Reviewable, { deploys, flips, others }: Changes): string => {
  // Another series of a rule that fires already tells nothing new of the cause.
  const rules = new Set(alerts.map(({ name }) => name));
  return `rules ${rules.size}, deploys ${deploys.length}, flags ${flips.length}, others ${others.length}`;
};
