import { array, nullish, object, string, unknown } from "zod";
import type { Told } from "../../ports/deployers.ts";
import { ownValue } from "../../records.ts";
import { malformed } from "../http/json.ts";
import type { CloudEvent } from "./cloudevents.ts";
import { atOf, detailOf, environmentIn, instant, text, values, valuesOf } from "./told.ts";

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
        conditions: nullish(array(object({ type: string(), message: text }))),
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
  const name = labels["tekton.dev/pipeline"] ?? spec?.pipelineRef?.name ?? undefined;
  if (name === undefined) return [];
  const results = mapOf([...(run?.results ?? []), ...(run?.pipelineResults ?? [])]);
  const told = { ...labels, ...mapOf(spec?.params ?? []), ...results };
  const environment = environmentIn(told);
  const condition = run?.conditions?.find((one) => one.type === "Succeeded");
  return [
    {
      ...{ tool: "tekton", name, values: told, status },
      ...(status === "started" ? atOf(run?.startTime, time) : atOf(run?.completionTime, time)),
      ...(environment !== undefined && { environment }),
      ...{ commits: [], images: imageOf(results) },
      ...(status === "failed" && detailOf(condition?.message)),
    },
  ];
};

const mapOf = (list: { name: string; value?: unknown }[]): Record<string, string> =>
  valuesOf(Object.fromEntries(list.map(({ name, value }) => [name, value])));

/** The results by which Tekton Chains knows an image. */
const imageOf = ({ IMAGE_URL: url, IMAGE_DIGEST: digest }: Record<string, string>): string[] => {
  if (url === undefined) return [];
  return [digest === undefined || url.includes("@") ? url.trim() : `${url.trim()}@${digest.trim()}`];
};
