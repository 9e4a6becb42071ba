import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { freePorts } from "../../infra/demo/monitor/real.ts";
import { startServerProcess } from "../../infra/demo/server-process.ts";
import { root } from "./plan.ts";

const { resolve } = createRequire(import.meta.url);
const isSource = /\.ts$/;
/** One reads files of its own by computed names, the others are CommonJS that few starts load. */
const unbundled = /^(dynalite|@opentelemetry\/(context|core|exporter|resources|sdk).*)$/;

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

/**
 * Bundles the command line into `outdir`, where a server starts with a third of the work, and returns the file to run.
 * A server that is killed leaves no compiled code behind, so one is started and stopped in order for those that follow.
 */
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
  const program = join(outdir, "cli.mjs");
  await leaveCompiled(program, outdir);
  return program;
};

const leaveCompiled = async (program: string, outdir: string): Promise<void> => {
  const [port = 0] = await freePorts(1);
  const env = { DATA_DIR: join(outdir, "data") };
  const server = await startServerProcess({ program, port, env, log: join(outdir, "server.log") });
  await server.stop();
};
