import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Budget, budgetOf } from "../aws/bundle/budgets.ts";
import { bundle } from "../aws/bundle/bundle.ts";
import { compileConfig } from "../aws/bundle/compile.ts";
import { secretsOf } from "../aws/secrets.ts";
import { runCommand, standardIo, wholeNumber } from "../host/command.ts";
import { example } from "../host/settings/settings.ts";
import { median } from "./median.ts";
import { portOf } from "./port.ts";

const help = `usage: npm run bench:cold -- [options]

Size and initialisation of every function as it runs on Lambda, against one that does nothing. Initialisation is the CPU time of a fresh
process until nothing is left to do before the first event: bundle loaded, secrets fetched (from a Parameter Store on this machine),
clients made. Every round starts each function once, in turn, and the empty one right before it: other work on the machine slows both. The
figure is the median of the rounds' ratios. A few rounds on shared cores are off by a tenth; the budgets are meant for idle cores.
  --rounds N  (21)
  --object    the configuration is an object of its own (S3 on this machine)
  --json      one JSON object instead of a table`;

const empty = "(empty)";

/** Ends by itself when the function has nothing left to do, and prints the CPU time in ms until then. */
const probe = `
require(process.argv[2]);
process.once("beforeExit", () => {
  const { user, system } = process.cpuUsage();
  process.stdout.write(String((user + system) / 1000));
});`;

const run = promisify(execFile);
const options = {
  rounds: { type: "string", default: "21" },
  object: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;

type Given = { rounds: number; object: boolean; json: boolean };

const main = async ({ rounds, object, json }: Given): Promise<void> => {
  const place = mkdtempSync(join(tmpdir(), "countersteer-cold-"));
  const parameters = await startParameterStore();
  try {
    const names = Object.keys(secretsOf);
    await bundle(names, place);
    const config = join(place, "countersteer.json");
    writeFileSync(config, compileConfig(example, readFileSync(example, "utf8")));
    const script = join(place, "probe.cjs");
    writeFileSync(script, probe);
    const nothing = join(place, "empty.cjs");
    writeFileSync(nothing, "exports.handler = async () => ({});");
    const files = new Map(names.map((name): [string, string] => [name, join(place, name, "index.cjs")]));
    const env = {
      ...{ ...lambda, COUNTERSTEER_CONFIG: config, SSM_ENDPOINT: parameters.url },
      ...(object && { CONFIG_KEY: config, S3_ENDPOINT: parameters.url }),
    };
    const bucketOf = (name: string) => (object && name !== "publish" ? { CONFIG_BUCKET: "bench" } : {});
    const start = async (name: string, file: string): Promise<number> => {
      const { stdout } = await run(process.execPath, [script, file], { env: { ...env, ...bucketOf(name) } });
      return Number(stdout);
    };
    const starts = new Map(names.map((name): [string, Start[]] => [name, []]));
    for (let round = 0; round < rounds; round++)
      for (const [name, file] of files) {
        const emptyMs = await start(empty, nothing);
        starts.get(name)?.push({ emptyMs, ownMs: await start(name, file) });
      }
    // Parameter Store takes ten names in a call. A call that is late is made again.
    const calls = Object.values(secretsOf).reduce((sum, { length }) => sum + Math.ceil(length / 10), 0);
    if (parameters.answered() < calls * rounds)
      throw new Error("a function did not get its secrets: what was measured is not its start");
    const least = [...starts.values()].flatMap((own) => own.map(({ emptyMs }) => emptyMs));
    const own = [...files].map(([name, file]): [string, Result] => [
      name,
      result(name, statSync(file).size, starts.get(name) ?? []),
    ]);
    print(
      new Map([[empty, { bytes: statSync(nothing).size, cpuMs: median(least), times: 1 }], ...own]),
      json,
    );
  } finally {
    parameters.stop();
    rmSync(place, { recursive: true, force: true });
  }
};

/** The variables that Lambda sets for every function, and those of the product. */
const lambda = {
  AWS_LAMBDA_FUNCTION_NAME: "countersteer-bench",
  ...{ AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "nobody", AWS_SECRET_ACCESS_KEY: "nothing" },
  ...{ TABLE_NAME: "countersteer", EVENT_BUS_NAME: "countersteer", SECRETS_PATH: "/countersteer/bench" },
  PROMETHEUS_URL: "http://127.0.0.1:9090",
};

/** Has a value for every parameter, but for Apps, whose token stands for the credential, and for the registries' logins, which are JSON. As S3 it has the example's configuration. */
const startParameterStore = async (): Promise<{ url: string; answered(): number; stop(): void }> => {
  let answered = 0;
  const server = createServer(async (request, response) => {
    if (request.method === "GET") {
      response.setHeader("etag", "1");
      response.end(compileConfig(example, readFileSync(example, "utf8")));
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { Names }: { Names: string[] } = JSON.parse(Buffer.concat(chunks).toString());
    const Parameters = Names.filter((name) => !/_APP_|REGISTRY_AUTH/.test(name)).map((Name) => ({
      Name,
      Value: "x",
    }));
    response.end(JSON.stringify({ Parameters, InvalidParameters: [] }));
    answered++;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${portOf(server)}`, answered: () => answered, stop: () => server.close() };
};

/** CPU time of a function's start, and of the empty one's right before it. */
type Start = { emptyMs: number; ownMs: number };
type Result = { bytes: number; cpuMs: number; times: number; limit?: Budget };

const result = (name: string, bytes: number, starts: Start[]): Result => ({
  ...{ bytes, cpuMs: median(starts.map(({ ownMs }) => ownMs)), limit: budgetOf(name) },
  times: median(starts.map(({ ownMs, emptyMs }) => ownMs / emptyMs)),
});

const print = (results: Map<string, Result>, json: boolean): void => {
  if (json) {
    console.log(JSON.stringify(Object.fromEntries(results)));
    return;
  }
  console.log("function      size    limit   CPU until ready   times the empty handler   limit");
  for (const [name, { bytes, cpuMs, times, limit }] of results) {
    const over = limit !== undefined && (bytes > limit.bytes || times > limit.times) ? "  OVER" : "";
    const most = limit === undefined ? "" : `${limit.times.toFixed(1)}`;
    console.log(
      `${name.padEnd(10)} ${kb(bytes)} ${limit === undefined ? " ".repeat(8) : kb(limit.bytes)} ${cpuMs.toFixed(0).padStart(14)} ms ${times.toFixed(2).padStart(25)} ${most.padStart(7)}${over}`,
    );
  }
};

const kb = (bytes: number): string => `${(bytes / 1000).toFixed(0).padStart(5)} KB`;

process.exitCode = await runCommand(
  { name: "bench:cold", help, options },
  { argv: process.argv.slice(2), io: standardIo() },
  async ({ values: { rounds, object, json } }) => {
    await main({ rounds: wholeNumber("--rounds", rounds), object, json });
    return 0;
  },
);
