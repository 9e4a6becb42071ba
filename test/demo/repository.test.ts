import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { cp, mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { parse } from "yaml";
import {
  buildRepository,
  culpritOf,
  historyOf,
  land,
  landRelease,
  type Repository,
  releasePull,
} from "../../infra/demo/repository.ts";
import { startService } from "../../infra/demo/service.ts";
import { git } from "../../infra/host/git.ts";
import { scratch } from "../support/scratch.ts";

const now = Date.parse("2026-11-22T12:00:00Z");
const day = 24 * 60 * 60 * 1000;
const currencies = { EUR: "24.90", USD: "18.00", GBP: "9.99", CHF: "61.20", SEK: "349.00", JPY: "2480" };
const ok = { EUR: 201, USD: 201, GBP: 201, CHF: 201, SEK: 201, JPY: 201 };

/** Works once, and gives each test a copy: the same `now` gives the same commits. */
const copies = <Made extends { repository: Repository }>(make: (path: string) => Promise<Made>) => {
  let original: Promise<Made & { path: string }> | undefined;
  const once = async () => {
    const path = await mkdtemp(join(tmpdir(), "countersteer-test-"));
    process.once("exit", () => rmSync(path, { recursive: true, force: true }));
    return { ...(await make(path)), path };
  };
  return async (t: TestContext) => {
    original ??= once();
    const { path, ...made } = await original;
    const to = await scratch(t);
    await cp(path, to, { recursive: true });
    const { repository } = made;
    const [bare, clone] = [repository.bare, repository.clone].map((one) => join(to, basename(one)));
    await git(clone!, ["remote", "set-url", "origin", bare!]);
    return { ...made, repository: { ...repository, bare: bare!, clone: clone! } };
  };
};

const built = copies(async (path) => ({ repository: await buildRepository({ path, now }) }));
const released = copies(async (path) => {
  const repository = await buildRepository({ path, now });
  const release = await land(repository, "release", now);
  const after = await land(repository, "after", now + 60_000);
  return { repository, release, after, culprit: culpritOf(release) };
});

/** The status of one payment in each currency, of the service as the commit has it. */
const pay = async (t: TestContext, clone: string, sha: string): Promise<Record<string, number>> => {
  const dir = join(await scratch(t), "checkout");
  await git(clone, ["worktree", "add", "--quiet", "--detach", dir, sha]);
  const { port, child } = await startService({ dir, sha, log: `${dir}.log` });
  t.after(child.stop);
  const answers: Record<string, number> = {};
  for (const [currency, amount] of Object.entries(currencies)) {
    const body = JSON.stringify({ amount, currency, card: { number: "4242424242424242", expiry: "12/99" } });
    const { status } = await fetch(`http://127.0.0.1:${port}/payments`, { method: "POST", body });
    answers[currency] = status;
  }
  return answers;
};

test("the history is three weeks of at least 25 commits by several people and ends a day or two before now", async (t) => {
  const { repository } = await built(t);
  const { commits, authors } = await historyOf(repository);
  const dates = (await git(repository.bare, ["log", "--format=%ct", "main"]))
    .split("\n")
    .map((at) => Number(at) * 1000);
  assert.ok(commits >= 25 && authors >= 5);
  assert.deepEqual(
    dates,
    dates.toSorted((a, b) => b - a),
  );
  assert.ok(dates[0]! < now - day && dates[0]! > now - 2 * day);
  assert.ok(dates.at(-1)! > now - 22 * day && dates.at(-1)! < now - 18 * day);
});

test("the same now gives the same commits, in the bare repository and in the team's clone", async (t) => {
  const first = await buildRepository({ path: await scratch(t), now });
  const second = await buildRepository({ path: await scratch(t), now });
  assert.equal(first.before, second.before);
  assert.equal(await git(first.bare, ["rev-parse", "main"]), first.before);
});

test("the repository deploys as its teams do: an autoscaler from 3 to 50 pods, synced by Argo CD", async (t) => {
  const { clone } = (await built(t)).repository;
  const yaml = async (path: string) => parse(await readFile(join(clone, path), "utf8"));
  const { minReplicas, maxReplicas } = (await yaml("k8s/hpa.yaml")).spec;
  assert.deepEqual({ minReplicas, maxReplicas }, { minReplicas: 3, maxReplicas: 50 });
  assert.equal((await yaml("argocd/application.yaml")).spec.source.path, "k8s");
  assert.deepEqual((await yaml("k8s/kustomization.yaml")).resources, [
    "deployment.yaml",
    "service.yaml",
    "hpa.yaml",
  ]);
});

test("the culprit stands inside a release of several commits, and an innocent one changes its file afterwards", async (t) => {
  const { repository, release, after, culprit } = await released(t);
  const place = release.commits.findIndex(({ sha }) => sha === culprit);
  assert.ok(release.commits.length >= 4 && place > 0 && place < release.commits.length - 1);
  assert.equal(after.commits.length, 2);
  assert.ok(release.commits[place]!.paths.includes("src/fx/rates.js"));
  assert.deepEqual(after.commits[0]!.paths, ["src/fx/rates.js"]);
  assert.equal(await git(repository.bare, ["rev-parse", "main"]), after.head);
});

test("the release breaks payments in yen and nothing else", async (t) => {
  const { repository, release, after } = await released(t);
  assert.deepEqual(await pay(t, repository.clone, release.before), ok);
  assert.deepEqual(await pay(t, repository.clone, release.head), { ...ok, JPY: 500 });
  assert.deepEqual(await pay(t, repository.clone, after.head), { ...ok, JPY: 500 });
});

test("its authors' tests pass all the same", async (t) => {
  const { repository } = await released(t);
  // A runner that finds the variable of the outer one reports to it instead of running.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const run = promisify(execFile)(process.execPath, ["--test"], { cwd: repository.clone, env });
  assert.match((await run).stdout, /^. fail 0$/m);
});

test("git reverts the culprit cleanly onto the head, keeps the later change, and yen are taken again", async (t) => {
  const { repository, after, culprit } = await released(t);
  const { clone } = repository;
  await git(clone, [
    "-c",
    "user.name=Ann",
    "-c",
    "user.email=ann@acme.example",
    "revert",
    "--no-edit",
    culprit,
  ]);
  const head = await git(clone, ["rev-parse", "HEAD"]);
  const rates = await git(clone, ["show", "HEAD:src/fx/rates.js"]);
  assert.match(rates, /GBP: 1_186_900/);
  assert.doesNotMatch(rates, /halves/);
  assert.deepEqual(
    await git(clone, ["diff", "--name-only", after.head, head]),
    "src/fx/rates.js\ntest/fx.test.js",
  );
  assert.deepEqual(await pay(t, clone, head), ok);
});

test("the release is a pull request of three commits that is merged between two pushed ones, and breaks payments in yen", async (t) => {
  const { repository } = await built(t);
  const { clone } = repository;
  const release = await landRelease(repository, now, async (push) => {
    await push();
    await git(clone, ["merge", "--quiet", "--no-ff", "-m", "Merge pull request #1", releasePull.branch]);
    await git(clone, ["push", "--quiet", "origin", "main"]);
  });
  assert.equal(release.commits.length, 5);
  assert.equal((await git(clone, ["log", "--format=%h", "HEAD^1..HEAD^2"])).split("\n").length, 3);
  assert.equal((await git(clone, ["log", "--format=%h", `${release.before}..HEAD^1`])).split("\n").length, 2);
  assert.deepEqual(await pay(t, clone, release.head), { ...ok, JPY: 500 });
  assert.deepEqual(await pay(t, clone, `${release.head}^1`), ok);
});
