import { asks, stepOf } from "../../incident/due-steps.ts";
import { type Active, active } from "../../incident/model.ts";
import type { Notice } from "../../ports/bus.ts";
import type { DeployRecord } from "../../ports/store.ts";
import type { Note } from "../eventbridge/detail.ts";
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

/** What a record is published as: the facts since the old image, or that somebody shall look. `read` throws for an item that is none of ours. */
export const changeOf = ({ dynamodb = {} }: StreamRecord) => ({
  place: dynamodb.SequenceNumber ?? "",
  at: Math.round((dynamodb.ApproximateCreationDateTime ?? 0) * 1000),
  incident: dynamodb.Keys === undefined ? "" : (dynamodb.Keys.pk?.S ?? "").replace(/^[a-z]+#/, ""),
  read: (): Notice[] => {
    const { NewImage: now, OldImage: before } = dynamodb;
    if (now === undefined) return [];
    const kind = text(now, "pk").split("#", 1)[0];
    if (kind === "incident") return text(now, "sk") === "incident" ? facts(now, before) : [];
    // What a flag did is looked at when something breaks; nobody waits for it.
    if (kind === "deploy") return isFlip(now) ? [] : [deployed(now)];
    if (kind === "look") return [asked(now)];
    throw new Error(`the key ${text(now, "pk")} is of no kind that is known`);
  },
});

const facts = (now: Item, before: Item | undefined): Notice[] => {
  const row = toRow(now);
  const since = before === undefined ? 0 : number(before, "version");
  // One that had expired begins again at version 1.
  const fresh = row.log.filter(({ v }) => v > since || row.version < since);
  const waking = fresh.findLastIndex(({ t }) => asks(t));
  const step = stepAt(row.status);
  const about = { incidentId: idOf(now), version: row.version };
  const follows =
    now.follows?.BOOL && !before?.follows?.BOOL
      ? [notice("FollowUpDue", { ...about, at: fresh.at(-1)?.at ?? 0, step: "propose" })]
      : [];
  const told = fresh.map(({ t, v, at }, place) =>
    notice(t, {
      ...{ incidentId: idOf(now), version: v, at, round: row.round, status: row.status },
      ...(place === waking && step !== undefined ? { step } : {}),
      ...(place === fresh.length - 1 ? { tell: true } : {}),
      ...(row.trace === undefined ? {} : { traceparent: row.trace }),
    }),
  );
  return [...told, ...follows];
};

const stepAt = (status: string): Note["step"] =>
  (active as readonly string[]).includes(status) ? stepOf[status as Active["status"]] : undefined;

const deployed = (item: Item): Notice => {
  const { service, environment, at } = JSON.parse(text(item, "deploy")) as DeployRecord;
  return notice("DeployRecorded", { incidentId: `${service}/${environment}`, version: 0, at, step: "watch" });
};

const asked = (item: Item): Notice => {
  const step = text(item, "sk") as NonNullable<Note["step"]>;
  const what = step === "announce" ? { tell: true } : { step };
  return notice("LookAsked", {
    ...{ incidentId: idOf(item), version: number(item, "version"), at: number(item, "at") },
    ...what,
  });
};

const notice = (type: string, detail: Note): Notice => ({ type, at: detail.at, detail });
