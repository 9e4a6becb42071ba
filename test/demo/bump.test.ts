import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startDeployer } from "../../infra/demo/deployer.ts";
import { buildConfiguration, commitOfImage, image } from "../../infra/demo/gitops-repository.ts";
import { startImageUpdater } from "../../infra/demo/image-updater.ts";
import { buildRepository, culpritOf, land } from "../../infra/demo/repository.ts";
import { demo } from "../../infra/demo/service-config.ts";
import { git } from "../../infra/host/git.ts";
import { startSandbox } from "../../infra/sandbox/index.ts";
import { github, githubClient } from "../../shared/adapters/github/github.ts";
import { runGit } from "../support/git-runner.ts";
import { alert, id } from "../support/incident.ts";
import { inbox, listen, scratch } from "../support/scratch.ts";
import { until } from "../support/until.ts";
import { service, world } from "../support/world.ts";

const hour = 3_600_000;

/** The application's and the configuration's repositories, with a bot that follows the one and writes to the other. */
const configured = async (t: TestContext) => {
  const path = await scratch(t);
  const now = Date.now();
  const repository = await buildRepository({ path, now });
  const configuration = await buildConfiguration({
    path,
    before: repository.before,
    at: repository.beforeAt + hour,
  });
  const bumps = inbox<{ sha: string; from: string; to: string }>();
  const startBot = (name: string) =>
    startImageUpdater({
      ...{
        clone: join(path, name),
        configUrl: configuration.bare,
        sourceUrl: repository.bare,
        branch: "main",
      },
      ...{ token: "none", onBump: bumps.put },
    });
  return { path, now, repository, configuration, bumps, startBot };
};

/** The deployer runs the commit that the image's tag names. */
const runs = async (
  t: TestContext,
  {
    path,
    configuration,
    repository,
  }: Pick<Awaited<ReturnType<typeof configured>>, "path" | "configuration" | "repository">,
  commit: string,
): Promise<void> => {
  const report = await listen(t, (_, __, response) => response.writeHead(202).end());
  const deployer = await startDeployer({
    gitUrl: configuration.bare,
    image: { gitUrl: repository.bare, commitOf: commitOfImage },
    ...{ branch: "main", workDir: join(path, "work"), logDir: path },
    ...{ service: demo.service, environment: demo.environment, report: { url: report, token: "secret" } },
  });
  const metrics = await (await fetch(`${deployer.endpoint}/metrics`)).text();
  await deployer.stop();
  assert.equal(/build_info\{commit="(\w+)"/.exec(metrics)?.[1], commit);
};

test("over real repositories: a bot's bump is deployed, rolled back with the bot held, and followed by the culprit's own revert", async (t) => {
  const { path, now, repository, configuration, bumps, startBot } = await configured(t);
  const release = await land(repository, "release", now);
  const culprit = culpritOf(release);
  const bot = await startBot("bot");
  const { sha: bump, ...moved } = await bumps.first(() => true);
  const [former, latter] = [repository.before, release.head].map((sha) => `main-${sha.slice(0, 12)}`);
  assert.deepEqual(moved, { from: former, to: latter });
  await bot.stop();
  await runs(t, { path, configuration, repository }, release.head);
  const sandbox = await startSandbox({
    repos: { [demo.repository]: repository.bare, [demo.gitops.repository]: configuration.bare },
    log: () => {},
    runGit,
  });
  t.after(() => sandbox.close());
  const made = world({
    configured: service({
      repository: demo.repository,
      paths: ["src/"],
      gitops: [{ ...demo.gitops, branch: "main" }],
    }),
  });
  const hosted = github({ client: githubClient({ apiUrl: sandbox.github, token: sandbox.token }) });
  Object.assign(made.work, { history: hosted, trees: hosted, pulls: hosted });
  made.state.now = now + 30_000;
  await made.deploy(bump);
  made.state.now = now + 60_000;
  const startsAt = now + 50_000;
  const summary = "payments in JPY fail with a 5xx: conversion to minor units of the currency";
  await made.alerts([alert({ startsAt, labels: { currency: "JPY" }, annotations: { summary } })]);
  const asked = await made.settle();
  assert.ok(asked.status === "proposed" && asked.remedy.kind === "revert");
  assert.equal(asked.diagnosis.suspects[0]?.sha, culprit);
  assert.deepEqual([asked.remedy.in, asked.remedy.sha, asked.remedy.behind?.sha], ["gitops", bump, culprit]);
  const changed = await git(configuration.bare, ["diff", "-U0", "main", asked.pull.branch]);
  assert.deepEqual(
    changed.split("\n").filter((line) => /^[-+] /.test(line)),
    [
      '+    argocd-image-updater.argoproj.io/gateway.ignore-tags: "*"',
      `-    - ${image}:${latter}`,
      `+    - ${image}:${former}`,
    ],
  );

  await made.approve("UANN", asked.pull.head);
  const merged = await made.settle();
  assert.ok(
    merged.status === "merged" &&
      merged.merge?.sha === (await git(configuration.bare, ["rev-parse", "main"])),
  );
  made.state.now += 5_000;
  await made.deploy(merged.merge?.sha);
  const live = await made.settle();
  assert.ok(live.status === "deployed" && live.followUp && "pull" in live.followUp);
  const { branch } = live.followUp.pull;
  assert.equal(
    await git(repository.bare, ["diff", "--name-only", "main", branch]),
    "src/fx/rates.js\ntest/fx.test.js",
  );
  const log = (await made.store.log(id)).filter(({ type }) => type === "FollowUpOpened");
  const pulls = await fetch(`${sandbox.github}/repos/${demo.repository}/pulls?state=all`, {
    headers: { authorization: `Bearer ${sandbox.token}` },
  });
  assert.deepEqual([log.length, ((await pulls.json()) as unknown[]).length], [1, 1]);

  const again = await startBot("bot again");
  t.after(again.stop);
  await until("the hold of the bot", again.held, Boolean);
  assert.equal(bumps.arrived.length, 1);
});
