import type { StreamRecord } from "../../shared/adapters/dynamodb/stream.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { StreamAnswer } from "../aws/publisher.ts";
import type { Lambda } from "./lambda.ts";
import { matches } from "./pattern.ts";
import type { Wired } from "./wiring.ts";

export type Stream = {
  push(record: StreamRecord): void;
  /** Records that were given up. */
  dead: StreamRecord[];
  settled(): Promise<void>;
  stop(): Promise<void>;
};

const batchSize = 100;
const retries = 20;

type Target = { wiring: Wired[]; lambda: Pick<Lambda, "invoke">; log: Log; retryMs: number };
/** The records that wait, and the size of the next batch. */
type Shard = {
  queue: StreamRecord[];
  dead: StreamRecord[];
  size: number;
  tries: number;
  stopped: boolean;
  pumping?: Promise<void> | undefined;
};

/**
 * Gives the records to the function that the stream wakes, in order, batch after batch, and goes on after the last one that succeeded:
 * https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
export const createStream = (target: Target): Stream => {
  const patterns = functionOf(target)?.stream ?? [];
  const shard: Shard = { queue: [], dead: [], size: batchSize, tries: 0, stopped: false };
  return {
    dead: shard.dead,
    push(record) {
      if (!patterns.some((pattern) => matches(pattern, record))) return;
      shard.queue.push(record);
      start(shard, target);
    },
    async settled() {
      while (shard.pumping !== undefined) await shard.pumping;
    },
    async stop() {
      shard.stopped = true;
      await shard.pumping;
    },
  };
};

const functionOf = ({ wiring }: Target): Wired | undefined =>
  wiring.find(({ stream }) => stream !== undefined);

const start = (shard: Shard, target: Target): void => {
  shard.pumping ??= pump(shard, target).finally(() => {
    shard.pumping = undefined;
    if (shard.queue.length > 0 && !shard.stopped) start(shard, target);
  });
};

const pump = async (shard: Shard, target: Target): Promise<void> => {
  const { queue, dead } = shard;
  while (queue.length > 0 && !shard.stopped) {
    const done = await deliver(shard, target);
    queue.splice(0, done);
    if (done > 0) {
      shard.tries = 0;
      shard.size = batchSize;
      continue;
    }
    shard.tries += 1;
    if (shard.tries > retries) {
      dead.push(...queue.splice(0, shard.size));
      target.log.error("records of the stream are dead", { records: dead.length });
      shard.tries = 0;
    }
    await new Promise((resolve) => setTimeout(resolve, target.retryMs));
  }
};

/** Delivers the next batch and returns how many of its records succeeded before the first failure. */
const deliver = async (shard: Shard, target: Target): Promise<number> => {
  const batch = shard.queue.slice(0, shard.size);
  try {
    const answer = (await target.lambda.invoke(functionOf(target)!.name, { Records: batch })) as StreamAnswer;
    const failed = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const first = batch.findIndex(({ dynamodb }) => failed.has(dynamodb?.SequenceNumber ?? ""));
    return first === -1 ? batch.length : first;
  } catch (error) {
    target.log.warn("the stream's function failed", { records: batch.length, error });
    // Half of it may succeed. Halving finds the record that fails.
    shard.size = Math.max(1, Math.floor(batch.length / 2));
    return 0;
  }
};
