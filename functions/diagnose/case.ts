import type { Configured } from "../../shared/config.ts";
import type { Case } from "../../shared/diagnosis/model.ts";
import { newErrors } from "../../shared/diagnosis/onset/onset.ts";
import { alertsOfRound } from "../../shared/incident/alerts/alerts.ts";
import { nextLook, type Reviewable } from "../../shared/incident/diagnosis/review.ts";
import { innocentCommits } from "../../shared/incident/remedies/tried.ts";
import type { Work } from "../step.ts";
import { otherAlertmanager } from "../verify/other-alertmanager.ts";
import { readQuestions } from "../verify/questions.ts";
import { knownRules } from "./alert-rules.ts";
import { earlier } from "./earlier.ts";
import { gather } from "./gather.ts";
import { observe } from "./observe.ts";
import { openQuestion } from "./open-question.ts";
import { readSaturation } from "./saturation.ts";

/** An alert that ended in an earlier round says nothing of this one. */
const ofThisRound = (incident: Reviewable): Reviewable => ({ ...incident, alerts: alertsOfRound(incident) });

/** Reads everything that a diagnosis looks at: `given` is the case that is judged, and the rest is told beside it. */
export const readCase = async (work: Work, reviewed: Reviewable) => {
  const incident = ofThisRound(reviewed);
  const { service, alerts } = incident;
  const { paths, policy } = work.serviceOf(service);
  const isLastLook = nextLook(incident, work.clock(), policy) === undefined;
  const observing = observe(work, incident);
  const errors = observing.then((seen) => newErrors({ ...seen, service, alerts }));
  const called = observing.then(({ traced }) => traced.called);
  const [{ undeployed, ...changes }, observed, saturated, before, questions, unanswered, other] =
    await Promise.all([
      gather(work, { ...incident, errors, isLastLook, called }),
      observing,
      readSaturation(work, incident),
      earlier(work, incident),
      readQuestions(work, incident),
      openQuestion(work, incident),
      otherAlertmanager(work, incident),
      errors,
    ]);
  const { unread, traced, ...measured } = observed;
  const innocent = new Set<string>([...innocentCommits(incident.tried), ...(incident.ruledOut ?? [])]);
  const commits = changes.commits.filter(({ sha }) => !innocent.has(sha));
  const asking = [...(incident.questions ?? []), ...questions];
  const given: Case = {
    ...{ service, alerts, ...changes, commits, ...measured, earlier: before.earlier, ours: before.ours },
    ...{ rules: await knownRules(work, incident, asking), ...confidenceOf(policy), folders: paths },
    unread: [...(changes.unread ?? []), ...before.unread, ...unread],
  };
  return {
    ...{ given, measured, undeployed, saturated, before, questions, asking },
    ...{ unanswered, other, traced },
  };
};

/** The policy's part in the probabilities: the bar of words alone, the prior of a change, and the calibration. */
const confidenceOf = ({
  mode,
  minConfidence,
  autoConfidence,
  changePrior,
  calibration,
}: Configured["policy"]) => ({
  ...(mode === "auto" && { textBar: Math.max(minConfidence, autoConfidence) }),
  ...{ changePrior, proposedFrom: minConfidence },
  ...(calibration !== undefined && { calibration }),
});
