import { array, nullish, number, object, string } from "zod";
import type { Told } from "../../../ports/deployers.ts";
import { imagesOf, instant, text } from "../told.ts";

/** An object as it tells its rollout. */
export type Rollout = Pick<Told, "status" | "images"> & Partial<Told>;

/** One kind of objects. */
export type Kind = {
  /** Its group and version, and its plural. */
  resource: string;
  /** The rollouts that an object tells; empty while it has none, undefined for an answer of another form. `get` reads another object of the namespace. */
  read: (
    answer: unknown,
    get: (resource: string, name: string) => Promise<unknown>,
  ) => Promise<Rollout[] | undefined> | Rollout[] | undefined;
};

export const count = nullish(number());
export const conditions = nullish(
  array(
    object({
      ...{ type: string(), status: text, reason: text, message: text },
      ...{ lastUpdateTime: instant, lastTransitionTime: instant },
    }),
  ),
);
type Condition = { type: string };
export const conditionOf = <C extends Condition>(
  of: { conditions?: C[] | null | undefined } | null | undefined,
  type: string,
): C | undefined => of?.conditions?.find((one) => one.type === type);

/** The pods of a controller. */
export const template = object({ spec: object({ containers: array(object({ image: text })) }) });
export const imagesIn = (of: ReturnType<typeof template.parse> | null | undefined): string[] =>
  imagesOf(of?.spec.containers.flatMap(({ image }) => image ?? []));

/** Whether the controller has seen the object as it is. Rollouts write the count as text. */
export const isSeen = (
  generation: number | null | undefined,
  observed: number | string | null | undefined,
): boolean => Number(observed ?? 0) >= (generation ?? 0);
