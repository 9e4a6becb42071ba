import { randomUUID } from "node:crypto";
import { asError } from "../../shared/errors.ts";
import type { Log } from "../../shared/ports/log.ts";
import { listen, readText } from "./http.ts";
import type { Lambda } from "./lambda.ts";
import { matches } from "./pattern.ts";
import type { Wired } from "./wiring.ts";

/** An event as it was accepted. Only archived events can be replayed. */
export type Accepted = {
  version: "0";
  id: string;
  source: string;
  "detail-type": string;
  time: string;
  detail: unknown;
};
export type Dead = { target: string; event: Accepted; error: string };

/** The faults and their probabilities. EventBridge promises delivery at least once, in any order. */
export type FaultRates = {
  random: () => number;
  /** Entries that a call refuses. */
  refused: number;
  /** Deliveries that come twice. */
  doubled: number;
  /** A delivery comes at most this much later than it could. */
  lateMs: number;
  /** The time from a failure to the next try. */
  retryMs: number;
  /** One delivery after another, so that no two functions meet. It shows the least cost of an incident. */
  inTurn?: true;
};

export type Bus = {
  /** Answers one call of PutEvents. */
  put(entries: Entry[]): Put;
  /** Every call of PutEvents, by how many entries it had. */
  calls: number[];
  archive: Accepted[];
  dead: Dead[];
  faults: FaultRates;
  /** Delivers all that is archived once more. */
  replay(): Promise<void>;
  /** Resolves when every delivery so far has been made or is dead. */
  settled(): Promise<void>;
  stop(): Promise<void>;
};
export type ListeningBus = Bus & { url: string };

export type Entry = {
  Source?: string;
  DetailType?: string;
  Detail?: string;
  Time?: number;
  EventBusName?: string;
};

const maxEntries = 10;
const maxBytes = 256 * 1024;

type BusOptions = { wiring: Wired[]; lambda: Pick<Lambda, "invoke">; faults: FaultRates; log: Log };

/** EventBridge in this process: rules and targets as deployed, retries and dead letters. */
export const createBus = (options: BusOptions): Bus => {
  const { faults } = options;
  const calls: number[] = [];
  const archive: Accepted[] = [];
  const deliveries = createDeliveries(options);
  const accept = (event: Accepted): void => {
    archive.push(event);
    deliveries.send(event);
  };
  return {
    put(entries) {
      const answer = putEvents(entries, { faults, accept });
      if (answer.status === 200) calls.push(entries.length);
      return answer;
    },
    ...{ calls, archive, dead: deliveries.dead, faults, settled: deliveries.settled },
    async replay() {
      for (const event of archive) deliveries.send(event);
      await deliveries.settled();
    },
    async stop() {
      deliveries.stop();
      await deliveries.settled();
    },
  };
};

/** The same on loopback, behind its own HTTP API for PutEvents. */
export const startBus = async (options: BusOptions): Promise<ListeningBus> => {
  const bus = createBus(options);
  const server = await listen(async (request, response) => {
    const { Entries = [] }: { Entries?: Entry[] } = JSON.parse(await readText(request));
    const isKnown = request.headers["x-amz-target"] === "AWSEvents.PutEvents";
    const { status, body } = isKnown ? bus.put(Entries) : unknownOperation;
    response.status(status, body);
  });
  return {
    ...bus,
    url: server.url,
    async stop() {
      await server.close();
      await bus.stop();
    },
  };
};

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Delivers events to the targets whose rules match, again after a failure, and keeps what no target took. */
const createDeliveries = ({ wiring, lambda, faults, log }: BusOptions) => {
  const dead: Dead[] = [];
  const pending = new Set<Promise<void>>();
  let stopped = false;
  let last = Promise.resolve();

  const attempt = async (name: string, event: Accepted): Promise<Error | undefined> => {
    try {
      await lambda.invoke(name, event);
      return undefined;
    } catch (error) {
      return asError(error);
    }
  };
  const deliver = async ({ name, retries }: Wired, event: Accepted): Promise<void> => {
    await sleep(faults.random() * faults.lateMs);
    for (let tries = 0; !stopped; tries++) {
      const error = await attempt(name, event);
      if (error === undefined) return;
      log.warn("a delivery failed", { target: name, event: event["detail-type"], tried: tries, error });
      if (tries < retries) {
        await sleep(faults.retryMs * 2 ** tries);
        continue;
      }
      dead.push({ target: name, event, error: error.message });
      log.error("an event is dead", { target: name, event });
      return;
    }
  };
  const inTurn = (target: Wired, event: Accepted): Promise<void> => {
    last = last.then(() => deliver(target, event));
    return last;
  };
  const start = (target: Wired, event: Accepted): void => {
    const done = (faults.inTurn ? inTurn : deliver)(target, event).finally(() => pending.delete(done));
    pending.add(done);
  };
  return {
    dead,
    send(event: Accepted): void {
      for (const target of wiring.filter(({ rules }) => rules.some((rule) => matches(rule, event)))) {
        start(target, event);
        if (faults.random() < faults.doubled) start(target, event);
      }
    },
    stop(): void {
      stopped = true;
    },
    async settled(): Promise<void> {
      while (pending.size > 0) await Promise.all(pending);
    },
  };
};

/** The answer to a call: a body of AWS's JSON protocol. */
type Put = { status: number; body: Refused | { FailedEntryCount: number; Entries: Answer[] } };
type Refused = { __type: string; message?: string };
type Answer = { EventId: string } | { ErrorCode: string; ErrorMessage: string };

const unknownOperation: Put = { status: 400, body: { __type: "UnknownOperationException" } };

type Taking = { faults: FaultRates; accept: (event: Accepted) => void };

const putEvents = (Entries: Entry[], { faults, accept }: Taking): Put => {
  const bytes = Entries.reduce((sum, entry) => sum + size(entry), 0);
  if (Entries.length < 1 || Entries.length > maxEntries || bytes > maxBytes) {
    const body = { __type: "ValidationException", message: `${Entries.length} entries, ${bytes} bytes` };
    return { status: 400, body };
  }
  const answers = Entries.map((entry): Answer => {
    const read = readEntry(entry, faults);
    if ("ErrorCode" in read) return read;
    accept(read);
    return { EventId: read.id };
  });
  const failed = answers.filter((answer) => "ErrorCode" in answer).length;
  return { status: 200, body: { FailedEntryCount: failed, Entries: answers } };
};

const readEntry = ({ Source, DetailType, Detail, Time }: Entry, faults: FaultRates) => {
  if (!Source || !DetailType || Detail === undefined || !isObject(Detail))
    return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
  if (faults.random() < faults.refused)
    return { ErrorCode: "InternalFailure", ErrorMessage: "refused by fault injection" };
  const time = new Date(Time === undefined ? Date.now() : Time * 1000).toISOString();
  const event: Accepted = {
    ...{ version: "0", id: randomUUID(), source: Source, "detail-type": DetailType, time },
    detail: JSON.parse(Detail),
  };
  return event;
};

const isObject = (detail: string): boolean => {
  try {
    const value = JSON.parse(detail);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};

const size = ({ Source = "", DetailType = "", Detail = "", Time }: Entry): number =>
  Buffer.byteLength(Source + DetailType + Detail) + (Time === undefined ? 0 : 14);
