/** What the bus is told: the type of a fact, when it happened (epoch ms), and a reference to it. */
export type Notice = { type: string; at: number; detail: Record<string, unknown> };

export interface Bus {
  /** How many of these, from the first on, one call takes. At least 1. */
  takes(notices: Notice[]): number;
  /** One call. What became of each notice, in their order; throws UpstreamError when the call failed as a whole. */
  put(notices: Notice[]): Promise<({ accepted: true } | { accepted: false; problem: string })[]>;
  close(): Promise<void>;
}
