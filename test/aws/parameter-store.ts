import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

type Asked = { headers: IncomingMessage["headers"]; body: unknown };
type Answer = { status: number; body: unknown };

/** Parameter Store on loopback that gives these answers, or those to the names, the last one ever again. */
export const parameterStore = async (
  t: TestContext,
  ...answers: (Answer | ((names: string[]) => Answer))[]
) => {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const given: { Names: string[] } = JSON.parse(Buffer.concat(chunks).toString());
    asked.push({ headers: request.headers, body: given });
    const answer = answers[Math.min(asked.length, answers.length) - 1]!;
    const { status, body } = typeof answer === "function" ? answer(given.Names) : answer;
    response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "key", sessionToken: "session" };
  return { asked, vault: { path: "/countersteer/prod", region: "eu-central-1", endpoint, credentials } };
};

/** Those parameters below /countersteer/prod, and no other. */
export const found = (values: Record<string, string>): Answer => ({
  status: 200,
  body: {
    Parameters: Object.entries(values).map(([name, Value]) => ({
      Name: `/countersteer/prod/${name}`,
      Value,
    })),
    InvalidParameters: [],
  },
});
