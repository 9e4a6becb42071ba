import { z } from "zod";
import { lineOf } from "../../shared/adapters/logs/line.ts";
import { type Heard, timeOf } from "../../shared/diagnosis/candidates/told-time.ts";
import type { Case } from "../../shared/diagnosis/model.ts";
import { readMetric } from "../../shared/diagnosis/onset/version-labels.ts";
import type { Commit } from "../../shared/ports/history.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
const instant = z.number().refine(Number.isFinite, "a number of epoch ms");
const candidate = z.object({
  sha: z.string().min(1),
  at: instant.nullish(),
  subject: text,
  body: text,
  files: z
    .array(z.union([z.string(), z.tuple([z.string()], z.unknown()).transform(([path]) => path)]))
    .nullish()
    .transform((value) => value ?? []),
  patch: text,
});
const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((value) => value ?? []);

/** The fields of a list's items; empty for a field that is not a list of objects. */
const itemOf = (type: z.ZodType): Record<string, unknown> => {
  const inner = type instanceof z.ZodPipe ? type.def.in : type;
  const list = inner instanceof z.ZodOptional || inner instanceof z.ZodNullable ? inner.unwrap() : inner;
  if (list instanceof z.ZodOptional || list instanceof z.ZodNullable)
    return itemOf(list.unwrap() as z.ZodType);
  return list instanceof z.ZodArray && list.element instanceof z.ZodObject ? list.element.shape : {};
};

/** A case as the benchmark writes it. Authors are dropped here, and unknown fields are ignored. */
const form = z.object({
  id: z.union([z.string(), z.number()]).transform(String),
  at: instant,
  candidates: z.array(candidate),
  symptom: text,
  service: text,
  servicePaths: listOf(z.string()),
  dependsOn: listOf(z.string()),
  deploys: listOf(
    z.object({ at: instant, service: text, sha: z.string(), version: text, heardAt: instant.nullish() }),
  ),
  logs: listOf(z.object({ at: instant, service: text, level: text, text, trace: text })),
  series: listOf(
    z.object({ service: text, metric: text, points: listOf(z.tuple([z.number(), z.number().nullable()])) }),
  ),
  flags: listOf(
    z.object({
      at: instant,
      service: text,
      flag: text,
      change: z.unknown().transform((v) => (typeof v === "string" ? v : JSON.stringify(v ?? ""))),
    }),
  ),
  looks: listOf(z.object({ at: instant })),
});
/** The fields of a case, as `--help` tells them: every one of the form, and of its lists. */
export const fieldNames: string[] = Object.entries(form.shape).flatMap(([name, type]) => [
  name,
  ...Object.keys(itemOf(type)),
]);
export type Form = z.infer<typeof form>;
/** `given` is the case as the alert found it; `looks` are later ones, with what was told and measured by then. */
export type Read = { id: string; given: Case; looks: { at: number; given: Case }[] };

/** A benchmark case as the product's own types. Throws an error that says what is wrong. */
export const readForm = (raw: unknown): Read => {
  const parsed = form.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${issue?.path.join(".") || "case"}: ${issue?.message}`);
  }
  const { id, looks } = parsed.data;
  const given = toCase(parsed.data);
  if (looks.length === 0) return { id, given, looks: [] };
  const seen = looks.map(({ at }) => ({ at, given: seenBy(given, at) })).toSorted((a, b) => a.at - b.at);
  return { id, given: seenBy(given, given.onsetAt), looks: seen };
};

/** The case without what was told or measured after a moment. */
const seenBy = (given: Case, moment: number): Case => {
  const isKnown = ({ at, heard }: { at: number; heard?: Heard }): boolean => (heard?.at ?? at) <= moment;
  return {
    ...given,
    deploys: given.deploys.filter(isKnown),
    logs: (given.logs ?? []).filter(isKnown),
    flags: (given.flags ?? []).filter(isKnown),
    series: (given.series ?? []).map((one) => ({
      ...one,
      points: one.points.filter(([at]) => at <= moment),
    })),
  };
};

/** A case without a service has the one that its symptom names first, of those that it knows. */
const serviceOf = ({ service, symptom, dependsOn, deploys, logs, series }: Form): string => {
  if (service !== "") return service;
  const known = new Set(
    [...deploys, ...logs.slice(0, 5000), ...series]
      .map((one) => one.service)
      .filter((name) => name.length > 1),
  );
  for (const name of dependsOn) known.delete(name);
  const said = symptom.slice(0, 8000).match(/[\w.-]+/g) ?? [];
  return said.find((word) => known.has(word)) ?? "";
};

const toCase = (read: Form): Case => ({
  service: serviceOf(read),
  alerts: [
    {
      fingerprint: read.id,
      name: "",
      status: "firing",
      labels: {},
      annotations: { description: read.symptom },
      startsAt: read.at,
    },
  ],
  onsetAt: read.at,
  commits: read.candidates.map((one) => toCommit(one, read.at)),
  history: read.candidates.map(({ sha }) => sha),
  deploys: read.deploys.map(toDeploy),
  servicePaths: read.servicePaths,
  dependsOn: read.dependsOn,
  logs: read.logs.map(lineOf),
  series: read.series.map(({ service, metric, points }) => ({
    service,
    ...readMetric(metric),
    points: points.flatMap(([at, value]): [number, number][] => (value === null ? [] : [[at, value]])),
  })),
  flags: read.flags,
});

/** A commit that its clock dates after the case's moment, or not at all, had landed by then all the same. */
const toCommit = (
  { sha, at, subject, body, files, patch }: Form["candidates"][number],
  by: number,
): Commit => ({
  sha,
  parents: [],
  title: subject,
  message: body === "" ? subject : `${subject}\n\n${body}`,
  author: "",
  at: Math.min(at ?? by, by),
  url: "",
  paths: files.flatMap(renamed),
  ...(patch === "" ? {} : { patch }),
});

/** Git writes a rename as `a/{old => new}/b`: both paths. */
const renamed = (path: string): string[] => {
  if (!path.includes(" => ")) return [path];
  const found = /^(.*?)\{?([^{}]*) => ([^{}]*)\}?(.*)$/.exec(path);
  if (found === null) return [path];
  const [, before, from = "", to = "", after] = found;
  return [from, to].map((middle) => `${before}${middle}${after}`.replaceAll("//", "/"));
};

/** As the receiver records a report: the time that it tells, and the one at which it came where that is known. */
const toDeploy = ({ at, heardAt, service, sha, version }: Form["deploys"][number]): DeployRecord => ({
  ...{ service, environment: "", sha, status: "succeeded", at },
  ...(heardAt != null && reportedAs({ at: heardAt, told: at })),
  ...(version === "" ? {} : { version }),
});

const reportedAs = (heard: Heard): Pick<DeployRecord, "at" | "heard"> => ({ at: timeOf(heard), heard });
