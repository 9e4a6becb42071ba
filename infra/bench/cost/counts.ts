/** The calls of one piece of work: `reads` and `writes` are of incidents, each by the size of its item; all others are small. */
export type Counts = {
  reads: number;
  /** Reads of the kill switch and of the limits that GitHub and Slack told. */
  registers: number;
  /** Two for each delivery of GitHub that has an effect. */
  deliveries: number;
  writes: number;
  /** Writes of leases: one unit each. */
  leases: number;
  queries: number;
  small: number;
  events: number;
  /** Calls of the bus, each of which is an invocation that publishes. */
  puts: number;
};

/** The most calls of each piece of work: `npm test -- aws/calls` counts them on the emulator and fails above. */
export const counts = {
  /** A notification that tells what is known. */
  repeat: {
    ...{ reads: 1, registers: 0, deliveries: 0, writes: 0, leases: 0 },
    ...{ queries: 0, small: 0, events: 0, puts: 0 },
  },
  /** A look of the tick at an open question that finds nothing new, with the tick's own query. */
  look: {
    ...{ reads: 1, registers: 4, deliveries: 0, writes: 0, leases: 2 },
    ...{ queries: 1, small: 1, events: 1, puts: 1 },
  },
  /** An incident from the alert to verified. */
  incident: {
    ...{ reads: 34, registers: 52, deliveries: 8, writes: 18, leases: 40 },
    ...{ queries: 13, small: 6, events: 14, puts: 14 },
  },
} as const satisfies Record<string, Counts>;
