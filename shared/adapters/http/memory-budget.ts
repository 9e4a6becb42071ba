import { UpstreamError } from "../../errors.ts";

/** Memory that several bodies hold together while nobody has proved who sent them. */
export type MemoryBudget = { share(): Share };
export type Share = {
  /** Keeps a copy of the bytes. Throws UpstreamError where there is no room for them, or where another body was given this one's. */
  add(bytes: Uint8Array): void;
  /** Everything that was added, in its order, until `release`. From now on it gives way to no other body. */
  parts(): Uint8Array[];
  release(): void;
};

/** Small enough that a button of Slack holds no more than it needs. */
const usualBlock = 16 * 1024;

type Held = { blocks: Buffer[]; length: number; isWhole: boolean; gaveWay: boolean };

/**
 * `limit` bytes in blocks that are used again, as the garbage collector would come late for those of refused bodies. Where no block is left,
 * the body that holds the most gives way to a smaller one, so that strangers with endless bodies do not shut senders out.
 */
export const memoryBudget = (limit: number, blockBytes = usualBlock): MemoryBudget => {
  const most = Math.floor(limit / blockBytes);
  const free: Buffer[] = [];
  const all = new Set<Held>();
  let made = 0;
  const letGo = (held: Held): void => {
    free.push(...held.blocks.splice(0));
    all.delete(held);
  };
  const blockFor = (asking: Held): Buffer => {
    const block = free.pop();
    if (block !== undefined) return block;
    if (made < most) {
      made++;
      return Buffer.allocUnsafeSlow(blockBytes);
    }
    const largest = largestOf(all);
    if (largest === undefined || largest.blocks.length <= asking.blocks.length + 1) throw busy(limit);
    largest.gaveWay = true;
    letGo(largest);
    return blockFor(asking);
  };
  return {
    share() {
      const held: Held = { blocks: [], length: 0, isWhole: false, gaveWay: false };
      all.add(held);
      return {
        add(bytes) {
          if (held.gaveWay) throw busy(limit);
          for (let from = 0; from < bytes.byteLength; ) {
            const used = held.length % blockBytes;
            if (used === 0) held.blocks.push(blockFor(held));
            const part = bytes.subarray(from, from + blockBytes - used);
            held.blocks.at(-1)?.set(part, used);
            held.length += part.byteLength;
            from += part.byteLength;
          }
        },
        parts() {
          held.isWhole = true;
          return held.blocks.map((block, at) => block.subarray(0, held.length - at * blockBytes));
        },
        release: () => letGo(held),
      };
    },
  };
};

const largestOf = (all: Set<Held>): Held | undefined => {
  let largest: Held | undefined;
  for (const one of all) if (!one.isWhole && one.blocks.length > (largest?.blocks.length ?? 0)) largest = one;
  return largest;
};

const busy = (limit: number) =>
  new UpstreamError("memory", `unverified bodies hold the ${limit} bytes that they may hold together`, {
    retryable: true,
  });
