import type { Calls } from "./calls.ts";
import { pieceKey, type Ref } from "./item.ts";

/** Bytes of one piece: an item holds 400 KB, names included. */
const maxPiece = 350 * 1024;

/** Writes text that has no room in its incident's item. Writing the same text under the same name again changes nothing. */
export const writePieces = async (
  calls: Calls,
  { id, name, text }: { id: string; name: string; text: string },
): Promise<Ref> => {
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
};

/** Undefined when a later version replaced the text; then the item must be read again. */
export const readPieces = async (
  calls: Calls,
  id: string,
  { name, parts }: Ref,
): Promise<string | undefined> => {
  const items = await Promise.all(
    Array.from({ length: parts }, (_, part) => calls.get(pieceKey(id, name, part))),
  );
  const bytes = items.flatMap((item) => item?.bytes?.B ?? []);
  return bytes.length === parts ? Buffer.concat(bytes).toString("utf8") : undefined;
};

export const removePieces = async (calls: Calls, id: string, { name, parts }: Ref): Promise<void> => {
  await Promise.all(Array.from({ length: parts }, (_, part) => calls.remove(pieceKey(id, name, part))));
};
