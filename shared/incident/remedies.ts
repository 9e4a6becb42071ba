import type { Remedy } from "./model.ts";

/** Names what a remedy does, so that the same one is known again in another diagnosis. */
export const remedyKey = (remedy: Remedy): string =>
  remedy.kind === "revert"
    ? ["revert", remedy.in ?? "", remedy.from ?? "", remedy.sha].join(" ")
    : ["scale", remedy.in ?? "", remedy.target, remedy.field].join(" ");

export const isSameRemedy = (a: Remedy, b: Remedy): boolean => remedyKey(a) === remedyKey(b);
