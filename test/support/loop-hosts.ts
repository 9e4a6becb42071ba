import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { leftAlone } from "../../functions/http/left.ts";
import { poll } from "../../functions/poll.ts";
import type { Env, FunctionName, Surroundings } from "../../infra/aws/host.ts";
import { createBus } from "../../infra/aws-local/bus.ts";
import { gateway } from "../../infra/aws-local/gateway.ts";
import { createLambda } from "../../infra/aws-local/lambda.ts";
import { readRoles } from "../../infra/aws-local/roles.ts";
import { createStream } from "../../infra/aws-local/stream.ts";
import { readWiring } from "../../infra/aws-local/wiring.ts";
import { askedTools, deployerSettings } from "../../infra/host/adapters/deployers.ts";
import { createLoop } from "../../infra/local/loop.ts";
import { dynamodbStore } from "../../shared/adapters/dynamodb/store.ts";
import { sqliteStore } from "../../shared/adapters/sqlite/store.ts";
import { type Incident, isWatched } from "../../shared/incident/model.ts";
import { stepsOf } from "../../shared/incident/schedule/due-steps.ts";
import { clientOfBus, startCalls, type TableCall, table } from "./aws-calls.ts";
import { doors } from "./doors.ts";
import { id } from "./incident.ts";
import { secrets } from "./payloads.ts";
import { silent, type World, type WorldGiven, world } from "./world.ts";

/** A host that plays the loop over the ports written by hand: in this process, and with its own store. */
export type LoopHost = {
  name: string;
  /** A world whose `settle` lets the host go on until nothing moves. */
  world(given?: Omit<WorldGiven, "store">): Promise<World>;
  /** The answer of the product's own doors to a request about the world made last. */
  receive(request: Request): Promise<Response>;
  /** One look of the host at the deployers that these variables name. They stay the same for one host. */
  poll(env: Record<string, string>): Promise<void>;
  /** Ends the world made last. */
  close(): Promise<void>;
  /** Ends the host. */
  stop(): Promise<void>;
};

/** The server's loop over SQLite. */
export const localHost = (): LoopHost => {
  const directory = mkdtempSync(join(tmpdir(), "countersteer-loop-"));
  let worlds = 0;
  let close = async (): Promise<void> => {};
  let receive = (_: Request): Response | Promise<Response> => Response.error();
  let look = async (_: Env): Promise<unknown> => undefined;
  return {
    name: "embedded",
    receive: async (request) => receive(request),
    poll: async (env) => void (await look(env)),
    async world(given = {}) {
      const store = await sqliteStore({ path: join(directory, `${++worlds}.db`) });
      const made = world({ ...given, store });
      receive = (request) => doors(made, { registry: made.registry }).app.request(request);
      const loop = createLoop({ process: made.process, work: made.work, log: silent, tickMs: 1_000_000 });
      look = (env) => pollFor(made, env, loop.wake)();
      close = async () => {
        await loop.stop();
        await store.close();
      };
      return { ...made, settle: (one = id) => settleLocally(loop, made, one) };
    },
    close: () => close(),
    async stop() {
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

/** The server's look at its deployers. */
const pollFor = ({ store, state, services, registry }: World, env: Env, wake: (id: string) => void) => {
  const clock = () => state.now;
  const config = { services };
  return poll({
    ...{ store, clock, log: silent, registry, config, leave: leftAlone({ store, clock, log: silent }) },
    ...{ tools: askedTools(deployerSettings(env), config), wake: (ids) => ids.forEach(wake) },
  });
};

const settleLocally = async (
  loop: Pick<ReturnType<typeof createLoop>, "wake" | "settled">,
  { store }: Pick<World, "store">,
  one: string,
): Promise<Incident> => {
  loop.wake(one);
  await loop.settled();
  return (await store.load(one)).incident;
};

const calm = { random: () => 0.5, refused: 0, doubled: 0, lateMs: 0, retryMs: 5 };
const nobody = {
  ...{ AWS_REGION: "eu-central-1", AWS_SECRET_ACCESS_KEY: "nothing", EVENT_BUS_NAME: "countersteer" },
  ...{ LEASE_MS: "5000" },
};

type AwsLoopHost = LoopHost & {
  /** The calls of the table since it was emptied. */
  calls: () => readonly TableCall[];
  /** Lets the functions go on until nothing moves, without a look that nobody asked for. */
  flow: () => Promise<void>;
};

/**
 * The functions that run on AWS, over a table with a stream and a bus, wired as they are deployed. They are started once for all worlds:
 * worlds whose deploys are read from a repository (`isOfGit`) need a host of their own.
 */
export const awsHost = async ({ isOfGit = false } = {}): Promise<AwsLoopHost> => {
  let current: World | undefined;
  const made = (): World => {
    if (current === undefined) throw new Error("no world was made");
    return current;
  };
  const clock = () => current?.state.now ?? 0;
  const { client, calls, empty } = startCalls((record) => stream.push(record));
  // A function can do only what its role allows; the test itself may do all.
  const roles = readRoles();
  const own = client("the test", () => true);
  const store = dynamodbStore({ client: own, table, clock });
  // A look that is written twice at one time is one look: each gets a time of its own.
  let looked = 0;
  const looks = dynamodbStore({ client: own, table, clock: () => ++looked });
  const env: Env = { ...nobody, TABLE_NAME: table };
  const stands = standsIn(made, isOfGit);
  const surroundings = (name: FunctionName): Surroundings => ({
    ...{ env: { ...env, AWS_ACCESS_KEY_ID: name, BASE_URL: "http://countersteer.test" }, clock },
    config: {
      get services() {
        return made().services;
      },
    },
    stands: {
      ...stands,
      dynamodb: client(name, (reach) => roles.get(name)?.reaches(reach) ?? false),
      eventbridge: clientOfBus(bus),
    },
    loadSecrets: async () => ({
      DEPLOYS_TOKEN: secrets.deploys,
      SLACK_SIGNING_SECRET: secrets.slack,
      ...{ GITHUB_WEBHOOK_SECRET: secrets.github, GITHUB_TELL_TOKEN: "nobody" },
      ALERTMANAGER_TOKEN: secrets.alertmanager,
    }),
    wait: () => Promise.resolve(),
    write: () => {},
  });
  const wiring = readWiring();
  const lambda = createLambda(surroundings);
  const api = gateway(wiring, lambda);
  const bus = createBus({ wiring, lambda, log: silent, faults: calm });
  const stream = createStream({ wiring, lambda, log: silent, retryMs: calm.retryMs });
  const flow = async (): Promise<void> => {
    for (let seen = -1; seen !== calls().length; ) {
      seen = calls().length;
      await stream.settled();
      await bus.settled();
      await lambda.settled();
    }
  };
  const settle = async (one = id): Promise<Incident> => {
    await flow();
    const { incident, version } = await store.load(one);
    for (const step of isWatched(incident) ? stepsOf(incident.status) : []) {
      await looks.putLooks([{ id: one, version, step }]);
      await flow();
    }
    return (await store.load(one)).incident;
  };
  return {
    name: "aws-local",
    calls,
    flow,
    receive: api,
    async poll(asked) {
      Object.assign(env, asked);
      await lambda.invoke("poll", {});
    },
    async world(given = {}) {
      current = { ...world({ ...given, store }), settle };
      return current;
    },
    async close() {
      await flow();
      empty();
    },
    async stop() {
      await stream.stop();
      await bus.stop();
      await lambda.settled();
    },
  };
};

const given = <T>(port: T | undefined): T => {
  if (port === undefined) throw new Error("the world does not have this port");
  return port;
};

/** The systems of the world as it is by then. */
const standsIn = (made: () => World, isOfGit: boolean): NonNullable<Surroundings["stands"]> => {
  const now = <T extends object>(of: () => T): T =>
    new Proxy({} as T, { get: (_, name) => Reflect.get(of(), name) });
  return {
    source: {
      history: now(() => made().work.history),
      trees: now(() => made().work.trees),
      pulls: now(() => made().work.pulls),
      merging: now(() => made().work.merging),
      accounts: now(() => made().work.accounts),
      ...(isOfGit && { changes: now(() => given(made().work.changes)) }),
    },
    redeploys: now(() => given(made().work.redeploys)),
    logs: now(() => given(made().work.logs)),
    registry: { origin: async (image) => made().registry.origin(image) },
    chat: now(() => made().work.chat),
    metrics: now(() => made().work.metrics),
    activeAlerts: { list: async (labels) => (await made().work.activeAlerts?.list(labels)) ?? [] },
  };
};
