import { messageOf, UpstreamError } from "../../errors.ts";
import type { Topic } from "../../ports/topic.ts";

const timeoutMs = 5_000;
/** SNS changes its certificate rarely; more than these are not needed. */
const maxKept = 4;

/** The topic of `arn`. A certificate is fetched once, and one at a time: strangers may name addresses too. */
export const snsTopic = ({ arn, fetch: send }: { arn: string; fetch: typeof fetch }): Topic => {
  const kept = new Map<string, string>();
  let reading: Promise<unknown> = Promise.resolve();
  const get = async (what: string, url: string): Promise<Response> => {
    try {
      return await send(url, { signal: AbortSignal.timeout(timeoutMs) });
    } catch (error) {
      throw new UpstreamError("sns", `${what}: ${messageOf(error)}`, { retryable: true, cause: error });
    }
  };
  const read = async (url: string): Promise<string | undefined> => {
    const known = kept.get(url);
    if (known !== undefined) return known;
    const what = `read the certificate of ${arn}`;
    const answer = await get(what, url);
    const pem = await answer.text();
    if (answer.status >= 500) throw refused(what, answer);
    if (!answer.ok) return undefined;
    if (kept.size >= maxKept) kept.clear();
    kept.set(url, pem);
    return pem;
  };
  return {
    arn,
    certificate: (url) => {
      const turn = reading.then(() => read(url));
      reading = turn.catch(() => {});
      return turn;
    },
    confirm: async (url) => {
      const what = `confirm the subscription to ${arn}`;
      const answer = await get(what, url);
      await answer.body?.cancel();
      if (!answer.ok) throw refused(what, answer);
    },
  };
};

const refused = (what: string, { status }: Response): UpstreamError =>
  new UpstreamError("sns", `${what}: ${status}`, { retryable: status >= 500, status });
