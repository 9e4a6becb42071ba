import type { Config } from "../../shared/config.ts";
import type { Ground } from "../../shared/incident/approval/votes.ts";
import type { Active } from "../../shared/incident/model.ts";
import { type Required, requirementOf } from "../../shared/policy/approval/requirement.ts";
import type { Service } from "../../shared/ports/service.ts";

type Of = Pick<Active, "service" | "environment" | "sharers">;

/** The people who must approve, by the configuration as it is now. `place`: where the pull request is. */
export const requiredOf = (
  config: Config,
  { service, environment, sharers }: Of,
  { repository }: Pick<Service, "repository">,
  ground: Ground,
): Required =>
  requirementOf(config, { service, environment, repository, ground, ...(sharers && { sharers }) });
