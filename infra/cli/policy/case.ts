import { z } from "zod";
import { accountKinds } from "./people.ts";

const sha = z.string().regex(/^[0-9a-f]{40}$/, "a full commit sha, 40 lower-case hex digits");
const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const someone = z.union([
  z.strictObject({ slack: z.string(), is: z.enum(accountKinds).default("member") }),
  z.strictObject({ github: z.string() }),
]);

/** One case of a file for `policy test`, with the decision that is expected. */
const policyCase = z.strictObject({
  name: z.string().min(1),
  /** The webhook of Alertmanager as a file, or the labels of its one alert. */
  webhook: z.union([z.string(), z.strictObject({ labels: z.record(z.string(), z.string()) })]),
  at: instant,
  git: z.strictObject({
    sha: sha.default("c".repeat(40)),
    title: z.string().default("a change"),
    paths: z.array(z.string()).min(1),
    authors: z.array(z.string()).default([]),
    unknownAuthor: z.boolean().default(false),
    codeowners: z.string().default(""),
  }),
  diagnosis: z
    .strictObject({ confidence: z.number().min(0).max(1).default(0.97), measured: z.boolean().default(true) })
    .prefault({}),
  /** The people who approve, in their order. */
  people: z.array(someone).default([]),
  expect: z.enum(["allowed", "refused", "person"]),
  because: z.string().optional(),
});

export const policyFile = z.strictObject({
  config: z.string(),
  /** Members of user groups and teams, by the name that the configuration has for them. */
  members: z.record(z.string(), z.array(z.string())).default({}),
  cases: z.array(policyCase).min(1),
});
export type PolicyCase = z.output<typeof policyCase>;
export type PolicyFile = z.output<typeof policyFile>;
