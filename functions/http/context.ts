import type { EpochMs, IncidentId } from "../../shared/brands.ts";
import type { Config, Configured } from "../../shared/config.ts";
import type { Accounts } from "../../shared/ports/accounts.ts";
import type { Chat } from "../../shared/ports/chat.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { Registry } from "../../shared/ports/registry.ts";
import type { Store } from "../../shared/ports/store.ts";
import type { Topic } from "../../shared/ports/topic.ts";
import type { Vouching } from "../../shared/ports/vouching.ts";
import type { Process } from "../../shared/process.ts";
import type { Flagging } from "../known-bad.ts";
import type { Access } from "../login/access.ts";
import type { Finding } from "../ready/finding.ts";
import type { Leave } from "./left.ts";

/** The credentials of those who may call in. A door without its secret admits nobody. */
export type Secrets = {
  alertmanager: string | undefined;
  /** Grafana signs with it, where it does not sign with Alertmanager's token. */
  grafana?: string | undefined;
  deploys: string | undefined;
  flags: string | undefined;
  github: string | undefined;
  slack: string | undefined;
  /** The token of the command line. */
  operator: string | undefined;
  /** The former secrets, which count beside these while they are changed. */
  previous?: Partial<
    Record<
      "alertmanager" | "grafana" | "deploys" | "flags" | "github" | "slack" | "operator",
      string | undefined
    >
  >;
  /** The tokens of `senders`, by the variable that the configuration names. */
  senders?: Record<string, string[]>;
};

/** The parts that every receiver is given. */
export type ReceiverContext = {
  process: Process;
  store: Store;
  chat: Chat;
  accounts: Accounts;
  /** Absent where no delivery of GitHub comes in. */
  vouching?: Vouching;
  /** Absent where no delivery of GitHub comes in. */
  flagging?: Flagging;
  /** Absent where no deploy is told, or no registry may be asked. */
  registry?: Registry;
  /** Absent where no alerts come by a topic. */
  topic?: Topic;
  config: Config;
  secrets: Secrets;
  /** The way in which readers of the pages are known. */
  access: Access;
  clock: () => EpochMs;
  log: Log;
  /** Notes reports, calls and attempts that are left alone or refused and that no incident lists. */
  leave: Leave;
  /** Has the incidents looked at soon. The tick finds those that are lost here. */
  wake: (ids: IncidentId[]) => void;
  /** Asks every system of the set-up; absent where this host does not reach them all. */
  examine?: () => Promise<Finding[]>;
  /** Absent where nothing is waited for. */
  wait?: (ms: number) => Promise<void>;
};

/** Body caps in bytes. */
export const caps = {
  alertmanager: 5 * 1024 * 1024,
  // A message has 256 KB at most: https://docs.aws.amazon.com/general/latest/gr/sns.html
  sns: 1024 * 1024,
  github: 25 * 1024 * 1024,
  // Tekton sends a run with all its tasks, and Argo CD an application with its history.
  deploys: 2 * 1024 * 1024,
  // LaunchDarkly sends a flag as it was and as it is, in every environment, with all its targets.
  flags: 5 * 1024 * 1024,
  slack: 256 * 1024,
} as const;

/** Bytes that bodies may hold together before their signature is checked. The largest delivery of GitHub fits. */
export const unverifiedBytes = 26 * 1024 * 1024;

export const serviceNamed = ({ services }: Config, name: string): Configured | undefined =>
  services.find((service) => service.name === name);
