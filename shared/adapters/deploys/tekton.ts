import { array, nullish, object, string, unknown } from "zod";
import type { Told } from "../../ports/deployers.ts";
import { isRecord, ownValue } from "../../records.ts";
import { malformed } from "../http/json.ts";
import type { CloudEvent } from "./cloudevents.ts";
import { atOf, detailOf, environmentIn, instant, shaOf, text, values, valuesOf } from "./told.ts";

const named = nullish(array(object({ name: string(), value: unknown() })));
/** The body that Tekton's events controller sends: https://tekton.dev/docs/pipelines/events/ */
const form = object({
  pipelineRun: object({
    metadata: object({ labels: values, annotations: values, generateName: text }),
    spec: nullish(object({ params: named, pipelineRef: nullish(object({ name: text })) })),
    status: nullish(
      object({
        startTime: instant,
        completionTime: instant,
        conditions: nullish(array(object({ type: string(), reason: text, message: text }))),
        results: named,
        pipelineResults: named,
      }),
    ),
  }),
});

const states: Record<string, Told["status"]> = {
  started: "started",
  running: "started",
  successful: "succeeded",
  failed: "failed",
};
const typed = /^dev\.tekton\.event\.pipelinerun\.(\w+)\.v\d+$/;

export const isTekton = ({ type }: CloudEvent): boolean => type.startsWith("dev.tekton.event.");

/** The deploy that an event of Tekton tells: only a run of a whole pipeline can be one. Throws BadRequest for broken data. */
export const tekton = ({ type, time, data }: CloudEvent): Told[] => {
  const state = typed.exec(type)?.[1] ?? "";
  const status = ownValue(states, state);
  if (status === undefined) return [];
  const parsed = form.safeParse(data);
  if (!parsed.success) throw malformed("an event of Tekton", parsed.error);
  const { metadata, spec, status: run } = parsed.data.pipelineRun;
  const labels = valuesOf(metadata.labels);
  const condition = run?.conditions?.find((one) => one.type === "Succeeded");
  const trigger = triggerOf(labels, valuesOf(metadata.annotations));
  const name = trigger.name ?? nameOf(labels, metadata.generateName, spec?.pipelineRef);
  const saysNothing = trigger.isProposal || /^(Cancelled|Stopped)/.test(condition?.reason ?? "");
  if (name === undefined || saysNothing) return [];
  const listed = [...(run?.results ?? []), ...(run?.pipelineResults ?? [])];
  const results = mapOf(listed);
  const told = { ...labels, ...mapOf(spec?.params ?? []), ...results };
  const environment = environmentIn(told);
  return [
    {
      ...{ tool: "tekton", name, values: told, status },
      ...(status === "started" ? atOf(run?.startTime, time) : atOf(run?.completionTime, time)),
      ...(environment !== undefined && { environment }),
      commits: [...trigger.commits, ...sourceOf(told)],
      images: [...imagesOf(results), ...artifactsOf(listed)],
      ...(status === "failed" && detailOf(condition?.message)),
    },
  ];
};

/** Tekton labels a run of a pipeline that stands in it with the run's own name, which is made of `generateName`. */
const nameOf = (
  labels: Labels,
  made: string | null | undefined,
  ref: { name?: string | null | undefined } | null | undefined,
): string | undefined => {
  const isInline = ref === null || ref === undefined;
  if (isInline && made?.endsWith("-")) return made.slice(0, -1);
  return labels["tekton.dev/pipeline"] ?? ref?.name ?? undefined;
};

/** The start of the run: the name that it has for the pipeline, the commit, and whether a pull request is only tried. */
type Trigger = { name?: string; commits: Told["commits"]; isProposal: boolean };
type Labels = Record<string, string>;

/**
 * Pipelines as Code and Lighthouse, which is Jenkins X's, make a pipeline for each run, so that its name is of no use. Their labels hold the
 * name that people gave and the commit (openshift-pipelines/pipelines-as-code, pkg/apis/pipelinesascode/keys; jenkins-x/lighthouse, pkg/util).
 */
const triggerOf = (labels: Labels, annotations: Labels): Trigger => {
  const code = (key: string) =>
    labels[`pipelinesascode.tekton.dev/${key}`] ?? annotations[`pipelinesascode.tekton.dev/${key}`];
  const lighthouse = (key: string) => labels[`lighthouse.jenkins-x.io/${key}`];
  const name = code("original-prname") ?? lighthouse("job");
  const sha = shaOf(code("sha") ?? lighthouse("lastCommitSHA"));
  const repository = code("repo-url") ?? annotations["lighthouse.jenkins-x.io/cloneURI"];
  return {
    ...(name !== undefined && { name }),
    commits: sha === undefined ? [] : [{ sha, ...(repository !== undefined && { repository }) }],
    isProposal:
      /^(pull_request|merge request)/i.test(code("event-type") ?? "") || lighthouse("type") === "presubmit",
  };
};

type Listed = { name: string; value?: unknown }[];

/** Steps write results with `echo`, so a line break may stand behind them. */
const mapOf = (list: Listed): Record<string, string> =>
  valuesOf(
    Object.fromEntries(
      list.map(({ name, value }) => [name, typeof value === "string" ? value.trim() : value]),
    ),
  );

/** The commit by which Tekton Chains knows the source, a parameter or a result: https://tekton.dev/docs/chains/slsa-provenance/#type-hinting */
const sourceOf = (told: Record<string, string>): Told["commits"] => {
  const sha = shaOf(told["CHAINS-GIT_COMMIT"]);
  const repository = told["CHAINS-GIT_URL"]?.replace(/^git\+/, "");
  return sha === undefined ? [] : [{ sha, ...(repository !== undefined && { repository }) }];
};

/** Artifacts as objects: `…ARTIFACT_OUTPUTS` with `uri` and `digest`. */
const artifactsOf = (list: Listed): string[] =>
  list.flatMap(({ name, value }) => {
    if (!name.endsWith("ARTIFACT_OUTPUTS") || !isRecord(value)) return [];
    const { uri, digest } = valuesOf(value);
    return uri === undefined || digest === undefined ? [] : [`${uri.trim()}@${digest.trim()}`];
  });

/** The results by which Chains knows images: `IMAGES`, a list, and pairs of `IMAGE_URL` and `IMAGE_DIGEST`, also with a prefix. */
const imagesOf = (results: Record<string, string>): string[] =>
  Object.entries(results).flatMap(([name, url]) => {
    if (name === "IMAGES") return url.split(/[\s,]+/).filter((one) => one !== "");
    const [, prefix] = /^(.*?)IMAGE_URL$/.exec(name) ?? [];
    const digest = prefix === undefined ? undefined : results[`${prefix}IMAGE_DIGEST`];
    if (prefix === undefined) return [];
    return [digest === undefined || url.includes("@") ? url.trim() : `${url.trim()}@${digest.trim()}`];
  });
