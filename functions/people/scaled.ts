import type { Intent } from "../../shared/incident/commands.ts";
import type { In, Scale } from "../../shared/incident/model.ts";
import { queriesOf, ruleOf } from "../../shared/policy/scaling.ts";
import type { Work } from "../step.ts";

type Reading = Pick<Work, "metrics" | "serviceOf" | "clock">;

/** The number that a scale raises, as it is in the cluster now; undefined where nothing measures it. */
export const sizeOf = async (
  { metrics, serviceOf, clock }: Reading,
  name: string,
  remedy: Scale,
): Promise<number | undefined> => {
  const service = serviceOf(name);
  const rule = ruleOf(service.scaling ?? [], remedy);
  const query = rule && queryOf(rule, remedy.field);
  if (query === undefined) return undefined;
  const now = await metrics.value(service, query, clock());
  return "value" in now ? now.value : undefined;
};

const queryOf = (rule: Parameters<typeof queriesOf>[0], field: Scale["field"]): string | undefined => {
  const { limit, least } = queriesOf(rule);
  if (field === "max") return limit;
  return field === "min" ? least : undefined;
};

/** The wait while the scale is not what the remedy, or people, raised it to: somebody took it back, or it was never applied. */
export const scaledBack = async (work: Reading, incident: In<"deployed">): Promise<Intent | undefined> => {
  const { service, remedy, fix } = incident;
  if (remedy?.kind !== "scale" || (fix !== undefined && fix.kind !== "scale")) return undefined;
  const size = await sizeOf(work, service, remedy);
  if (size === undefined || size >= Number(remedy.to)) return undefined;
  const { target, field, to } = remedy;
  return {
    ...{ type: "Delay", step: "verify", verdict: "fix_not_live", news: true },
    detail: `${target} has ${field} ${size} and not ${to}: the scale is not live, or was taken back by hand`,
  };
};

/** A higher scale helps once its replicas are ready. A limit of memory or CPU comes with the deploy itself. */
export const notReady = async (work: Reading, incident: In<"deployed">): Promise<string | undefined> => {
  const { service: name, remedy } = incident;
  if (remedy?.kind !== "scale") return undefined;
  const service = work.serviceOf(name);
  const rule = ruleOf(service.scaling ?? [], remedy);
  if (rule?.ready === undefined && (remedy.field === "memory" || remedy.field === "cpu")) return undefined;
  const asked = rule ?? { ...remedy, match: [] };
  const { ready } = queriesOf(asked);
  const found = await work.metrics.value(service, ready, work.clock());
  if ("unread" in found) return `it cannot be read whether the new replicas are ready; ${found.unread}`;
  return found.value > 0 ? undefined : "the new replicas are not ready yet";
};
