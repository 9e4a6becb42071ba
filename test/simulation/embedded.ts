import type { Hono } from "hono";
import { leftAlone } from "../../functions/http/left.ts";
import { type Polling, poll } from "../../functions/poll.ts";
import { routes } from "../../functions/routes.ts";
import type { Work } from "../../functions/step.ts";
import { killSwitch } from "../../functions/stop/kill-switch.ts";
import { stoppable, stoppableMerging, stoppableRedeploys } from "../../functions/stop/stoppable.ts";
import { policyOf, serviceOf, servicesIn } from "../../infra/host/settings/services.ts";
import { createLoop, waking } from "../../infra/local/loop.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { Paging } from "../../shared/ports/paging.ts";
import type { Store } from "../../shared/ports/store.ts";
import { createProcess } from "../../shared/process.ts";
import { secrets } from "../support/payloads.ts";
import { argocdOf, redeploysOf } from "./deployer.ts";
import { createDoor, type Door, type Life, type WaitingDoor } from "./door.ts";
import { portsOf } from "./github.ts";
import { metricsOf } from "./production.ts";
import type { Scene } from "./scene.ts";
import { chatOf } from "./slack.ts";

/** The product as the world around it reaches it. */
export type Host = {
  /** Undefined when there was no answer. */
  request(path: string, init: RequestInit): Promise<Response | undefined>;
  /** Starts what is down. */
  up(): void;
};

export const tickMs = 15_000;
const pollMs = 60_000;

/** Storage that outlives the processes: opens it anew, as after a start of the machine. */
export type Disk = { open(): Promise<Store> };

/** One process after another on one disk; each ends when it is killed. */
export const embeddedHost = (scene: Scene, disk: Disk): Host => {
  const { schedule, ledger } = scene;
  const chance = scene.chanceFor("restarts");
  let running: { app: Hono; life: Life; ended: Promise<undefined> } | undefined;
  let isStarting = false;
  const start = async (): Promise<void> => {
    let isOver = false;
    let end = () => {};
    const ended = new Promise<undefined>((resolve) => {
      end = () => resolve(undefined);
    });
    const life: Life = {
      isOver: () => isOver,
      die: (why) => {
        if (isOver) return;
        isOver = true;
        ledger.note(`the server dies ${why}`);
        end();
        running = undefined;
        schedule.after(chance.between(2_000, 45_000), start);
      },
    };
    if (running !== undefined || isStarting) return;
    isStarting = true;
    const store = await disk.open();
    isStarting = false;
    const { app, loop } = build(scene, life, store);
    running = { app, life, ended };
    await loop.start();
  };
  void start();
  return {
    async request(path, init) {
      const now = running;
      if (now === undefined) return undefined;
      return Promise.race([Promise.resolve(now.app.request(path, init)), now.ended]);
    },
    up: () => {
      if (running === undefined) void start();
    },
  };
};

const reads = new Set<keyof Store>([
  ...(["load", "log", "record", "list", "active", "waiting", "pending"] as const),
  ...(["deploys", "changes", "register", "isDelivered"] as const),
]);

/** The store as one process sees it: every call of it may be its last. */
export const storeThrough = (door: WaitingDoor, store: Store): Store =>
  new Proxy(store, {
    get: (target, name: keyof Store) => {
      const method = target[name] as (...args: unknown[]) => unknown;
      const how = reads.has(name) ? door.read : door.call;
      return (...args: unknown[]) => how("store", `store.${name}`, () => method.apply(target, args));
    },
  });

const pagingOf = (scene: Scene, door: Door): Paging => ({
  raise: (_, page) => door.call("alertmanager", "raise a page", () => void scene.pages.set(page.key, page)),
  resolve: (_, page) => door.call("alertmanager", "resolve a page", () => void scene.pages.delete(page.key)),
});

/** Asks the deployers what runs, one look after the other. */
const startPolling = (polling: Polling, timer: (ms: number, run: () => void) => void): void => {
  const look = poll(polling);
  const beat = (): void => {
    void look()
      .catch((error: unknown) => polling.log.error("asking the deployers failed", { error }))
      .finally(() => timer(pollMs, beat));
  };
  beat();
};

/** A process that died says nothing any more. */
const whileAlive = (life: Life, { info, warn, error }: Log): Log => {
  const alive =
    (write: Log["info"]): Log["info"] =>
    (...said) => {
      if (!life.isOver()) write(...said);
    };
  return { info: alive(info), warn: alive(warn), error: alive(error) };
};

const build = (scene: Scene, life: Life, disk: Store) => {
  const { schedule, github, slack, production, config, happenings, outages, ledger, skew } = scene;
  const door = createDoor({ schedule, chance: scene.chanceFor("calls"), happenings, life, outages });
  const clock = () => schedule.now() + skew.ms;
  const store = storeThrough(door, disk);
  const log = whileAlive(life, ledger.log);
  const process = createProcess({ store, clock, log, policyOf: (name) => policyOf(config, name) });
  const stop = killSwitch({ store });
  const { pulls, merging, ...ports } = portsOf(github, door);
  const work: Work = {
    ...{ store, clock, ...ports, killSwitch: stop, pulls: stoppable(pulls, stop) },
    merging: stoppableMerging(merging, stop),
    redeploys: stoppableRedeploys(redeploysOf(scene, door), stop),
    nonce: ledger.nonce,
    chat: chatOf(slack, door),
    metrics: metricsOf(production, door, clock),
    paging: pagingOf(scene, door),
    configuration: () => config,
    serviceOf: (name) => serviceOf(config, name),
    servicesIn: (repository) => servicesIn(config, repository),
    handle: waking(process, (id) => loop.wake(id)),
    pageOf: (id) => `http://countersteer.test/incidents/${id}`,
  };
  const timer = (ms: number, run: () => void) =>
    schedule.after(ms, () => {
      if (!life.isOver()) run();
    });
  const loop = createLoop({ process, work, log, tickMs, timer });
  const leave = leftAlone({ store, clock, log });
  const wake = (ids: string[]): void => ids.forEach(loop.wake);
  const polling = { config, store, clock, log, leave, wake, tools: { argocd: argocdOf(scene, door) } };
  startPolling(polling, timer);
  const app = routes({
    ...{ process, store, clock, log, chat: work.chat, accounts: ports.accounts, config, secrets },
    access: { isOpen: true, tokens: [] },
    ...{ leave, wake },
    wait: schedule.sleep,
  });
  return { app, loop };
};
