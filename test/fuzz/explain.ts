import fc from "fast-check";
import type { Finding } from "./target.ts";

/** The failed case in a line: with its seed and path it is tried again. */
export const explain = (name: string, details: Finding): string => {
  const { seed, counterexamplePath, counterexample, errorInstance } = details;
  const why = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return `${name}: seed ${seed}, path ${counterexamplePath}, case ${fc.stringify(counterexample).slice(0, 2000)}: ${why.slice(0, 1000)}`;
};
