import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { runCommand, standardIo } from "../../infra/host/command.ts";
import { UsageError } from "../../infra/host/errors.ts";

const root = join(import.meta.dirname, "../..");
const packed = join(root, "node_modules/amplify-dynamodb-simulator/emulator/DynamoDBLocal.jar");

const help = `usage: npm run test:dynamodb -- [--endpoint URL | --jar FILE]

Holds the DynamoDB store, the functions and the emulator to their tests on another DynamoDB than dynalite. It makes tables, and deletes
them at the end.
  --endpoint URL  a DynamoDB that runs: DynamoDB Local, or AWS itself (https://dynamodb.<region>.amazonaws.com), which runs the store's
                  tests alone. Region and credentials are taken from where AWS's own tools take them.
  --jar FILE      DynamoDBLocal.jar, which is started on this machine; it needs Java 17.
Without either, the jar of the npm package amplify-dynamodb-simulator is used, where it is installed:
  npm install --no-save --ignore-scripts amplify-dynamodb-simulator@2.9.30`;

/** The store's own suites. */
const ofStore = ["contract/dynamodb", "adapters/dynamodb"];
/** The functions and the emulator on a table. */
const ofHost = ["burst", "calls", "hosts", "limits", "list", "restore", "roles", "table", "tick"].map(
  (name) => `aws/${name}`,
);

/** Runs the tests on the DynamoDB at `endpoint`, one file at a time: the emulators of two would share a table. Returns the exit code. */
const runTests = (endpoint: string): Promise<number> => {
  const names = endpoint.startsWith("https:") ? ofStore : [...ofStore, ...ofHost];
  const files = names.map((name) => join(root, `test/${name}.test.ts`));
  const seed = join(root, "test/support/seed.ts");
  const tests = spawn(process.execPath, ["--test", "--test-concurrency=1", "--import", seed, ...files], {
    stdio: "inherit",
    env: { ...process.env, DYNAMODB_TEST_ENDPOINT: endpoint },
  });
  return new Promise((done) => tests.once("exit", (code) => done(code === 0 ? 0 : 1)));
};

/** DynamoDB Local as its documentation starts it, in memory and without -sharedDb, while `run` runs. */
const withLocal = async (jar: string, run: (endpoint: string) => Promise<number>): Promise<number> => {
  const port = await freePort();
  const library = `-Djava.library.path=${join(dirname(jar), "DynamoDBLocal_lib")}`;
  const local = spawn("java", [library, "-jar", jar, "-inMemory", "-port", String(port)], {
    stdio: ["ignore", "ignore", "inherit"],
    // It writes a file of its own where it runs.
    cwd: tmpdir(),
  });
  const ended = new Promise<never>((_, reject) => {
    local.once("error", (error) => reject(new UsageError(`DynamoDB Local needs Java 17: ${error.message}`)));
    local.once("exit", (code) => reject(new UsageError(`DynamoDB Local ended with ${code}`)));
  });
  try {
    const endpoint = `http://127.0.0.1:${port}`;
    await Promise.race([untilItAnswers(endpoint), ended]);
    return await Promise.race([run(endpoint), ended]);
  } finally {
    local.kill();
  }
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });

const untilItAnswers = async (endpoint: string): Promise<void> => {
  for (;;) {
    const answer = await fetch(endpoint).catch(() => undefined);
    if (answer !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

process.exitCode = await runCommand(
  { name: "test:dynamodb", help, options: { endpoint: { type: "string" }, jar: { type: "string" } } },
  { argv: process.argv.slice(2), io: standardIo() },
  ({ values: { endpoint, jar = packed } }) => {
    if (endpoint !== undefined) {
      if (!/^https?:\/\/.+/.test(endpoint))
        throw new UsageError(`--endpoint is ${endpoint}: give an address`);
      return runTests(endpoint);
    }
    if (!existsSync(jar))
      throw new UsageError(
        `DynamoDB Local is NOT tested: there is no ${jar}. Give --endpoint or --jar, or install amplify-dynamodb-simulator (--help)`,
      );
    return withLocal(resolve(jar), runTests);
  },
);
