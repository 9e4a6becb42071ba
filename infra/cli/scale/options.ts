import type { ParseArgsConfig } from "node:util";
import type { Ask, Field, Target } from "../../../shared/remedy/scale/model.ts";
import type { CommandLine, Parsed } from "../../host/command.ts";
import { UsageError } from "../../host/errors.ts";

const help = `usage: npm run --silent cli -- scale DIR|OWNER/REPO --target KIND/NAMESPACE/NAME (or --service S) VALUE [options]

Changes the one value that decides a scale, in the file that owns it, and nothing else: by one splice of text, or
not at all. In a folder it edits the file; in a GitHub repository it opens the pull request.

  --target K/N/N  Deployment/shop/api, hpa/shop/api, NodePool/-/default, Terraform/-/aws_autoscaling_group.web,
                  Pulumi/prod/api:maxSize; a namespace of - is any
  --service S     instead: the workload called or labelled so
  --to N          that many replicas; with an autoscaler its minimum, or its maximum when N is above that
  --by N          that many more
  --max N         the autoscaler's maximum
  --min N         the autoscaler's minimum
  --memory Q      the memory limit, such as 2Gi
  --cpu Q         the CPU limit, such as 500m
  --path DIR      the folder (or values file) it is to happen in, where there are several
  --dry-run       writes nothing and prints the diff
  --json          one JSON object
  --help          this text

An existing folder is one; OWNER/REPO is read and written through GITHUB_API_URL (default: https://api.github.com)
with GITHUB_TOKEN. Exit codes: 0 edited or opened, 1 refused, 2 wrong usage.
`;

const options = {
  target: { type: "string" },
  service: { type: "string" },
  to: { type: "string" },
  by: { type: "string" },
  max: { type: "string" },
  min: { type: "string" },
  memory: { type: "string" },
  cpu: { type: "string" },
  path: { type: "string" },
  "dry-run": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} satisfies ParseArgsConfig["options"];

export const commandLine = { name: "scale", help, options, positionals: true } satisfies CommandLine<
  typeof options
>;

const values = ["to", "by", "max", "min", "memory", "cpu"] as const;

export type Asked = { where: string; ask: Ask; dryRun: boolean; json: boolean };

/** The arguments as one question. Throws UsageError; whether a number will do is for the edit to say. */
export const readOptions = ({ values: given, positionals }: Parsed<typeof options>): Asked => {
  const [where, another] = positionals;
  if (where === undefined || where === "")
    throw new UsageError("the first argument is the folder, or OWNER/REPO");
  if (another !== undefined) throw new UsageError(`${JSON.stringify(another)} is one argument too many`);
  const named = values.filter((name) => given[name] !== undefined);
  const [value] = named;
  if (value === undefined || named.length > 1)
    throw new UsageError("give exactly one of --to, --by, --max, --min, --memory and --cpu");
  if ((given.target === undefined) === (given.service === undefined))
    throw new UsageError("give either --target KIND/NAMESPACE/NAME or --service S");
  const target = given.target === undefined ? undefined : targetIn(given.target);
  if (given.target !== undefined && !target)
    throw new UsageError(
      `--target is KIND/NAMESPACE/NAME (a namespace of - is any), not ${JSON.stringify(given.target)}`,
    );
  if (given.service?.trim() === "") throw new UsageError("--service is empty");
  const path = given.path?.replace(/^\.\/|\/+$/g, "").replace(/^\.$/, "");
  const field: Field = value === "to" || value === "by" ? "replicas" : value;
  return {
    where,
    ask: {
      field,
      ...(target && { target }),
      ...(given.service !== undefined && { service: given.service }),
      ...{ [value === "by" ? "by" : "to"]: given[value] },
      ...(path && { path }),
    },
    dryRun: given["dry-run"],
    json: given.json,
  };
};

/** A negative number is a value to be refused with its place, not an option. */
export const joined = (argv: string[]): string[] =>
  argv.flatMap((word, index) => {
    if (/^-\d/.test(word) && /^--(to|by|max|min|memory|cpu)$/.test(argv[index - 1] ?? "")) return [];
    const next = argv[index + 1] ?? "";
    return /^--(to|by|max|min|memory|cpu)$/.test(word) && /^-\d/.test(next) ? [`${word}=${next}`] : [word];
  });

export const targetIn = (text: string): Target | undefined => {
  const [all, kind = "", namespace = "", name = ""] = /^([\w.-]+)\/([\w.-]*)\/([\w.:-]+)$/.exec(text) ?? [];
  return all === undefined ? undefined : { kind, namespace, name };
};
