import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * The body of a request, chunk by chunk as it is asked for. The connection is read for one chunk at a time, and a chunk is the reader's
 * only until it asks for the next: its memory goes at once then, not when the garbage collector finds it. A reader that stops leaves the
 * connection open for the answer.
 */
export const bodyOf = (incoming: IncomingMessage): ReadableStream<Uint8Array> => {
  let given: Buffer | undefined;
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        letGo(given);
        given = await nextOf(incoming);
        if (given === undefined) controller.close();
        else controller.enqueue(given);
      },
      cancel: () => {
        letGo(given);
        stopReading(incoming);
      },
    },
    { highWaterMark: 0 },
  );
};

/** Node gives each chunk memory of its own. */
const letGo = (chunk: Buffer | undefined): void => {
  const memory = chunk?.buffer;
  if (memory instanceof ArrayBuffer && !memory.detached && chunk?.byteLength === memory.byteLength)
    memory.transfer(0);
};

/** The next chunk, or undefined at the end. */
const nextOf = (incoming: IncomingMessage): Promise<Buffer | undefined> =>
  new Promise((resolve, reject) => {
    const over = (): void => {
      incoming.off("data", onData).off("end", onEnd).off("error", onError).off("close", onClose);
    };
    const onData = (chunk: Buffer): void => {
      over();
      pause(incoming);
      resolve(chunk);
    };
    const onEnd = (): void => {
      over();
      resolve(undefined);
    };
    const onError = (error: Error): void => {
      over();
      reject(error);
    };
    const onClose = (): void =>
      incoming.readableEnded ? onEnd() : onError(new Error("the connection was closed"));
    if (incoming.readableEnded || incoming.destroyed) return onClose();
    incoming.on("data", onData).on("end", onEnd).on("error", onError).on("close", onClose);
    incoming.resume();
    incoming.socket.resume();
  });

/** A paused message alone would read on until its own buffer is full. */
const pause = (incoming: IncomingMessage): void => {
  incoming.pause();
  incoming.socket.pause();
};

/** Drops what has come. The rest stays with its sender. */
const stopReading = (incoming: IncomingMessage): void => {
  incoming.on("data", letGo).resume();
  setImmediate(() => pause(incoming));
};

/** Time in which a client that still sends can read its answer, before its connection is reset. */
const lingerMs = 500;
/** So much is read and dropped: many clients read no answer before they have sent all. */
const dropped = { bytes: 16 * 1024 * 1024, withinMs: 10_000 };

/** Ends the connection of a request that was answered before its body had come, and reads little more of one that is very large. */
export const endUnread = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
  outgoing.once("finish", () => {
    const { socket } = incoming;
    if (incoming.complete) return void socket.resume();
    const isDropped = Number(incoming.headers["content-length"]) <= dropped.bytes;
    if (isDropped) incoming.on("data", letGo).resume();
    else stopReading(incoming);
    const patienceMs = isDropped ? dropped.withinMs : lingerMs;
    setTimeout(() => incoming.complete || socket.destroy(), patienceMs).unref();
  });
};
