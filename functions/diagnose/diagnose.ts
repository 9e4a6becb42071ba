import type { Configured } from "../../shared/config.ts";
import { courseOf } from "../../shared/diagnosis/course.ts";
import { withLoad } from "../../shared/diagnosis/load.ts";
import { newErrors } from "../../shared/diagnosis/onset/onset.ts";
import type { Case } from "../../shared/diagnosis/rank.ts";
import { alertsOfRound } from "../../shared/incident/alerts/alerts.ts";
import { withFirstCommits } from "../../shared/incident/diagnosis/first-commits.ts";
import { withOwnChanges } from "../../shared/incident/diagnosis/own-changes.ts";
import { nextLook, type Reviewable } from "../../shared/incident/diagnosis/review.ts";
import { withoutSuspect } from "../../shared/incident/diagnosis/ruled-out.ts";
import type { Diagnosis } from "../../shared/incident/model.ts";
import type { Question } from "../../shared/incident/recovery.ts";
import { innocentCommits, withoutTried } from "../../shared/incident/remedies/tried.ts";
import { comparisonOf } from "../../shared/promql/threshold.ts";
import { withRedeploy } from "../redeploy/offer.ts";
import { type Diagnosed, review } from "../review.ts";
import { step, type Work } from "../step.ts";
import { notesOnVerifying } from "../verify/notes.ts";
import { otherAlertmanager } from "../verify/other-alertmanager.ts";
import { readQuestions } from "../verify/questions.ts";
import { selfRecovery } from "../verify/self-recovery.ts";
import { knownRules } from "./alert-rules.ts";
import { complete } from "./complete.ts";
import { earlier } from "./earlier.ts";
import { gather } from "./gather.ts";
import { linksTo } from "./links.ts";
import { readLogs } from "./logs.ts";
import { measure } from "./measure.ts";
import { openQuestion, withQuestion } from "./open-question.ts";
import { rankWithOpinion } from "./opinion.ts";
import { readSaturation } from "./saturation.ts";
import { readTraces } from "./traces.ts";

/** opened → which change did it, or is it load? Asked again when more is known, while people are asked. */
export const diagnose = step("diagnose", ["opened", "proposed"], async (work, incident) => {
  const over = incident.status === "opened" ? await selfRecovery(work, incident, "diagnose") : undefined;
  if (over !== undefined) return over;
  const listed = incident.status === "opened" ? await complete(work, incident) : undefined;
  if (listed !== undefined) return { type: "CompleteAlerts", alerts: listed };
  return review(work, incident, () => diagnosisFor(work, incident));
});

/** An alert that ended in an earlier round says nothing of this one. */
const ofThisRound = (incident: Reviewable): Reviewable => ({ ...incident, alerts: alertsOfRound(incident) });

/** Reads metrics, and logs and traces around the onset that the metrics tell. */
const observe = async (work: Work, incident: Reviewable) => {
  const { unread, ...measured } = await measure(work, incident);
  const around = { service: incident.service, onsetAt: measured.onsetAt };
  const [read, traced] = await Promise.all([readLogs(work, around), readTraces(work, around)]);
  return {
    ...{ ...measured, traced, logs: [...read.logs, ...traced.lines] },
    unread: [...unread, ...read.unread, ...traced.unread],
  };
};

const diagnosisFor = async (work: Work, given: Reviewable): Promise<Diagnosed> => {
  const incident = ofThisRound(given);
  const { service, alerts } = incident;
  const { paths, policy } = work.serviceOf(service);
  const isLastLook = nextLook(incident, work.clock(), policy) === undefined;
  const observing = observe(work, incident);
  const errors = observing.then((seen) => newErrors({ ...seen, service, alerts }));
  const [{ undeployed, ...changes }, observed, saturated, before, questions, unanswered, other] =
    await Promise.all([
      gather(work, {
        ...incident,
        errors,
        isLastLook,
        called: observing.then(({ traced }) => traced.called),
      }),
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
  const known = { ...changes, commits, ...measured, earlier: before.earlier, ours: before.ours };
  const asking = [...(incident.questions ?? []), ...questions];
  const diagnosis = await rankWithOpinion(work, policy, {
    ...{ service, alerts, ...known, rules: await knownRules(work, incident, asking) },
    ...{ ...confidenceOf(policy), folders: paths },
    unread: [...(changes.unread ?? []), ...before.unread, ...unread],
  });
  const named = withOwnChanges(withFirstCommits(diagnosis, firstCommits(known)), before.own);
  const loaded = saturated === undefined ? named : withLoad(named, saturated);
  const asked = unanswered === undefined ? loaded : withQuestion(loaded, unanswered);
  const found = (incident.ruledOut ?? []).reduce(withoutSuspect, withoutTried(asked, incident.tried));
  const chart = courseOf({ ...measured, compared: (alert) => comparedBy(asking, alert) });
  const whole = withBeside(found, {
    notes: [notesOnVerifying(work.serviceOf(service), asking), other ?? [], traced.notes].flat(),
    links: [...linksTo(work, { service, alerts, onsetAt: measured.onsetAt }), ...traced.links],
    ...{ undeployed, ...(chart && { chart }) },
  });
  return { questions, diagnosis: await withRedeploy(work, given, whole) };
};

/** The commits without a parent, of every repository that was read. */
const firstCommits = ({ commits, elsewhere = [] }: Pick<Case, "commits" | "elsewhere">): string[] =>
  [commits, ...elsewhere.map((other) => other.commits)]
    .flat()
    .flatMap(({ sha, parents }) => (parents.length === 0 ? [sha] : []));

type Beside = Required<Pick<Diagnosis, "notes" | "links" | "undeployed">> & Pick<Diagnosis, "chart">;

/** The diagnosis with what people are told beside it; empty lists are left out. Its own notes come last. */
const withBeside = (found: Diagnosis, { notes, links, undeployed, chart }: Beside): Diagnosis => {
  const all = [...notes, ...(found.notes ?? [])];
  return {
    ...{ ...found, ...(all.length > 0 && { notes: all }) },
    ...(undeployed.length > 0 && { undeployed }),
    ...{ ...(links.length > 0 && { links }), ...(chart && { chart }) },
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

const comparedBy = (questions: Question[], name: string) => {
  const [rule] = questions.find(({ alert }) => alert === name)?.rules ?? [];
  return rule && comparisonOf(rule.expr);
};
