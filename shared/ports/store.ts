import type { EpochMs, IncidentId, Sha } from "../brands.ts";
import type { RefusalCode } from "../incident/approval/votes.ts";
import type { Recorded } from "../incident/chain/record.ts";
import type { Event } from "../incident/events.ts";
import type { Incident } from "../incident/model.ts";
import type { Wait } from "../incident/schedule/wait.ts";

/** An incident as stored. `version` is 0 for one never written. */
export type Stored = { incident: Incident; version: number };

/** An incident that waits. `hasNews`: it was written since its last `consume`. `unreadable`: why its entry in the index says nothing. */
export type Waiting = { id: IncidentId; version: number; hasNews: boolean } & (
  | { wait: Wait }
  | { unreadable: string }
);

/** One service now runs one commit here, or a rollout of it started or failed. `at` is when that was, epoch ms; `version` what the deployer calls it, as metrics may label it. */
export type DeployRecord = {
  service: string;
  environment: string;
  sha: Sha;
  status: "succeeded" | "failed" | "started";
  at: EpochMs;
  /** The deployer's name of the deployed thing: a release, an image's tag. */
  version?: string;
  url?: string;
  /** Why it failed, in the words of the deployer: one line. Of one that succeeded: the cluster made it by itself, for this reason. */
  detail?: string;
  /** The time of the report, and the time that it told: by both, the clock of its deployer is known. Absent in records of earlier releases. */
  heard?: { at: EpochMs; told: EpochMs };
};

/** A feature flag of a service was changed here, in the words of whoever told it. `at` is epoch ms. */
export type FlipRecord = {
  service: string;
  environment: string;
  flag: string;
  change: string;
  at: EpochMs;
  /** The page on which people find the flag. */
  url?: string;
};

/** Whether Countersteer may act: a person has stopped it, or let it go on. `why` is their reason. */
export type SwitchRecord = { stopped: boolean; at: EpochMs; by: string; why: string };

/** A merge by Countersteer, as limits count it. */
export type ActionRecord = { service: string; incident: IncidentId; round: number; head: Sha; at: EpochMs };

/** The instants until which GitHub and Slack take no more calls of a credential, by credential and method; epoch ms. */
export type WaitRecord = Record<string, EpochMs>;

/** Why something was left alone or refused. Codes are stored: they keep their meaning. */
export type LeftReason =
  | "unknown_service"
  | "unknown_environment"
  | "unknown_flag"
  | "no_commit"
  | "other_repository"
  | "not_owned"
  | "malformed"
  | "unreadable"
  | "drill"
  | "no_credential"
  | "foreign"
  | "missing"
  | "slow"
  | "too_large"
  | "encoded"
  | "not_admin"
  | RefusalCode;

/**
 * A report about nothing here, a call or a person's attempt that was left alone or refused, and that no incident lists.
 * `looked`: by what it was looked up, and `nearest` the configuration's name nearest to that. `count` times since `since`, as far as
 * it was noted; both are absent in what an older version stored. Instants are epoch ms.
 */
export type LeftRecord = {
  kind: "alerts" | "deploys" | "flags" | "requests" | "attempts";
  name: string;
  reason: LeftReason;
  looked: Record<string, string>;
  nearest?: string;
  at: EpochMs;
  count?: number;
  since?: EpochMs;
};

/** A drill that was begun: when its alert came, and the first answer to its question. Instants are epoch ms. */
export type DrillRecord = {
  id: string;
  at: EpochMs;
  arrivedAt?: EpochMs;
  answer?: { at: EpochMs; by: string; does: string };
};

/** The small documents of an installation, by name. */
export type Registers = {
  switch: SwitchRecord;
  actions: ActionRecord[];
  waits: WaitRecord;
  /** The configuration's names of repositories that were renamed since, by the new name in lower case. */
  renamed: Record<string, string>;
  /** The latest first. */
  left: LeftRecord[];
  /** The latest first. */
  drills: DrillRecord[];
  /** How many second opinions were asked for on a day, in days since 1970. */
  opinions: { day: number; asked: number };
};
/** A register as stored. `version` is 0 and `value` absent for one never written. */
export type Registered<N extends keyof Registers> = { version: number; value?: Registers[N] };

const day = 24 * 60 * 60 * 1000;

/** The time for which a delivery is known again: as long as GitHub sends one once more. A store on one machine keeps so many. */
export const deliveries = { keepMs: 3 * day, count: 10_000 };

/** The time for which a store keeps an ended incident unless the configuration says otherwise, and what a diagnosis looks back at: 90 days of deploys at most. */
export const keeps = { incidentsMs: 400 * day, deploysMs: 180 * day, flipsMs: 30 * day };

export interface Store {
  load(id: IncidentId): Promise<Stored>;
  /**
   * Writes the facts and what they made of the incident in one durable write, only if the stored version is `version`; returns the
   * new one. There is at least one event, and `incident` is what the events make of the stored one.
   * Throws ConflictError when someone wrote first, UpstreamError("store") when it could not be made durable.
   */
  append(id: IncidentId, version: number, incident: Incident, events: Event[]): Promise<number>;
  /** The incident's events of all rounds, oldest first. */
  log(id: IncidentId): Promise<Event[]>;
  /** Those of them that `recentOf` leaves. The others make the read no dearer. */
  recent(id: IncidentId): Promise<Event[]>;
  /** The same facts exactly as they were written, for those who check them. A fact that cannot be read has a `fault`; it does not throw for that. */
  record(id: IncidentId): Promise<Recorded[]>;
  /** The ids of all incidents ever opened, the latest written first. None of them is read for it, so one may be forgotten by now. */
  list(): Promise<IncidentId[]>;
  /**
   * Incidents that are still due: those in an active status, and ended ones whose scale is to go back later. One that cannot be read is
   * left out, unless none can be.
   */
  active(): Promise<Stored[]>;
  /** Every incident that is due or has news, from the store's index: no incident is read for it. */
  waiting(): Promise<Waiting[]>;
  /** Incidents written since their last `consume`, with the version to consume. */
  pending(): Promise<{ id: IncidentId; version: number }[]>;
  /** Every event up to `version` has been acted on. Never lowers the mark. */
  consume(id: IncidentId, version: number): Promise<void>;
  /** Durable; the same record twice is one. */
  recordDeploy(deploy: DeployRecord): Promise<void>;
  /** Newest first by `at`, at or after `since`. */
  deploys(service: string, environment: string, since: EpochMs): Promise<DeployRecord[]>;
  /** Durable; the same flip twice is one. */
  recordFlip(flip: FlipRecord): Promise<void>;
  /** Deploys and flips in one read, each newest first by `at`, at or after `since`. A flip may be forgotten after 30 days. */
  changes(
    service: string,
    environment: string,
    since: EpochMs,
  ): Promise<{ deploys: DeployRecord[]; flips: FlipRecord[] }>;
  /** Whether this delivery was recorded in the last three days. */
  isDelivered(id: string, now: EpochMs): Promise<boolean>;
  /** Durable. Forgotten after three days; a store on one machine keeps the latest 10,000 only. */
  recordDelivery(id: string, now: EpochMs): Promise<void>;
  register<N extends keyof Registers>(name: N): Promise<Registered<N>>;
  /** Durable; only if the stored version is `version`. Throws ConflictError when someone wrote first. */
  setRegister<N extends keyof Registers>(name: N, version: number, value: Registers[N]): Promise<void>;
  /** Throws when the store cannot take a write now. */
  ready(): Promise<void>;
  close(): Promise<void>;
}
