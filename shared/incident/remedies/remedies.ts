import type { Pull, Remedy } from "../model.ts";

/** Names what a remedy does, so that the same one is known again in another diagnosis. */
export const remedyKey = (remedy: Remedy): string => {
  const first = remedy.kind === "revert" ? remedy.first : undefined;
  return [pullKey(remedy), ...(first === undefined ? [] : ["after", first.sha])].join(" ");
};

/** Names the pull request of a remedy: a redeploy before it changes nothing of that. */
export const pullKey = (remedy: Remedy): string => {
  if (remedy.kind === "revert") return ["revert", remedy.in ?? "", remedy.from ?? "", remedy.sha].join(" ");
  if (remedy.kind === "withdraw") return ["withdraw", remedy.merge].join(" ");
  return ["scale", remedy.in ?? "", remedy.target, remedy.field].join(" ");
};

export const isSameRemedy = (a: Remedy, b: Remedy): boolean => remedyKey(a) === remedyKey(b);

/** Whether both have one pull request. */
export const isSamePull = (a: Remedy, b: Remedy): boolean => pullKey(a) === pullKey(b);

type Opened = { remedy: Pick<Remedy, "in" | "repository">; pull: Pick<Pull, "number"> };

/** Names a pull request among those of one service: each of its repositories numbers its own. An address changes with a repository's name. */
export const pullId = ({ remedy, pull }: Opened): string =>
  JSON.stringify([remedy.in, remedy.repository, pull.number]);
