import { join, resolve } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { usedEndpoints } from "./github-endpoints.ts";

const beside = (file: string): string => join(import.meta.dirname, file);

/**
 * Parts of the clients that never run on Lambda: the providers that look for credentials in profiles, SSO and on instances (135 KB),
 * endpoint discovery (8 KB), event streams (9 KB), the OAuth logins of GitHub (12 KB), and the colours of PromQL's parser (6 KB). And those
 * that many events do not need: zlib, RE2 (151 KB) and YAML (115 KB) are loaded when they are called.
 */
export const alias = {
  "@aws-sdk/credential-provider-node": beside("aliases/credentials.ts"),
  "@aws-sdk/endpoint-cache": beside("aliases/endpoint-cache.ts"),
  "@smithy/core/event-streams": beside("aliases/event-streams.ts"),
  "@lezer/highlight": beside("aliases/highlight.ts"),
  "@octokit/auth-oauth-app": beside("aliases/oauth.ts"),
  "@octokit/auth-oauth-user": beside("aliases/oauth.ts"),
  "node:zlib": beside("aliases/zlib.ts"),
  re2js: beside("aliases/re2.ts"),
  yaml: beside("aliases/yaml.ts"),
};

/** The packages that stand in a file of their own beside a bundle, which their stand-in loads when it is first called. */
const late = new Map([
  ["./re2.cjs", { package: "re2js", out: "re2" }],
  ["./yaml.cjs", { package: "yaml", out: "yaml" }],
]);

/** zod's writers of JSON Schema (17 KB), which its own files name by their place. */
const withoutJsonSchema: Plugin = {
  name: "without-json-schema",
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/core\/(to-json-schema|json-schema-processors)\.js$/ }, () => ({
      path: beside("aliases/json-schema.ts"),
    }));
  },
};

/** The parts of Slack's client that nobody calls: the list of its methods (14 KB), uploads, and streams of text (8 KB). */
const slackParts = new Map([
  ["./methods", "aliases/slack-methods.ts"],
  ["./file-upload", "aliases/slack-parts.ts"],
  ["./chat-stream", "aliases/slack-parts.ts"],
]);

const withoutSlackParts: Plugin = {
  name: "without-slack-parts",
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.\/(methods|file-upload|chat-stream)$/ }, ({ importer, path }) => {
      const part = slackParts.get(path);
      const isSlacks = /@slack\/web-api\/dist\//.test(importer);
      return isSlacks && part !== undefined ? { path: beside(part) } : undefined;
    });
  },
};

/** The reader of profiles in a home directory, which loads `node:fs/promises` (1 ms). */
const withoutProfiles: Plugin = {
  name: "without-profiles",
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.\/readFile$/ }, ({ importer }) =>
      /shared-ini-file-loader/.test(importer) ? { path: beside("aliases/profiles.ts") } : undefined,
    );
  },
};

/** The changes that are made to the packages while they are bundled. */
export const plugins = [withoutJsonSchema, withoutSlackParts, withoutProfiles, usedEndpoints];

/** How every file of a function is made. CommonJS, because an ES module that imports `node:http` loads all of undici. */
const made = {
  ...{ bundle: true, platform: "node", format: "cjs", target: "node24", mainFields: ["module", "main"] },
  ...{ outExtension: { ".js": ".cjs" }, minify: true, legalComments: "none", logLevel: "error" },
} satisfies BuildOptions;

/**
 * Bundles each of the functions `names` to `<outdir>/<name>/index.cjs` and returns their sizes in bytes by name. One file a function, with
 * only what it needs, and the `late` packages beside it; from the ES sources of the packages, because of these esbuild leaves out
 * what nobody calls. Names are short: keeping them costs 7 % of a cold start, and a stack is read with the `maps`, which are written
 * beside the bundles.
 */
export const bundle = async (
  names: string[],
  outdir: string,
  { maps = false } = {},
): Promise<Map<string, number>> => {
  const { metafile } = await build({
    entryPoints: names.map((name) => ({ in: entryOf(name), out: `${name}/index` })),
    ...{ ...made, outdir, alias, plugins, external: [...late.keys()], metafile: true },
    ...(maps && { sourcemap: "external" as const }),
  });
  const outputs = Object.values(metafile.outputs);
  const built = new Map(
    names.map((name) => {
      const output = outputs.find(({ entryPoint }) => entryPoint?.endsWith(`/handlers/${name}.ts`));
      return [name, output!];
    }),
  );
  const files = [...built].flatMap(([name, { imports }]) =>
    imports.flatMap(({ path }) => {
      const { package: from, out } = late.get(path) ?? {};
      return from === undefined ? [] : [{ in: from, out: `${name}/${out}` }];
    }),
  );
  // The libraries are those of this folder, from wherever it is called.
  await build({ ...made, absWorkingDir: import.meta.dirname, outdir: resolve(outdir), entryPoints: files });
  return new Map([...built].map(([name, { bytes }]) => [name, bytes]));
};

const entryOf = (name: string): string => beside(`../handlers/${name}.ts`);
