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
import { definition as propose } from "../aws/handlers/propose.ts";
import { definition as publish } from "../aws/handlers/publish.ts";
import { definition as tick } from "../aws/handlers/tick.ts";
import { definition as verify } from "../aws/handlers/verify.ts";
import { definition as watch } from "../aws/handlers/watch.ts";
import { type Definition, type FunctionName, open, type Surroundings } from "../aws/host.ts";

/** Every function by its name. */
export const definitions: Record<FunctionName, Definition> = {
  ...{ alerts, answers, deploys, flags, github, pages },
  ...{ diagnose, propose, ask, merge, watch, verify, announce, tick, publish },
};

const isFunction = (name: string): name is FunctionName => name in definitions;

export type Lambda = {
  /** Waits for the function's answer; throws what it throws. */
  invoke(name: string, event: unknown): Promise<unknown>;
  /** Resolves when every running invocation has ended. */
  settled(): Promise<void>;
};

type Instance = (event: never) => Promise<unknown>;

/**
 * Runs the functions as Lambda does: an instance takes one event at a time, so a second event at the same time starts another one
 * cold, and nothing is shared between events and instances but by the table.
 */
export const createLambda = (surroundingsOf: (name: FunctionName) => Surroundings): Lambda => {
  const idle = new Map<FunctionName, Instance[]>();
  const running = new Set<Promise<void>>();

  const run = async (name: FunctionName, event: unknown): Promise<unknown> => {
    const instance = idle.get(name)?.pop() ?? (await open(definitions[name], surroundingsOf(name)));
    try {
      return copy(await instance(copy(event)));
    } finally {
      idle.set(name, [...(idle.get(name) ?? []), instance]);
    }
  };

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

const nothing = (): void => {};

/** Events and results are JSON. */
const copy = <Copy>(value: unknown): Copy => {
  const copied = value === undefined ? undefined : JSON.parse(JSON.stringify(value));
  return copied;
};
