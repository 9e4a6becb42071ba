import type { Refused } from "../../yaml/refused.ts";
import { refuse } from "../../yaml/refused.ts";
import type { Ask, Field, Limits } from "./model.ts";
import type { Choice } from "./owner.ts";
import { quantity } from "./quantity.ts";

/** The value that is asked for, or why it may not be: no number, past the policy, across another bound. Every sentence names the place. */
export const resolveValue = (choice: Choice, ask: Ask, limits: Limits): { after: string } | Refused => {
  const size = choice.field === "memory" || choice.field === "cpu";
  return size ? resolveSize(choice, ask, limits) : resolveCount(choice, ask, limits);
};

const where = ({ location }: Choice): string => `${location.file}:${location.line}: ${location.path}`;
const names: Record<Field, string> = { replicas: "to", min: "min", max: "max", memory: "memory", cpu: "cpu" };
const asked = (ask: Ask): string =>
  ask.by === undefined ? `--${names[ask.field]} ${ask.to}` : `--by ${ask.by}`;

const notCount = (said: string): string | undefined => {
  if (/^-/.test(said)) return "is negative";
  if (/^\d+[.,]\d+$/.test(said)) return "is a fraction";
  if (!/^\d+$/.test(said)) return "is no whole number";
  return said.length > 9 ? "is absurd" : undefined;
};

const resolveCount = (choice: Choice, ask: Ask, limits: Limits): { after: string } | Refused => {
  const { location, field, min, desired, max, kind } = choice;
  const said = (ask.by ?? ask.to ?? "").trim();
  const wrong = notCount(said);
  if (wrong)
    return refuse(`${where(choice)}: ${asked(ask)} ${wrong}; a whole number of at least 1 is wanted`);
  if (!/^(0|[1-9]\d{0,8})$/.test(location.value))
    return refuse(`${where(choice)} is ${location.value}, no plain decimal number, so it is not touched`);
  const before = Number(location.value);
  if (field === "max" && before === 0 && kind === "Service")
    return refuse(`${where(choice)} is 0, which is no limit at all, so there is nothing to raise`);
  if (field === "replicas" && before === 0)
    return refuse(`${where(choice)} is 0, so it was switched off: to start it is for a person`);
  const after = ask.by === undefined ? Number(said) : before + Number(said);
  const bad = outside(after, before, { limits, kind, field });
  if (bad) return refuse(`${where(choice)}: ${asked(ask)} ${bad}`);
  if (min && after < min.value && field !== "min")
    return refuse(`${where(choice)}: ${after} is below its minimum of ${min.value} (${min.where})`);
  if (desired && ((field === "max" && after < desired.value) || (field === "min" && after > desired.value)))
    return refuse(
      `${where(choice)}: ${after} is on the wrong side of the desired ${desired.value} (${desired.where})`,
    );
  if (max && max.value > 0 && after > max.value && field !== "max")
    return refuse(
      `${where(choice)}: ${after} is above its maximum of ${max.value} (${max.where}): raise that first`,
    );
  return { after: String(after) };
};

const outside = (
  after: number,
  before: number,
  { limits, kind, field }: { limits: Limits; kind: string; field: Field },
): string | undefined => {
  if (after === 0) return "would take it to zero, which is never done";
  if (after === before) return `changes nothing: it is ${before}`;
  if (kind === "StatefulSet" && after < before)
    return `would take a StatefulSet down from ${before} to ${after}, which may leave its volumes behind: that is for a person`;
  if (after > Math.max(limits.ceiling, before)) return `is above the policy's ceiling of ${limits.ceiling}`;
  if (after > Math.max(before, 1) * limits.step)
    return `is more than ${limits.step} times the ${before} it is: at most ${Math.floor(Math.max(before, 1) * limits.step)} in one step`;
  return field === "min" || field === "max" || field === "replicas" ? undefined : "is no count";
};

const resolveSize = (choice: Choice, ask: Ask, limits: Limits): { after: string } | Refused => {
  const { location, field } = choice;
  const said = (ask.to ?? "").trim();
  const now = quantity(location.value);
  if (now === undefined)
    return refuse(`${where(choice)} is ${location.value}, no quantity, so it is not touched`);
  const then = quantity(said);
  const like = field === "memory" ? "512Mi or 2Gi" : "500m or 2";
  if (then === undefined || said.length > 12)
    return refuse(
      `${where(choice)}: ${asked(ask)} ${/^-/.test(said) ? "is negative" : "is no quantity"}; ${like} is one`,
    );
  if (then <= 0) return refuse(`${where(choice)}: ${asked(ask)} would take it to zero, which is never done`);
  if (field === "memory" && (then < 2 ** 20 || said.endsWith("m")))
    return refuse(`${where(choice)}: ${asked(ask)} is less than a mebibyte; ${like} is a quantity`);
  if (then === now) return refuse(`${where(choice)}: ${asked(ask)} changes nothing: it is ${location.value}`);
  if (then > now * limits.step)
    return refuse(
      `${where(choice)}: ${asked(ask)} is more than ${limits.step} times the ${location.value} it is`,
    );
  return { after: said };
};
