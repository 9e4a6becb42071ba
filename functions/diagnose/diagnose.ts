import { courseOf } from "../../shared/diagnosis/course.ts";
import { withLoad } from "../../shared/diagnosis/load.ts";
import type { Case } from "../../shared/diagnosis/rank.ts";
import { withFirstCommits } from "../../shared/incident/diagnosis/first-commits.ts";
import { withOwnChanges } from "../../shared/incident/diagnosis/own-changes.ts";
import type { Reviewable } from "../../shared/incident/diagnosis/review.ts";
import { withoutSuspect } from "../../shared/incident/diagnosis/ruled-out.ts";
import type { Diagnosis } from "../../shared/incident/model.ts";
import type { Question } from "../../shared/incident/recovery.ts";
import { withoutTried } from "../../shared/incident/remedies/tried.ts";
import { comparisonOf } from "../../shared/promql/threshold.ts";
import { withRedeploy } from "../redeploy/offer.ts";
import { type Diagnosed, review } from "../review.ts";
import { step, type Work } from "../step.ts";
import { notesOnVerifying } from "../verify/notes.ts";
import { selfRecovery } from "../verify/self-recovery.ts";
import { readCase } from "./case.ts";
import { complete } from "./complete.ts";
import { linksTo } from "./links.ts";
import { withQuestion } from "./open-question.ts";
import { rankWithOpinion } from "./opinion.ts";

/** opened → which change did it, or is it load? Asked again when more is known, while people are asked. */
export const diagnose = step("diagnose", ["opened", "proposed"], async (work, incident) => {
  const over = incident.status === "opened" ? await selfRecovery(work, incident, "diagnose") : undefined;
  if (over !== undefined) return over;
  const listed = incident.status === "opened" ? await complete(work, incident) : undefined;
  if (listed !== undefined) return { type: "CompleteAlerts", alerts: listed };
  return review(work, incident, () => diagnosisFor(work, incident));
});

const diagnosisFor = async (work: Work, incident: Reviewable): Promise<Diagnosed> => {
  const { service } = incident;
  const read = await readCase(work, incident);
  const { given, before, saturated, questions, unanswered, undeployed, traced } = read;
  const diagnosis = await rankWithOpinion(work, work.serviceOf(service).policy, given);
  const named = withOwnChanges(withFirstCommits(diagnosis, firstCommits(given)), before.own);
  const loaded = saturated === undefined ? named : withLoad(named, saturated);
  const asked = unanswered === undefined ? loaded : withQuestion(loaded, unanswered);
  const found = (incident.ruledOut ?? []).reduce(withoutSuspect, withoutTried(asked, incident.tried));
  const chart = courseOf({ ...read.measured, compared: (alert) => comparedBy(read.asking, alert) });
  const whole = withBeside(found, {
    notes: [notesOnVerifying(work.serviceOf(service), read.asking), read.other ?? [], traced.notes].flat(),
    links: [...linksTo(work, given), ...traced.links],
    ...{ undeployed, called: traced.called, ...(chart && { chart }) },
  });
  return { questions, diagnosis: await withRedeploy(work, incident, whole) };
};

/** The commits without a parent, of every repository that was read. */
const firstCommits = ({ commits, elsewhere = [] }: Pick<Case, "commits" | "elsewhere">): string[] =>
  [commits, ...elsewhere.map((other) => other.commits)]
    .flat()
    .flatMap(({ sha, parents }) => (parents.length === 0 ? [sha] : []));

type Beside = Required<Pick<Diagnosis, "notes" | "links" | "undeployed" | "called">> &
  Pick<Diagnosis, "chart">;

/** The diagnosis with what people are told beside it; empty lists are left out. Its own notes come last. */
const withBeside = (found: Diagnosis, { notes, links, undeployed, called, chart }: Beside): Diagnosis => {
  const all = [...notes, ...(found.notes ?? [])];
  return {
    ...{ ...found, ...(all.length > 0 && { notes: all }) },
    ...{ ...(undeployed.length > 0 && { undeployed }), ...(called.length > 0 && { called }) },
    ...{ ...(links.length > 0 && { links }), ...(chart && { chart }) },
  };
};

const comparedBy = (questions: Question[], name: string) => {
  const [rule] = questions.find(({ alert }) => alert === name)?.rules ?? [];
  return rule && comparisonOf(rule.expr);
};
