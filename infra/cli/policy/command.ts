import { dirname, join } from "node:path";
import { foundIn, withoutEchoes } from "../../../shared/config/found.ts";
import { isRecord } from "../../../shared/records.ts";
import { runCommand, standardIo } from "../../host/command.ts";
import { ConfigurationError, UsageError } from "../../host/errors.ts";
import { readYaml } from "../../host/settings/read-file.ts";
import { readConfig } from "../../host/settings/settings.ts";
import { type PolicyCase, type PolicyFile, policyFile } from "./case.ts";
import { type Decided, decidePolicy } from "./decide.ts";

const help = `usage: npm run --silent cli -- policy test FILE [--json]

Decides the cases of FILE by the configuration that it names, and compares: each has a webhook, a change in git, an instant, the
people who approve, and the expected decision (allowed, refused, person) with words of its reason. It asks no other system.
Exit codes: 0 every case is as expected, 1 one is not or the file cannot be read, 2 wrong usage.`;

type Result = { name: string; expected: string; isAsExpected: boolean } & Decided;

/** `policy test`: expected decisions of a policy, held against the program. */
export const policy = (argv: string[], io = standardIo()): Promise<number> =>
  runCommand(
    { name: "policy", help, options: { json: { type: "boolean" } }, positionals: true },
    { argv, io },
    async ({ values, positionals: [action, file, ...more] }) => {
      if (action !== "test" || file === undefined || more.length > 0)
        throw new UsageError("give test and one FILE");
      const read = readFile(file);
      const config = readConfig(join(dirname(file), read.config));
      const results: Result[] = [];
      for (const one of read.cases) {
        const webhook = webhookOf(one, file);
        results.push(resultOf(one, await decidePolicy(one, { config, webhook, members: read.members })));
      }
      io.out(values.json ? `${JSON.stringify(results)}\n` : printed(results));
      return results.every(({ isAsExpected }) => isAsExpected) ? 0 : 1;
    },
  );

const readFile = (file: string): PolicyFile => {
  const [document] = readYaml(file);
  if (!isRecord(document))
    throw new ConfigurationError(
      `${file} is not a file of cases: it holds config and cases, such as docs/examples/policy-cases.yaml`,
    );
  const parsed = policyFile.safeParse(document, { reportInput: true });
  if (parsed.success) return parsed.data;
  const faults = withoutEchoes(
    parsed.error.issues.flatMap((issue) => foundIn(policyFile, issue, () => undefined)),
  );
  throw new ConfigurationError(
    faults.map(({ path, message }) => `${file}: ${path.join(".")}: ${message}`).join("\n"),
  );
};

const webhookOf = ({ webhook, at }: PolicyCase, file: string): unknown => {
  if (typeof webhook === "string") return readYaml(join(dirname(file), webhook))[0];
  const startsAt = new Date(at).toISOString();
  const alert = { status: "firing", labels: webhook.labels, annotations: {}, startsAt, fingerprint: "f1" };
  return { version: "4", status: "firing", truncatedAlerts: 0, alerts: [alert] };
};

const resultOf = ({ name, expect, because = "" }: PolicyCase, decided: Decided): Result => ({
  ...{ name, expected: because === "" ? expect : `${expect} because “${because}”` },
  isAsExpected: decided.decision === expect && decided.because.includes(because),
  ...decided,
});

const printed = (results: Result[]): string => {
  const lines = results.map(({ name, decision, because, expected, isAsExpected }) =>
    isAsExpected
      ? `as expected  ${name}: ${decision} (${because})`
      : `OTHERWISE    ${name}: ${decision} (${because})\n             expected: ${expected}`,
  );
  const failed = results.filter(({ isAsExpected }) => !isAsExpected).length;
  return `${lines.join("\n")}\n${results.length - failed} of ${results.length} cases are as expected\n`;
};
