import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import { type TestContext, test } from "node:test";
import { metricsOf } from "../../infra/aws/adapters/metrics.ts";
import type { Host } from "../../infra/aws/host.ts";
import { identityOf } from "../../infra/aws-local/authorizer.ts";
import { portOf } from "../../infra/host/server/listen.ts";
import { service } from "../support/world.ts";

type Asked = { request: IncomingMessage; body: Buffer };

/** A Prometheus that has no samples, and the requests that it was asked with. */
const prometheus = async (t: TestContext) => {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    asked.push({ request, body: Buffer.concat(chunks) });
    response.end(
      JSON.stringify({ status: "success", data: { resultType: "matrix", result: [], groups: [] } }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close().closeAllConnections());
  return { asked, url: `http://127.0.0.1:${portOf(server)}/workspaces/ws-1` };
};

const host = (env: Record<string, string>, token?: string) =>
  ({
    env: {
      ...{ AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "verify", AWS_SECRET_ACCESS_KEY: "secret" },
      ...env,
    },
    secret: (name: string) => (name === "PROMETHEUS_TOKEN" ? token : undefined),
    clock: Date.now,
    config: () => ({ services: [service()] }),
  }) as unknown as Host;

test("with PROMETHEUS_AUTH=sigv4 every request is signed by the function's role, with its query and its body", async (t) => {
  const { asked, url } = await prometheus(t);
  const metrics = metricsOf(host({ PROMETHEUS_URL: url, PROMETHEUS_AUTH: "sigv4" }));
  await metrics.rules(service(), "PaymentErrorsHigh");
  await metrics.value(service(), 'sum(rate(errors{job="a b"}[5m])) > 0', 1_000);
  assert.deepEqual(
    asked.map(({ request }) => request.method),
    ["GET", "POST"],
  );
  for (const { request, body } of asked) {
    const { host: name = "", authorization = "" } = request.headers;
    assert.match(authorization, /Credential=verify\/\d{8}\/eu-central-1\/aps\/aws4_request/);
    const headers = new Headers(
      Object.entries(request.headers).flatMap(([key, value]) =>
        typeof value === "string" ? [[key, value]] : [],
      ),
    );
    const seen = (path = request.url) =>
      new Request(`http://${name}${path}`, { method: request.method ?? "", headers });
    const signer = (path?: string, sent = body) =>
      identityOf(seen(path), sent, { identities: { verify: "secret" }, service: "aps" })?.accessKey;
    assert.equal(signer(), "verify");
    assert.equal(signer(`${request.url}&more=1`), undefined);
    assert.equal(signer(undefined, Buffer.from("query=up")), undefined);
  }
});

test("with PROMETHEUS_AUTH=basic the token is a user and a password, and without it a bearer token", async (t) => {
  const { asked, url } = await prometheus(t);
  await metricsOf(host({ PROMETHEUS_URL: url, PROMETHEUS_AUTH: "basic" }, "ann:pass")).rules(service(), "A");
  await metricsOf(host({ PROMETHEUS_URL: url }, "t0ken")).rules(service(), "A");
  assert.deepEqual(
    asked.map(({ request }) => request.headers.authorization),
    [`Basic ${Buffer.from("ann:pass").toString("base64")}`, "Bearer t0ken"],
  );
});

test("a login that cannot be is refused in a sentence", () => {
  const url = "https://aps-workspaces.eu-central-1.amazonaws.com/workspaces/ws-1";
  const made = (env: Record<string, string>, token?: string) => () => metricsOf(host(env, token));
  assert.throws(made({ PROMETHEUS_URL: url, PROMETHEUS_AUTH: "basic" }, "t0ken"), /user:password/);
  assert.throws(made({ PROMETHEUS_URL: url, PROMETHEUS_AUTH: "sig" }), {
    message: "PROMETHEUS_AUTH is sig: it must be bearer, basic or sigv4",
  });
});
