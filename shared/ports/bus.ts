/**
 * The `detail` of an event: an incident, its version, and the work that it asks for. A consumer reads the rest from the
 * store. The `detail-type` is the fact's type; `DeployRecorded` and `LookAsked` are not facts but ask for a look.
 */
export type WakeUp = {
  incidentId: string;
  /** 0 where no version is meant. */
  version: number;
  /** Epoch ms. */
  at: number;
  round?: number;
  /** The status that the version led to. */
  status?: string;
  /** The step that is due. */
  step?: "diagnose" | "propose" | "ask" | "merge" | "watch" | "verify" | "announce";
  /** Whether there may be news to announce. */
  tell?: boolean;
  /** The W3C traceparent that the incident began in. */
  traceparent?: string;
};

/** The type of a fact, its instant (epoch ms), and a reference to its incident. */
export type Notice = { type: string; at: number; detail: Record<string, unknown> };

export type Delivery = { accepted: true } | { accepted: false; problem: string };

export interface Bus {
  /** The number of notices, from the first on, that fit into one call. At least 1. */
  takes(notices: Notice[]): number;
  /** Sends one call. Returns one delivery a notice, in order; throws UpstreamError when the whole call failed. */
  put(notices: Notice[]): Promise<Delivery[]>;
  close(): Promise<void>;
}
