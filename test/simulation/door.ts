import { UpstreamError } from "../../shared/errors.ts";
import type { Chance, Happenings } from "./chance.ts";
import type { Schedule } from "./schedule.ts";

/** A system that the product calls. */
export type System =
  | "github"
  | "slack"
  | "prometheus"
  | "argocd"
  | "store"
  | "alertmanager"
  | "dynamodb"
  | "bus";

/** How one process reaches the outside. A process that died gets no answer any more. */
export type Door = {
  /** One request: it may be late, be refused, be carried out without an answer, or be the last of its process. */
  call<T>(system: System, name: string, work: () => T | Promise<T>): Promise<T>;
};

export type WaitingDoor = Door & {
  /** A read of storage in the process itself: it takes no time, and may be refused or be the last. */
  read<T>(system: System, name: string, work: () => T | Promise<T>): Promise<T>;
  /** The work, for which the process waits that long. */
  soon<T>(system: System, ms: number, work: Promise<T>): Promise<T>;
};

/** A process of the product. */
export type Life = { isOver(): boolean; die(why: string): void };

type Given = { schedule: Schedule; chance: Chance; happenings: Happenings; life: Life };

/** Nothing is applied by these, so nothing can come between that and the answer. */
const isRead = (name: string): boolean => /^(read|find|list|compare|query)\b/.test(name);

const never = <T>(): Promise<T> => new Promise(() => {});

const failure = (
  system: System,
  name: string,
  more: { retryable: boolean; retryAt?: number; status?: number },
) => new UpstreamError(system === "dynamodb" ? "store" : system, `${name}: ${system} failed`, more);

/** Systems that fail in stretches: while one lasts, most calls of the system fail. */
export type Outages = { isDown(system: System): boolean };

export const createDoor = ({
  schedule,
  chance,
  happenings,
  life,
  outages,
}: Given & { outages: Outages }): WaitingDoor => {
  const { happens } = happenings;
  const late = (system: System): number => {
    if (system === "store" || system === "dynamodb")
      return happens("store slow", 0.002) ? chance.between(1_000, 5_000) : 1;
    return happens(`${system} slow`, 0.01) ? chance.between(2_000, 20_000) : chance.between(20, 200);
  };
  const refuseBefore = (system: System, name: string): void => {
    if (outages.isDown(system)) throw failure(system, name, { retryable: true });
    if (system === "store") {
      if (happens("store refuses", 0.002)) throw failure(system, name, { retryable: true });
      return;
    }
    if (happens(`${system} fails`, 0.02)) throw failure(system, name, { retryable: true });
    if (happens(`${system} asks to wait`, 0.004))
      throw failure(system, name, {
        retryable: true,
        retryAt: schedule.now() + chance.between(10_000, 90_000),
      });
    if (system === "github" && happens("github refuses for good", 0.002))
      throw failure(system, name, { retryable: false, status: 403 });
  };
  const loseAnswer = (system: System, name: string): void => {
    if (system === "store") return;
    if (happens(`${system} answer is lost`, 0.01)) throw failure(system, name, { retryable: true });
  };
  return {
    soon: (system, ms, work) => {
      const late = async (): Promise<never> => {
        await schedule.sleep(ms);
        if (life.isOver()) return never();
        throw failure(system, `no answer within ${ms} ms`, { retryable: true });
      };
      return Promise.race([work, late()]);
    },
    async read(system, name, work) {
      if (life.isOver()) return never();
      if (happens("crash before", 0.0005)) {
        life.die(`before ${name}`);
        return never();
      }
      refuseBefore(system, name);
      return work();
    },
    async call(system, name, work) {
      if (life.isOver()) return never();
      await schedule.sleep(late(system));
      if (life.isOver()) return never();
      if (happens("crash before", 0.001)) {
        life.die(`before ${name}`);
        return never();
      }
      refuseBefore(system, name);
      const result = await work();
      if (happens("crash after", 0.001)) {
        life.die(`after ${name}`);
        return never();
      }
      loseAnswer(system, name);
      if (isRead(name)) return result;
      await schedule.sleep(1);
      return life.isOver() ? never() : result;
    },
  };
};
