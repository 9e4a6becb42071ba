import type { StopIssue } from "../../ports/kill-switch.ts";
import { ask } from "./api/call.ts";
import { type Github, repoOf } from "./api/repository.ts";

/** The label that stops Countersteer, on an issue that is open or closed. */
const stopLabel = "countersteer/stop";

export const isOn = async (github: Github, { repository, number }: StopIssue): Promise<boolean> => {
  const { state, labels } = await ask(`read ${repository}#${number}`, () =>
    github.octokit.issues.get({ ...repoOf({ repository }), issue_number: number }),
  );
  return state !== "closed" || labels.some((label) => nameOf(label) === stopLabel);
};

const nameOf = (label: string | { name?: string }): string | undefined =>
  typeof label === "string" ? label : label.name;
