import { nullish, object, record, string } from "zod";
import type { Told } from "../../ports/deployers.ts";
import { ownValue } from "../../records.ts";
import { malformed } from "../http/json.ts";
import { atOf, detailOf, environmentIn, has, imagesOf, instant, shaOf, text, urlOf } from "./told.ts";

/** The body that notification-controller posts: https://fluxcd.io/flux/components/notification/providers/#generic-webhook */
const form = object({
  involvedObject: object({ kind: string(), namespace: string(), name: string() }),
  severity: string(),
  timestamp: instant,
  message: text,
  reason: string(),
  metadata: nullish(record(string(), string())),
});

/** Reasons of kustomize-controller and helm-controller that say how a rollout ended. The others are about sources and dependencies. */
const states: Record<string, Told["status"]> = {
  ReconciliationSucceeded: "succeeded",
  InstallSucceeded: "succeeded",
  UpgradeSucceeded: "succeeded",
  ReconciliationFailed: "failed",
  HealthCheckFailed: "failed",
  BuildFailed: "failed",
  InstallFailed: "failed",
  UpgradeFailed: "failed",
  TestFailed: "failed",
  RollbackSucceeded: "failed",
  RollbackFailed: "failed",
};

/**
 * The deploy that an event of Flux tells; undefined for a body of another form, empty for an event that tells no deploy. A HelmRelease's
 * revision is a chart's version and no commit; its `app-version` is the image's tag, as `helm create` has it. Throws BadRequest for a broken body.
 */
export const flux = (body: unknown): Told[] | undefined => {
  if (!has(body, "involvedObject", "reason", "severity")) return undefined;
  const parsed = form.safeParse(body);
  if (!parsed.success) throw malformed("an event of Flux", parsed.error);
  const { involvedObject, severity, timestamp, message, reason } = parsed.data;
  const values = shortKeys(parsed.data.metadata ?? {});
  const status = statusOf(reason, message ?? "");
  if (status === undefined || severity === "trace" || values.commit_status === "update") return [];
  const sha = [values.commit, values.originRevision, values.revision]
    .map(shaOf)
    .find((one) => one !== undefined);
  const environment = environmentIn(values);
  return [
    {
      tool: "flux",
      name: `${involvedObject.kind}/${involvedObject.namespace}/${involvedObject.name}`,
      ...{ values, status, ...atOf(timestamp) },
      ...(reason === "RollbackSucceeded" && { rolledBack: true }),
      ...(environment !== undefined && { environment }),
      commits: sha === undefined ? [] : [{ sha }],
      images: imagesOf(values.image === undefined ? [] : [values.image]),
      ...(values["app-version"] !== undefined && { tag: values["app-version"] }),
      ...(status === "failed" && detailOf(message)),
      ...urlOf(values.url),
    },
  ];
};

/**
 * The event of a passed health check has the reason of what is under way, and so do the lists of what was applied or deleted
 * (fluxcd/kustomize-controller, internal/controller/kustomization_controller.go).
 */
const statusOf = (reason: string, message: string): Told["status"] | undefined => {
  if (reason !== "Progressing") return ownValue(states, reason);
  if (/^Health check passed\b/.test(message)) return "succeeded";
  return /\b(created|configured)\b/.test(message) ? "started" : undefined;
};

/** The controllers send `kustomize.toolkit.fluxcd.io/revision` or, as notification-controller strips it, `revision`. */
const shortKeys = (metadata: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [
      key.replace(/^[a-z0-9.-]*toolkit\.fluxcd\.io\//, ""),
      value,
    ]),
  );
