import { randomUUID } from "node:crypto";
import { Agent, request } from "node:http";

export type Bad = { at: number; currency: string; status: number | string };
export type TrafficOptions = { target: string; perSecond?: number; onFirstBad?: (bad: Bad) => void };
/** `firstBadAt` is when the first answer of 500 or above, or none at all, came back. */
export type Traffic = {
  sent(): number;
  bad(): Bad[];
  firstBadAt(): number | undefined;
  stop(): Promise<void>;
};

/** The orders of twenty customers: 15 % pay in yen. */
const basket = [
  ["EUR", "24.90"],
  ["USD", "18.00"],
  ["GBP", "9.99"],
  ["EUR", "7.50"],
  ["JPY", "2480"],
  ["CHF", "61.20"],
  ["EUR", "129.00"],
  ["USD", "45.25"],
  ["EUR", "3.20"],
  ["SEK", "349.00"],
  ["GBP", "32.40"],
  ["JPY", "980"],
  ["EUR", "88.10"],
  ["USD", "12.75"],
  ["EUR", "15.00"],
  ["CHF", "18.50"],
  ["EUR", "54.30"],
  ["JPY", "12800"],
  ["GBP", "27.00"],
  ["USD", "210.00"],
] as const;
const cards = ["4242424242424242", "5555555555554444", "378282246310005"];
/** Requests open at once; past it a customer is skipped rather than queued. */
const maxOpen = 64;
/** Bad answers kept, for whoever asks. */
const maxKept = 1_000;

/** Sends steady payments to the service until stopped. */
export const startTraffic = ({ target, perSecond = 30, onFirstBad }: TrafficOptions): Traffic => {
  const agent = new Agent({ keepAlive: false });
  const open = new Set<Promise<void>>();
  const bad: Bad[] = [];
  let sent = 0;
  let firstBadAt: number | undefined;

  const buy = async (): Promise<void> => {
    const [currency, amount] = basket[sent % basket.length]!;
    const card = { number: cards[sent % cards.length]!, expiry: "12/99" };
    sent += 1;
    const status = await pay(target, { amount, currency, card }, agent);
    if (typeof status === "number" && status < 500) return;
    const one = { at: Date.now(), currency, status };
    if (bad.length < maxKept) bad.push(one);
    if (firstBadAt !== undefined) return;
    firstBadAt = one.at;
    onFirstBad?.(one);
  };

  const timer = setInterval(() => {
    if (open.size >= maxOpen) return;
    const one = buy().finally(() => open.delete(one));
    open.add(one);
  }, 1000 / perSecond);
  return {
    sent: () => sent,
    bad: () => [...bad],
    firstBadAt: () => firstBadAt,
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
      agent.destroy();
    },
  };
};

/** The status of one payment, or why there was no answer. */
const pay = (target: string, payment: object, agent: Agent): Promise<number | string> =>
  new Promise((resolve) => {
    const headers = { "content-type": "application/json", "idempotency-key": randomUUID() };
    const sending = request(
      `${target}/payments`,
      { method: "POST", headers, agent, timeout: 5_000 },
      (answer) => {
        answer.resume();
        answer.once("close", () => resolve(answer.complete ? answer.statusCode! : "cut off"));
      },
    );
    sending.once("timeout", () => sending.destroy(new Error("timeout")));
    sending.once("error", (error) => resolve(error.message));
    sending.end(JSON.stringify(payment));
  });
