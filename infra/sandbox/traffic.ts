import { setTimeout as sleep } from "node:timers/promises";
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context, MiddlewareHandler } from "hono";

export type System = "github" | "slack" | "git" | "pages";
/** One request the sandbox got. `path` starts after the API's base URL. `status` is 0 while open, or when the connection was dropped. */
export type Request = { system: System; method: string; path: string; status: number; at: number };

/** A fault of the next `times` (1) requests whose `METHOD /path` matches. */
export type Fault = { match: RegExp; system?: System; times?: number } & (
  | { /** Answers this; with `applied` only after the request has had its effect. */ fail: Failure }
  | { /** Closes the connection, before or after the request has had its effect. */ drop: "before" | "after" }
  | { delayMs: number }
  | { /** Holds the request until the promise settles. */ until: Promise<unknown> }
);
export type Failure = { status: number; headers?: Record<string, string>; body?: unknown; applied?: boolean };

export type Traffic = {
  requests: Request[];
  /** Adds a fault; the function it returns takes it away again. */
  fault(fault: Fault): () => void;
  middleware: MiddlewareHandler;
};

/** The number of requests that are remembered. */
const kept = 10_000;

/** Which part of the sandbox a path belongs to, and its path there. */
export const locate = (path: string): { system: System; path: string } => {
  if (/\/(info\/refs|git-(upload|receive)-pack)$/.test(path)) return { system: "git", path };
  const slack = /^\/slack\/api(\/.*)$/.exec(path)?.[1];
  if (slack) return { system: "slack", path: slack };
  const github = /^\/github(\/(repos|user|app|rate_limit|graphql)(\/.*)?)$/.exec(path)?.[1];
  return github ? { system: "github", path: github } : { system: "pages", path };
};

const decoded = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};

/** Remembers what was asked, makes API calls take `latencyMs`, and lets faults happen. */
export const traffic = (clock: () => number, latencyMs = 0): Traffic => {
  const requests: Request[] = [];
  const faults: (Fault & { left: number })[] = [];

  const take = (request: Request): Fault | undefined => {
    const line = `${request.method} ${request.path}`;
    const found = faults.find(
      ({ match, system = request.system }) => system === request.system && line.search(match) >= 0,
    );
    if (!found) return undefined;
    found.left -= 1;
    if (found.left <= 0) faults.splice(faults.indexOf(found), 1);
    return found;
  };

  const middleware: MiddlewareHandler = async (c, next) => {
    const request: Request = { method: c.req.method, status: 0, at: clock(), ...locate(decoded(c.req.path)) };
    if (requests.push(request) > kept) requests.shift();
    if (latencyMs > 0 && request.system !== "pages") await sleep(latencyMs);
    const fault = take(request);
    if (fault && "delayMs" in fault) await sleep(fault.delayMs);
    if (fault && "until" in fault) await fault.until.catch(() => {});
    const answer = fault && (await misbehave(c, fault, next));
    if (answer) c.res = answer;
    if (!fault || "delayMs" in fault || "until" in fault) await next();
    request.status = answer === RESPONSE_ALREADY_SENT ? 0 : c.res.status;
  };

  return {
    requests,
    fault(fault) {
      const added = { ...fault, left: fault.times ?? 1 };
      faults.push(added);
      return () => {
        if (faults.includes(added)) faults.splice(faults.indexOf(added), 1);
      };
    },
    middleware,
  };
};

/** Whether a fault dropped the connection in the place of an answer. */
export const isDropped = ({ headers }: Response): boolean =>
  [...RESPONSE_ALREADY_SENT.headers.keys()].some((name) => headers.has(name));

const misbehave = async (
  c: Context,
  fault: Fault,
  next: () => Promise<void>,
): Promise<Response | undefined> => {
  if ("drop" in fault) {
    if (fault.drop === "after") await next();
    // A request within the process has no connection.
    (c.env as Partial<HttpBindings> | undefined)?.incoming?.socket.destroy();
    c.res = undefined;
    return RESPONSE_ALREADY_SENT;
  }
  if (!("fail" in fault)) return undefined;
  const { status, headers = {}, body = { message: "Server Error" }, applied } = fault.fail;
  if (applied) await next();
  c.res = undefined;
  return Response.json(body, { status, headers });
};
