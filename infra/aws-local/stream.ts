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

/**
 * Gives the records to the function that the stream wakes, in order, batch after batch, and goes on from where it says it could not:
 * https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
export const createStream = ({
  wiring,
  lambda,
  log,
  retryMs,
}: {
  wiring: Wired[];
  lambda: Pick<Lambda, "invoke">;
  log: Log;
  retryMs: number;
}): Stream => {
  const target = wiring.find(({ stream }) => stream !== undefined);
  const queue: StreamRecord[] = [];
  const dead: StreamRecord[] = [];
  let size = batchSize;
  let tries = 0;
  let stopped = false;
  let pumping: Promise<void> | undefined;

  /** How many of the batch are done with. */
  const give = async (batch: StreamRecord[]): Promise<number> => {
    try {
      const answer = (await lambda.invoke(target!.name, { Records: batch })) as StreamAnswer;
      const failed = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      const first = batch.findIndex(({ dynamodb }) => failed.has(dynamodb?.SequenceNumber ?? ""));
      return first === -1 ? batch.length : first;
    } catch (error) {
      log.warn("the stream's function failed", { records: batch.length, error });
      // Half of it may succeed. Halving finds the record that fails.
      size = Math.max(1, Math.floor(batch.length / 2));
      return 0;
    }
  };

  const pump = async (): Promise<void> => {
    while (queue.length > 0 && !stopped) {
      const done = await give(queue.slice(0, size));
      queue.splice(0, done);
      if (done > 0) {
        tries = 0;
        size = batchSize;
        continue;
      }
      tries += 1;
      if (tries > retries) {
        dead.push(...queue.splice(0, size));
        log.error("records of the stream are dead", { records: dead.length });
        tries = 0;
      }
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  };

  const start = (): void => {
    pumping ??= pump().finally(() => {
      pumping = undefined;
      if (queue.length > 0 && !stopped) start();
    });
  };

  return {
    dead,
    push(record) {
      if (target?.stream === undefined || !target.stream.some((pattern) => matches(pattern, record))) return;
      queue.push(record);
      start();
    },
    async settled() {
      while (pumping !== undefined) await pumping;
    },
    async stop() {
      stopped = true;
      await pumping;
    },
  };
};
