import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { root } from "./plan.ts";

const { resolve } = createRequire(import.meta.url);
const isSource = /\.ts$/;
/** One reads files of its own by computed names, the others are CommonJS that few starts load, and share one registry. */
const unbundled = /^(dynalite$|@opentelemetry\/)/;

/** A file that a source reads or starts beside itself is found beside the source, not beside the bundle. */
const inPlace: Plugin = {
  name: "in-place",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: unbundled }, ({ path }) => ({
      path: pathToFileURL(resolve(path)).href,
      external: true,
    }));
    onLoad({ filter: isSource }, ({ path }) => ({
      loader: "ts",
      contents: readFileSync(path, "utf8")
        .replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href))
        .replaceAll("import.meta.dirname", JSON.stringify(dirname(path))),
    }));
  },
};

/** Bundles the command line into `outdir`, where a server starts with a third of the work, and returns the file to run. */
export const bundleProgram = async (outdir: string): Promise<string> => {
  await build({
    entryPoints: [join(root, "infra/cli/cli.ts")],
    ...{ outdir, outExtension: { ".js": ".mjs" }, plugins: [inPlace] },
    ...{ bundle: true, splitting: true, platform: "node", format: "esm", target: "node24" },
    banner: {
      js: `import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);`,
    },
    logLevel: "error",
  });
  return join(outdir, "cli.mjs");
};
