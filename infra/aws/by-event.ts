import type { APIGatewayProxyResult, LambdaEvent } from "hono/aws-lambda";
import { isRecord } from "../../shared/records.ts";
import type { Definition } from "./host.ts";
import type { Receiver } from "./receiver.ts";

/** The addresses within the function of what comes by a topic, and of what comes by the bus. */
type Paths = { topic: string; bus: string };

/**
 * The messages of an event, each with its address, or undefined for a request. See
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html and https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
 */
const messagesIn = (
  event: unknown,
  { topic, bus }: Paths,
): { path: string; message: unknown }[] | undefined => {
  if (!isRecord(event)) return undefined;
  if ("detail-type" in event) return [{ path: bus, message: event }];
  if (!Array.isArray(event.Records)) return undefined;
  const records: unknown[] = event.Records;
  return records.map((one) => ({
    path: topic,
    message: isRecord(one) && one.EventSource === "aws:sns" ? one.Sns : undefined,
  }));
};

/** Answers to messages that are not the topic's. */
const strangers: readonly number[] = [401, 403];

/**
 * The receiver, woken by the messages of a topic and the events of a bus too: each goes the way of a request to its address. A message that
 * could not be stored, or that nobody can read, is a failure, so that Lambda tries it again and then keeps it. One that is not the topic's
 * is only logged.
 */
export const alsoByEvent = (
  { make, ...rest }: Receiver,
  paths: Paths,
): Definition<LambdaEvent, APIGatewayProxyResult | undefined> => ({
  ...rest,
  make: (host) => {
    const answer = make(host);
    return async (event) => {
      const messages = messagesIn(event, paths);
      if (messages === undefined) return answer(event);
      const failed: string[] = [];
      for (const { path, message } of messages) {
        const { statusCode, body } = await answer(requestOf(path, JSON.stringify(message ?? null)));
        if (statusCode > 202 && !strangers.includes(statusCode)) failed.push(`${statusCode} ${body}`);
      }
      if (failed.length > 0) throw new Error(`take what the topic or the bus brought: ${failed.join("; ")}`);
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
      domainName: "event.invalid",
      domainPrefix: "",
      requestId: "",
      stage: "",
      time: "",
    },
    ...{ routeKey: `POST ${path}`, timeEpoch: 0 },
    authentication: null,
    authorizer: {},
    http: { method: "POST", path, protocol: "HTTP/1.1", sourceIp: "", userAgent: "aws" },
  },
});
