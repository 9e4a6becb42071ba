import { type Identities, type Identity, identityOf } from "./authorizer.ts";
import type { Lambda } from "./lambda.ts";
import type { Wired } from "./wiring.ts";

type Result = {
  statusCode: number;
  headers?: Record<string, string>;
  cookies?: string[];
  body?: string;
  isBase64Encoded?: boolean;
};

/** Bytes of a body: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const maxBody = 10 * 1024 * 1024;
/** Bytes of an event, and of an answer, that Lambda takes: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const maxPayload = 6 * 1024 * 1024;

/** The HTTP API: each route's requests as events of payload format 2.0 for its function, and what that answers. */
export const gateway = (wiring: Wired[], lambda: Pick<Lambda, "invoke">, identities: Identities = {}) => {
  const routes = wiring.flatMap(({ name, routes }) =>
    routes.map(({ method, path, isSigned }) => ({
      ...{ name, method, isSigned, key: `${method} ${path}`, matches: matcherOf(path) },
    })),
  );
  return async (request: Request): Promise<Response> => {
    const { pathname, search } = new URL(request.url);
    const route = routes.find(({ method, matches }) => method === request.method && matches(pathname));
    if (route === undefined) return Response.json({ message: "Not Found" }, { status: 404 });
    const body = Buffer.from(await request.arrayBuffer());
    if (body.byteLength > maxBody)
      return Response.json({ message: "Request Entity Too Large" }, { status: 413 });
    const iam = route.isSigned ? identityOf(request, body, { identities }) : undefined;
    if (route.isSigned && iam === undefined) return Response.json({ message: "Forbidden" }, { status: 403 });
    const event = eventOf(request, { key: route.key, pathname, search, body, iam });
    if (sizeOf(event) > maxPayload)
      return Response.json({ message: "Request Entity Too Large" }, { status: 413 });
    try {
      const result = (await lambda.invoke(route.name, event)) as Result;
      if (sizeOf(result) > maxPayload) throw new Error("the answer exceeds 6 MB");
      return responseOf(result);
    } catch {
      return Response.json({ message: "Internal Server Error" }, { status: 500 });
    }
  };
};

const sizeOf = (payload: unknown): number => Buffer.byteLength(JSON.stringify(payload));

const matcherOf = (path: string): ((pathname: string) => boolean) => {
  const pattern = new RegExp(`^${path.replace(/\{[^}]+\}/g, "[^/]+")}$`);
  return (pathname) => pattern.test(pathname);
};

type Asked = {
  key: string;
  pathname: string;
  search: string;
  body: Buffer;
  iam: Identity | undefined;
};

const eventOf = ({ headers, method }: Request, { key, pathname, search, body, iam }: Asked) => ({
  ...{ version: "2.0", routeKey: key, rawPath: pathname, rawQueryString: search.slice(1) },
  headers: Object.fromEntries(headers),
  requestContext: {
    http: { method, path: pathname, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "" },
    ...(iam && { authorizer: { iam } }),
  },
  ...(body.byteLength === 0 ? { isBase64Encoded: false } : bodyOf(headers, body)),
});

/** JSON comes as it is, everything else in base64, forms too. */
const bodyOf = (headers: Headers, body: Buffer): { body: string; isBase64Encoded: boolean } => {
  const plain = /^(application\/json|text\/)/.test(headers.get("content-type") ?? "");
  const text = body.toString("utf8");
  return plain && Buffer.from(text).equals(body)
    ? { body: text, isBase64Encoded: false }
    : { body: body.toString("base64"), isBase64Encoded: true };
};

const responseOf = ({ statusCode, headers = {}, cookies = [], body, isBase64Encoded }: Result): Response => {
  const all = new Headers(headers);
  for (const cookie of cookies) all.append("set-cookie", cookie);
  const bytes =
    body === undefined || body === "" ? null : Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  return new Response(bytes, { status: statusCode, headers: all });
};
