import { spawn } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";

const help = `usage: npm run test:dynamodb -- --endpoint URL

Holds the DynamoDB store to what every store promises, on the DynamoDB at URL: DynamoDB local, or AWS itself
(https://dynamodb.<region>.amazonaws.com). It makes a table countersteer-test-…, and deletes it at the end.
Region and credentials are taken from where AWS's own tools take them; a DynamoDB on this machine needs none.`;

/** Runs the suites of the store on another DynamoDB than dynalite. Returns the exit code. */
const main = async (argv: string[]): Promise<number> => {
  let endpoint: string | undefined;
  try {
    const { values } = parseArgs({
      args: argv,
      options: { endpoint: { type: "string" }, help: { type: "boolean", short: "h" } },
    });
    if (values.help) {
      console.log(help);
      return 0;
    }
    endpoint = values.endpoint;
    if (endpoint === undefined || !/^https?:\/\/.+/.test(endpoint))
      throw new Error(
        endpoint === undefined ? "--endpoint is missing" : `--endpoint is ${endpoint}: give an address`,
      );
  } catch (error) {
    console.error(`${(error as Error).message}\n${help}`);
    return 2;
  }
  const files = ["dynamodb.test.ts", "../adapters/dynamodb.test.ts"].map((file) =>
    join(import.meta.dirname, file),
  );
  const tests = spawn(process.execPath, ["--test", ...files], {
    stdio: "inherit",
    env: { ...process.env, DYNAMODB_TEST_ENDPOINT: endpoint },
  });
  return new Promise((resolve) => tests.once("exit", (code) => resolve(code === 0 ? 0 : 1)));
};

process.exitCode = await main(process.argv.slice(2));
