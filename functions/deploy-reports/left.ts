import type { Config } from "../../shared/config.ts";
import { undeployed } from "../../shared/policy/left.ts";
import { clip } from "../../shared/text/format.ts";
import type { Leaving } from "../http/left.ts";

/** The reasons for which a report is on the page of those that were left alone; `not_owned` is noted where it is found. */
const reasons = ["unknown_service", "unknown_environment", "no_commit", "other_repository"] as const;

/** A deploy as its sender names it; `by` is the tool, or `service`. */
type Named = { by: string; name: string; environment?: string };

/** The notes of deploys whose outcome belongs on the page; none for another outcome. */
export const leavingOf = ({ services }: Config, outcome: string, named: () => Named[]): Leaving[] => {
  const reason = reasons.find((one) => one === outcome);
  if (reason === undefined) return [];
  return named().map(({ by, name, environment }) => ({
    ...{ kind: "deploys", name: clip(name, 200), reason },
    about: () => undeployed(services, { by, name, ...(environment !== undefined && { environment }) }),
  }));
};
