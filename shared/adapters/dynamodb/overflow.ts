import type { Calls } from "./calls.ts";
import { pieceKey, type Ref } from "./item.ts";

/** Bytes of one piece: an item holds 400 KB, names included. */
const maxPiece = 350 * 1024;

/** Text that has no room in its incident's item, under a name that nobody else uses. `expires`: epoch seconds. */
export type Overflow = { id: string; name: string; text: string; expires: number };

export const writePieces = async (calls: Calls, { id, name, text, expires }: Overflow): Promise<Ref> => {
  const bytes = Buffer.from(text, "utf8");
  const parts = Math.ceil(bytes.byteLength / maxPiece);
  await Promise.all(
    Array.from({ length: parts }, (_, part) =>
      calls.put({
        ...pieceKey(id, name, part),
        bytes: { B: bytes.subarray(part * maxPiece, (part + 1) * maxPiece) },
        expires: { N: String(expires) },
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

/** Keeps pieces until then. */
export const keepPieces = async (
  calls: Calls,
  id: string,
  { name, parts, expires }: Ref & { expires: number },
): Promise<void> => {
  await Promise.all(
    Array.from({ length: parts }, (_, part) =>
      calls.update({
        Key: pieceKey(id, name, part),
        UpdateExpression: "SET expires = :expires",
        ConditionExpression: "attribute_exists(pk)",
        ExpressionAttributeValues: { ":expires": { N: String(expires) } },
      }),
    ),
  );
};

export const removePieces = async (calls: Calls, id: string, { name, parts }: Ref): Promise<void> => {
  await Promise.all(Array.from({ length: parts }, (_, part) => calls.remove(pieceKey(id, name, part))));
};
