import assert from "node:assert/strict";
import { test } from "node:test";
import { definition as pages } from "../../infra/aws/handlers/pages.ts";
import { open } from "../../infra/aws/host.ts";
import { startTable } from "../support/dynamodb.ts";

type Result = { statusCode: number; headers: Record<string, string>; cookies?: string[]; body: string };
type Asked = { headers?: Record<string, string>; authorizer?: object; body?: string; method?: string };

test("on AWS a reader signs as the API has checked it, or gives the token; nobody else reads", async (t) => {
  const { endpoint, table, close } = await startTable();
  t.after(close);
  const env = {
    ...{ AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "pages", AWS_SECRET_ACCESS_KEY: "nothing" },
    ...{
      TABLE_NAME: table,
      DYNAMODB_ENDPOINT: endpoint,
      BASE_URL: "https://a1.execute-api.eu-central-1.amazonaws.com",
    },
  };
  const handler = await open(pages, {
    ...{ env, config: { services: [] }, clock: () => 1_000, write: () => {}, wait: async () => {} },
    loadSecrets: async (names) => {
      assert.ok(names.includes("PAGES_TOKEN"));
      return { PAGES_TOKEN: "pages-token" };
    },
  });
  const ask = async (
    path: string,
    { headers, authorizer, body, method = "GET" }: Asked = {},
  ): Promise<Result> => {
    const http = { method, path, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "" };
    const event = {
      ...{
        version: "2.0",
        routeKey: `${method} ${path}`,
        rawPath: path,
        rawQueryString: "",
        isBase64Encoded: false,
      },
      headers: { host: "a1.execute-api.eu-central-1.amazonaws.com", accept: "application/json", ...headers },
      requestContext: { http, ...(authorizer && { authorizer }) },
      ...(body !== undefined && { body }),
    };
    return (await handler(event as never)) as unknown as Result;
  };
  assert.equal((await ask("/incidents")).statusCode, 401);
  assert.equal((await ask("/incidents", { authorizer: { jwt: {} } })).statusCode, 401);
  assert.equal((await ask("/incidents", { authorizer: { iam: { accessKey: "AKIA" } } })).statusCode, 200);
  assert.equal(
    (await ask("/incidents", { headers: { authorization: "Bearer pages-token" } })).statusCode,
    200,
  );
  assert.equal((await ask("/incidents", { headers: { host: "evil.example" } })).statusCode, 421);
  const signed = await ask("/sign-in", {
    ...{ method: "POST", body: "token=pages-token&to=%2Fincidents%2Fa%2Fb" },
    headers: { origin: env.BASE_URL, "content-type": "application/x-www-form-urlencoded" },
  });
  assert.deepEqual([signed.statusCode, signed.headers.location], [303, "/incidents/a/b"]);
  const [cookie = ""] = signed.cookies ?? [];
  assert.match(cookie, /^__Host-countersteer_session=.*; Secure; SameSite=Lax$/);
  assert.equal((await ask("/incidents", { headers: { cookie: cookie.split(";")[0]! } })).statusCode, 200);
});
