import type { Context } from "hono";
import type { MemoryBudget } from "../../shared/adapters/http/memory-budget.ts";
import { readBody, readSigned } from "../../shared/adapters/http/request-body.ts";
import { BadRequest } from "../../shared/errors.ts";
import type { ReceiverContext } from "./context.ts";
import { type Kind, type SecretName, type Sender, senderOf } from "./sender.ts";

type Door = {
  kind: Kind;
  cap: number;
  memory: MemoryBudget;
  /** Whether the `Authorization` header holds the token. */
  proof: (authorization: string | undefined, token: string) => boolean;
  /** The header in which a tool signs with the token that the others bring, or with a secret of its own. */
  signed: string;
  /** Secrets that only sign. */
  signedBy?: SecretName[];
  verify: (of: { secret: string; signature: string; body: Uint8Array[] }) => boolean;
  /** The sentence for a request with neither, and for a wrong signature. */
  missing: string;
  refusal: string;
};

/** The body of a report, and the sender who proved to have sent it: by the token, or by a signature with it. Throws BadRequest. */
export const readTrusted = async (
  receiver: ReceiverContext,
  { req }: Context,
  { kind, cap, memory, proof, signed, signedBy = [], verify, missing, refusal }: Door,
): Promise<{ body: Uint8Array; sender: Sender }> => {
  const authorization = req.header("authorization");
  const known = senderOf(receiver, { kind }, (token) => proof(authorization, token));
  if (known !== undefined) return { body: await readBody(req.raw, cap), sender: known };
  const signature = req.header(signed);
  if (signature === undefined) throw new BadRequest(401, missing);
  let sender: Sender | undefined;
  const body = await readSigned(req.raw, {
    ...{ cap, memory, refusal },
    verify: (body) => {
      sender = senderOf(receiver, { kind, others: signedBy }, (secret) =>
        verify({ secret, signature, body }),
      );
      return sender !== undefined;
    },
  });
  if (sender === undefined) throw new BadRequest(401, refusal);
  return { body, sender };
};
