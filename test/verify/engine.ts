import { type Revert, revertTree, type Trees } from "../../shared/git/revert-tree.ts";

/** The engine in a process of its own, so that its memory is told apart from that of git and of the comparison. */
export type ToEngine = { trees: Trees } | { sha: string; content: Uint8Array } | { end: true };
export type FromEngine = { want: string } | { result: Revert; ms: number } | { peakMiB: number };

const send = (message: FromEngine) => process.send!(message);
const waiting = new Map<string, (content: Uint8Array) => void>();

process.on("message", async (message: ToEngine) => {
  if ("end" in message) {
    send({ peakMiB: Math.round(process.resourceUsage().maxRSS / 1024) });
    process.disconnect();
  }
  if ("content" in message) waiting.get(message.sha)!(message.content);
  if ("trees" in message) send(await timed(message.trees));
});

/** The duration of the computation alone, in ms: its input is in memory by then. */
async function timed(trees: Trees): Promise<FromEngine> {
  const blobs = new Map<string, Promise<Uint8Array>>();
  const ask = (sha: string) => {
    send({ want: sha });
    return new Promise<Uint8Array>((resolve) => waiting.set(sha, resolve));
  };
  const read = (sha: string) => {
    const reading = blobs.get(sha) ?? ask(sha);
    blobs.set(sha, reading);
    return reading;
  };
  await revertTree(trees, read);
  waiting.clear();
  const from = performance.now();
  const result = await revertTree(trees, read);
  return { result, ms: performance.now() - from };
}
