import type { Configured } from "../../shared/config.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";

/** The service as its changes are looked for. */
export type DiagnosisQuery = {
  own: Configured;
  environment: string;
  onsetAt: number;
  deploys: DeployRecord[];
  symptom: string;
  /** The new errors of the log, with their stack traces. */
  errors: Promise<string>;
  /** No other look follows. */
  isLastLook: boolean;
};
