import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { policy } from "../../infra/cli/policy/command.ts";
import { webhook } from "../support/payloads.ts";

const directory = mkdtempSync(join(tmpdir(), "countersteer-policy-"));
after(() => rmSync(directory, { recursive: true }));
cpSync("docs/examples", directory, { recursive: true });
const cases = readFileSync("docs/examples/policy-cases.yaml", "utf8");
const config = readFileSync("docs/examples/policy.yaml", "utf8");

const run = async (argv: string[]) => {
  const [out, err]: [string[], string[]] = [[], []];
  const io = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) };
  return { code: await policy(argv, io), out: out.join(""), err: err.join("") };
};
const tried = async (text: string, changed = config) => {
  writeFileSync(join(directory, "cases.yaml"), text);
  writeFileSync(join(directory, "policy.yaml"), changed);
  const { code, out } = await run(["test", join(directory, "cases.yaml"), "--json"]);
  const results = JSON.parse(out) as {
    name: string;
    decision: string;
    because: string;
    isAsExpected: boolean;
  }[];
  return {
    code,
    results,
    others: results.filter(({ isAsExpected }) => !isAsExpected).map(({ name }) => name),
  };
};

test("every example decides as it says, with the reason", async () => {
  const { code, out } = await run(["test", "docs/examples/policy-cases.yaml"]);
  assert.equal(code, 0, out);
  assert.match(out, /\n12 of 12 cases are as expected\n$/);
});

const changes: [string, string, string, string[]][] = [
  [
    "four eyes off",
    "      mode: auto",
    "      mode: auto\n      fourEyes: false",
    ["an author does not approve the revert of their own change alone"],
  ],
  [
    "mode approve",
    "      mode: auto\n",
    "      mode: approve\n",
    ["measured evidence above the bar is merged without asking", "words alone never act"],
  ],
  [
    "one approver as a freeze's emergency",
    "emergency: 2",
    "emergency: 1",
    ["one approval does not merge at the weekend"],
  ],
  [
    "no rule about the database",
    '    rules:\n      - { paths: ["db/**"], approvers: ["github:team/dba"] }\n',
    "",
    ["the database's team approves what touches the database", "a member of that team may"],
  ],
  [
    "a guard on the source",
    "      maxFiles: 20",
    '      maxFiles: 20\n      guard: ["src/**"]',
    ["measured evidence above the bar is merged without asking", "words alone never act"],
  ],
];
for (const [name, from, to, expected] of changes)
  test(`a changed policy shows in its cases: ${name}`, async () => {
    const { code, others } = await tried(cases, config.replace(from, to));
    assert.deepEqual([code, others.filter((one) => expected.includes(one))], [1, expected]);
  });

test("a case that is otherwise is printed with what was expected, and fails", async () => {
  writeFileSync(join(directory, "policy.yaml"), config);
  writeFileSync(join(directory, "cases.yaml"), cases.replace("because: policy:auto", "because: nobody"));
  const { code, out } = await run(["test", join(directory, "cases.yaml")]);
  assert.equal(code, 1);
  assert.match(
    out,
    /^OTHERWISE {4}measured evidence .*: allowed \(approved by policy:auto\)\n {13}expected: allowed because “nobody”\n/,
  );
  assert.match(out, /\n11 of 12 cases are as expected\n$/);
});

test("a webhook may be a file as Alertmanager sent it; the age of its alerts does not matter", async () => {
  writeFileSync(
    join(directory, "firing.json"),
    JSON.stringify(webhook([{ labels: { service: "payments" } }])),
  );
  const { results } = await tried(cases.replace(/webhook: \{.*\}/, "webhook: firing.json"));
  assert.deepEqual([results[0]?.decision, results[0]?.because], ["allowed", "approved by policy:auto"]);
});

test("more files than policy.maxFiles, and a confidence below the bar, are no machine's", async () => {
  const paths = Array.from({ length: 21 }, (_, index) => `src/${index}.js`).join(", ");
  const many = await tried(cases.replace("paths: [src/fees.js]", `paths: [${paths}]`));
  assert.match(many.results[0]!.because, /^policy\.maxFiles \(20\) is less than the 21 files/);
  const weak = await tried(cases.replace("confidence: 0.99, measured: false", "confidence: 0.1"));
  assert.equal(weak.results[1]?.decision, "person");
  assert.match(weak.results[1]!.because, /^the likeliest remedy has 10 %, the policy asks for 50 %$/);
});

test("a file that is none is refused in a sentence, and wrong usage is told", async () => {
  for (const [text, told] of [
    ["cases: []", /config/],
    [cases.replace("expect: allowed", "expect: maybe"), /expect/],
    ["a: [", /cases\.yaml:1: Flow sequence in block collection must be sufficiently indented/],
  ] as const) {
    writeFileSync(join(directory, "cases.yaml"), text);
    const { code, err } = await run(["test", join(directory, "cases.yaml")]);
    assert.equal(code, 1);
    assert.match(err, told);
  }
  assert.equal((await run(["test", join(directory, "absent.yaml")])).code, 1);
  for (const argv of [[], ["test"], ["check", "a"], ["test", "a", "b"]])
    assert.equal((await run(argv)).code, 2);
});
