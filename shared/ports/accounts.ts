import type { EpochMs, Sha } from "../brands.ts";
import type { Pull } from "../incident/model.ts";
import type { Service } from "./service.ts";

/** GitHub accounts of those who brought a change. `isComplete`: each of them has one. */
export type Authors = { logins: string[]; isComplete: boolean };

/** The latest review of an account that approves, asks for changes, or was dismissed. `head`: the commit that was reviewed. */
export type Review = { by: string; state: "approved" | "changes_requested" | "dismissed"; head: Sha };
/** A comment that begins with `/countersteer`, as it was first written. */
export type Spoken = { id: number; by: string; text: string; at: EpochMs };
export type Said = { reviews: Review[]; commands: Spoken[] };

/** People as GitHub knows them. Every method throws UpstreamError. */
export interface Accounts {
  /**
   * The accounts that opened, wrote, committed, pushed or merged these commits, co-authors included, without bots and GitHub itself.
   * `pull`: the pull request that they landed with.
   */
  authors(service: Service, of: { commits: Sha[]; pull?: number }): Promise<Authors>;
  /** The accounts of the commits in this pull request that are not of Countersteer. */
  pushers(service: Service, pull: number): Promise<Authors>;
  /** Whether the account is an active member of the team now. Throws rather than guesses. */
  isMember(team: { org: string; slug: string }, login: string): Promise<boolean>;
  /** The decisions of people on the pull request, the oldest first. An edited comment is left out: others may have edited it. */
  said(service: Service, pull: Pull): Promise<Said>;
  /** The text of CODEOWNERS on the service's branch; undefined when there is none. */
  codeowners(service: Service): Promise<string | undefined>;
}
