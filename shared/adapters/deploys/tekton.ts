import { array, nullish, object, string, unknown } from "zod";
import type { Told } from "../../ports/deployers.ts";
import { ownValue } from "../../records.ts";
import { malformed } from "../http/json.ts";
import type { CloudEvent } from "./cloudevents.ts";
import { atOf, detailOf, environmentIn, instant, shaOf, text, values, valuesOf } from "./told.ts";

const named = nullish(array(object({ name: string(), value: unknown() })));
/** The body that Tekton's events controller sends: https://tekton.dev/docs/pipelines/events/ */
const form = object({
  pipelineRun: object({
    metadata: object({ labels: values, annotations: values }),
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
  const name = trigger.name ?? labels["tekton.dev/pipeline"] ?? spec?.pipelineRef?.name ?? undefined;
  const saysNothing = trigger.isProposal || /^(Cancelled|Stopped)/.test(condition?.reason ?? "");
  if (name === undefined || saysNothing) return [];
  const results = mapOf([...(run?.results ?? []), ...(run?.pipelineResults ?? [])]);
  const told = { ...labels, ...mapOf(spec?.params ?? []), ...results };
  const environment = environmentIn(told);
  return [
    {
      ...{ tool: "tekton", name, values: told, status },
      ...(status === "started" ? atOf(run?.startTime, time) : atOf(run?.completionTime, time)),
      ...(environment !== undefined && { environment }),
      ...{ commits: trigger.commits, images: imagesOf(results) },
      ...(status === "failed" && detailOf(condition?.message)),
    },
  ];
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

const mapOf = (list: { name: string; value?: unknown }[]): Record<string, string> =>
  valuesOf(Object.fromEntries(list.map(({ name, value }) => [name, value])));

/** The results by which Tekton Chains knows images, also with a prefix: https://tekton.dev/docs/chains/slsa-provenance/#type-hinting */
const imagesOf = (results: Record<string, string>): string[] =>
  Object.entries(results).flatMap(([name, url]) => {
    const [, prefix] = /^(.*?)IMAGE_URL$/.exec(name) ?? [];
    const digest = prefix === undefined ? undefined : results[`${prefix}IMAGE_DIGEST`];
    if (prefix === undefined) return [];
    return [digest === undefined || url.includes("@") ? url.trim() : `${url.trim()}@${digest.trim()}`];
  });
