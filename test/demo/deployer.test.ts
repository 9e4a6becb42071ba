import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Deployed, startDeployer } from "../../infra/demo/deployer.ts";
import { buildRepository, type Repository } from "../../infra/demo/repository.ts";
import { startTraffic } from "../../infra/demo/traffic.ts";
import { git } from "../../infra/host/git.ts";
import { inbox, listen, scratch } from "../support/scratch.ts";

type Report = { service: string; environment: string; sha: string; status: string; at: string };

/** A deployer at work, and what it reported; the first report of each deploy is refused. */
const deploying = async (t: TestContext) => {
  const dir = await scratch(t);
  const repository = await buildRepository({ path: join(dir, "repository"), now: Date.now() });
  const refused = new Set<string>();
  const taken = inbox<Report>();
  const url = await listen(t, (body, request, response) => {
    const first = !refused.has(body);
    refused.add(body);
    if (!first && request.headers.authorization === "Bearer secret") taken.put(JSON.parse(body));
    response.writeHead(first ? 503 : 202).end();
  });
  const deployed = inbox<Deployed>();
  const deployer = await startDeployer({
    gitUrl: repository.bare,
    branch: "main",
    workDir: join(dir, "work"),
    logDir: dir,
    service: "payment-gateway",
    environment: "production",
    report: { url: `${url}/webhooks/deploys`, token: "secret" },
    onDeploy: deployed.put,
  });
  t.after(deployer.stop);
  return { repository, deployer, deployed, taken };
};

const push = async ({ clone }: Repository, path: string, content: string): Promise<string> => {
  await writeFile(join(clone, path), content);
  await git(clone, ["add", path]);
  await git(clone, [
    "-c",
    "user.name=Ann",
    "-c",
    "user.email=ann@acme.example",
    "commit",
    "--quiet",
    "-m",
    `change ${path}`,
  ]);
  await git(clone, ["push", "--quiet", "origin", "main"]);
  return git(clone, ["rev-parse", "HEAD"]);
};

const runningCommit = async (endpoint: string): Promise<string | undefined> =>
  /build_info\{commit="(\w+)"/.exec(await (await fetch(`${endpoint}/metrics`)).text())?.[1];

test("a pushed commit is deployed without a failed request and reported until somebody takes it", async (t) => {
  const { repository, deployer, deployed, taken } = await deploying(t);
  assert.equal(await runningCommit(deployer.endpoint), repository.before);
  const traffic = startTraffic({ target: deployer.endpoint, perSecond: 100 });
  const sha = await push(repository, "README.md", "# payment-gateway\n");
  const { at } = await deployed.first((one) => one.sha === sha);
  assert.equal(await runningCommit(deployer.endpoint), sha);
  const report = await taken.first((one) => one.sha === sha);
  await traffic.stop();
  assert.deepEqual(report, {
    service: "payment-gateway",
    environment: "production",
    sha,
    status: "succeeded",
    at: new Date(at).toISOString(),
  });
  assert.deepEqual(
    taken.arrived.map((one) => one.sha),
    [repository.before, sha],
  );
  assert.ok(traffic.sent() > 10);
  assert.deepEqual(traffic.bad(), []);
});

test("a commit that does not start is reported as failed and the one before it keeps serving", async (t) => {
  const { repository, deployer, taken } = await deploying(t);
  const sha = await push(repository, "src/server.js", "throw new Error('no port');\n");
  assert.equal((await taken.first((one) => one.sha === sha)).status, "failed");
  assert.equal(deployer.current(), repository.before);
  assert.equal(await runningCommit(deployer.endpoint), repository.before);
});

test("pushes that are made together are one deploy, of the last", async (t) => {
  const { repository, deployer, deployed, taken } = await deploying(t);
  let last = "";
  // Longer than the deployer waits between two looks.
  await deployer.together(async () => {
    for (let n = 0; n < 12; n++) last = await push(repository, "README.md", `# payment-gateway ${n}\n`);
  });
  await deployed.first((one) => one.sha === last);
  await taken.first((one) => one.sha === last);
  assert.deepEqual(
    deployed.arrived.map(({ sha }) => sha),
    [repository.before, last],
  );
});
