import assert from "node:assert/strict";
import { test } from "node:test";
import { botHere, botOf } from "../../../shared/remedy/rollback/bot.ts";
import { type Bump, bumpsOf } from "../../../shared/remedy/rollback/bumps.ts";
import { gitTagsOf, shasIn } from "../../../shared/remedy/rollback/tag.ts";

const commit = (author: string, message: string) => ({ author, message, title: message.split("\n")[0]! });
const plain: Bump[] = bumpsOf([
  {
    path: "kustomization.yaml",
    before: "images: [{ name: a, newTag: '1' }]\n",
    after: "images: [{ name: a, newTag: '2' }]\n",
  },
]);
const kind = (author: string, message: string, bumps = plain) => botOf(commit(author, message), bumps)?.kind;

test("a bot is known by who wrote the commit", () => {
  assert.equal(kind("argocd-image-updater", "roll out"), "image-updater");
  assert.equal(kind("fluxcdbot", "new images"), "flux");
  assert.equal(kind("renovate[bot]", "chore(deps): update a to v2"), "renovate");
  assert.equal(kind("acme-renovate[bot]", "update a"), "renovate");
  assert.equal(kind("dependabot[bot]", "Bump a from 1 to 2"), "dependabot");
  assert.equal(kind("jenkins-x-bot", "release"), "jenkins-x");
  assert.equal(kind("Acme Automation", "[Automated] Update api nightly (#9084)"), "ci");
  assert.equal(kind("image-updater-user", "new images"), "ci");
  assert.equal(kind("Ann Automationova", "new images"), undefined);
});

test("or by its message or branch, when a person or GitHub merged it", () => {
  assert.equal(
    kind("Ann", "build: automatic update of gateway\n\nupdates image acme/gateway tag '1' to '2'\n"),
    "image-updater",
  );
  assert.equal(kind("Ann", "Update from image update automation"), "flux");
  assert.equal(
    kind("Ann", "Merge pull request #4 from acme/renovate/gateway-2.x\n\nUpdate gateway"),
    "renovate",
  );
  assert.equal(
    kind("Ann", "Merge pull request #5 from acme/dependabot/docker/gateway-2\n\nBump"),
    "dependabot",
  );
  assert.equal(
    kind(
      "Ann",
      "Bump gateway\n\n---\nupdated-dependencies:\n- dependency-name: gateway\n  dependency-version: '2'\n",
    ),
    "dependabot",
  );
  assert.equal(kind("Ann", "chore: promote gateway to version 0.0.42"), "jenkins-x");
  assert.equal(
    kind("Ann", "Merge pull request #6 from acme/pr-1f2a\n\nchore: promote gateway to version 0.0.42"),
    "jenkins-x",
  );
});

test("an application of any name is known by its words, and a pipeline by its account", () => {
  const cases: [string, string, string | undefined][] = [
    ["mend-for-github-com[bot]", "Update a", "renovate"],
    ["acme-updates[bot]", "chore(deps): update ghcr.io/acme/api docker tag to v1.2.3 (#12)", "renovate"],
    ["Ann", "chore(deps): update helm release redis to v18 (#7)", "renovate"],
    ["Ann", "Update a (#8)\n\nThis PR contains the following updates:\n\n| Package | Update |", "renovate"],
    ["Ann", "Update a\n\n<!--renovate-debug:eyJ-->", "renovate"],
    ["red-hat-konflux[bot]", "chore(deps): update a", "konflux"],
    ["Ann", "Merge pull request #4 from acme/konflux/mintmaker/main/a", "konflux"],
    ["kargo", "Updated ./stages/prod to use new image", "kargo"],
    ["Ann", "Merge pull request #4 from acme/kargo/promotion/prod.01", "kargo"],
    ["keel-bot", "update a", "keel"],
    ["Ann", "Automated image update\n\nAutomation name: flux-system/apps\n\nFiles:\n- a.yaml", "flux"],
    ["github-actions[bot]", "Deploy 1.2.3", "ci"],
    ["acme-ci", "Deploy 1.2.3", "ci"],
    ["Acme Bot Account", "Update the chart to 1.2.3", "ci"],
    ["deploy-bot", "Deploy 1.2.3", "ci"],
    ["acme-deployer[bot]", "Deploy 1.2.3", "ci"],
    ["Mend Renovate", "Update terraform google to v7", "renovate"],
    ["bot-one[bot]", "fix(container): update image ghcr.io/acme/api (1.2.3 ➔ 1.2.4) (#12)", "renovate"],
    ["acme-kargo-bot[bot]", "promote", "kargo"],
    ["Ann", "chore: promote api\n\nCo-authored-by: Kargo <no-reply@kargo.io>", "kargo"],
    ["Acme Infra Bot (updatecli)", "chore: Datadog Helm Chart", "updatecli"],
    ["CI", "Upgrade api to 3.6.0", "ci"],
    ["PipelineBot", "api: pipeline bot promote", "ci"],
    ["Ann Talbot", "Deploy 1.2.3", undefined],
    ["Ann", "update image acme/api (1.2.3 ➔ 1.2.4)", undefined],
    ["Marci", "Deploy 1.2.3", undefined],
    ["Ann Buildman", "Deploy 1.2.3", undefined],
  ];
  for (const [author, message, expected] of cases)
    assert.equal(kind(author, message), expected, `${author}: ${message}`);
});

test("an application of any name is Renovate where the repository has its settings", () => {
  const here = (author: string, paths: string[]) => botHere(commit(author, "Update api"), plain, paths);
  assert.deepEqual(here("bot-one[bot]", ["a.yaml", ".github/renovate.json5"]), {
    kind: "renovate",
    shownBy: "bot-one[bot] wrote it, and .github/renovate.json5 sets up Renovate",
  });
  assert.equal(here("bot-one[bot]", ["apps/renovate.json5"])?.kind, "ci");
  assert.equal(here("github-actions[bot]", ["renovate.json"])?.kind, "ci");
  assert.equal(here("Ann", ["renovate.json"]), undefined);
});

test("a person who writes like one is none", () => {
  assert.equal(kind("Ann", "chore(deps): update gateway to v2"), undefined);
  assert.equal(kind("Ann", "Bump gateway from 1 to 2"), undefined);
  assert.equal(kind("Renova Teig", "bump"), undefined);
  assert.equal(kind("Ann", "build: automatic update of the docs"), undefined);
  assert.equal(kind("Ann", "Explain how to turn off dependabot/renovate"), undefined);
  assert.equal(kind("flux", "bump"), undefined);
});

test("whoever raised it this time, a place that a bot keeps will be raised again", () => {
  const [before, after] = ["1", "2"].map(
    (tag) => `images:\n- name: a\n  newTag: '${tag}' # {"$imagepolicy": "flux-system:a:tag"}\n`,
  );
  assert.deepEqual(
    botOf(
      commit("Ann", "roll out"),
      bumpsOf([{ path: "p/kustomization.yaml", before: before!, after: after! }]),
    ),
    {
      kind: "flux",
      shownBy: "p/kustomization.yaml:3 is marked for the policy flux-system:a",
    },
  );
  const [older, newer] = ["1", "2"].map(
    (tag) => `helm:\n  parameters:\n  - name: image.tag\n    value: '${tag}'\n`,
  );
  assert.deepEqual(
    botOf(
      commit("Ann", "roll out"),
      bumpsOf([{ path: ".argocd-source-a.yaml", before: older!, after: newer! }]),
    ),
    {
      kind: "image-updater",
      shownBy: ".argocd-source-a.yaml is the file it writes",
    },
  );
});

test("commit ids are found in tags, the likeliest first", () => {
  const whole = "3f9c2d1ab0".repeat(4);
  assert.deepEqual(shasIn(whole), [whole]);
  assert.deepEqual(shasIn("sha-3f9c2d1"), ["3f9c2d1"]);
  assert.deepEqual(shasIn("git-3f9c2d1"), ["3f9c2d1"]);
  assert.deepEqual(shasIn("1.4.2-3f9c2d1"), ["3f9c2d1"]);
  assert.deepEqual(shasIn("v1.4.2-14-g3f9c2d1"), ["3f9c2d1"]);
  assert.deepEqual(shasIn("main-3f9c2d1-1700000000"), ["3f9c2d1", "1700000000"]);
  assert.deepEqual(shasIn("20261124.3f9c2d1_amd64"), ["3f9c2d1", "20261124"]);
  for (const tag of ["latest", "v1.4.2", "3f9c2d", "3F9C2D1", "feature-deadbeefx", "3f9c2d1".repeat(6)])
    assert.deepEqual(shasIn(tag), []);
});

test("an image's tag names a git tag, with or without the v", () => {
  assert.deepEqual(gitTagsOf("v1.4.2"), ["v1.4.2", "1.4.2"]);
  assert.deepEqual(gitTagsOf("1.4.2"), ["v1.4.2", "1.4.2"]);
  assert.deepEqual(gitTagsOf("release-7"), ["release-7"]);
  for (const tag of ["latest", "", "a/b", "a b", "..%2f"]) assert.deepEqual(gitTagsOf(tag), []);
});
