import { type Finding, failed } from "../../functions/ready/finding.ts";
import { heardBy } from "../../functions/ready/heard.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { Store } from "../../shared/ports/store.ts";
import { examine } from "../host/doctor/examine.ts";
import type { Settings } from "../host/settings/settings.ts";

type Examining = { settings: Settings; store: Store; clock: () => number; log: Log };

/** A reader of the set-up's page waits for the look that is under way, or sees one that is at most so old. */
const freshMs = 5 * 60_000;

/** The time from the start to the first look, and from one look to the next. */
export type Pace = { firstMs: number; everyMs: number };

/** Looks at the set-up when it is asked to, and by itself where a pace is given. Each finding is logged when it is new. */
export const examining = ({ settings, store, clock, log }: Examining, pace?: Pace) => {
  let last: { at: number; findings: Promise<Finding[]> } | undefined;
  let told = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const look = async (): Promise<Finding[]> => {
    try {
      const now = clock();
      return await examine({ settings, now, clock: Date.now, heard: await heardBy(store, now) });
    } catch (error) {
      return [failed("set-up", `it could not be looked at: ${messageOf(error)}`, "see the log")];
    }
  };
  const latest = (): Promise<Finding[]> => {
    if (last === undefined || clock() - last.at >= freshMs) last = { at: clock(), findings: look() };
    return last.findings;
  };
  const beat = async (): Promise<void> => {
    const findings = await latest();
    if (isStopped) return;
    const open = findings.filter(({ level }) => level !== "ok");
    for (const { level, ...finding } of open.filter((one) => !told.has(JSON.stringify(one))))
      log[level === "failed" ? "error" : "warn"]("the set-up looks wrong", finding);
    told = new Set(open.map((one) => JSON.stringify(one)));
    log.info("looked at the set-up", { fine: findings.length - open.length, open: open.length });
    timer = setTimeout(beat, pace?.everyMs).unref();
  };
  const stop = (): void => {
    isStopped = true;
    clearTimeout(timer);
  };
  if (pace !== undefined) timer = setTimeout(beat, pace.firstMs).unref();
  return { latest, stop };
};
