import type { TellGuilty, TellNobody } from "../story.ts";
import type { Half } from "../world.ts";
import { builds } from "./builds.ts";
import { code } from "./code.ts";
import { concurrency } from "./concurrency.ts";
import { configuration } from "./configuration.ts";
import { data } from "./data.ts";
import { nobody as heldOutNobody } from "./heldout/nobody.ts";
import { platform } from "./heldout/platform.ts";
import { services } from "./heldout/services.ts";
import { infrastructure } from "./infrastructure.ts";
import { limits } from "./limits.ts";
import { neighbours } from "./neighbours.ts";
import { nobody } from "./nobody.ts";
import { outside } from "./outside.ts";
import { resources } from "./resources.ts";

const guiltyStories = {
  ...{ ...data, ...code, ...resources, ...concurrency, ...neighbours, ...limits, ...configuration },
  ...{ ...builds, ...infrastructure, ...services, ...platform },
} satisfies Record<string, TellGuilty>;
const innocentStories = { ...nobody, ...outside, ...heldOutNobody } satisfies Record<string, TellNobody>;

export type GuiltyName = keyof typeof guiltyStories;
type NobodyName = keyof typeof innocentStories;
export type Name = GuiltyName | NobodyName;
export const guiltyTellings: Record<GuiltyName, TellGuilty> = guiltyStories;
export const tellings: Record<Name, TellGuilty | TellNobody> = { ...guiltyStories, ...innocentStories };

/** The stories of a half in the order in which its cases take them. */
export const namesOf = (half: Half): { guilty: GuiltyName[]; nobody: NobodyName[] } =>
  half === "A"
    ? { guilty: guilty.known, nobody: innocent.known }
    : {
        guilty: [...guilty.known, ...guilty.heldOut],
        nobody: [...innocent.known, ...innocent.heldOut],
      };

type Names<T> = { known: T[]; heldOut: T[] };
const guilty: Names<GuiltyName> = {
  known: [
    ...(["leak_cache", "leak_conn", "pool_config", "timeout_const", "upstream_field"] as const),
    ...(["migration_drop", "slow_query", "env_rename", "dep_bump", "base_image", "cron_code"] as const),
    ...(["cache_ttl", "retry_storm", "rate_limit", "flag_in_code", "enum_new", "date_bug"] as const),
    ...(["null_edge", "tls_min", "limits_cpu", "reland", "canary_split", "log_disk"] as const),
    ...(["iam_policy", "queue_name", "n_plus_one", "lock_contention"] as const),
  ],
  heldOut: [
    ...(["big_header", "body_limit", "regex_cpu", "poll_batch"] as const),
    ...(["jwks_cached", "keepalive", "min_replicas", "service_port"] as const),
  ],
};
const innocent: Names<NobodyName> = {
  known: [
    ...(["load", "vendor_down", "cert_expired", "node_failure", "flag_flip"] as const),
    ...(["dns", "quota", "db_failover", "slow_growth", "secret_expired"] as const),
  ],
  heldOut: ["one_tenant", "scraper", "zone_network", "manual_ops"],
};
