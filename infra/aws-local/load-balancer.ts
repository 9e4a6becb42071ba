import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Lambda } from "./lambda.ts";

/** One rule of the listener: requests of these methods and paths go to the function `name`. */
type ListenerRule = {
  name: string;
  priority: number;
  methods: string[];
  paths: string[];
  /** Whether it stands only where the pages have their own login. */
  isOfPages: boolean;
};

type Conditions = {
  HttpRequestMethodConfig?: { Values: string[] };
  PathPatternConfig?: { Values: string[] };
}[];
type Resources = Record<
  string,
  {
    Type: string;
    Condition: string;
    Properties: { Priority: number; Conditions: Conditions; Actions: [{ TargetGroupArn: string }] };
  }
>;

const template = new URL("../aws/template/private.yml", import.meta.url);

/** Reads the listener's rules from where they are written, in the order in which they are tried. */
export const readListenerRules = (text: string = readFileSync(template, "utf8")): ListenerRule[] => {
  const { Resources }: { Resources: Resources } = parse(text, { logLevel: "silent" });
  return Object.values(Resources)
    .filter(({ Type }) => Type === "AWS::ElasticLoadBalancingV2::ListenerRule")
    .map(({ Condition, Properties: { Priority, Conditions, Actions } }) => ({
      name: Actions[0].TargetGroupArn.replace(/Targets$/, "").toLowerCase(),
      priority: Priority,
      methods: Conditions.flatMap(({ HttpRequestMethodConfig }) => HttpRequestMethodConfig?.Values ?? []),
      paths: Conditions.flatMap(({ PathPatternConfig }) => PathPatternConfig?.Values ?? []),
      isOfPages: Condition === "HasPrivatePages",
    }))
    .sort((one, other) => one.priority - other.priority);
};

type Result = {
  statusCode: number;
  multiValueHeaders?: Record<string, string[]>;
  body?: string;
  isBase64Encoded?: boolean;
};

/** Bytes of a request's body, and of an answer as JSON: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html */
const most = 1024 * 1024;

/** The function that a listener with these rules asks; undefined where none takes the request. */
export const targetOf = (
  rules: ListenerRule[],
  { method, pathname }: { method: string; pathname: string },
): string | undefined =>
  rules.find(
    ({ methods, paths }) => methods.includes(method) && paths.some((path) => patternOf(path).test(pathname)),
  )?.name;

const patternOf = (path: string): RegExp =>
  new RegExp(
    `^${path
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  );

/**
 * The load balancer of `Edge=private`: each request as an event of a target group whose headers have several values, and the function's
 * answer. A failure of the function is answered 502.
 */
export const loadBalancer = (rules: ListenerRule[], lambda: Pick<Lambda, "invoke">) => {
  return async (request: Request): Promise<Response> => {
    const { pathname, search } = new URL(request.url);
    const name = targetOf(rules, { method: request.method, pathname });
    if (name === undefined) return Response.json({ message: "Not Found" }, { status: 404 });
    const body = Buffer.from(await request.arrayBuffer());
    if (body.byteLength > most) return new Response(null, { status: 413 });
    try {
      const result = (await lambda.invoke(name, eventOf(request, { pathname, search, body }))) as Result;
      if (Buffer.byteLength(JSON.stringify(result)) > most) throw new Error("the answer exceeds 1 MB");
      return responseOf(result);
    } catch {
      return new Response("<html><title>502 Bad Gateway</title></html>", { status: 502 });
    }
  };
};

const eventOf = (
  { method, headers }: Request,
  { pathname, search, body }: { pathname: string; search: string; body: Buffer },
) => ({
  requestContext: { elb: { targetGroupArn: "arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/a/1" } },
  ...{ httpMethod: method, path: pathname, multiValueQueryStringParameters: queryOf(search) },
  multiValueHeaders: {
    ...Object.fromEntries([...headers].map(([name, value]) => [name, [value]])),
    ...{ "x-forwarded-proto": ["https"], "x-forwarded-port": ["443"] },
    "x-forwarded-for": [[headers.get("x-forwarded-for"), "127.0.0.1"].filter(Boolean).join(", ")],
  },
  ...bodyOf(headers, body),
});

/** Names and values as they were sent: a load balancer decodes neither. */
const queryOf = (search: string): Record<string, string[]> => {
  const query: Record<string, string[]> = {};
  for (const part of search.slice(1).split("&").filter(Boolean)) {
    const [name = "", ...rest] = part.split("=");
    query[name] = [...(query[name] ?? []), rest.join("=")];
  }
  return query;
};

/** Texts, JSON, JavaScript and XML come as they are, everything else in base64, forms too. */
const bodyOf = (headers: Headers, body: Buffer): { body: string; isBase64Encoded: boolean } => {
  const plain = /^(text\/|application\/(json|javascript|xml))/.test(headers.get("content-type") ?? "");
  return plain
    ? { body: body.toString("utf8"), isBase64Encoded: false }
    : { body: body.toString("base64"), isBase64Encoded: body.byteLength > 0 };
};

/** Of an answer to an event with several values a header, only the headers with several values count. */
const responseOf = ({ statusCode, multiValueHeaders = {}, body, isBase64Encoded }: Result): Response => {
  const headers = new Headers();
  for (const [name, values] of Object.entries(multiValueHeaders))
    for (const value of values) headers.append(name, value);
  const bytes =
    body === undefined || body === "" ? null : Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  return new Response(bytes, { status: statusCode, headers });
};
