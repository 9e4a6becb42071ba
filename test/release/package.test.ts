import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { mkdir, readdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { before, type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { freePorts } from "../../infra/demo/monitor/real.ts";
import { startServerProcess } from "../../infra/demo/server-process.ts";
import { buildPackage } from "../../infra/release/build.ts";
import { root } from "../run/plan.ts";
import { scratch } from "../support/scratch.ts";

const run = promisify(execFile);
const { version, dependencies, bin } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const command = "node_modules/countersteer/infra/cli/countersteer.js";

before(() => buildPackage());

/** A folder with the package as npm installs it, and of its dependencies those that package.json names. */
const install = async (t: TestContext): Promise<string> => {
  const dir = await scratch(t);
  await mkdir(join(dir, "node_modules/countersteer"), { recursive: true });
  await run("cp", ["-r", `${join(root, "dist/npm")}/.`, join(dir, "node_modules/countersteer")]);
  for (const name of Object.keys(dependencies).map((path) => path.split("/", 1)[0]!))
    await symlink(join(root, "node_modules", name), join(dir, "node_modules", name)).catch(unlessThere);
  return dir;
};

const unlessThere = (error: NodeJS.ErrnoException): void => {
  if (error.code !== "EEXIST") throw error;
};

test("the command of the npm package is a file of it", async () => {
  const inPackage = await readdir(join(root, "dist/npm/infra/cli"));
  assert.deepEqual(bin, { countersteer: "dist/npm/infra/cli/countersteer.js" });
  assert.ok(inPackage.includes("countersteer.js"));
});

test("what a file of the package loads is in the package, but for what only a checkout can run", () => {
  const folder = join(root, "dist/npm");
  const missing = globSync("**/*.js", { cwd: folder }).flatMap((file) =>
    [...readFileSync(join(folder, file), "utf8").matchAll(/(?:from|import|import\() ?["'](\.[^"']+)["']/g)]
      .map(([, path]) => join(dirname(file), path!))
      .filter((path) => !existsSync(join(folder, path))),
  );
  assert.deepEqual(missing, ["infra/aws-local/start.js"]);
});

test("an installed package tells its version, and its help in the words of its own command", async (t) => {
  const dir = await install(t);
  const told = await run(process.execPath, [command, "--version"], { cwd: dir });
  const help = await run(process.execPath, [command, "check-config", "--help"], { cwd: dir });
  assert.equal(told.stdout, `${version}\n`);
  assert.match(help.stdout, /^usage: countersteer check-config FILE/);
});

test("an installed package says in one sentence which command needs a checkout", async (t) => {
  const dir = await install(t);
  const failed = await run(process.execPath, [command, "start-aws-local"], { cwd: dir }).catch(
    (error) => error,
  );
  assert.equal(failed.code, 1);
  assert.equal(
    failed.stderr,
    "start-aws-local needs development dependencies: run it in a checkout of the project after npm ci\n",
  );
});

test("an installed package runs the server, and stops when it is told to", async (t) => {
  const dir = await install(t);
  const [port] = await freePorts(1);
  const server = await startServerProcess({
    port: port!,
    env: { DATA_DIR: join(dir, "data") },
    log: join(dir, "server.log"),
    program: join(dir, command),
  });
  const list = await fetch(`${server.url}/incidents`, { headers: { accept: "application/json" } });
  await server.stop();
  const { incidents } = (await list.json()) as { incidents: unknown };
  assert.deepEqual([list.status, incidents], [200, []]);
  assert.match(readFileSync(join(dir, "server.log"), "utf8"), /"stopped"/);
});

test("an older Node is told in one sentence which one is needed", async (t) => {
  const dir = await scratch(t);
  const file = join(root, "infra/cli/node-version.js");
  const asOlder = `Object.defineProperty(process.versions, "node", { value: "20.20.2" }); await import(${JSON.stringify(file)});`;
  const failed = await run(process.execPath, ["--input-type=module", "-e", asOlder], { cwd: dir }).catch(
    (error) => error,
  );
  assert.equal(failed.code, 1);
  assert.equal(
    failed.stderr,
    "Countersteer needs Node 24 or newer, and this is Node 20.20.2: install Node 24, or in a checkout run npm ci without --omit=dev, which brings it along\n",
  );
});
