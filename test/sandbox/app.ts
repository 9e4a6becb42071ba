import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

// biome-ignore lint/suspicious/noExplicitAny: raw JSON, looked into as Slack sends it
export type Payload = Record<string, any>;
export type Answer = (payload: Payload) => Promise<object | undefined> | object | undefined;

/** An app that checks signatures as Slack documents it and answers an interaction with what `answer` returns. */
export const app = async (t: TestContext, secret: () => string, answer: Answer = () => undefined) => {
  const got: Payload[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const stamp = request.headers["x-slack-request-timestamp"];
    const mac = createHmac("sha256", secret()).update(`v0:${stamp}:${body}`).digest("hex");
    if (request.headers["x-slack-signature"] !== `v0=${mac}`) return response.writeHead(401).end();
    const payload = JSON.parse(new URLSearchParams(body).get("payload")!);
    got.push(payload);
    const json = await answer(payload);
    response
      .writeHead(200, json ? { "Content-Type": "application/json" } : {})
      .end(json && JSON.stringify(json));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/interactions` };
};

export const modal = {
  type: "modal",
  callback_id: "reject_reason",
  private_metadata: "state",
  title: { type: "plain_text", text: "Reject" },
  submit: { type: "plain_text", text: "Send" },
  blocks: [
    {
      type: "input",
      block_id: "reason",
      label: { type: "plain_text", text: "Why?" },
      element: { type: "plain_text_input", action_id: "text", multiline: true },
    },
  ],
};
