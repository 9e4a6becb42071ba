import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { type FunctionName, open } from "../../infra/aws/host.ts";
import type { StreamAnswer } from "../../infra/aws/publisher.ts";
import { gateway } from "../../infra/aws-local/gateway.ts";
import { definitions } from "../../infra/aws-local/lambda.ts";
import { matches } from "../../infra/aws-local/pattern.ts";
import { readWiring } from "../../infra/aws-local/wiring.ts";
import { toRow } from "../../shared/adapters/dynamodb/item.ts";
import type { StreamRecord } from "../../shared/adapters/dynamodb/stream.ts";
import type { Event } from "../../shared/incident/events.ts";
import type { Paging } from "../../shared/ports/paging.ts";
import { secrets } from "../support/payloads.ts";
import { redeploysOf } from "./deployer.ts";
import { createDoor, type Door, type Life } from "./door.ts";
import { clientOf, createTable, type DynamoTable } from "./dynamodb.ts";
import type { Host } from "./embedded.ts";
import { portsOf } from "./github.ts";
import { record } from "./ledger.ts";
import { metricsOf } from "./production.ts";
import { minute, type Scene } from "./scene.ts";
import { chatOf } from "./slack.ts";

const wiring = readWiring();
/** Lambda ends a function that runs longer; shorter than the lease of an incident. */
const timeoutMs = 60_000;

type Instance = { handle: (event: never) => Promise<unknown>; at: { life: Life } };
type Accepted = { "detail-type": string; detail: unknown; source: string; id: string };

/** The functions as they are deployed, over one table with its stream and one bus. */
export const awsHost = (scene: Scene): Host & { table: DynamoTable } => {
  const { schedule } = scene;
  const shard: StreamRecord[] = [];
  const noted = noteWrites(scene);
  const table = createTable((one) => {
    noted(table, one);
    shard.push(one);
    wake();
  }, schedule.now);
  const invoke = invoker(scene, table, (event) => deliver(scene, invoke, event));
  const wake = pump(scene, shard, invoke);
  const tick = (): void => {
    void invoke("tick", {}).catch(() => {});
    schedule.after(minute, tick);
  };
  schedule.after(minute, tick);
  const serve = gateway(wiring, { invoke });
  return {
    table,
    request: (path, init) => serve(new Request(`http://countersteer.test${path}`, init)),
    up: () => {},
  };
};

type Invoke = (name: string, event: unknown) => Promise<unknown>;

/** An instance takes one event at a time. One that is killed, or runs too long, never comes back. */
const invoker = (scene: Scene, table: DynamoTable, accept: (event: Accepted) => void): Invoke => {
  const { schedule, ledger } = scene;
  const idle = new Map<string, Instance[]>();
  return async (name, event) => {
    let isOver = false;
    let fail = (_: Error): void => {};
    const ended = new Promise<never>((_, reject) => {
      fail = reject;
    });
    ended.catch(() => {});
    const life: Life = {
      isOver: () => isOver,
      die: (why) => {
        if (isOver) return;
        isOver = true;
        ledger.note(`${name} is killed ${why}`);
        fail(new Error(`${name} was killed ${why}`));
      },
    };
    const instance =
      idle.get(name)?.pop() ?? (await start(scene, { name: name as FunctionName, table, accept, life }));
    instance.at.life = life;
    const cancel = schedule.after(timeoutMs, () => life.die("as its time is over"));
    try {
      return await Promise.race([instance.handle(structuredClone(event) as never), ended]);
    } finally {
      cancel();
      if (!isOver) idle.set(name, [...(idle.get(name) ?? []), instance]);
      isOver = true;
    }
  };
};

type Starting = { name: FunctionName; table: DynamoTable; accept: (event: Accepted) => void; life: Life };

const start = async (scene: Scene, { name, table, accept, life }: Starting): Promise<Instance> => {
  const { schedule, happenings, outages, github, slack, production, config, skew, ledger } = scene;
  const at = { life };
  const current: Life = { isOver: () => at.life.isOver(), die: (why) => at.life.die(why) };
  const door = createDoor({ schedule, chance: scene.chanceFor("calls"), happenings, outages, life: current });
  const clock = () => schedule.now() + skew.ms;
  const paging: Paging = {
    raise: (_, page) => door.call("alertmanager", "raise a page", () => void scene.pages.set(page.key, page)),
    resolve: (_, page) =>
      door.call("alertmanager", "resolve a page", () => void scene.pages.delete(page.key)),
  };
  const handle = await open(definitions[name], {
    env: { TABLE_NAME: "countersteer", EVENT_BUS_NAME: "countersteer", BASE_URL: "http://countersteer.test" },
    loadSecrets: async () => ({
      ...{
        ALERTMANAGER_TOKEN: secrets.alertmanager,
        DEPLOYS_TOKEN: secrets.deploys,
        OPERATOR_TOKEN: secrets.operator,
      },
      ...{ GITHUB_WEBHOOK_SECRET: secrets.github, SLACK_SIGNING_SECRET: secrets.slack },
      FLAGS_TOKEN: secrets.flags,
    }),
    ...{ clock, config, wait: schedule.sleep, random: scene.chanceFor("jitter").next },
    write: (line) => {
      if (!current.isOver()) ledger.note(`  ${line.trim()}`);
    },
    stands: {
      source: portsOf(github, door),
      redeploys: redeploysOf(scene, door),
      chat: chatOf(slack, door),
      metrics: metricsOf(production, door, clock),
      paging,
      dynamodb: clientOf(table, door),
      eventbridge: busOf(scene, door, accept),
    },
  });
  return { handle: handle as Instance["handle"], at };
};

type Entry = { Source: string; DetailType: string; Detail: string; Time: Date };

/** EventBridge may take a part of the entries. */
const busOf = ({ happenings }: Scene, door: Door, accept: (event: Accepted) => void): EventBridgeClient => {
  return eventbridgeOf((entries) =>
    door.call("bus", "put events", () => ({
      Entries: entries.map((entry, index) => {
        if (happenings.happens("bus refuses an entry", 0.03)) return { ErrorCode: "InternalFailure" };
        const { Source, DetailType, Detail } = entry;
        const id = `event-${index}`;
        accept({ id, source: Source, "detail-type": DetailType, detail: JSON.parse(Detail) });
        return { EventId: id };
      }),
    })),
  );
};

/** A client whose calls of PutEvents `put` answers. */
export const eventbridgeOf = (put: (entries: Entry[]) => Promise<unknown>): EventBridgeClient => {
  const send = ({ input }: { input: { Entries: Entry[] } }) => put(input.Entries);
  return { send, destroy: () => {} } as unknown as EventBridgeClient;
};

const retries = 2;

/** To every function whose rule matches: at least once, in any order, again after a failure, and in the end not at all. */
const deliver = (scene: Scene, invoke: Invoke, event: Accepted): void => {
  const { schedule, happenings } = scene;
  const chance = scene.chanceFor(`delivery ${schedule.now()}`);
  const attempt = async (name: string, tried: number): Promise<void> => {
    try {
      await invoke(name, event);
    } catch {
      if (tried < retries) schedule.after(minute * (tried + 1), () => void attempt(name, tried + 1));
      else scene.ledger.seen.add("an event is dead");
    }
  };
  for (const { name, rules } of wiring) {
    if (!rules.some((rule) => matches(rule, event))) continue;
    const late = happenings.happens("bus is late", 0.02)
      ? chance.between(10_000, 5 * minute)
      : chance.between(20, 800);
    schedule.after(late, () => void attempt(name, 0));
    if (happenings.happens("bus delivers twice", 0.03))
      schedule.after(late + chance.between(0, 2 * minute), () => void attempt(name, 0));
  }
};

const batchSize = 100;

/** Gives the records to the publisher in their order, and goes on after the last one that it took. The result says that there are new ones. */
const pump = (scene: Scene, shard: StreamRecord[], invoke: Invoke): (() => void) => {
  const patterns = wiring.find(({ stream }) => stream !== undefined)?.stream ?? [];
  const isWanted = (one: StreamRecord): boolean => patterns.some((pattern) => matches(pattern, one));
  let isAwake = false;
  const wake = (): void => {
    if (isAwake) return;
    isAwake = true;
    scene.schedule.after(250, look);
  };
  const look = async (): Promise<void> => {
    while (shard[0] !== undefined && !isWanted(shard[0])) shard.shift();
    const batch = shard.slice(0, batchSize).filter(isWanted);
    if (batch.length > 0) await give(batch);
    isAwake = false;
    if (shard.length > 0) wake();
  };
  const give = async (batch: StreamRecord[]): Promise<void> => {
    try {
      const { batchItemFailures } = (await invoke("publish", { Records: batch })) as StreamAnswer;
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      const first = batch.findIndex(({ dynamodb }) => failed.has(dynamodb?.SequenceNumber ?? ""));
      const done = first === -1 ? batch : batch.slice(0, first);
      const last = done.at(-1);
      if (last !== undefined) shard.splice(0, shard.indexOf(last) + 1);
    } catch {
      scene.ledger.seen.add("the publisher fails");
    }
  };
  return wake;
};

/** Notes every fact in the instant in which the table has it. */
const noteWrites =
  (scene: Scene) =>
  (table: DynamoTable, { dynamodb = {} }: StreamRecord): void => {
    const { NewImage: now, OldImage: before } = dynamodb;
    if (now?.sk?.S !== "incident" || !now.pk?.S?.startsWith("incident#")) return;
    const row = toRow(now);
    const since = before === undefined ? 0 : toRow(before).version;
    if (row.version === since) return;
    if (row.version !== since + 1)
      scene.ledger.violate("versions go up by one", `${now.pk.S} ${since} ${row.version}`);
    const id = now.pk.S.slice("incident#".length);
    const piece = (name: string): string =>
      Buffer.from(table.items.get(`incident#${id} piece#${name}#0`)?.bytes?.B ?? new Uint8Array()).toString(
        "utf8",
      );
    const textOf = (text: string | undefined, ref: { name: string } | undefined): string =>
      text ?? piece(ref?.name ?? "");
    const { snapshot } = row;
    const incident = JSON.parse(typeof snapshot === "string" ? snapshot : piece(snapshot.name));
    const events = row.log
      .filter(({ v }) => v > since)
      .map(({ e, in: ref }): Event => JSON.parse(textOf(e, ref)));
    record(scene, { id, incident, events });
  };

/** The incidents with news that was not announced. */
export const untold = (table: DynamoTable): { id: string; version: number }[] =>
  [...table.items.values()].flatMap((item) => {
    if (item.sk?.S !== "incident" || !item.pk?.S?.startsWith("incident#")) return [];
    const { version, consumed } = toRow(item);
    return consumed < version ? [{ id: item.pk.S.slice("incident#".length), version }] : [];
  });
