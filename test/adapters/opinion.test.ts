import assert from "node:assert/strict";
import { test } from "node:test";
import { chatCompletions } from "../../shared/adapters/opinion/chat-completions.ts";
import { UpstreamError } from "../../shared/errors.ts";

type Sent = { url: string; authorization: string | null; body: Record<string, unknown> };

/** A server that answers every call so, and what it was sent. */
const model = (answer: () => Response) => {
  const sent: Sent[] = [];
  const opinions = chatCompletions({
    ...{ url: "http://models.test/v1", model: "small-1", token: "t", budget: 50 },
    fetch: async (input, init) => {
      const authorization = new Headers(init?.headers).get("authorization");
      sent.push({ url: String(input), authorization, body: JSON.parse(String(init?.body)) });
      return answer();
    },
  });
  return { sent, ask: async (parts = ["CHANGE abc"]) => opinions.ask(parts) };
};
/** The answer of a server of chat completions. */
const said = (content: unknown) => () =>
  Response.json({
    ...{ id: "chatcmpl-1", object: "chat.completion", created: 1, model: "small-1" },
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }],
  });

const given = { choice: "abc", probability: 0.7, quotes: ["CHANGE abc"] };

test("the model is asked once with the question, and its JSON is read, also within a fence", async () => {
  for (const content of [JSON.stringify(given), `\`\`\`json\n${JSON.stringify(given)}\n\`\`\``]) {
    const { sent, ask } = model(said(content));
    assert.deepEqual(await ask(), { sent: "CHANGE abc", opinion: given });
    const [{ url, authorization, body }, ...others] = sent as [Sent, ...Sent[]];
    assert.deepEqual(
      [url, authorization, body.model, body.temperature, others.length],
      ["http://models.test/v1/chat/completions", "Bearer t", "small-1", 0, 0],
    );
    assert.deepEqual((body.messages as { role: string; content: string }[])[1], {
      ...{ role: "user", content: "CHANGE abc" },
    });
  }
});

test("an answer of another form is no opinion", async () => {
  const forms = [
    "I think it was abc.",
    null,
    JSON.stringify({ ...given, probability: 7 }),
    JSON.stringify({ ...given, quotes: [] }),
    JSON.stringify({ ...given, quotes: ["x".repeat(501)] }),
    JSON.stringify([given]),
  ];
  for (const content of forms)
    assert.deepEqual(await model(said(content)).ask(), { sent: "CHANGE abc" }, String(content));
  for (const body of [{}, { choices: [] }, "text"])
    assert.deepEqual(await model(() => Response.json(body)).ask(), { sent: "CHANGE abc" });
});

test("a server that refuses or fails is told as that", async () => {
  const failed = model(() => new Response("no such model", { status: 404 }));
  await assert.rejects(
    failed.ask(),
    (error) => error instanceof UpstreamError && error.system === "opinion" && !error.retryable,
  );
});

test("a secret is not sent, and a question is bounded", async () => {
  const { sent, ask } = model(said("no"));
  const parts = ["token=ghp_0123456789abcdefghij", ...Array.from({ length: 50 }, () => "x".repeat(1500))];
  const { sent: question } = await ask(parts);
  assert.equal(question.length, 30_000);
  assert.match(question, /^token=\[redacted\]\nxxx/);
  assert.ok(JSON.stringify(sent[0]!.body).includes(question.slice(0, 20).replace("\n", "\\n")));
});
