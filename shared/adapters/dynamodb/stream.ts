import { stepAfter } from "../../incident/schedule/due-steps.ts";
import type { Notice, WakeUp } from "../../ports/bus.ts";
import type { DeployRecord } from "../../ports/store.ts";
import { type Item, idOf, isFlip, number, text, toRow } from "./item.ts";

/** A record of the table's stream as Lambda hands it over, new and old images with it. */
export type StreamRecord = {
  eventName?: "INSERT" | "MODIFY" | "REMOVE";
  dynamodb?: {
    Keys?: Item;
    NewImage?: Item;
    OldImage?: Item;
    SequenceNumber?: string;
    /** Epoch seconds. */
    ApproximateCreationDateTime?: number;
  };
};

/** The notices of a stream record: the facts since the old image, or a request to look. `read` throws for a foreign item. */
export const changeOf = ({ dynamodb = {} }: StreamRecord) => ({
  place: dynamodb.SequenceNumber ?? "",
  at: Math.round((dynamodb.ApproximateCreationDateTime ?? 0) * 1000),
  incident: dynamodb.Keys === undefined ? "" : (dynamodb.Keys.pk?.S ?? "").replace(/^[a-z]+#/, ""),
  read: (): Notice[] => {
    const { NewImage: now, OldImage: before } = dynamodb;
    if (now === undefined) return [];
    const kind = text(now, "pk").split("#", 1)[0];
    if (kind === "incident") return text(now, "sk") === "incident" ? facts(now, before) : [];
    // A flag change wakes nobody: a diagnosis reads it when something breaks.
    if (kind === "deploy") return isFlip(now) ? [] : [deployed(now)];
    if (kind === "look") return [asked(now)];
    if (kind === "register") return [];
    throw new Error(`the key ${text(now, "pk")} is of an unknown kind`);
  },
});

const facts = (now: Item, before: Item | undefined): Notice[] => {
  const row = toRow(now);
  const since = before === undefined ? 0 : number(before, "version");
  // An expired incident begins again at version 1.
  const fresh = row.log.filter(({ v }) => v > since || row.version < since);
  const steps = fresh.map(({ t }) => stepAfter(t, row.status));
  const waking = steps.findLastIndex((step) => step !== undefined);
  const about = { incidentId: idOf(now), version: row.version };
  const follows =
    now.follows?.BOOL && !before?.follows?.BOOL
      ? [notice("FollowUpDue", { ...about, at: fresh.at(-1)?.at ?? 0, step: "propose" })]
      : [];
  const notices = fresh.map(({ t, v, at }, index) =>
    notice(t, {
      ...{ incidentId: idOf(now), version: v, at, round: row.round, status: row.status },
      ...(index === waking ? stepNamed(steps[index]) : {}),
      ...(index === fresh.length - 1 ? { tell: true } : {}),
      ...(row.trace === undefined ? {} : { traceparent: row.trace }),
    }),
  );
  return [...notices, ...follows];
};

const stepNamed = (step: WakeUp["step"]): Pick<WakeUp, "step"> => (step === undefined ? {} : { step });

const deployed = (item: Item): Notice => {
  const { service, environment, at }: DeployRecord = JSON.parse(text(item, "deploy"));
  return notice("DeployRecorded", { incidentId: `${service}/${environment}`, version: 0, at, step: "watch" });
};

const asked = (item: Item): Notice => {
  const step = text(item, "sk") as NonNullable<WakeUp["step"]>;
  const what = step === "announce" ? { tell: true } : { step };
  return notice("LookAsked", {
    ...{ incidentId: idOf(item), version: number(item, "version"), at: number(item, "at") },
    ...what,
  });
};

const notice = (type: string, detail: WakeUp): Notice => ({ type, at: detail.at, detail });
