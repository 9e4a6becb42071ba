import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { freePorts } from "../../infra/demo/monitor/real.ts";
import { root } from "../run/plan.ts";
import { scratch } from "../support/scratch.ts";

const run = promisify(execFile);
type Instruction = { name: string; value: string };

const dockerfile = await readFile(join(root, "infra/container/Dockerfile"), "utf8");
const instructions: Instruction[] = dockerfile
  .replaceAll(/^#.*\n/gm, "")
  .replaceAll(/\\\n\s*/g, " ")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => ({ name: line.split(" ", 1)[0]!, value: line.slice(line.indexOf(" ") + 1) }));
/** The image itself is made by the instructions after the last FROM. */
const image = instructions.slice(instructions.findLastIndex(({ name }) => name === "FROM"));

const only = (name: string): string => {
  const found = image.filter((one) => one.name === name);
  assert.equal(found.length, 1, `one ${name} in the image`);
  return found[0]!.value;
};
const copied = image
  .filter(({ name, value }) => name === "COPY" && !value.startsWith("--from"))
  .map(({ value }) => value.split(" "));

/** The image's folder, with the dependencies of this checkout. */
const unpack = async (t: TestContext): Promise<string> => {
  const app = await scratch(t);
  for (const words of copied)
    for (const source of words.slice(0, -1)) {
      const to = words.at(-1)!.endsWith("/") ? join(words.at(-1)!, source) : words.at(-1)!;
      await cp(join(root, source), join(app, to), { recursive: true });
    }
  await symlink(join(root, "node_modules"), join(app, "node_modules"));
  return app;
};

const saying = (stream: Readable, words: string): Promise<void> =>
  new Promise((resolve, reject) => {
    let said = "";
    stream.on("end", () => reject(new Error(`it ended without ${words}: ${said}`)));
    stream.on("data", (chunk) => {
      said += chunk;
      if (said.includes(words)) resolve();
    });
  });

test("every base of the container image names a version, and none is latest", () => {
  const bases = instructions.filter(({ name }) => name === "FROM").map(({ value }) => value.split(" ")[0]!);
  assert.deepEqual(bases, ["node:24-bookworm-slim", "gcr.io/distroless/nodejs24-debian12:nonroot"]);
});

test("the container runs as a user without rights, whom Kubernetes can check by number", () => {
  assert.equal(only("USER"), "65532:65532");
});

test("what the image copies is let in by its ignore file, and nothing else is", async () => {
  const ignored = await readFile(join(root, "infra/container/Dockerfile.dockerignore"), "utf8");
  const letIn = ignored.split("\n").filter((line) => line.startsWith("!"));
  const copiedAnywhere = instructions
    .filter(({ name, value }) => name === "COPY" && !value.startsWith("--from"))
    .flatMap(({ value }) => value.split(" ").slice(0, -1));
  assert.deepEqual(letIn.map((line) => line.slice(1)).sort(), [...new Set(copiedAnywhere)].sort());
});

test("the image's command runs in a read-only folder, and its health check tells when it is up", async (t) => {
  const app = await unpack(t);
  await chmod(app, 0o555);
  const [port] = await freePorts(1);
  const configuration = join(await scratch(t), "countersteer.yaml");
  await writeFile(configuration, await readFile(join(root, "infra/host/countersteer.example.yaml"), "utf8"));
  const env = {
    HOST: "127.0.0.1",
    PORT: String(port),
    DATA_DIR: await scratch(t),
    COUNTERSTEER_CONFIG: configuration,
    // The image has no git, and so no sandbox. Nothing is asked of these before the first incident.
    ...{ GITHUB_TOKEN: "t", GITHUB_API_URL: "http://127.0.0.1:9/", ALERTMANAGER_TOKEN: "t" },
    ...{ SLACK_BOT_TOKEN: "t", SLACK_API_URL: "http://127.0.0.1:9/", SLACK_SIGNING_SECRET: "t" },
  };
  const health = JSON.parse(only("HEALTHCHECK").replace(/^.*? CMD /, ""));
  const check = () =>
    run(process.execPath, health.slice(1), { env }).then(
      () => 0,
      ({ code }) => code,
    );
  assert.equal(await check(), 1);

  const server = spawn(process.execPath, JSON.parse(only("CMD")), {
    cwd: app,
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  t.after(() => server.kill("SIGKILL"));
  await saying(server.stderr, '"ready"');
  assert.equal(await check(), 0);
  server.kill("SIGTERM");
  assert.deepEqual(await once(server, "exit"), [0, null]);
});
