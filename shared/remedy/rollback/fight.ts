import type { Bump } from "./bumps.ts";

/** A rollback of ours that put a version back counts against its next rise for this long. */
export const fightMs = 24 * 3_600_000;

const isSamePin = (a: Bump, b: Bump): boolean =>
  a.path === b.path && a.field === b.field && a.name === b.name;

/** The bumps that raise a version again which `before`, the moves of an earlier rollback, took away. */
export const raisedBy = (bumps: Bump[], before: Bump[]): Bump[] =>
  bumps.filter((bump) => before.some((back) => isSamePin(bump, back) && back.from === bump.to));
