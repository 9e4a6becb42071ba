import type { Guard } from "./guarded-paths.ts";

/** The kinds of change that act on more than an application's code. */
export const changeClasses = [
  ...(["traffic", "policy", "runtime", "sandbox", "resources"] as const),
  ...(["node", "scale", "flag", "migration", "dependency"] as const),
] as const;
export type ChangeClass = (typeof changeClasses)[number];

/** `approve`: a person is always asked. `person`: nothing is proposed, and people are told. */
export type ClassPolicy = Partial<Record<ChangeClass, "approve" | "person">>;

/** Why a person must look at a change of these classes. */
export const guardedClasses = (policy: ClassPolicy | undefined, classes: ChangeClass[]): Guard[] =>
  classes
    .filter((one) => policy?.[one] === "approve")
    .map((one) => ({ reason: `policy.classes has ${one}: approve` }));

/** The class that only people may take back. */
export const leftToPeople = (
  policy: ClassPolicy | undefined,
  classes: ChangeClass[],
): ChangeClass | undefined => classes.find((one) => policy?.[one] === "person");

/** The label of a class on pull requests. */
export const classLabel = (one: ChangeClass): string => `class/${one}`;
