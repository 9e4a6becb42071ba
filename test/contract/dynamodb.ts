import { spawn } from "node:child_process";
import { join } from "node:path";
import { runCommand, standardIo } from "../../infra/host/command.ts";
import { UsageError } from "../../infra/host/errors.ts";

const help = `usage: npm run test:dynamodb -- --endpoint URL

Holds the DynamoDB store to what every store promises, on the DynamoDB at URL: DynamoDB local, or AWS itself
(https://dynamodb.<region>.amazonaws.com). It makes a table countersteer-test-…, and deletes it at the end.
Region and credentials are taken from where AWS's own tools take them; a DynamoDB on this machine needs none.`;

/** Runs the suites of the store on another DynamoDB than dynalite. Returns the exit code. */
const main = (endpoint: string): Promise<number> => {
  const files = ["dynamodb.test.ts", "../adapters/dynamodb.test.ts"].map((file) =>
    join(import.meta.dirname, file),
  );
  const tests = spawn(process.execPath, ["--test", ...files], {
    stdio: "inherit",
    env: { ...process.env, DYNAMODB_TEST_ENDPOINT: endpoint },
  });
  return new Promise((resolve) => tests.once("exit", (code) => resolve(code === 0 ? 0 : 1)));
};

process.exitCode = await runCommand(
  { name: "test:dynamodb", help, options: { endpoint: { type: "string" } } },
  { argv: process.argv.slice(2), io: standardIo() },
  ({ values: { endpoint } }) => {
    if (endpoint === undefined) throw new UsageError("--endpoint is missing");
    if (!/^https?:\/\/.+/.test(endpoint)) throw new UsageError(`--endpoint is ${endpoint}: give an address`);
    return main(endpoint);
  },
);
