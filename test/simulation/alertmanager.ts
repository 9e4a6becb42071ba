import { hash } from "node:crypto";
import { secrets, webhook } from "../support/payloads.ts";
import type { Host } from "./embedded.ts";
import { nameOf, type Place } from "./production.ts";
import { minute, type Scene } from "./scene.ts";

type State = {
  place: Place;
  startsAt: number;
  endsAt?: number;
  /** The last notification, and its time. */
  told?: { text: "firing" | "resolved"; at: number };
};

/** As Alertmanager's: a hash of the labels. */
const fingerprintOf = (name: string): string => hash("sha1", name).slice(0, 16);

const evaluateMs = 15_000;
const repeatMs = 4 * minute;
const retryMs = 10_000;

/**
 * One Alertmanager of a pair. It tells a firing and its end until it is answered 2xx, tries again only after 5xx or no answer, repeats what
 * goes on, and now and then tells something twice, late, or with another start.
 */
export const alertmanager = (scene: Scene, host: Host, lagMs: number): void => {
  const { schedule, production, happenings } = scene;
  const chance = scene.chanceFor(`alertmanager ${lagMs}`);
  const states = new Map<string, State>();
  const look = (place: Place): void => {
    const name = nameOf(place);
    const known = states.get(name);
    const isFiring = production.isBroken(place) && !production.dark.has(name);
    if (isFiring && (known === undefined || known.endsAt !== undefined))
      states.set(name, { place, startsAt: schedule.now() });
    if (!isFiring && known !== undefined && known.endsAt === undefined) known.endsAt = schedule.now();
  };
  const isDue = ({ told, endsAt }: State): boolean => {
    if (endsAt !== undefined) return told !== undefined && told.text === "firing";
    return told === undefined || schedule.now() - told.at >= repeatMs;
  };
  const flush = async (): Promise<void> => {
    for (const place of production.places) look(place);
    for (const state of states.values())
      if (isDue(state)) void tell(scene, host, { ...state }, chance.between(0, 8_000));
    for (const state of states.values())
      if (isDue(state))
        state.told = { text: state.endsAt === undefined ? "firing" : "resolved", at: schedule.now() };
    for (const state of states.values())
      if (happenings.happens("alert told again", 0.01))
        void tell(scene, host, { ...state }, chance.between(0, 6 * minute));
    schedule.after(evaluateMs, flush);
  };
  schedule.after(lagMs, flush);
};

const tell = async (scene: Scene, host: Host, state: State, afterMs: number): Promise<void> => {
  const { schedule, ledger } = scene;
  const { place, startsAt, endsAt } = state;
  const name = nameOf(place);
  await schedule.sleep(afterMs);
  const body = webhook([
    {
      labels: { alertname: `Errors_${name}`, ...place },
      fingerprint: fingerprintOf(name),
      startsAt: new Date(startsAt).toISOString(),
      ...(endsAt !== undefined && { status: "resolved", endsAt: new Date(endsAt).toISOString() }),
    },
  ]);
  for (;;) {
    const answer = await host.request("/webhooks/alertmanager", {
      method: "POST",
      headers: { authorization: `Bearer ${secrets.alertmanager}` },
      body: JSON.stringify(body),
    });
    if (answer?.status === 202) {
      if (endsAt === undefined)
        ledger.acknowledged.push({
          ...place,
          fingerprint: fingerprintOf(name),
          startsAt,
          at: schedule.now(),
        });
      return;
    }
    if (answer !== undefined && answer.status < 500)
      return ledger.violate("an alert is never answered 4xx", `${answer.status} ${await answer.text()}`);
    ledger.seen.add(answer === undefined ? "alert without an answer" : "alert answered 5xx");
    await schedule.sleep(retryMs);
  }
};
