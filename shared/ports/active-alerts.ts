import type { Alert } from "../incident/model.ts";

/** An alert that Alertmanager holds, and the silences of other people and the alerts that keep it from notifying. */
export type ActiveAlert = { alert: Alert; silencedBy: string[]; inhibitedBy: string[] };

/** The alerts that Alertmanager holds now. Throws UpstreamError. */
export interface ActiveAlerts {
  /** The alerts with all of these labels. */
  list(labels: Record<string, string>): Promise<ActiveAlert[]>;
}
