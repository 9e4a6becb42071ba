import { UpstreamError } from "../../shared/errors.ts";
import type { Incident } from "../../shared/incident/model.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { sha } from "./incident.ts";
import { burning, policy, service, type World, type WorldGiven } from "./world.ts";

export const minute = 60_000;
export const tool = { workflow: "deploy.yml", ref: "main", inputs: { sha: "{sha}", by: "{id}" } };
export const workflow = {
  digest: sha("7"),
  text: "on:\n  workflow_dispatch:\n    inputs:\n      sha: { required: true }\n      by: {}\n",
};
export const configured = service({
  ...{ rollback: { tool }, policy: { ...policy, minConfidence: 0, verifyMs: 10 * minute } },
});
export const given: WorldGiven = { configured };

/** The version before the culprit, and the culprit, were deployed before the alert. `meanwhile` happens before anything is diagnosed. */
export const broken = async (made: World, meanwhile = async (): Promise<void> => {}): Promise<World> => {
  made.state.workflow = workflow;
  made.state.times = [100_000, 140_000];
  await deployed(made, "b", 1_000, { version: "v1.8.1" });
  await deployed(made, "c", 8_000, { version: "v1.9.0" });
  await made.alerts([burning]);
  await meanwhile();
  await made.settle();
  return made;
};

export const deployed = (made: World, letter: string, at: number, over: Partial<DeployRecord> = {}) =>
  made.store.recordDeploy({
    ...{ service: "payment-gateway", environment: "production", status: "succeeded", sha: sha(letter), at },
    ...over,
  });

export const approved = async (made: World): Promise<Incident> => {
  await broken(made);
  await made.approve();
  return made.settle();
};

export const factsOf = async (made: World): Promise<string[]> =>
  (await made.store.log("payment-gateway/production")).map(({ type }) => type);
/** How the redeploy ended, and the sentence about it. */
export const redeployEnds = async (made: World): Promise<string[]> =>
  (await made.store.log("payment-gateway/production")).flatMap((event) =>
    event.type === "RedeployEnded" ? [`${event.how}: ${event.detail}`] : [],
  );
export const firstIn = (incident: Incident) =>
  "remedy" in incident && incident.remedy?.kind === "revert" ? incident.remedy.first : undefined;
export const lost = (message: string) => new UpstreamError("github", message, { retryable: true });
export const refused = (message: string) => new UpstreamError("github", message, { retryable: false });
