import { memoryStore } from "../../shared/adapters/memory.ts";
import type { Event } from "../../shared/incident/events.ts";
import { dueOf } from "../../shared/incident/model.ts";
import { recentOf } from "../../shared/incident/rounds/recent.ts";
import { type Wait, waitOf } from "../../shared/incident/schedule/wait.ts";
import type { Store, Stored, Waiting } from "../../shared/ports/store.ts";

/** The memory store, which hands out incidents and facts as they were written instead of reading them anew each time. */
export const quickStore = (): Store => {
  const store = memoryStore();
  const stored = new Map<string, Stored>();
  const logs = new Map<string, Event[]>();
  const waits = new WeakMap<Stored, Wait>();
  const list = (): Stored[] => [...stored.values()].reverse();
  const waitFor = (one: Stored): Wait => {
    const wait = waits.get(one) ?? waitOf(one.incident);
    waits.set(one, wait);
    return wait;
  };
  return {
    ...store,
    load: async (id) => stored.get(id) ?? store.load(id),
    append: async (id, version, incident, events) => {
      const written = await store.append(id, version, incident, events);
      stored.delete(id);
      stored.set(id, { incident, version: written });
      logs.set(id, [...(logs.get(id) ?? []), ...events]);
      return written;
    },
    log: async (id) => [...(logs.get(id) ?? [])],
    recent: async (id) => recentOf(logs.get(id) ?? []),
    active: async () => list().filter(({ incident }) => dueOf(incident) !== undefined),
    waiting: async () => {
      const news = new Set((await store.pending()).map(({ id }) => id));
      return list().flatMap((one): Waiting[] => {
        const { version, incident } = one;
        const wait = waitFor(one);
        const hasNews = news.has(incident.id);
        return wait.due === undefined && !hasNews ? [] : [{ id: incident.id, version, hasNews, wait }];
      });
    },
  };
};
