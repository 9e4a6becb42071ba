/** Whether Countersteer may act at all. */
export interface KillSwitch {
  /** Why nothing may be merged, opened or changed now, as a sentence; undefined while it may. Never throws: a switch that cannot be read is a reason. */
  stopped(): Promise<string | undefined>;
}

/** The issue that stops Countersteer while it is open, or carries the label `countersteer/stop`. */
export type StopIssue = { repository: string; number: number };

/** The place where that issue is read. */
export interface StopIssues {
  /** Whether the issue stops Countersteer now. Throws UpstreamError when it cannot be read. */
  isOn(issue: StopIssue): Promise<boolean>;
}
