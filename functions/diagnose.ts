import { rank } from "../shared/diagnosis/rank.ts";
import { gather } from "./diagnose/gather.ts";
import { measure } from "./diagnose/measure.ts";
import { step } from "./step.ts";

/** opened → which change did it? */
export const diagnose = step("diagnose", "opened", async (work, incident) => {
  const { service, alerts } = incident;
  const [changes, measured] = await Promise.all([gather(work, incident), measure(work, incident)]);
  const unread = [...(changes.unread ?? []), ...measured.unread];
  return {
    type: "RecordDiagnosis",
    diagnosis: rank({ service, alerts, ...changes, ...measured, unread }),
  };
});
