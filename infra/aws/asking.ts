import { request as http } from "node:http";
import { request as https } from "node:https";
import { standInMs } from "../../shared/adapters/aws-access.ts";

/** The parts of an answer. */
export type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string };
type Asking = {
  system: string;
  method: "GET" | "POST";
  headers: Record<string, string>;
  body?: string;
  /** The patience with AWS itself. */
  timeoutMs: number;
};

/** Tries of one call that does not go through, with full jitter between them. */
const tries = 5;
const jitter = { base: 100, cap: 1_000 };

/** Asks again after a failure and after an answer that `isBusy`. The last answer counts. */
export const askAgain = async (
  ask: () => Promise<Answer>,
  isBusy: (answer: Answer) => boolean,
): Promise<Answer> => {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await ask();
      if (!isBusy(answer) || attempt >= tries) return answer;
    } catch (error) {
      if (attempt >= tries) throw error;
    }
    const most = Math.min(jitter.cap, jitter.base * 2 ** (attempt - 1));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * most));
  }
};

/** One call of AWS without a client of AWS. A failure of the server is an error. */
export const call = (url: URL, { system, method, headers, body, timeoutMs }: Asking): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const isStandIn = url.protocol === "http:";
    const send = isStandIn ? http : https;
    const signal = AbortSignal.timeout(isStandIn ? standInMs : timeoutMs);
    const sent = send(url, { method, headers, signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const status = response.statusCode ?? 0;
        if (status >= 500) return reject(new Error(`read ${url.host}: ${status}`));
        resolve({ status, headers: response.headers, body: Buffer.concat(chunks).toString("utf8") });
      });
      response.on("error", reject);
    });
    sent.on("error", (error) =>
      reject(new Error(`no answer from ${system} at ${url.host}: ${error.message}`, { cause: error })),
    );
    sent.end(body);
  });
