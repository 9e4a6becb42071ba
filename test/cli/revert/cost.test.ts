import assert from "node:assert/strict";
import { test } from "node:test";
import { runRevert } from "../../../infra/cli/revert/run.ts";
import { githubClient } from "../../../shared/adapters/github/api/client.ts";
import { connect } from "../../../shared/adapters/github/api/repository.ts";
import { readCommit } from "../../../shared/adapters/github/git/commits.ts";
import { historyOf, treesOf } from "../../../shared/adapters/github/github.ts";
import { planChange } from "../../../shared/remedy/revert/plan.ts";
import { numbered } from "../../git/past.ts";
import { type Files, files } from "../../support/git.ts";
import { type Calls, counting, service } from "../../support/github-shop.ts";
import { inRow, openRepository } from "./shop.ts";

const how = { reland: false, dryRun: false, json: true };
const many = (count: number, line: string) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`src/${at}`, numbered(20, { 3: `${line} ${at}` })]),
  );
const later = (tree: Files, touched: number): Files =>
  new Map([
    ...tree,
    ...files({ elsewhere: "2\n" }),
    ...files(
      Object.fromEntries(
        Array.from({ length: touched }, (_, at) => [
          `src/${at}`,
          numbered(20, { 3: `bad ${at}`, 15: "later" }),
        ]),
      ),
    ),
  ]);

/** A change of `count` files, `touched` of them changed since; its revert, and what that asked of GitHub. */
async function spent(
  t: { after: (work: () => unknown) => void },
  { count, touched, known }: { count: number; touched: number; known: boolean },
) {
  const [before, change] = [files(many(count, "good")), files(many(count, "bad"))];
  const { shas, sandbox, judge, git } = await openRepository(
    t,
    inRow([before, change, later(change, touched)]),
  );
  const calls: Calls = { made: [], rounds: 0 };
  const github = connect(
    githubClient({ apiUrl: sandbox.github, token: sandbox.token, fetch: counting(calls) }),
  );
  if (known) await readCommit(github, service, shas[1]!);
  Object.assign(calls, { made: [], rounds: 0 });
  const plan = await planChange(
    { history: historyOf(github), trees: treesOf(github), service, paths: [] },
    shas[1]!,
  );
  const { result, tree } = await runRevert(github, service, plan, how);
  git("symbolic-ref", "HEAD", "refs/heads/main");
  assert.deepEqual([result, tree], ["opened", judge(shas[1]!)]);
  return [calls.made.length, calls.rounds];
}

test("a change known already, its files untouched since, goes back in 7 requests and 5 round trips", async (t) => {
  assert.deepEqual(await spent(t, { count: 1, touched: 0, known: true }), [7, 5]);
  assert.deepEqual(await spent(t, { count: 40, touched: 0, known: true }), [7, 5]);
});

test("a change not seen before costs one request more, in the same five round trips", async (t) => {
  assert.deepEqual(await spent(t, { count: 3, touched: 0, known: false }), [8, 5]);
});

test("each file changed since costs one request, not three: the patches that are known make the others of it", async (t) => {
  assert.deepEqual(await spent(t, { count: 3, touched: 1, known: true }), [7 + 1, 6]);
  assert.deepEqual(await spent(t, { count: 3, touched: 2, known: true }), [7 + 2, 6]);
  assert.deepEqual(await spent(t, { count: 3, touched: 3, known: false }), [8 + 3, 6]);
});
