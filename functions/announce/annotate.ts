import type { Started } from "../../shared/incident/model.ts";
import { annotationsOf } from "../../shared/text/annotations.ts";
import type { Work } from "../step.ts";

/** Marks the round on the graphs of people who watch the service. Repeating it changes nothing; none is written while Countersteer is stopped. */
export const annotate = async (
  { annotations, pageOf, killSwitch }: Work,
  incident: Started,
): Promise<void> => {
  if (annotations === undefined) return;
  const all = annotationsOf(incident, { base: annotations.base, url: pageOf(incident.id) });
  if (all.length === 0 || (await killSwitch?.stopped()) !== undefined) return;
  for (const one of all) await annotations.put(one);
};
