import { randomUUID } from "node:crypto";
import type { Log } from "../../shared/ports/log.ts";
import { listen, readJson } from "./http.ts";
import type { Lambda } from "./lambda.ts";
import { matches } from "./pattern.ts";
import type { Wired } from "./wiring.ts";

/** An event as it was accepted; what is archived is what can be replayed. */
export type Accepted = {
  version: "0";
  id: string;
  source: string;
  "detail-type": string;
  time: string;
  detail: unknown;
};
export type Dead = { target: string; event: Accepted; error: string };

/** What goes wrong, and how much of it: shares are probabilities. EventBridge promises at least once, and no order. */
export type FaultRates = {
  random: () => number;
  /** Entries that a call refuses. */
  refused: number;
  /** Deliveries that come twice. */
  doubled: number;
  /** A delivery comes at most this much later than it could. */
  lateMs: number;
  /** How long after a failure it is tried again. */
  retryMs: number;
  /** One delivery after another, so that no two functions meet: what an incident costs at least. */
  inTurn?: true;
};

export type Bus = {
  url: string;
  /** Every call of PutEvents, by how many entries it had. */
  calls: number[];
  archive: Accepted[];
  dead: Dead[];
  faults: FaultRates;
  /** Delivers all that is archived once more. */
  replay(): Promise<void>;
  /** When every delivery so far has been made or is dead. */
  settled(): Promise<void>;
  stop(): Promise<void>;
};

type Entry = { Source?: string; DetailType?: string; Detail?: string; Time?: number; EventBusName?: string };

const maxEntries = 10;
const maxBytes = 256 * 1024;

/** EventBridge on loopback: its own HTTP API for PutEvents, rules and targets as deployed, retries and dead letters. */
export const startBus = async ({
  wiring,
  lambda,
  faults,
  log,
}: {
  wiring: Wired[];
  lambda: Pick<Lambda, "invoke">;
  faults: FaultRates;
  log: Log;
}): Promise<Bus> => {
  const calls: number[] = [];
  const archive: Accepted[] = [];
  const dead: Dead[] = [];
  const flying = new Set<Promise<void>>();
  let stopped = false;

  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

  const deliver = async ({ name, retries }: Wired, event: Accepted): Promise<void> => {
    await sleep(faults.random() * faults.lateMs);
    for (let tried = 0; !stopped; tried++) {
      try {
        await lambda.invoke(name, event);
        return;
      } catch (error) {
        log.warn("a delivery failed", { target: name, event: event["detail-type"], tried, error });
        if (tried >= retries) {
          dead.push({ target: name, event, error: (error as Error).message });
          log.error("an event is dead", { target: name, event });
          return;
        }
        await sleep(faults.retryMs * 2 ** tried);
      }
    }
  };

  let last = Promise.resolve();
  const inTurn = (target: Wired, event: Accepted): Promise<void> => {
    last = last.then(() => deliver(target, event));
    return last;
  };

  const send = (event: Accepted): void => {
    for (const target of wiring.filter(({ rules }) => rules.some((rule) => matches(rule, event)))) {
      const times = faults.random() < faults.doubled ? 2 : 1;
      for (let time = 0; time < times; time++) {
        const done = (faults.inTurn ? inTurn : deliver)(target, event).finally(() => flying.delete(done));
        flying.add(done);
      }
    }
  };

  const accept = ({ Source, DetailType, Detail, Time }: Entry) => {
    if (!Source || !DetailType || !isObject(Detail))
      return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
    if (faults.random() < faults.refused)
      return { ErrorCode: "InternalFailure", ErrorMessage: "refused by fault injection" };
    const time = new Date(Time === undefined ? Date.now() : Time * 1000).toISOString();
    const event: Accepted = {
      ...{ version: "0", id: randomUUID(), source: Source, "detail-type": DetailType, time },
      detail: JSON.parse(Detail!),
    };
    archive.push(event);
    send(event);
    return { EventId: event.id };
  };

  const server = await listen(async (request, response) => {
    const { Entries = [] } = (await readJson(request)) as { Entries?: Entry[] };
    const bytes = Entries.reduce((sum, entry) => sum + size(entry), 0);
    if (request.headers["x-amz-target"] !== "AWSEvents.PutEvents")
      return response.status(400, { __type: "UnknownOperationException" });
    if (Entries.length < 1 || Entries.length > maxEntries || bytes > maxBytes)
      return response.status(400, {
        __type: "ValidationException",
        message: `${Entries.length} entries, ${bytes} bytes`,
      });
    calls.push(Entries.length);
    const answers = Entries.map(accept);
    const failed = answers.filter((answer) => "ErrorCode" in answer).length;
    response.status(200, { FailedEntryCount: failed, Entries: answers });
  });

  const settled = async (): Promise<void> => {
    while (flying.size > 0) await Promise.all(flying);
  };
  return {
    ...{ url: server.url, calls, archive, dead, faults, settled },
    async replay() {
      for (const event of archive) send(event);
      await settled();
    },
    async stop() {
      stopped = true;
      await server.close();
      await settled();
    },
  };
};

const isObject = (detail: string | undefined): boolean => {
  try {
    const value = JSON.parse(detail ?? "");
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};

const size = ({ Source = "", DetailType = "", Detail = "", Time }: Entry): number =>
  Buffer.byteLength(Source + DetailType + Detail) + (Time === undefined ? 0 : 14);
