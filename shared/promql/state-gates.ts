import { numberOf } from "./number.ts";
import { sidesOf } from "./selectors.ts";
import { callOf, childrenOf, inside, type Node, type Operation, operationOf, textOf } from "./tree.ts";
import { namesTrouble } from "./trouble.ts";

/** States in which people do not want to hear of trouble. The trouble is there all the same. */
const muting =
  /maintenance|silence|muted?(_|$)|drain|paused|suspend|read_?only|disabled|cordon|unschedulable/i;
/** Work that people or machines do on a thing, and during which trouble is expected. */
const activity =
  /(^|[_:])(in_?progress|ongoing|rollouts?|rolling|deploy|deploying|deploys|release|releasing|upgrades?|upgrading|updating|migrations?|migrating|backups?|restor(e|ing)|snapshotting|reindex(ing)?|resync(ing)?|rebalanc(e|ing)|compact(ion|ing)|warm_?(up|ing)|bootstrap(ping)?|initializing|scaling|load_?test|chaos|drill|holiday|freeze|blackout|downtime)([_:]|$)/i;
/** Results of such work, and numbers of things: they are symptoms. */
const outcome =
  /(^|[_:])(success(es|ful)?|succeeded|ok|good|healthy|ready|completed?|last|available|up|replicas|pods|total|count|version|info)([_:]|$)|fail|error|age/i;
/** Whether a thing is meant to work at all. */
const meant =
  /enabled|admin_?(status|state)|expected|monitored|alerting|desired|wanted|required|configured|managed|(^|[_:])(business|office|working)_(hours|time|days?)|in_service|should|(^|[_:])is_(replica|slave|standby|secondary|primary|master|leader)([_:]|$)|in_recovery/i;

type Asks = "on" | "off";

/** Whether the condition asks for a state in which the other condition counts: `rollout_in_progress == 0`, `job_enabled == 1`. */
export const asksForState = (condition: Node, other: Node, expr: string): boolean => {
  const operation = operationOf(inside(condition));
  const asks = operation === undefined ? undefined : asksFor(operation, expr);
  if (operation === undefined || asks === undefined) return false;
  const read = sidesOf(textOf(operation.left, expr));
  if (read.length === 0) return false;
  if (asks === "off" && read.every(({ metric }) => muting.test(metric))) return true;
  if (read.some((side) => namesTrouble(side))) return false;
  // A wanted state may stand beside the symptom: `wanted == 1 and running == 0`.
  if (asks === "on" && !isMeasure(other, expr)) return false;
  const named = asks === "off" ? activity : meant;
  return read.every(({ metric }) => named.test(metric) && !outcome.test(metric));
};

/** Whether a factor turns the other one off: `(maintenance == bool 0)`, `alerting_enabled`. */
export const isSwitch = (factor: Node, other: Node, expr: string): boolean => {
  if (operationOf(inside(factor)) !== undefined) return asksForState(factor, other, expr);
  const read = hasCall(factor, expr) ? [] : sidesOf(textOf(factor, expr));
  return read.length > 0 && read.every(({ metric }) => meant.test(metric) && !outcome.test(metric));
};

/** `x == 0` asks for the state to be off, `x == 1` for it to be on. Undefined where more is read than a state. */
const asksFor = ({ operator, right }: Operation, expr: string): Asks | undefined => {
  const limit = numberOf(right, expr);
  if (limit !== 0 && limit !== 1) return undefined;
  if (operator === "Eql") return limit === 0 ? "off" : "on";
  if (operator === "Neq") return limit === 0 ? "on" : "off";
  if (/^(Lss|Lte)$/.test(operator)) return "off";
  return operator === "Gtr" ? (limit === 0 ? "on" : undefined) : operator === "Gte" ? "on" : undefined;
};

/** Whether a condition tells more than that a thing is there or in a state. */
const isMeasure = (outer: Node, expr: string): boolean => {
  const node = inside(outer);
  const operation = operationOf(node);
  if (operation === undefined) return hasCall(node, expr);
  const { left, operator, right } = operation;
  if (/^(And|Or)$/.test(operator)) return isMeasure(left, expr) || isMeasure(right, expr);
  if (operator === "Unless") return isMeasure(left, expr);
  return asksFor(operation, expr) === undefined || hasCall(left, expr);
};

const hasCall = (node: Node, expr: string): boolean =>
  callOf(node, expr) !== undefined || childrenOf(node).some((one) => hasCall(one, expr));
