import { isMap, isSeq, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import type { Policy } from "./incident/model.ts";
import { type Matcher, parseMatcher } from "./policy/match.ts";
import type { ScalingRule } from "./policy/scaling.ts";
import type { Service } from "./ports/service.ts";

export type Configured = Service & {
  match: Matcher[];
  environmentLabel: string;
  policy: Policy;
  scaling?: ScalingRule[];
};
/** `baseUrl` is where people reach this server. */
export type Config = { services: Configured[]; baseUrl?: string; registries?: RegistryAt[] };
/** A registry that may be asked about images. `host` is what their names begin with; the others are origins, where they differ. */
export type RegistryAt = { host: string; url?: string; realm?: string };
/** One thing wrong in a configuration: where (path and line) and what. */
export type Problem = { path: string; line: number; message: string };

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const duration = z
  .string()
  .regex(/^\d+(ms|s|m|h|d)$/, 'a duration such as "30s", "5m" or "2h"')
  .transform((text) => Number.parseInt(text, 10) * units[text.replace(/^\d+/, "") as keyof typeof units]);

const matcher = z.string().transform((text, context) => {
  const parsed = parseMatcher(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({
    code: "custom",
    message: `an Alertmanager matcher such as service="checkout" or team=~"a|b", not ${JSON.stringify(text)}`,
  });
  return z.NEVER;
});

const repositoryName = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})\/[A-Za-z0-9._-]{1,100}$/;
const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "letters, digits, dot, dash and underscore, at most 100");
const prefix = z
  .string()
  .min(1)
  .refine(
    (path) => !path.startsWith("/") && !path.split("/").includes(".."),
    "a path inside the repository, without a leading slash",
  )
  .transform((path) => path.replace(/^\.\//, ""));

const repository = z.string().regex(repositoryName, "OWNER/REPO");
const branch = z
  .string()
  .regex(/^[^\s~^:?*[\\]+$/, "a branch name")
  .default("main");

/** Where the defaults of every limit live. */
const policy = z.strictObject({
  mode: z.enum(["observe", "approve", "auto"]).default("observe"),
  minConfidence: z.number().min(0).max(1).default(0.5),
  autoConfidence: z.number().min(0).max(1).default(0.9),
  stepTimeout: duration.default(15 * units.m),
  approvalTimeout: duration.default(2 * units.h),
  deployTimeout: duration.default(30 * units.m),
  verifyTimeout: duration.default(30 * units.m),
});
const verify = z.strictObject({
  hold: duration.default(5 * units.m),
  expr: z.string().min(1).optional(),
  data: z.string().min(1).optional(),
});

const logs = z.union(
  [
    z.strictObject({ loki: z.string().min(1).max(2000) }),
    z.strictObject({
      elasticsearch: z.strictObject({
        index: z.string().regex(/^[a-z0-9][a-z0-9._*,-]{0,199}$/, "an index name or pattern"),
        query: z.string().min(1).max(2000),
      }),
    }),
  ],
  { error: "either loki: a LogQL query, or elasticsearch: { index, query }" },
);

const flagPattern = z
  .string()
  .regex(
    /^[\w.*-]{1,100}(\/[\w.*-]{1,256})?$/,
    'a flag\'s name such as "checkout-*", or PROJECT/NAME; * stands for any characters',
  );

const query = z.string().min(1).max(2000);
const label = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, "a label name");
const scaling = z
  .strictObject({
    match: z.array(matcher).min(1),
    target: z.string().regex(/^[\w.-]+\/[\w.-]+\/[\w.:-]+$/, "KIND/NAMESPACE/NAME; a namespace of - is any"),
    raise: z.enum(["replicas", "min", "max", "memory", "cpu"]),
    to: z
      .string()
      .regex(/^\d+(\.\d+)?[A-Za-z]{0,2}$/, "a quantity such as 2Gi or 500m, or a number")
      .optional(),
    ceiling: z.number().int().min(1).max(10_000).optional(),
    for: duration.optional(),
    current: query.optional(),
    limit: query.optional(),
    load: query.optional(),
    ready: query.optional(),
  })
  .superRefine(({ raise, to, target, current }, context) => {
    const size = raise === "memory" || raise === "cpu";
    if (size && to === undefined)
      context.addIssue({ code: "custom", path: ["to"], message: `raise: ${raise} needs to: how much` });
    if (
      !size &&
      to === undefined &&
      current === undefined &&
      !/^(hpa|horizontalpodautoscaler)\//i.test(target)
    )
      context.addIssue({
        code: "custom",
        path: ["current"],
        message: "of what is no HPA, say how many there are (a query), or to: how many",
      });
  });

const service = z.strictObject({
  name,
  match: z.array(matcher).min(1),
  repository,
  branch,
  paths: z.array(prefix).default([]),
  gitops: z.strictObject({ repository, branch, paths: z.array(prefix).default([]) }).optional(),
  dependsOn: z.array(name).max(20).default([]),
  flags: z.array(flagPattern).max(50).default([]),
  logs: logs.optional(),
  versionLabel: label.optional(),
  traffic: query.optional(),
  environments: z.array(name).min(1),
  environmentLabel: label.default("environment"),
  channel: z.string().regex(/^[CGD][A-Z0-9]{2,}$/, "a Slack channel id such as C024BE91L"),
  approvers: z
    .array(z.string().regex(/^[UWS][A-Z0-9]{2,}$/, "a Slack user id (U…, W…) or user group id (S…)"))
    .default([]),
  policy: policy.prefault({}),
  verify: verify.prefault({}),
  scaling: z.array(scaling).max(20).default([]),
});

const origin = z.url({ protocol: /^https?$/ }).refine((url) => {
  const { origin, href } = new URL(url);
  return href === `${origin}/`;
}, "an address without a path, such as https://ghcr.io");
const registryAt = z.strictObject({
  host: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9.-]*(:\d{1,5})?$/,
      "a registry's host as image names begin with it, such as ghcr.io",
    ),
  url: origin.optional(),
  realm: origin.optional(),
});

const file = z
  .strictObject({
    /** Where people reach this server, for links. */
    baseUrl: z.url({ protocol: /^https?$/ }).optional(),
    /** The registries that may be asked what an image was built from. */
    registries: z.array(registryAt).max(20).default([]),
    services: z.array(service).min(1),
  })
  .superRefine(({ services }, context) => {
    for (const [index, { name, policy, approvers, verify, dependsOn }] of services.entries()) {
      for (const [place, other] of dependsOn.entries())
        if (other === name || !services.some((one) => one.name === other))
          context.addIssue({
            code: "custom",
            path: ["services", index, "dependsOn", place],
            message: other === name ? "is the service itself" : `no service ${other} stands in this file`,
          });
      if (services.findIndex((other) => other.name === name) !== index)
        context.addIssue({
          code: "custom",
          path: ["services", index, "name"],
          message: `the service ${name} stands here a second time`,
        });
      if (verify.hold >= policy.verifyTimeout)
        context.addIssue({
          code: "custom",
          path: ["services", index, "verify", "hold"],
          message: "longer than policy.verifyTimeout, so nothing could ever be verified",
        });
      if (policy.mode === "approve" && approvers.length === 0)
        context.addIssue({
          code: "custom",
          path: ["services", index, "approvers"],
          message: "mode approve needs at least one approver",
        });
    }
  });

/** Size of the largest configuration read, in characters. */
const maxLength = 256 * 1024;

/** The configuration, or everything that is wrong with it. Takes YAML 1.2 text; touches nothing. */
export const parseConfig = (text: string): { config: Config } | { problems: Problem[] } => {
  if (text.length > maxLength)
    return { problems: [{ path: "", line: 1, message: `larger than ${maxLength} characters` }] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0)
    return {
      problems: document.errors.map(({ pos, message }) => ({
        path: "",
        line: lines.linePos(pos[0]).line,
        message,
      })),
    };
  const parsed = file.safeParse(plain(document));
  if (parsed.success) return { config: toConfig(parsed.data) };
  const problems = parsed.error.issues.flatMap((issue) => {
    const keys =
      issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return keys.map((path) => ({
      path: path.join("."),
      line: lineOf(document.contents, path, lines),
      message: issue.code === "unrecognized_keys" ? "is not a setting" : issue.message,
    }));
  });
  return { problems: problems.sort((a, b) => a.line - b.line) };
};

const plain = (document: ReturnType<typeof parseDocument>): unknown => {
  try {
    return document.toJS({ maxAliasCount: 50 });
  } catch {
    return null;
  }
};

/** The line of the deepest node on `path` that exists. */
const lineOf = (contents: unknown, path: PropertyKey[], lines: LineCounter): number => {
  let node = contents;
  let offset = 0;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => String(item.key) === String(key));
      if (pair === undefined) break;
      offset = (pair.key as { range?: number[] }).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      offset = (node as { range?: number[] } | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  return lines.linePos(offset).line || 1;
};

const ruleOf = ({ for: forMs, raise: field, ...rest }: z.infer<typeof scaling>): ScalingRule => ({
  ...(Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as Pick<
    ScalingRule,
    "match" | "target"
  >),
  field,
  ...(forMs === undefined ? {} : { forMs }),
});

const toConfig = ({ services, baseUrl, registries }: z.infer<typeof file>): Config => ({
  ...(registries.length === 0 ? {} : { registries: registries.map(toRegistry) }),
  ...(baseUrl === undefined ? {} : { baseUrl }),
  services: services.map(
    ({ policy, verify, gitops, dependsOn, flags, logs, scaling, versionLabel, traffic, ...rest }) => ({
      ...rest,
      ...(scaling.length === 0 ? {} : { scaling: scaling.map(ruleOf) }),
      ...(flags.length === 0 ? {} : { flags }),
      ...(logs === undefined ? {} : { logs }),
      ...(versionLabel === undefined ? {} : { versionLabel }),
      ...(traffic === undefined ? {} : { traffic }),
      ...(dependsOn.length === 0 ? {} : { dependsOn }),
      ...(gitops === undefined ? {} : { gitops }),
      policy: {
        mode: policy.mode,
        minConfidence: policy.minConfidence,
        autoConfidence: policy.autoConfidence,
        stepMs: policy.stepTimeout,
        approvalMs: policy.approvalTimeout,
        deployMs: policy.deployTimeout,
        verifyMs: policy.verifyTimeout,
      },
      verify: {
        holdMs: verify.hold,
        ...(verify.expr === undefined ? {} : { expr: verify.expr }),
        ...(verify.data === undefined ? {} : { data: verify.data }),
      },
    }),
  ),
});

const toRegistry = ({ host, url, realm }: z.infer<typeof registryAt>): RegistryAt => ({
  host,
  ...(url === undefined ? {} : { url }),
  ...(realm === undefined ? {} : { realm }),
});

/** `file:line: path: what`, one line a problem. */
export const describe = (name: string, problems: Problem[]): string =>
  problems
    .map(({ path, line, message }) => `${name}:${line}: ${path === "" ? "" : `${path}: `}${message}`)
    .join("\n");
