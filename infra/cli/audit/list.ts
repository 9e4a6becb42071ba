import { leftJson } from "../../../functions/pages/left-alone.ts";
import { linkOf } from "../../../shared/incident/chain/record.ts";
import { leftOf, recordOf } from "./store.ts";

type Env = Record<string, string | undefined>;

/** The members of a fact that say why, in the order in which they are shown. */
const shown = [
  "code",
  "reason",
  "outcome",
  "failed",
  "verdict",
  "decision",
  "moment",
  "by",
  "detail",
] as const;

/** `audit show`: the facts of an incident as the store has them, a line each, with their codes. */
export const factList = async (id: string, env: Env, json: boolean): Promise<string> => {
  const { recorded } = await recordOf(id, env);
  if (json) return `${JSON.stringify({ incident: id, facts: recorded.map(({ fact }) => fact) })}\n`;
  return recorded.map(({ fact, fault }) => `${fault ?? lineOf(fact)}\n`).join("");
};

const lineOf = (fact: unknown): string => {
  const texts = new Map(Object.entries(Object(fact)));
  const at = texts.get("at");
  const said = shown.flatMap((name) => {
    const value = texts.get(name);
    return typeof value === "string" ? [`${name}=${name === "detail" ? JSON.stringify(value) : value}`] : [];
  });
  return [
    linkOf(fact)?.n ?? "-",
    typeof at === "number" ? new Date(at).toISOString() : "-",
    texts.get("type") ?? "-",
    ...said,
  ].join(" ");
};

/** `audit left`: the reports, calls and attempts that were left alone or refused, a line each, with the times that were counted. */
export const leftList = async (env: Env, json: boolean): Promise<string> => {
  const left = (await leftOf(env)).map(leftJson);
  if (json) return `${JSON.stringify({ left })}\n`;
  if (left.length === 0) return "nothing was left alone or refused\n";
  return left
    .map(({ at, kind, name, reason, count, looked }) => {
      const why = Object.entries(looked).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
      return `${[at, kind, reason, `×${count}`, JSON.stringify(name), ...why].join(" ")}\n`;
    })
    .join("");
};
