import { array, boolean, literal, nullish, number, object, string, union, unknown } from "zod";
import type { Told } from "../../ports/deployers.ts";
import { malformed } from "../http/json.ts";
import { atOf, detailOf, has, imagesOf, instant, shaOf, text, texts, urlOf } from "./told.ts";

const source = object({ repoURL: string() });
const sync = object({
  ...{ dryRun: nullish(boolean()), manifests: texts, resources: nullish(array(unknown())) },
  autoHealAttemptsCount: nullish(number()),
});
const operation = object({
  phase: text,
  startedAt: instant,
  finishedAt: instant,
  message: text,
  revision: text,
  revisions: texts,
  operation: nullish(object({ sync: nullish(sync) })),
  syncResult: nullish(object({ revision: text, revisions: texts })),
});
type Operation = NonNullable<ReturnType<typeof operation.safeParse>["data"]>;
const hydrated = object({
  ...{ drySHA: text, hydratedSHA: text },
  sourceHydrator: nullish(object({ drySource: nullish(source) })),
});
const hydrator = object({ currentOperation: nullish(hydrated), lastSuccessfulOperation: nullish(hydrated) });
/** The body that the template of infra/integrations/argocd-notifications.yaml sends. Argo CD itself has no fixed form. */
const form = object({
  schema: literal("argocd.v1"),
  app: union([string(), object({ name: string(), namespace: text })]),
  source: nullish(source),
  sources: nullish(array(source)),
  sourceHydrator: nullish(hydrator),
  operation: nullish(operation),
  operationState: nullish(operation),
  health: nullish(object({ status: text, message: text, lastTransitionTime: instant })),
  images: texts,
  argocdUrl: text,
});
type Body = NonNullable<ReturnType<typeof form.safeParse>["data"]>;

/**
 * The deploy that an Argo CD notification tells, or a whole Application; undefined for a body of another form, empty for a state that ends
 * nothing. A sync that succeeded is live only when the application is healthy. Throws BadRequest for a broken body.
 */
export const argocd = (body: unknown): Told[] | undefined => {
  const told = ofApplication(body) ?? body;
  if (!has(told, "schema", "app")) return undefined;
  const parsed = form.safeParse(told);
  if (!parsed.success) throw malformed("an Argo CD notification", parsed.error);
  const { app, health, images, argocdUrl } = parsed.data;
  const done = parsed.data.operation ?? parsed.data.operationState;
  const state = stateOf(done, health?.status);
  if (state === undefined || done?.operation?.sync?.dryRun) return [];
  const { name, namespace } = typeof app === "string" ? { name: app, namespace: undefined } : app;
  return [
    {
      tool: "argocd",
      name: namespace && namespace !== "argocd" ? `${namespace}/${name}` : name,
      values: {},
      ...{ commits: commitsOf(parsed.data, done), images: imagesOf(images), status: state },
      ...(state === "started" ? atOf(done?.startedAt) : whenOver(done, health)),
      ...detailOf(state === "failed" ? reasonOf(done, health) : healed(done, state)),
      ...urlOf(
        argocdUrl &&
          `${argocdUrl.replace(/\/+$/, "")}/applications/${encodeURIComponent(name.toWellFormed())}`,
      ),
    },
  ];
};

const reasonOf = (done: Operation | null | undefined, health: Body["health"]) =>
  done?.phase === "Succeeded" ? (health?.message ?? done.message) : done?.message;

/** Somebody changed the cluster by hand, and Argo CD undid that. */
const healed = (done: Operation | null | undefined, state: Told["status"]): string | undefined =>
  state === "succeeded" && (done?.operation?.sync?.autoHealAttemptsCount ?? 0) > 0
    ? "self-heal: Argo CD put the state of Git back"
    : undefined;

/** An Application, as Argo CD's API answers it and as a template of one line may send it, in the form that the shipped template sends. */
export const ofApplication = (body: unknown, argocdUrl?: string): unknown => {
  // The template `{{ toJson . }}` sends the Application with what stands beside it.
  if (has(body, "app") && has(body.app, "metadata", "spec")) return ofApplication(body.app, argocdUrl);
  if (!has(body, "metadata", "spec") || (body.kind !== undefined && body.kind !== "Application"))
    return undefined;
  const { metadata, spec, status = {} } = body;
  if (!has(metadata, "name") || !has(spec) || !has(status)) return undefined;
  if (!has(spec, "source") && !has(spec, "sources") && !has(spec, "sourceHydrator")) return undefined;
  const { operationState, health, summary, sourceHydrator } = status;
  return {
    ...{ schema: "argocd.v1", app: { name: metadata.name, namespace: metadata.namespace } },
    ...{ source: spec.source, sources: spec.sources, sourceHydrator },
    ...{ operationState, health, images: has(summary) ? summary.images : undefined, argocdUrl },
  };
};

type Commit = Told["commits"][number];

/** A sync of manifests from somebody's machine is of no commit. */
const commitsOf = (body: Body, done: Operation | null | undefined): Commit[] => {
  if ((done?.operation?.sync?.manifests?.length ?? 0) > 0) return [];
  const { source, sources, sourceHydrator } = body;
  const places = sources && sources.length > 0 ? sources : source ? [source] : [];
  const { revision: one, revisions: several } = done?.syncResult ?? done ?? {};
  const revisions = several && several.length > 0 ? several : [one];
  return revisions.flatMap((revision, index) => {
    const sha = shaOf(revision);
    const repository = places[index]?.repoURL;
    return sha === undefined
      ? []
      : [unhydrated(sha, sourceHydrator) ?? { sha, ...(repository !== undefined && { repository }) }];
  });
};

/** The commit that people made, of which the source hydrator made the commit that is synced. */
const unhydrated = (sha: string, hydrator: Body["sourceHydrator"]): Commit | undefined => {
  const made = [hydrator?.currentOperation, hydrator?.lastSuccessfulOperation].find(
    (one) => one?.hydratedSHA === sha,
  );
  const dry = shaOf(made?.drySHA);
  const repository = made?.sourceHydrator?.drySource?.repoURL;
  return dry === undefined ? undefined : { sha: dry, ...(repository !== undefined && { repository }) };
};

/**
 * Phases and health: argo-cd, gitops-engine `OperationPhase` and `HealthStatusCode`. A paused rollout is `Suspended`. A sync of selected
 * resources brings no whole revision live.
 */
const stateOf = (
  done: Operation | null | undefined,
  health: string | null | undefined,
): Told["status"] | undefined => {
  if (done?.phase === "Failed" || done?.phase === "Error") return "failed";
  if (done?.phase === "Running") return "started";
  if (done?.phase !== "Succeeded") return undefined;
  if (health === "Degraded") return "failed";
  if (health === "Progressing" || health === "Suspended") return "started";
  const isPart = (done.operation?.sync?.resources?.length ?? 0) > 0;
  return health !== "Healthy" ? undefined : isPart ? "started" : "succeeded";
};

/** An application that degrades does so after its sync. */
const whenOver = (done: Operation | null | undefined, health: Body["health"]): { at?: number } =>
  done?.phase === "Succeeded" && health?.status === "Degraded"
    ? atOf(health.lastTransitionTime)
    : atOf(done?.finishedAt);
