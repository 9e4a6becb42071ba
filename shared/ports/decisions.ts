/** One decision of a policy server. `approvals`: how many people it asks for. */
export type PolicyDecision =
  | { result: "decided"; allow: boolean; approvals: number; reasons: string[]; id?: string }
  /** It gave no decision, so a person decides. `why` is a clause. */
  | { result: "undecided"; why: string; id?: string };

/** A policy server that is asked about every merge. */
export interface Decisions {
  /** Never throws, and answers within a second: a server that fails or is late has decided nothing. */
  decide(path: string, input: unknown): Promise<PolicyDecision>;
}
