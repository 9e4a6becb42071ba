import assert from "node:assert/strict";
import { serve } from "../support/answering.ts";
import { calls } from "../support/upstreams.ts";

const isFailure = (error: unknown): boolean => error instanceof Error;

/** One call of a system that answers with each kind of redirect: it fails, and the other address is never asked. */
export const followsNoRedirect = async (call: (url: string) => Promise<unknown>): Promise<void> => {
  await using elsewhere = await serve(() => ({ body: "{}" }));
  for (const status of [301, 302, 303, 307, 308]) {
    const headers = { location: `${elsewhere.url}/stolen` };
    await using here = await serve(() => ({ status, headers, body: "" }));
    await assert.rejects(call(here.url), isFailure, String(status));
    assert.equal(here.asked.length, 1, String(status));
  }
  assert.deepEqual(elsewhere.asked, []);
};

/** The systems that hold most: the code, the chat and the metrics. test/adapters/redirects.test.ts has the others. */
export const redirected = async (): Promise<void> => {
  for (const name of ["GitHub, a read", "GitHub, a write", "Slack, a write", "Prometheus, a query"])
    await followsNoRedirect(calls[name]!);
};
