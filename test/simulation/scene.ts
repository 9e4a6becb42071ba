import type { Config } from "../../shared/config.ts";
import { parseConfig } from "../../shared/config.ts";
import type { Page } from "../../shared/ports/paging.ts";
import { type Chance, chanceOf, type Happenings, happenings } from "./chance.ts";
import type { Run } from "./deployer.ts";
import type { Outages, System } from "./door.ts";
import { createGithub, type Github } from "./github.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { createProduction, type Place, type Production } from "./production.ts";
import { createRepository, type Repository } from "./repository.ts";
import { createSchedule, type Schedule, type Turns } from "./schedule.ts";
import type { Size } from "./size.ts";
import { createSlack, type Slack } from "./slack.ts";

export const minute = 60_000;
/** Any time will do, as long as clocks may be wrong by an hour. */
export const begin = 1_800_000_000_000;

/** The world around the product in one history, and the record that it is judged by. */
export type Scene = {
  seed: number;
  size: Size;
  schedule: Schedule;
  chanceFor: (name: string) => Chance;
  happenings: Happenings;
  repository: Repository;
  github: Github;
  slack: Slack;
  production: Production;
  /** Redeploys that were ordered. */
  runs: Run[];
  /** Pages that are raised, by key. */
  pages: Map<string, Page>;
  config: Config;
  outages: Outages;
  ledger: Ledger;
  /** The host's clock is that far from the true time. */
  skew: { ms: number };
};

const folders: Record<string, string[]> = {
  api: ["api/", "lib/"],
  web: ["web/", "lib/"],
  jobs: ["jobs/", "lib/"],
};
export const approversOf: Record<string, string[]> = {
  api: ["U0ANN", "U0BEN"],
  web: ["U0ANN", "U0BEN"],
  jobs: ["U0CAT", "U0BEN"],
};

const configText = ({ services, environments }: Size, chance: Chance, tools: Chance): string => {
  const mode = chance.is(0.25) ? "auto" : "approve";
  const people = chance.is(0.5)
    ? "people:\n  U0ANN: { github: ann }\n  U0BEN: { github: ben }\n  U0CAT: { github: cat }\n"
    : "";
  const merging = chance.is(0.2) ? ", mergeAfterRecovery: true" : "";
  const quorum = chance.is(0.15) ? ", quorum: 2" : "";
  const limits = chance.is(0.2) ? ", maxPerHour: 2" : "";
  const policy = `{ mode: ${mode}, minConfidence: 0.3, autoConfidence: 0.35, lookAgain: [1m, 3m], stepTimeout: 3m, approvalTimeout: 10m, deployTimeout: 8m, verifyTimeout: 8m, cooldown: 2h, deadline: 20m, page: alertmanager${merging}${quorum}${limits} }`;
  const isRedeployed = tools.is(0.35);
  const isPolled = tools.is(0.3);
  const rollback = (service: string): string =>
    isRedeployed
      ? `    rollback: { workflow: deploy.yml, ref: main, inputs: { sha: "{sha}", by: "{id}", place: "{environment}", service: ${service} } }\n`
      : "";
  const deploys = (service: string): string =>
    isPolled
      ? `    deploys: [${environments.map((environment) => `{ argocd: ${service}-${environment}, environment: ${environment} }`).join(", ")}]\n`
      : "";
  const one = (service: string): string => `  - name: ${service}
    match: [service="${service}"]
    repository: acme/shop
    paths: [${folders[service]?.join(", ")}]
    environments: [${environments.join(", ")}]
    channel: C0${service.toUpperCase()}
    approvers: [${approversOf[service]?.join(", ")}]
    policy: ${policy}
    verify: { hold: 1m }
${rollback(service)}${deploys(service)}`;
  return `${people}services:\n${services.map(one).join("")}`;
};

const configs = new Map<string, Config>();
const configOf = (size: Size, chance: Chance, tools: Chance): Config => {
  const text = configText(size, chance, tools);
  const known = configs.get(text);
  if (known !== undefined) return known;
  const parsed = parseConfig(text);
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  configs.set(text, parsed.config);
  return parsed.config;
};

const lines = (name: string): string =>
  Array.from({ length: 8 }, (_, index) => `${name} ${index}\n`).join("");
const firstFiles = new Map(
  ["api/a.js", "api/b.js", "web/a.js", "web/b.js", "jobs/a.js", "lib/a.js", "lib/b.js"].map((path) => [
    path,
    lines(path),
  ]),
);

/** Outages come in stretches of a few minutes. */
const outagesOf = (schedule: Schedule, { happens }: Happenings, chance: Chance): Outages => {
  const until = new Map<System, number>();
  const systems: System[] = ["github", "slack", "prometheus", "store", "dynamodb", "bus"];
  const look = (): void => {
    for (const system of systems)
      if (happens(`${system} is down`, 0.012))
        until.set(system, schedule.now() + chance.between(30_000, 7 * minute));
    schedule.after(minute, look);
  };
  look();
  return { isDown: (system) => schedule.now() < (until.get(system) ?? 0) };
};

export type Setting = { size: Size; left: ReadonlySet<number>; isTraced: boolean; turns: Turns };

export const createScene = (seed: number, { size, left, isTraced, turns }: Setting): Scene => {
  const schedule = createSchedule(begin, turns);
  const chanceFor = (name: string) => chanceOf(seed, name);
  const all = happenings(seed, left);
  const repository = createRepository(begin - 90 * minute, firstFiles);
  const places = size.services.flatMap((service) =>
    size.environments.map((environment): Place => ({ service, environment })),
  );
  const pathsOf = (service: string) => folders[service] ?? [];
  const production = createProduction(repository, { places, pathsOf, clock: schedule.now });
  const slack = createSlack(schedule.now);
  const ledger = createLedger(schedule.now, isTraced);
  const github = createGithub(repository, schedule.now, ledger.watcher);
  const skew = { ms: 0 };
  const scene: Scene = {
    ...{ seed, size, schedule, chanceFor, happenings: all, repository, github, slack, production, skew },
    ...{ pages: new Map(), runs: [] },
    config: configOf(size, chanceFor("configuration"), chanceFor("tools")),
    outages: outagesOf(schedule, all, chanceFor("outages")),
    ledger,
  };
  ledger.of(scene);
  return scene;
};
