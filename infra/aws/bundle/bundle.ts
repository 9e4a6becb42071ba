import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { usedEndpoints } from "./github-endpoints.ts";

const beside = (file: string): string => join(import.meta.dirname, file);

/**
 * Parts of the clients that never run on Lambda: the providers that look for credentials in profiles, SSO and on instances (135 KB),
 * endpoint discovery (8 KB), event streams (9 KB), the OAuth logins of GitHub (12 KB), and the colours of PromQL's parser (6 KB).
 */
export const alias = {
  "@aws-sdk/credential-provider-node": beside("aliases/credentials.ts"),
  "@aws-sdk/endpoint-cache": beside("aliases/endpoint-cache.ts"),
  "@smithy/core/event-streams": beside("aliases/event-streams.ts"),
  "@lezer/highlight": beside("aliases/highlight.ts"),
  "@octokit/auth-oauth-app": beside("aliases/oauth.ts"),
  "@octokit/auth-oauth-user": beside("aliases/oauth.ts"),
};

/** zod's writers of JSON Schema (17 KB), which its own files name by their place. */
const withoutJsonSchema: Plugin = {
  name: "without-json-schema",
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/core\/(to-json-schema|json-schema-processors)\.js$/ }, () => ({
      path: beside("aliases/json-schema.ts"),
    }));
  },
};

/** The list of methods of Slack's client (14 KB) and the types beside it. */
const withoutSlackMethods: Plugin = {
  name: "without-slack-methods",
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.\/methods$/ }, ({ importer }) =>
      /@slack\/web-api\/dist\//.test(importer) ? { path: beside("aliases/slack-methods.ts") } : undefined,
    );
  },
};

/** The changes that are made to the packages while they are bundled. */
export const plugins = [withoutJsonSchema, withoutSlackMethods, usedEndpoints];

/**
 * Bundles each of the functions `names` to `<outdir>/<name>/index.cjs` and returns their sizes in bytes by name. One CommonJS file a
 * function, with only what it needs: CommonJS, because an ES module that imports `node:http` loads all of undici; from the ES sources
 * of the packages, because of these esbuild leaves out what nobody calls. Names are short: keeping them costs 7 % of a cold start, and a
 * stack is read with the `maps`, which are written beside the bundles.
 */
export const bundle = async (
  names: string[],
  outdir: string,
  { maps = false } = {},
): Promise<Map<string, number>> => {
  const { metafile } = await build({
    entryPoints: names.map((name) => ({ in: entryOf(name), out: `${name}/index` })),
    ...{
      outdir,
      outExtension: { ".js": ".cjs" },
      alias,
      plugins,
    },
    ...{ bundle: true, platform: "node", format: "cjs", target: "node24", mainFields: ["module", "main"] },
    ...{ minify: true, legalComments: "none", metafile: true, logLevel: "error" },
    ...(maps && { sourcemap: "external" as const }),
  });
  const outputs = Object.values(metafile.outputs);
  return new Map(
    names.map((name) => {
      const output = outputs.find(({ entryPoint }) => entryPoint?.endsWith(`/handlers/${name}.ts`));
      return [name, output!.bytes];
    }),
  );
};

const entryOf = (name: string): string => beside(`../handlers/${name}.ts`);
