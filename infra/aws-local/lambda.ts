import { definition as alerts } from "../aws/handlers/alerts.ts";
import { definition as announce } from "../aws/handlers/announce.ts";
import { definition as answers } from "../aws/handlers/answers.ts";
import { definition as ask } from "../aws/handlers/ask.ts";
import { definition as deploys } from "../aws/handlers/deploys.ts";
import { definition as diagnose } from "../aws/handlers/diagnose.ts";
import { definition as flags } from "../aws/handlers/flags.ts";
import { definition as github } from "../aws/handlers/github.ts";
import { definition as merge } from "../aws/handlers/merge.ts";
import { definition as pages } from "../aws/handlers/pages.ts";
import { definition as poll } from "../aws/handlers/poll.ts";
import { definition as propose } from "../aws/handlers/propose.ts";
import { definition as publish } from "../aws/handlers/publish.ts";
import { definition as tick } from "../aws/handlers/tick.ts";
import { definition as verify } from "../aws/handlers/verify.ts";
import { definition as watch } from "../aws/handlers/watch.ts";
import { type Definition, type FunctionName, open, type Surroundings } from "../aws/host.ts";
import type { Wired } from "./wiring.ts";

/** Every function by its name. */
export const definitions: Record<FunctionName, Definition> = {
  ...{ alerts, answers, deploys, flags, github, pages },
  ...{ diagnose, propose, ask, merge, watch, verify, announce, tick, poll, publish },
};

const isFunction = (name: string): name is FunctionName => name in definitions;

export type Lambda = {
  /** Waits for the function's answer; throws what it throws. */
  invoke(name: string, event: unknown): Promise<unknown>;
  /** Resolves when every running invocation has ended. */
  settled(): Promise<void>;
};

type Instance = (event: never) => Promise<unknown>;

/** How long a function may run, and how many of it at a time; the others wait. */
export type Limits = Pick<Wired, "timeoutMs" | "reserved">;

/**
 * Runs the functions as Lambda does: an instance takes one event at a time, so a second event at the same time starts another one
 * cold, and nothing is shared between events and instances but by the table. An instance that runs out of time is never used again; here it
 * cannot be killed.
 */
export const createLambda = (
  surroundingsOf: (name: FunctionName) => Surroundings,
  limitsOf: (name: FunctionName) => Limits | undefined = () => undefined,
): Lambda => {
  const idle = new Map<FunctionName, Instance[]>();
  const running = new Set<Promise<void>>();

  const takeTurn = turns();

  const work = async (name: FunctionName, event: unknown): Promise<unknown> => {
    const instance = idle.get(name)?.pop() ?? (await open(definitions[name], surroundingsOf(name)));
    let isInTime = true;
    try {
      return copy(
        await withinTime(instance(copy(event)), limitsOf(name)?.timeoutMs, () => {
          isInTime = false;
        }),
      );
    } finally {
      if (isInTime) idle.set(name, [...(idle.get(name) ?? []), instance]);
    }
  };
  const run = (name: FunctionName, event: unknown): Promise<unknown> =>
    takeTurn(name, limitsOf(name)?.reserved, () => work(name, event));

  return {
    async invoke(name, event) {
      if (!isFunction(name)) throw new Error(`there is no function ${name}`);
      const done = run(name, event);
      const ended = done.then(nothing, nothing);
      running.add(ended);
      ended.then(() => running.delete(ended));
      return done;
    },
    async settled() {
      while (running.size > 0) await Promise.all(running);
    },
  };
};

/** The result of `work`, or an error as Lambda words it when its time is over. */
const withinTime = async <T>(work: Promise<T>, ms: number | undefined, end: () => void): Promise<T> => {
  if (ms === undefined) return work;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      end();
      reject(new Error(`Task timed out after ${(ms / 1000).toFixed(2)} seconds`));
    }, ms);
  });
  return Promise.race([work, over]).finally(() => clearTimeout(timer));
};

/** Lets so many of a name work at a time, the others in their order. */
const turns = () => {
  const working = new Map<string, number>();
  const waiting = new Map<string, (() => void)[]>();
  return async <T>(name: string, most: number | undefined, work: () => Promise<T>): Promise<T> => {
    if (most === undefined) return work();
    if ((working.get(name) ?? 0) >= most)
      await new Promise<void>((go) => waiting.set(name, [...(waiting.get(name) ?? []), go]));
    else working.set(name, (working.get(name) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const [next, ...rest] = waiting.get(name) ?? [];
      waiting.set(name, rest);
      if (next === undefined) working.set(name, (working.get(name) ?? 1) - 1);
      else next();
    }
  };
};

const nothing = (): void => {};

/** Events and results are JSON. */
const copy = <Copy>(value: unknown): Copy => {
  const copied = value === undefined ? undefined : JSON.parse(JSON.stringify(value));
  return copied;
};
