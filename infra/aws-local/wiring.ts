import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Pattern } from "./pattern.ts";

/** The set-up of one function: its triggers, and how often it is tried. */
export type Wired = {
  name: string;
  routes: { method: string; path: string }[];
  /** Patterns of the rules that have it as their target. */
  rules: Pattern[];
  /** Patterns of the records of the table's stream that it is given. */
  stream?: Pattern[];
  scheduled: boolean;
  retries: number;
};

type HttpApi = string | { method: string; path: string };
type Trigger = {
  httpApi?: HttpApi;
  eventBridge?: { pattern?: Pattern; schedule?: string };
  stream?: { filterPatterns?: Pattern[] };
};
type Deployed = { maximumRetryAttempts?: number; events?: Trigger[] | string };

type Deployment = { functions: Record<string, Deployed>; custom: { pageRoutes: { own: Trigger[] } } };

const template = new URL("../../serverless.yml", import.meta.url);

/** Reads how the functions are deployed from where it is written, so that the emulator runs what is deployed. */
export const readWiring = (text: string = readFileSync(template, "utf8")): Wired[] => {
  const deployment: Deployment = parse(text, { merge: true, logLevel: "silent" });
  return Object.entries(deployment.functions).map(
    ([name, { events: given = [], maximumRetryAttempts = 2 }]) => {
      // The one list that is named by a variable: the pages, here always with their own login.
      const events = typeof given === "string" ? deployment.custom.pageRoutes.own : given;
      const stream = events.find((event) => event.stream !== undefined)?.stream;
      return {
        name,
        routes: events.flatMap(({ httpApi }) => (httpApi === undefined ? [] : [routeOf(httpApi)])),
        rules: events.flatMap(({ eventBridge }) =>
          eventBridge?.pattern === undefined ? [] : [eventBridge.pattern],
        ),
        ...(stream === undefined ? {} : { stream: stream.filterPatterns ?? [{}] }),
        scheduled: events.some(({ eventBridge }) => eventBridge?.schedule !== undefined),
        retries: maximumRetryAttempts,
      };
    },
  );
};

const routeOf = (route: HttpApi): { method: string; path: string } => {
  if (typeof route !== "string") return { method: route.method.toUpperCase(), path: route.path };
  const [method = "", path = ""] = route.split(" ");
  return { method, path };
};
