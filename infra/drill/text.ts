import { span } from "../../shared/text/format.ts";
import { isInTime, type Phase, type Result } from "./score.ts";

/** The result of a drill for a terminal. */
export const textOf = ({
  id,
  service,
  environment,
  fault,
  expected,
  outcome,
  ruledOut,
  phases,
  failures,
  gates,
  pull,
  passed,
}: Result): string =>
  [
    `drill ${id} of ${service}/${environment}, ${fault}: ${passed ? "passed" : "FAILED"}`,
    ...phases.map(lineOf),
    ...(ruledOut === undefined ? [] : [`  ruled out “${ruledOut}”, as a person would`]),
    `  end       ${outcome === expected ? outcome : `${outcome}; expected: ${expected}`}`,
    ...(pull === undefined ? [] : [`  draft     ${pull} (closed again)`]),
    ...gates.map((text) => `  merging   would wait for ${text}`),
    ...(failures.length === 0 ? ["  nothing would have failed"] : ["  would have failed:"]),
    ...failures.map(({ system, text }) => `  - ${system}: ${text}`),
    "",
  ].join("\n");

const lineOf = (phase: Phase): string => {
  const { name, ms, limitMs, detail } = phase;
  const limit = limitMs === undefined ? "" : ` of ${span(limitMs)}`;
  const took =
    ms === undefined
      ? "did not happen"
      : `${(ms / 1000).toFixed(1)} s${limit}${isInTime(phase) ? "" : ": too late"}`;
  return `  ${name.padEnd(9)} ${took}${detail === undefined ? "" : `  ${detail}`}`;
};
