import assert from "node:assert/strict";
import { test } from "node:test";
import { bumpsBehind } from "../../functions/diagnose/bumps.ts";
import { gather } from "../../functions/diagnose/gather.ts";
import { commitBehind } from "../../functions/diagnose/image.ts";
import { rank } from "../../shared/diagnosis/rank.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Commit } from "../../shared/ports/history.ts";
import type { Registry } from "../../shared/ports/registry.ts";
import { alert, sha } from "../support/incident.ts";
import { service, world } from "../support/world.ts";

const minute = 60_000;
const onsetAt = Date.parse("2026-11-24T12:00:00Z");
const commit = (letter: string, over: Partial<Commit> = {}): Commit => ({
  ...{ sha: sha(letter), parents: [sha("0")], title: `change ${letter}`, message: `change ${letter}` },
  ...{ author: "Ann", url: `http://github.test/${letter}`, paths: ["src/orders.js"], patch: "-a\n+b" },
  at: onsetAt - 30 * minute,
  ...over,
});
const gitops = { repository: "acme/env", branch: "main", paths: ["prod/"] };
const own = { ...service(), gitops: [gitops] };
const title = "build: automatic update of gateway";
const bump = commit("1", {
  ...{
    title,
    message: `${title}\n\nupdates image acme/gateway tag '1' to '2'`,
    paths: ["prod/kustomization.yaml"],
  },
  ...{ author: "argocd-image-updater", at: onsetAt - 5 * minute },
});
const images = (tag: string, name = "ghcr.io/acme/gateway") =>
  `images:\n  - name: ${name}\n    newTag: "${tag}"\n`;
const file = (before: string, after: string) => ({ path: "prod/kustomization.yaml", before, after });
const [older, newer] = ["main-aaaaaaa", "main-bbbbbbb"];

/** An application of commits b (live since the bump), c and a before. */
const made = (before = images(older!), after = images(newer!)) => {
  const at = world({ configured: own });
  const c = commit("c", { at: onsetAt - 40 * minute });
  const a = commit("a", { at: onsetAt - 60 * minute });
  const b = commit("b", { title: "round JPY to minor units", at: onsetAt - 20 * minute });
  at.state.files = [file(before, after)];
  at.state.commits = [b, c];
  at.state.named = new Map([
    ["aaaaaaa", a],
    ["bbbbbbb", b],
    ["tags/v2.0.0", b],
    [sha("b"), b],
  ]);
  return { ...at, a, b, c };
};
const given = {
  service: own,
  place: gitops,
  environment: "production",
  commits: [bump],
  liveAt: () => onsetAt - 4 * minute,
};

test("a bump whose tags carry commits shows what it brought, and when that went live", async () => {
  const { work, b, c, a } = made();
  const text =
    "moves ghcr.io/acme/gateway from main-aaaaaaa to main-bbbbbbb (prod/kustomization.yaml:3), by Argo CD Image Updater; its tag carries the commit";
  const record = {
    service: "payment-gateway",
    environment: "production",
    status: "succeeded",
    url: bump.url,
  };
  assert.deepEqual(await bumpsBehind(work, given), {
    bumps: [{ sha: bump.sha, title, deployed: b.sha, commits: [b.sha, c.sha], text }],
    commits: [b, c],
    deploys: [
      { ...record, sha: a.sha, at: a.at, version: "main-aaaaaaa" },
      { ...record, sha: b.sha, at: onsetAt - 4 * minute, version: "main-bbbbbbb" },
    ],
    bumpOnlyCommits: [bump.sha],
    unread: [],
  });
});

test("a bump of what is not the service's own is told, and stays a suspect itself", async () => {
  const { work } = made(images("7.0", "redis"), images("7.2", "redis"));
  assert.deepEqual(await bumpsBehind(work, given), {
    bumps: [
      {
        sha: bump.sha,
        title,
        commits: [],
        text: "moves redis from 7.0 to 7.2 (prod/kustomization.yaml:3), by Argo CD Image Updater",
      },
    ],
    ...{ commits: [], deploys: [], bumpOnlyCommits: [], unread: [] },
  });
});

test("one that was not live when the trouble began brought nothing", async () => {
  const { work } = made();
  const { deploys, bumpOnlyCommits } = await bumpsBehind(work, {
    ...given,
    liveAt: () => undefined,
  });
  assert.deepEqual([deploys, bumpOnlyCommits], [[], []]);
});

test("one that did more than move the version stays a suspect beside what it brought", async () => {
  const { work } = made(images(older!), `${images(newer!)}replicas: []\n`);
  assert.deepEqual((await bumpsBehind(work, given)).bumpOnlyCommits, []);
});

test("a registry that fails is told, and the tag counts in its place", async () => {
  const { work } = made();
  const registry: Registry = {
    origin: async () => {
      throw new UpstreamError("registry", "read manifests/1 of ghcr.io/acme/gateway: 503", {
        retryable: true,
      });
    },
  };
  const { bumps, unread } = await bumpsBehind({ ...work, registry }, given);
  assert.equal(bumps[0]!.deployed, sha("b"));
  assert.deepEqual(unread, [
    "what ghcr.io/acme/gateway says of its origin could not be read (read manifests/1 of ghcr.io/acme/gateway: 503)",
  ]);
});

const proofOf = async (
  version: string,
  {
    name = "ghcr.io/acme/payment-gateway",
    field = "tag" as "tag" | "digest" | "version",
    told = undefined as { revision: string; source?: string } | undefined,
  } = {},
) => {
  const { work } = made();
  const found = await commitBehind(work.history, own, { name, field, version, origin: told });
  return found && [found.commit.sha[0], found.proof];
};

test("what the image says comes before what its tag says", async () => {
  const told = { revision: sha("b"), source: "https://github.com/acme/payments.git" };
  assert.deepEqual(await proofOf("main-aaaaaaa", { told }), [
    "b",
    "the image says that it was built from that commit",
  ]);
  assert.deepEqual(await proofOf(`sha256:${"0".repeat(64)}`, { field: "digest", told }), [
    "b",
    "the image says that it was built from that commit",
  ]);
  assert.equal(
    await proofOf("main-aaaaaaa", { told: { ...told, source: "https://github.com/acme/other" } }),
    undefined,
  );
  assert.equal(await proofOf("main-aaaaaaa", { told: { revision: "../x" } }), undefined);
});

test("a version means a git tag only when it is the service's own", async () => {
  assert.deepEqual(await proofOf("2.0.0"), ["b", "the git tag v2.0.0 is the commit"]);
  assert.deepEqual(await proofOf("2.0.0", { name: "dev/payment-gateway", field: "version" }), [
    "b",
    "the git tag v2.0.0 is the commit",
  ]);
  assert.equal(await proofOf("2.0.0", { name: "redis" }), undefined);
  assert.equal(await proofOf("3.0.0"), undefined);
  assert.equal(await proofOf(`sha256:${"0".repeat(64)}`, { field: "digest" }), undefined);
});

test("the rollback of the bump comes first, with the guilty application commit behind it", async () => {
  const { work, a, b, c } = made();
  const bumped = await bumpsBehind(work, given);
  const { suspects, remedies } = rank({
    ...{ service: own.name, onsetAt, commits: [b, c, a], history: [b.sha, c.sha, a.sha] },
    alerts: [
      alert({ labels: { currency: "JPY" }, annotations: { summary: "payments in JPY fail: minor units" } }),
    ],
    deploys: bumped.deploys,
    bumps: bumped.bumps,
    elsewhere: [{ service: own.name, in: "gitops", commits: [], history: [bump.sha], deploys: [] }],
  });
  assert.equal(suspects[0]!.sha, b.sha);
  assert.equal(
    suspects[0]!.reasons.at(-1),
    `came with ${sha("1").slice(0, 12)}, which ${bumped.bumps[0]!.text}`,
  );
  const [rollback, single] = remedies;
  const { score, ...rest } = rollback!;
  assert.deepEqual(rest, {
    ...{ kind: "revert", in: "gitops", sha: bump.sha, title },
    behind: { sha: b.sha, title: b.title },
  });
  const ofBump = suspects.filter((one) => one.sha === b.sha || one.sha === c.sha);
  assert.equal(
    score,
    ofBump.reduce((sum, one) => sum + one.score, 0),
  );
  assert.deepEqual(
    [single!.kind, single!.kind === "revert" && single!.sha, single!.in],
    ["revert", b.sha, undefined],
  );
});

test("bumps that cannot be read are told, and the diagnosis goes on without them", async () => {
  const { work } = made();
  work.history.commits = async ({ repository }) => (repository === gitops.repository ? [bump] : []);
  work.trees.texts = async () => {
    throw new UpstreamError("github", "read the tree of 1 of acme/env: it is too large", {
      retryable: false,
    });
  };
  const found = await gather(work, { service: own.name, environment: "production", onsetAt });
  assert.deepEqual(found.unread, [
    "what the bumps of its GitOps repository brought could not be looked at: read the tree of 1 of acme/env: it is too large",
  ]);
  assert.deepEqual(
    found.elsewhere?.map(({ commits }) => commits),
    [[bump]],
  );
});
