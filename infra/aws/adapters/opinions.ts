import type { Opinions } from "../../../shared/ports/opinions.ts";
import { opinionsOf as opinions } from "../../host/adapters/opinions.ts";
import type { Host } from "../host.ts";

/** The model that gives second opinions, where its address is known. */
export const opinionsOf = ({ env, secret }: Host): Opinions | undefined =>
  opinions({
    ...{ url: env.OPINION_URL || undefined, model: env.OPINION_MODEL || undefined },
    ...{ token: secret("OPINION_TOKEN"), budget: Number(env.OPINION_BUDGET || 50) },
  }).opinions;
