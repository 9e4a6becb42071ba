import type { Commit } from "../ports/history.ts";
import type { Flipped } from "./evidence/flags.ts";
import type { Live } from "./in-production/live.ts";
import type { Evidence, Origin } from "./model.ts";
import type { Onset } from "./onset/onset.ts";
import type { Candidate } from "./ranking/candidate.ts";
import type { Window } from "./ranking/window.ts";

/** One commit of a verdict. `candidate` is missing for one that was not looked at in full, `live` for one not live at the onset. */
export type Judged = {
  commit: Commit;
  p: number;
  live?: Live;
  candidate?: Candidate;
  /** Absent for a commit of the service's own repository. */
  origin?: Origin;
  evidence: Evidence[];
};
export type Verdict = {
  /** Every commit, the likeliest first. */
  ranked: Judged[];
  /** The probability that none of them did it: that of the flags, and that of no change at all. */
  noSuspect: number;
  /** Evidence for a cause that is not a commit. */
  against: Evidence[];
  /** Flags that were changed before, in one distribution with the commits; `p` is the part that each of them has of `noSuspect`. */
  flips: (Flipped & { p: number })[];
  onset: Onset;
  window: Window;
};
