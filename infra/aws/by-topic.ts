import type { APIGatewayProxyResult, LambdaEvent } from "hono/aws-lambda";
import { isRecord } from "../../shared/records.ts";
import type { Definition } from "./host.ts";
import type { Receiver } from "./receiver.ts";

/** The messages of an event of SNS, or undefined of another: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html */
const messagesIn = (event: unknown): unknown[] | undefined => {
  if (!isRecord(event) || !Array.isArray(event.Records)) return undefined;
  const records: unknown[] = event.Records;
  return records.map((one) => (isRecord(one) && one.EventSource === "aws:sns" ? one.Sns : undefined));
};

/** Answers to messages that are not the topic's. */
const strangers: readonly number[] = [401, 403];

/**
 * The receiver, woken by the messages of a topic too: each goes the way of a request to `path`. A message that could not be stored, or
 * that nobody can read, is a failure, so that Lambda tries it again and then keeps it. One that is not the topic's is only logged.
 */
export const alsoByTopic = (
  { make, ...rest }: Receiver,
  path: string,
): Definition<LambdaEvent, APIGatewayProxyResult | undefined> => ({
  ...rest,
  make: (host) => {
    const answer = make(host);
    return async (event) => {
      const messages = messagesIn(event);
      if (messages === undefined) return answer(event);
      const failed: string[] = [];
      for (const message of messages) {
        const { statusCode, body } = await answer(requestOf(path, JSON.stringify(message ?? null)));
        if (statusCode > 202 && !strangers.includes(statusCode)) failed.push(`${statusCode} ${body}`);
      }
      if (failed.length > 0) throw new Error(`take the messages of the topic: ${failed.join("; ")}`);
      return undefined;
    };
  },
});

const requestOf = (path: string, body: string): LambdaEvent => ({
  ...{ version: "2.0", routeKey: `POST ${path}`, rawPath: path, rawQueryString: "" },
  headers: { "content-type": "application/json" },
  ...{ body, isBase64Encoded: false },
  requestContext: {
    ...{
      accountId: "",
      apiId: "",
      domainName: "topic.invalid",
      domainPrefix: "",
      requestId: "",
      stage: "",
      time: "",
    },
    ...{ routeKey: `POST ${path}`, timeEpoch: 0 },
    authentication: null,
    authorizer: {},
    http: { method: "POST", path, protocol: "HTTP/1.1", sourceIp: "", userAgent: "sns" },
  },
});
