import { rank } from "../shared/diagnosis/rank.ts";
import { gather } from "./diagnose/gather.ts";
import { step } from "./step.ts";

/** opened → which change did it? */
export const diagnose = step("diagnose", "opened", async (work, incident) => {
  const { service, alerts, onsetAt } = incident;
  const changes = await gather(work, incident);
  return { type: "RecordDiagnosis", diagnosis: rank({ service, alerts, onsetAt, ...changes }) };
});
