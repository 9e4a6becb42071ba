import { array, literal, nullish, object, string, union } from "zod";
import type { Told } from "../../ports/deployers.ts";
import { malformed } from "../http/json.ts";
import { atOf, detailOf, has, imagesOf, instant, shaOf, text, texts, urlOf } from "./told.ts";

const source = object({ repoURL: string() });
const operation = object({
  phase: text,
  startedAt: instant,
  finishedAt: instant,
  message: text,
  revision: text,
  revisions: texts,
  syncResult: nullish(object({ revision: text, revisions: texts })),
});
/** The body that the template of infra/integrations/argocd-notifications.yaml sends. Argo CD itself has no fixed form. */
const form = object({
  schema: literal("argocd.v1"),
  app: union([string(), object({ name: string(), namespace: text })]),
  source: nullish(source),
  sources: nullish(array(source)),
  operation: nullish(operation),
  operationState: nullish(operation),
  health: nullish(object({ status: text, message: text, lastTransitionTime: instant })),
  images: texts,
  argocdUrl: text,
});

/**
 * The deploy that an Argo CD notification tells; undefined for a body of another form, empty for a state that ends nothing. A sync that
 * succeeded is live only when the application is healthy. Throws BadRequest for a broken body.
 */
export const argocd = (body: unknown): Told[] | undefined => {
  if (!has(body, "schema", "app")) return undefined;
  const parsed = form.safeParse(body);
  if (!parsed.success) throw malformed("an Argo CD notification", parsed.error);
  const { app, source, sources, health, images, argocdUrl } = parsed.data;
  const sync = parsed.data.operation ?? parsed.data.operationState;
  const state = stateOf(sync?.phase, health?.status);
  if (state === undefined) return [];
  const { name, namespace } = typeof app === "string" ? { name: app, namespace: undefined } : app;
  const places = sources && sources.length > 0 ? sources : source ? [source] : [];
  const { revision: one, revisions: several } = sync?.syncResult ?? sync ?? {};
  const revisions = several && several.length > 0 ? several : [one];
  const commits = revisions.flatMap((revision, index) => {
    const sha = shaOf(revision);
    const repository = places[index]?.repoURL;
    return sha === undefined ? [] : [{ sha, ...(repository !== undefined && { repository }) }];
  });
  return [
    {
      tool: "argocd",
      name: namespace && namespace !== "argocd" ? `${namespace}/${name}` : name,
      values: {},
      ...{ commits, images: imagesOf(images), status: state },
      ...(state === "started" ? atOf(sync?.startedAt) : whenOver(sync, health)),
      ...(state === "failed" &&
        detailOf(sync?.phase === "Succeeded" ? (health?.message ?? sync.message) : sync?.message)),
      ...urlOf(argocdUrl && `${argocdUrl.replace(/\/+$/, "")}/applications/${encodeURIComponent(name)}`),
    },
  ];
};

/** Phases and health: argo-cd, gitops-engine `OperationPhase` and `HealthStatusCode`. A paused rollout is `Suspended`. */
const stateOf = (
  phase: string | null | undefined,
  health: string | null | undefined,
): Told["status"] | undefined => {
  if (phase === "Failed" || phase === "Error") return "failed";
  if (phase === "Running") return "started";
  if (phase !== "Succeeded") return undefined;
  if (health === "Degraded") return "failed";
  if (health === "Progressing" || health === "Suspended") return "started";
  return health === "Healthy" ? "succeeded" : undefined;
};

type Sync = { phase?: string | null | undefined; finishedAt?: string | null | undefined } | null | undefined;
type Health =
  | { status?: string | null | undefined; lastTransitionTime?: string | null | undefined }
  | null
  | undefined;

/** An application that degrades does so after its sync. */
const whenOver = (sync: Sync, health: Health): { at?: number } =>
  sync?.phase === "Succeeded" && health?.status === "Degraded"
    ? atOf(health.lastTransitionTime)
    : atOf(sync?.finishedAt);
