import { rank } from "../shared/diagnosis/rank.ts";
import { step } from "./step.ts";

const day = 24 * 60 * 60 * 1000;
/** How far back a change may lie, and how many are looked at. */
const lookBackMs = 7 * day;
const limit = 30;
/** A deploy older than every change that is looked at tells that none of them was live before the next one. */
const deploysBackMs = 90 * day;

/** opened → which change did it? */
export const diagnose = step("diagnose", "opened", async ({ store, source, serviceOf, clock }, incident) => {
  const { service, environment, onsetAt } = incident;
  const range = { since: onsetAt - lookBackMs, until: clock() };
  const configured = serviceOf(service);
  const [commits, history, deploys] = await Promise.all([
    source.commits(configured, { ...range, limit }),
    source.history(configured, range),
    store.deploys(service, environment, onsetAt - deploysBackMs),
  ]);
  const alerts = incident.alerts;
  return {
    type: "RecordDiagnosis",
    diagnosis: rank({ service, alerts, onsetAt, commits, history, deploys }),
  };
});
