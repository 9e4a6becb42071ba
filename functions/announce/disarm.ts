import type { Started } from "../../shared/incident/model.ts";
import type { Work } from "../step.ts";
import { placeOf } from "./pull-repository.ts";

/** Takes back what GitHub would merge by itself, once the incident is not approved any more: also while Countersteer is stopped. */
export const disarm = async (work: Work, incident: Started): Promise<void> => {
  if (!("armed" in incident) || incident.armed === undefined || incident.status === "approved") return;
  const { pull } = incident.armed;
  await work.merging.disarm(placeOf(work, incident.service, { remedy: incident.armed, pull }), pull);
  const detail = `#${pull.number} is not merged by GitHub itself any more`;
  await work.handle(incident.id, {
    ...{ type: "RecordDisarming", at: work.clock(), round: incident.round },
    ...{ pull: pull.number, detail },
  });
};
