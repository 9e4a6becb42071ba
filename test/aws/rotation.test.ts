import assert from "node:assert/strict";
import { test } from "node:test";
import { renewing } from "../../infra/aws/adapters/renewing.ts";
import { definition as alerts } from "../../infra/aws/handlers/alerts.ts";
import type { Definition, Host } from "../../infra/aws/host.ts";
import { open } from "../../infra/aws/host.ts";
import type { Config } from "../../shared/config.ts";
import { UpstreamError } from "../../shared/errors.ts";

const minute = 60_000;

/** A function over secrets that may be changed, at instants that are given. */
const warm = async <Result>(make: Definition<string, Result>["make"]) => {
  const parameters: Record<string, string> = { ALERTMANAGER_TOKEN: "first" };
  const at = { now: 0, reads: 0, isDown: false };
  const lines: string[] = [];
  const handler = await open(
    { name: "alerts", make },
    {
      ...{ env: {}, config: { services: [] }, clock: () => at.now, wait: async () => {} },
      write: (line) => void lines.push(JSON.parse(line).message),
      loadSecrets: async () => {
        at.reads += 1;
        if (at.isDown) throw new Error("read ALERTMANAGER_TOKEN: 400 ThrottlingException");
        return { ...parameters };
      },
    },
  );
  return { handler, parameters, at, lines };
};

/** A receiver that knows its caller by the token, as it was when the receiver was made. */
const door = (host: Host) => {
  const tokens = [host.secret("ALERTMANAGER_TOKEN"), host.secret("ALERTMANAGER_TOKEN_PREVIOUS")];
  return async (token: string) => ({ statusCode: tokens.includes(token) ? 202 : 401 });
};

test("a warm receiver takes a changed token at once when a caller gives it, and the former one while it is there", async () => {
  const { handler, parameters, at, lines } = await warm(door);
  assert.equal((await handler("first")).statusCode, 202);
  Object.assign(parameters, { ALERTMANAGER_TOKEN: "second", ALERTMANAGER_TOKEN_PREVIOUS: "first" });
  at.now += minute;
  assert.equal((await handler("second")).statusCode, 202);
  assert.equal((await handler("first")).statusCode, 202);
  delete parameters.ALERTMANAGER_TOKEN_PREVIOUS;
  at.now += 5 * minute;
  assert.equal((await handler("first")).statusCode, 401);
  assert.deepEqual(lines, ["secrets have changed", "secrets have changed"]);
});

test("secrets are read again every five minutes, and for strangers at most every 15 s", async () => {
  const { handler, at } = await warm(door);
  for (let second = 0; second < 60; second++) {
    at.now = second * 1_000;
    assert.equal((await handler("stranger")).statusCode, 401);
  }
  assert.equal(at.reads, 4);
  at.now = 45_000 + 5 * minute;
  await handler("first");
  assert.equal(at.reads, 5);
});

test("while Parameter Store refuses, the secrets read before still count, and that is said", async () => {
  const { handler, at, lines } = await warm(door);
  at.isDown = true;
  at.now += 5 * minute;
  assert.equal((await handler("first")).statusCode, 202);
  assert.deepEqual(lines, ["secrets could not be read again, those read before still count"]);
});

test("a function that the changed secrets do not suffice for goes on with those before, and says so", async () => {
  const { handler, parameters, at, lines } = await warm((host: Host) => {
    if (host.secret("ALERTMANAGER_TOKEN") === undefined) throw new Error("ALERTMANAGER_TOKEN is not set");
    return door(host);
  });
  delete parameters.ALERTMANAGER_TOKEN;
  at.now += 5 * minute;
  assert.equal((await handler("first")).statusCode, 202);
  assert.deepEqual(lines, ["secrets have changed", "the secrets are not enough, those before still count"]);
});

/** The function _alerts_ over secrets that may be changed, without a table: an empty notification of a known caller gets 400. */
const alertsWith = async (parameters: Record<string, string>, senders: Config["senders"] = []) => {
  const at = { now: 0 };
  const lines: string[] = [];
  const start = () =>
    open(alerts, {
      env: { TABLE_NAME: "none", DYNAMODB_ENDPOINT: "http://127.0.0.1:1", AWS_REGION: "eu-central-1" },
      ...{ config: { services: [], senders }, clock: () => at.now, wait: async () => {} },
      write: (line) => void lines.push(JSON.parse(line).message),
      loadSecrets: async () => ({ ...parameters }),
    });
  const state = { handler: await start() };
  const post = async (token: string) => {
    const path = "/webhooks/alertmanager";
    const answer = await state.handler({
      ...{
        version: "2.0",
        routeKey: `POST ${path}`,
        rawPath: path,
        rawQueryString: "",
        isBase64Encoded: false,
      },
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...{ body: "{}", requestContext: { http: { method: "POST", path } } },
    } as never);
    return answer?.statusCode;
  };
  const startAnew = async () => {
    state.handler = await start();
  };
  return { at, lines, post, startAnew };
};

test("a receiver whose token vanished admits nobody and answers 503, so that Alertmanager repeats until it is back", async () => {
  const parameters: Record<string, string> = { ALERTMANAGER_TOKEN: "first" };
  const { at, lines, post } = await alertsWith(parameters);
  assert.deepEqual([await post("first"), await post("stranger")], [400, 401]);
  delete parameters.ALERTMANAGER_TOKEN;
  at.now += 5 * minute;
  assert.deepEqual([await post("first"), await post("stranger"), await post("")], [503, 503, 503]);
  assert.ok(lines.includes("nobody can call: no secret of this receiver is there"));
  parameters.ALERTMANAGER_TOKEN = "first";
  at.now += minute;
  assert.equal(await post("first"), 400);
});

test("a token that vanished while another secret is there is told, and its callers get 503 until it is back", async () => {
  const parameters: Record<string, string> = { ALERTMANAGER_TOKEN: "first", GRAFANA_SECRET: "g" };
  const { at, lines, post } = await alertsWith(parameters);
  assert.deepEqual([await post("first"), await post("stranger")], [400, 401]);
  delete parameters.ALERTMANAGER_TOKEN;
  at.now += 5 * minute;
  assert.deepEqual([await post("first"), await post("stranger")], [503, 503]);
  assert.ok(lines.includes("a secret of this receiver has vanished"));
  parameters.ALERTMANAGER_TOKEN = "first";
  at.now += minute;
  assert.deepEqual([await post("first"), await post("stranger")], [400, 401]);
});

test("a sender whose token is not there gets 503, also from an instance that never saw it, and the others go on", async () => {
  const parameters: Record<string, string> = { ALERTMANAGER_TOKEN: "first", SENDER_MINE: "mine" };
  const mine = { name: "mine", token: "SENDER_MINE", services: ["pay"] };
  const { post, startAnew } = await alertsWith(parameters, [{ ...mine, kinds: ["alerts"] }]);
  assert.deepEqual([await post("first"), await post("mine"), await post("stranger")], [400, 400, 401]);
  delete parameters.SENDER_MINE;
  await startAnew();
  assert.deepEqual([await post("first"), await post("mine")], [400, 503]);
  const other = await alertsWith(parameters, [{ ...mine, kinds: ["deploys"] }]);
  assert.equal(await other.post("stranger"), 401, "it is no sender of this receiver");
});

test("an instance that never saw the token of its receiver answers 503, unless senders of the configuration stand in its place", async () => {
  const parameters: Record<string, string> = { GRAFANA_SECRET: "g", SENDER_MINE: "mine" };
  const signing = await alertsWith(parameters);
  assert.deepEqual([await signing.post("first"), await signing.post("")], [503, 503]);
  assert.ok(signing.lines.includes("ALERTMANAGER_TOKEN is not there: strangers are answered 503"));
  const mine = { name: "mine", token: "SENDER_MINE", services: ["pay"] };
  const sending = await alertsWith(parameters, [{ ...mine, kinds: ["alerts"] }]);
  assert.deepEqual([await sending.post("mine"), await sending.post("stranger")], [400, 401]);
  const deploying = await alertsWith(parameters, [{ ...mine, kinds: ["deploys"] }]);
  assert.equal(await deploying.post("stranger"), 503);
});

test("a former token that is taken away leaves strangers refused", async () => {
  const parameters: Record<string, string> = {
    ALERTMANAGER_TOKEN: "new",
    ALERTMANAGER_TOKEN_PREVIOUS: "old",
  };
  const { at, post } = await alertsWith(parameters);
  assert.equal(await post("old"), 400);
  delete parameters.ALERTMANAGER_TOKEN_PREVIOUS;
  at.now += 5 * minute;
  assert.deepEqual([await post("new"), await post("old")], [400, 401]);
});

const refused = (status: number) =>
  new UpstreamError("github", `read: ${status}`, { retryable: false, status });

test("a call that GitHub refuses with 401 is made once more when a secret has changed, and fails when none has", async () => {
  let token = "old";
  const calls: string[] = [];
  let fresh = "new";
  const port = renewing(
    {
      renew: async () => {
        const changed = token !== fresh;
        token = fresh;
        return changed;
      },
    },
    () => {
      const own = token;
      return {
        read: async (of: string) => {
          calls.push(own);
          if (own !== "new") throw refused(401);
          return of;
        },
      };
    },
  );
  assert.equal(await port.read("a"), "a");
  assert.equal(await port.read("b"), "b");
  assert.deepEqual(calls, ["old", "new", "new"]);
  [token, fresh] = ["old", "old"];
  const stale = renewing({ renew: async () => false }, () => ({
    read: async () => {
      throw refused(401);
    },
  }));
  await assert.rejects(stale.read(), { status: 401 });
});

test("another refusal has no secret read again", async () => {
  const port = renewing(
    {
      renew: async () => {
        throw new Error("not asked for");
      },
    },
    () => ({
      merge: async () => {
        throw refused(403);
      },
    }),
  );
  await assert.rejects(port.merge(), { status: 403 });
});
