import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Pattern } from "./pattern.ts";

/** The set-up of one function: its triggers, and how often it is tried. */
export type Wired = {
  name: string;
  routes: Route[];
  /** Patterns of the rules that have it as their target. */
  rules: Pattern[];
  /** Patterns of the records of the table's stream that it is given. */
  stream?: Pattern[];
  scheduled: boolean;
  retries: number;
  timeoutMs: number;
  /** The number of instances that are reserved for it, which is also the most that run at a time. */
  reserved?: number;
};

/** `isSigned`: only for requests that an identity of the account signed. */
export type Route = { method: string; path: string; isSigned: boolean };

type HttpApi = string | { method: string; path: string; authorizer?: { type: string } };
type Trigger = {
  httpApi?: HttpApi;
  eventBridge?: { pattern?: Pattern; schedule?: string };
  stream?: { filterPatterns?: Pattern[] };
};
type Deployed = {
  maximumRetryAttempts?: number;
  timeout?: number;
  /** A condition, and the number where it holds. */
  reservedConcurrency?: [string, number, ...unknown[]];
  events?: Trigger[] | string;
};
/** How the readers of the pages are known: by their signature, or by the pages' own login. */
export type PagesLogin = "iam" | "own";

type Deployment = {
  functions: Record<string, Deployed>;
  custom: { pageRoutes: Record<PagesLogin, Trigger[]> };
};

const template = new URL("../../serverless.yml", import.meta.url);

/** Reads how the functions are deployed from where it is written, so that the emulator runs what is deployed. */
export const readWiring = (
  text: string = readFileSync(template, "utf8"),
  login: PagesLogin = "own",
): Wired[] => {
  const deployment: Deployment = parse(text, { merge: true, logLevel: "silent" });
  return Object.entries(deployment.functions).map(
    ([name, { events: given = [], maximumRetryAttempts = 2, timeout = 6, reservedConcurrency }]) => {
      // The one list that is named by a variable: the pages.
      const events = typeof given === "string" ? deployment.custom.pageRoutes[login] : given;
      const stream = events.find((event) => event.stream !== undefined)?.stream;
      return {
        name,
        routes: events.flatMap(({ httpApi }) => (httpApi === undefined ? [] : [routeOf(httpApi)])),
        rules: events.flatMap(({ eventBridge }) =>
          eventBridge?.pattern === undefined ? [] : [eventBridge.pattern],
        ),
        ...(stream === undefined ? {} : { stream: stream.filterPatterns ?? [{}] }),
        scheduled: events.some(({ eventBridge }) => eventBridge?.schedule !== undefined),
        ...{ retries: maximumRetryAttempts, timeoutMs: timeout * 1_000 },
        ...(reservedConcurrency && { reserved: reservedConcurrency[1] }),
      };
    },
  );
};

const routeOf = (route: HttpApi): Route => {
  if (typeof route !== "string")
    return {
      ...{ method: route.method.toUpperCase(), path: route.path },
      isSigned: route.authorizer?.type === "aws_iam",
    };
  const [method = "", path = ""] = route.split(" ");
  return { method, path, isSigned: false };
};
