import assert from "node:assert/strict";
import { test } from "node:test";
import { ask } from "../../../shared/adapters/github/api/call.ts";
import { connect, type Github } from "../../../shared/adapters/github/api/repository.ts";
import { contains, digest } from "../../../shared/adapters/github/git/compare.ts";
import { dependents } from "../../../shared/adapters/github/history/dependents.ts";
import { findPull, readComments, readPull, reopened } from "../../../shared/adapters/github/pulls/pulls.ts";
import { isOn } from "../../../shared/adapters/github/stop-issue.ts";
import { UpstreamError } from "../../../shared/errors.ts";
import { refName } from "../../../shared/git/ref-name.ts";
import type { Since } from "../../../shared/ports/history.ts";
import { holdLabel } from "../../../shared/ports/pulls.ts";
import { pull, sha } from "../../support/incident.ts";
import { service } from "../../support/world.ts";

type Answers = Record<string, Record<string, (args: { page?: number }) => unknown>>;
/** GitHub, as Octokit's methods answer. */
const githubOf = (answers: Answers): Github => {
  const wrapped = Object.entries(answers).map(([area, methods]) => [
    area,
    Object.fromEntries(
      Object.entries(methods).map(([name, answer]) => [
        name,
        async (args: object) => ({ data: answer(args) }),
      ]),
    ),
  ]);
  return connect({ octokit: Object.fromEntries(wrapped), login: async () => "countersteer[bot]" } as never);
};

/** An error as Octokit throws it. */
const failure = (status: number, headers: object = {}, message = "no") =>
  Object.assign(new Error(message), { status, response: { headers, data: { message } } });
const errorOf = (error: unknown) =>
  ask("merge acme/shop#4", () => Promise.reject(error)).then(
    () => assert.fail("it did not fail"),
    (thrown: unknown) => {
      assert.ok(thrown instanceof UpstreamError);
      return thrown;
    },
  );

test("outages and rate limits pass, other refusals do not", async () => {
  const passes = async (...of: Parameters<typeof failure>) => (await errorOf(failure(...of))).retryable;
  for (const status of [408, 429, 500, 502, 503]) assert.equal(await passes(status), true, `${status}`);
  for (const status of [400, 401, 403, 404, 409, 422]) assert.equal(await passes(status), false, `${status}`);
  assert.equal(await passes(403, { "retry-after": "30" }), true);
  assert.equal(await passes(403, { "x-ratelimit-remaining": "0" }), true);
  assert.equal(await passes(403, {}, "You have exceeded a secondary rate limit"), true);
  assert.equal(await passes(401, { "retry-after": "30" }), false);
});

test("no token shows in the message of a failure", async () => {
  const { message } = await errorOf(failure(401, {}, "Bad credentials ghp_abc123 for Bearer abcdefgh12345"));
  assert.equal(
    message,
    "merge acme/shop#4: 401 Bad credentials [redacted] for [redacted]; GitHub takes the token no longer, so renew it and press Retry",
  );
});

test("an answer that is a text and not JSON was not read, and may be another time", async () => {
  await assert.rejects(
    ask("read acme/shop", async () => ({ data: "<html>" as never })),
    (error) => error instanceof UpstreamError && error.retryable && /could not be read/.test(error.message),
  );
});

test("every comment is read, also past the first hundred", async () => {
  const all = Array.from({ length: 205 }, (_, id) => ({ id }));
  const github = githubOf({
    issues: { listComments: ({ page = 1 }) => all.slice((page - 1) * 100, page * 100) },
  });
  assert.deepEqual(await readComments(github, service(), { number: 4 }), all);
});

test("who opened a pull request again is found past its first hundred events, in 10,000 at most", async () => {
  const created_at = "2026-11-24T12:00:00Z";
  const event = (login: string) => ({ event: "reopened", actor: { login }, created_at });
  const labelled = (count: number) => Array.from({ length: count }, () => ({ event: "labeled" }));
  let pages = 0;
  const by = async (all: object[]) => {
    const listEvents = ({ page = 1 }) => {
      pages++;
      return all.slice((page - 1) * 100, page * 100);
    };
    return (await reopened(githubOf({ issues: { listEvents } }), service(), { ...pull, number: 4 }))?.by;
  };
  assert.equal(await by([event("ann"), ...labelled(140), event("ben"), ...labelled(20)]), "ben");
  assert.equal(pages, 2);
  assert.equal(await by([event("ann"), ...labelled(10_100), event("ben")]), "ann");
  assert.equal(pages, 102);
});

test("later changes are named also where more files are in conflict than are listed, and are not reverted together", async () => {
  const later = { sha: "b".repeat(40), parents: ["a".repeat(40)], author: "ann", message: "Drop all" };
  const since = { head: { sha: later.sha, tree: "t" }, commits: [later], files: [] } as unknown as Since;
  let calls = 0;
  const listCommits = () => {
    calls++;
    return [{ sha: later.sha }];
  };
  const of = (count: number) =>
    dependents(githubOf({ repos: { listCommits } }), service(), {
      ...{ paths: Array.from({ length: count }, (_, index) => `src/${index}`), since },
    });
  assert.deepEqual(await of(10), { commits: [later], own: true });
  assert.deepEqual(await of(11), { commits: [later], own: false });
  assert.equal(calls, 20);
});

test("the issue stops while it is open, whatever its labels, and while it is closed with the label", async () => {
  const stands = (issue: object) =>
    isOn(githubOf({ issues: { get: () => issue } }), { repository: "acme/ops", number: 7 });
  const label = { name: "countersteer/stop" };
  assert.equal(await stands({ state: "open", labels: [] }), true);
  assert.equal(await stands({ state: "closed", labels: [label] }), true);
  assert.equal(await stands({ state: "closed", labels: ["countersteer/stop"] }), true);
  assert.equal(await stands({ state: "closed", labels: [{ name: "bug" }] }), false);
});

test("a pull request with the label that holds it is held", async () => {
  const read = async (labels: object[]) => {
    const details = {
      ...{ number: 7, state: "open", labels, html_url: pull.url, node_id: "P_1", merged_at: null },
      ...{ head: { sha: pull.head, ref: pull.branch }, base: { ref: "main", sha: pull.baseSha } },
    };
    const github = githubOf({
      pulls: { get: () => details },
      git: { getRef: () => ({ object: { sha: pull.baseSha } }) },
      repos: {
        compareCommitsWithBasehead: () => ({
          ...{ status: "ahead", merge_base_commit: { sha: pull.baseSha } },
          files: [{ filename: "a.js", status: "modified", sha: sha("1") }],
        }),
      },
    });
    return (await readPull(github, service(), pull)).held;
  };
  assert.equal(await read([{ name: holdLabel }]), true);
  assert.equal(await read([{ name: "bug" }]), undefined);
});

const file = { path: "a.js", status: "modified", sha: sha("1"), previous: "" };
const comparison = (files: (typeof file)[]) => ({ status: "ahead", mergeBase: sha("b"), files }) as const;

test("the digest that an approval binds changes with the content of a file, and there is none for more files than GitHub lists", () => {
  const bound = digest(comparison([file]), "#4");
  for (const other of [{ sha: sha("2") }, { path: "b.js" }, { status: "added" }, { previous: "c.js" }])
    assert.notEqual(digest(comparison([{ ...file, ...other }]), "#4"), bound);
  const many = (count: number) => comparison(Array.from({ length: count }, () => file));
  assert.equal(typeof digest(many(299), "#4"), "string");
  assert.throws(() => digest(many(300), "#4"), /it changes 300 files or more/);
});

test("a commit is contained in those that are ahead of it, not in those behind or beside it", async () => {
  const isIn = (status: string) =>
    contains(
      githubOf({
        repos: {
          compareCommitsWithBasehead: () => ({ status, merge_base_commit: { sha: sha("b") }, files: [] }),
        },
      }),
      service(),
      { ancestor: sha("1"), descendant: sha("2") },
    );
  assert.deepEqual(await Promise.all(["ahead", "identical", "behind", "diverged"].map(isIn)), [
    true,
    true,
    false,
    false,
  ]);
});

test("only a pull request from this branch of this repository is ours: not one of a fork, nor one of another branch", async () => {
  const found = async (ref: string, repository: string) => {
    const listed = {
      ...{ number: 7, state: "open", labels: [], html_url: pull.url, merged_at: null },
      ...{
        head: { ref, sha: pull.head, repo: { full_name: repository } },
        base: { ref: "main", sha: pull.baseSha },
      },
    };
    const github = githubOf({
      pulls: { list: () => [listed] },
      repos: {
        compareCommitsWithBasehead: () => ({
          ...{ status: "ahead", merge_base_commit: { sha: pull.baseSha } },
          files: [{ filename: "a.js", status: "modified", sha: sha("1") }],
        }),
      },
    });
    return (await findPull(github, service(), refName(pull.branch)))?.pull.number;
  };
  assert.equal(await found(pull.branch, "Acme/Payments"), 7);
  assert.equal(await found(pull.branch, "eve/payments"), undefined);
  assert.equal(await found(`${pull.branch}-2`, "acme/payments"), undefined);
});
