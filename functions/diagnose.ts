import { rank } from "../shared/diagnosis/rank.ts";
import { gather } from "./diagnose/gather.ts";
import { logged } from "./diagnose/logged.ts";
import { measure } from "./diagnose/measure.ts";
import { step } from "./step.ts";

/** opened → which change did it? */
export const diagnose = step("diagnose", "opened", async (work, incident) => {
  const { service, alerts } = incident;
  const [changes, measured] = await Promise.all([gather(work, incident), measure(work, incident)]);
  const { logs, unread } = await logged(work, { service, onsetAt: measured.onsetAt });
  const known = { ...changes, ...measured, logs };
  return {
    type: "RecordDiagnosis",
    diagnosis: rank({
      ...{ service, alerts, ...known },
      unread: [...(changes.unread ?? []), ...measured.unread, ...unread],
    }),
  };
});
