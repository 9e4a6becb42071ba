import type { Intent } from "../shared/incident/commands.ts";
import type { Diagnosis, Question } from "../shared/incident/model.ts";
import { diagnosisOf, isLookDue, type Reviewable } from "../shared/incident/review.ts";
import type { DeployRecord, FlipRecord } from "../shared/ports/store.ts";
import { fixByPeople } from "./people.ts";
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
  const basis = basisOf(incident, changes);
  if (!isLookDue(incident, work.clock(), basis)) {
    const diagnosis = diagnosisOf(incident);
    const fix = diagnosis && (await fixByPeople(work, { incident, diagnosis, ...changes }));
    return fix === undefined ? null : { type: "RecordFix", fix };
  }
  const { diagnosis, questions } = await diagnose();
  const isFirst = incident.status === "opened" && incident.thin === undefined;
  // Proposing looks for a revert by people anyway, so a first diagnosis does not.
  const fix = isFirst ? undefined : await fixByPeople(work, { incident, diagnosis, ...changes });
  return { type: "RecordDiagnosis", diagnosis, questions, basis, ...(fix !== undefined && { fix }) };
};

const day = 24 * 60 * 60 * 1000;

/** Deploys and flag changes of the service and of those it depends on, from a fixed time before the onset on. */
const changesSince = async (
  { store, serviceOf }: Work,
  { service, environment, onsetAt }: Reviewable,
): Promise<{ deploys: DeployRecord[]; flips: FlipRecord[]; others: number }> => {
  const names = serviceOf(service).dependsOn ?? [];
  const [own, ...others] = await Promise.all(
    [service, ...names].map((name) => store.changes(name, environment, onsetAt - 7 * day)),
  );
  const count = others.reduce((sum, { deploys, flips }) => sum + deploys.length + flips.length, 0);
  return { deploys: own?.deploys ?? [], flips: own?.flips ?? [], others: count };
};

/** The records that a diagnosis rests on, as text to compare. */
const basisOf = (
  { alerts }: Reviewable,
  { deploys, flips, others }: { deploys: DeployRecord[]; flips: FlipRecord[]; others: number },
): string => {
  // Another series of a rule that fires already tells nothing new of the cause.
  const rules = new Set(alerts.map(({ name }) => name));
  return `rules ${rules.size}, deploys ${deploys.length}, flags ${flips.length}, others ${others}`;
};
