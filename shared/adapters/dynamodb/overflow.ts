import type { Calls } from "./calls.ts";
import { pieceKey, type Ref } from "./item.ts";

/** Bytes of one piece: an item holds 400 KB, names included. */
const maxPiece = 350 * 1024;

/** Texts of incidents that have no room in their items. Writing the same text under the same name twice is once. */
export const piecesOf = (calls: Calls) => ({
  async write(id: string, name: string, text: string): Promise<Ref> {
    const bytes = Buffer.from(text, "utf8");
    const parts = Math.ceil(bytes.byteLength / maxPiece);
    await Promise.all(
      Array.from({ length: parts }, (_, part) =>
        calls.put({
          ...pieceKey(id, name, part),
          bytes: { B: bytes.subarray(part * maxPiece, (part + 1) * maxPiece) },
        }),
      ),
    );
    return { name, parts };
  },
  /** Undefined when it was superseded and is gone: whoever read the item must read it again. */
  async read(id: string, { name, parts }: Ref): Promise<string | undefined> {
    const items = await Promise.all(
      Array.from({ length: parts }, (_, part) => calls.get(pieceKey(id, name, part))),
    );
    const bytes = items.map((item) => item?.bytes?.B);
    if (bytes.some((part) => part === undefined)) return undefined;
    return Buffer.concat(bytes as Uint8Array[]).toString("utf8");
  },
  async remove(id: string, { name, parts }: Ref): Promise<void> {
    await Promise.all(Array.from({ length: parts }, (_, part) => calls.remove(pieceKey(id, name, part))));
  },
});
