import assert from "node:assert/strict";
import { test } from "node:test";
import { observedFetch } from "../../shared/adapters/http/observed-fetch.ts";
import { sendJson } from "../../shared/adapters/http/send-json.ts";
import { boundedFetch } from "../../shared/adapters/oidc/bounded-fetch.ts";
import { UpstreamError } from "../../shared/errors.ts";
import { listen } from "../support/scratch.ts";

for (const [name, send] of [
  [
    "a call of any system",
    async (url: string) => (await observedFetch("github")(url, { method: "POST" })).status,
  ],
  [
    "JSON that is sent",
    async (url: string) => {
      const sent = sendJson({ system: "opa", url }, { method: "POST", body: { secret: "canary" } });
      const error = await sent.catch((thrown: unknown) => thrown);
      assert.ok(error instanceof UpstreamError);
      return Number(/: HTTP (\d{3})/.exec(error.message)?.[1]);
    },
  ],
] as const)
  test(`${name} goes nowhere else, although it is sent on`, async (t) => {
    const reached: string[] = [];
    const elsewhere = await listen(t, (body, _, response) => {
      reached.push(body);
      response.end("{}");
    });
    const url = await listen(t, (_, __, response) => {
      response.writeHead(307, { location: elsewhere }).end();
    });
    assert.equal(await send(url), 307);
    assert.deepEqual(reached, []);
  });

test("an issuer that sends a call on is a failure of the issuer", async (t) => {
  const url = await listen(t, (_, __, response) => {
    response.writeHead(302, { location: "http://elsewhere.test/" }).end();
  });
  const sent = boundedFetch()(url, { method: "GET", headers: {} });
  await assert.rejects(sent, (error) => error instanceof UpstreamError && error.system === "oidc");
});
