import { flagText, notesBeside } from "../../../shared/incident/diagnosis/flags.ts";
import type { Diagnosis, Incident, Remedy } from "../../../shared/incident/model.ts";
import type { Proposal } from "../../../shared/ports/pulls.ts";
import { percent, short } from "../../../shared/text/format.ts";
import { doing, whereabouts } from "../../../shared/text/timeline.ts";

/** The decision that the product would have made: a pull request and whether people are asked, or nothing and why. */
export type Decision = {
  diagnosis: Diagnosis;
  result: "ask" | "merge" | "observe" | "tell";
  /** Why nothing would be proposed. */
  reason?: string;
  detail?: string;
  remedy?: Remedy;
  /** The other remedies that would be offered beside it. */
  instead?: Remedy[];
  pull?: { title: string; branch: string; files: string[] };
};

export const decisionOf = (incident: Incident, { proposals }: { proposals: Proposal[] }): Decision => {
  if (!("diagnosis" in incident) || incident.diagnosis === undefined)
    throw new Error(
      "detail" in incident && incident.detail !== undefined ? incident.detail : "nothing was diagnosed",
    );
  const { diagnosis } = incident;
  if (incident.status === "closed") return { diagnosis, result: "observe" };
  if (incident.status === "escalated")
    return { diagnosis, result: "tell", reason: incident.reason, detail: incident.detail };
  const remedy = "remedy" in incident ? incident.remedy : diagnosis.remedies[0];
  const proposal = proposals.at(-1);
  return {
    diagnosis,
    result: incident.status === "approved" ? "merge" : "ask",
    ...(remedy === undefined ? {} : { remedy }),
    instead: diagnosis.remedies.filter((one) => remedy === undefined || doing(one) !== doing(remedy)),
    ...(proposal === undefined
      ? {}
      : {
          pull: {
            ...{ title: proposal.title, branch: proposal.branch },
            files: proposal.edits.map(({ path }) => path),
          },
        }),
  };
};

/** The decision as lines to read. */
export const printDecision = (decision: Decision): string => {
  const { suspects, none, onsetAt, flags = [] } = decision.diagnosis;
  return [
    `onset ${new Date(onsetAt).toISOString()}`,
    ...suspects
      .slice(0, 5)
      .flatMap((suspect) => [
        `${percent(suspect.score).padStart(6)}  ${short(suspect.sha)} ${suspect.title}${whereabouts(suspect)}`,
        ...suspect.reasons.map((reason) => `          ${reason}`),
      ]),
    `${percent(none).padStart(6)}  none of these`,
    ...flags.map(
      (flag) => `${percent(flag.score).padStart(6)}  a flag: ${flagText(flag, decision.diagnosis)}`,
    ),
    ...notesBeside(decision.diagnosis).map((note) => `          ${note}`),
    ...decided(decision),
  ].join("\n");
};

const decided = ({ result, detail, remedy, instead = [], pull }: Decision): string[] => {
  if (result === "observe") return ["decision: tell only; this service is in observe mode"];
  if (result === "tell") return [`decision: propose nothing, tell people: ${detail}`];
  const what = remedy === undefined ? "" : doing(remedy);
  return [
    `decision: ${result === "merge" ? "merge without asking" : "open a pull request and ask"}: ${what}`,
    ...(pull === undefined
      ? []
      : [`          “${pull.title}” on ${pull.branch}, changing ${pull.files.join(", ")}`]),
    ...instead.map((one) => `          or instead: ${doing(one)} (${percent(one.score)})`),
  ];
};
