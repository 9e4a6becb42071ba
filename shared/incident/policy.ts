/** The limits of the machine, and its waits. Durations in ms. */
export type Policy = {
  mode: "observe" | "approve" | "auto";
  /** Below this probability of the best remedy nothing is proposed. */
  minConfidence: number;
  /** Below this one nothing is merged without being asked about, whatever the mode; measured to be right in at least 95 %. */
  autoConfidence: number;
  /** Ages of an incident at which it is diagnosed again while nothing is approved, in ms, ascending. */
  lookAgainMs: number[];
  /** The time limit of a step that calls another system: diagnose, propose, merge. */
  stepMs: number;
  approvalMs: number;
  deployMs: number;
  verifyMs: number;
  /** The time in which a rejected culprit is not proposed again. */
  cooldownMs: number;
  /** The time from the first alert to verified, after which a person is called. 0: nobody is. */
  deadlineMs: number;
  /** The share of troubles that changes cause here. */
  changePrior: number;
  /** The team's own calibration: the log-odds of the first suspect times `scale`, plus `shift`. */
  calibration?: { scale: number; shift: number };
};
