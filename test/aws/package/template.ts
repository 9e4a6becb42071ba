import { after, before } from "node:test";
import { secretsOf } from "../../../infra/aws/secrets.ts";
import { type Packaged, packaged, type Resource } from "../packaged.ts";

export const receivers = ["alerts", "answers", "deploys", "flags", "github", "pages"];

export const workers = ["announce", "ask", "diagnose", "merge", "propose", "verify", "watch"];

export const clocked = ["poll", "tick"];

export const functions = [...receivers, ...workers, ...clocked, "publish"].sort();

/** In the environment while it is packaged, though nobody asks for them: none may end in what is packaged. */
export const canaries = Object.fromEntries(
  [...new Set(Object.values(secretsOf).flat())].map((name) => [name, `canary-${name.toLowerCase()}`]),
);

export let built: Packaged;
before(async () => {
  built = await packaged({ ...canaries, AWS_SECRET_ACCESS_KEY: "canary-aws" });
});

after(() => built.close());

export type Named = Resource["Properties"];

export const all = (type: string): [string, Named][] =>
  Object.entries(built.template.Resources)
    .filter(([, { Type }]) => Type === type)
    .map(([id, { Properties }]) => [id, Properties]);

export const one = (id: string): Named => built.template.Resources[id]!.Properties;

/** Functions that call systems which may be inside, where VpcSubnetIds are given. */
export const inside = ["announce", "ask", "diagnose", "merge", "poll", "propose", "verify", "watch"];
