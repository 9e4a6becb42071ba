import type { Event } from "../events.ts";
import type { Incident } from "../model.ts";
import { digestOf, type Link, linkHash, noFormer } from "./link.ts";

/** The facts as links of the incident's chain. `version` is the one that the incident is stored at. */
export const chained = (incident: Incident, events: Event[], version: number): Event[] => {
  let { n, hash: former } = incident.chain ?? { n: 0, hash: noFormer };
  return events.map((event) => {
    n += 1;
    const place = { n, former, ...(n === 1 && version > 0 && { after: version }) };
    const chain: Link = { ...place, hash: linkHash(incident.id, place, digestOf(event)) };
    former = chain.hash;
    return { ...event, chain };
  });
};
