import assert from "node:assert/strict";
import { test } from "node:test";
import type { BotKind } from "../../../shared/remedy/rollback/bot.ts";
import { bumpsOf } from "../../../shared/remedy/rollback/bumps.ts";
import { holdOf, holdPaths } from "../../../shared/remedy/rollback/hold/hold-bot.ts";

const values = (tag: string) => `image:\n  repository: ghcr.io/acme/gateway\n  tag: ${tag}\n`;
const bumps = bumpsOf([{ path: "prod/values.yaml", before: values("1"), after: values("2") }]);

/** The files that change, whole, and what is said; or what a person has to do. */
const hold = (kind: BotKind, files: Record<string, string>) => {
  const made = holdOf(kind, bumps, new Map(Object.entries(files)));
  return "person" in made ? made.person : [made.does, Object.fromEntries(made.files)];
};

const automation = (spec: string, name = "apps") => `apiVersion: image.toolkit.fluxcd.io/v1beta2
kind: ImageUpdateAutomation
metadata:
  name: ${name}
spec:
${spec}  update:
    path: ./prod
    strategy: Setters
`;
const suspends = "suspends the image update automation apps, and with it all that it updates";

test("Flux: the automation that writes there is suspended by one line", () => {
  const files = {
    "flux-system/automation.yaml": automation("  # every minute\n  interval: 1m\n"),
    "flux-system/staging.yaml": automation("  interval: 1m\n", "staging").replace("./prod", "./staging"),
  };
  assert.deepEqual(hold("flux", files), [
    suspends,
    { "flux-system/automation.yaml": automation("  # every minute\n  suspend: true\n  interval: 1m\n") },
  ]);
  assert.deepEqual(hold("flux", { "a.yaml": automation("  suspend: false # for now\n") }), [
    suspends,
    { "a.yaml": automation("  suspend: true # for now\n") },
  ]);
});

test("Flux: without its automation in the repository, or with it suspended, a person is told", () => {
  const person = "suspend it: flux suspend image update NAME";
  assert.deepEqual(hold("flux", {}), person);
  assert.deepEqual(hold("flux", { "a.yaml": automation("  suspend: true\n") }), person);
  assert.deepEqual(hold("flux", { "a.yaml": `${automation("")}\t: [` }), person);
});

const application = (annotations: string) => `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: gateway
  annotations:
${annotations}spec: {}
`;
const list = "    argocd-image-updater.argoproj.io/image-list: gw=ghcr.io/acme/gateway:1.x, px=acme/proxy\n";

test("Image Updater: the application's annotation ignores the image's tags", () => {
  const ignoring = '    argocd-image-updater.argoproj.io/gw.ignore-tags: "*"\n';
  const expected = [
    "tells Image Updater to ignore every tag of ghcr.io/acme/gateway",
    { "apps/gateway.yaml": application(ignoring + list) },
  ];
  assert.deepEqual(hold("image-updater", { "apps/gateway.yaml": application(list) }), expected);
  const before = "    argocd-image-updater.argoproj.io/gw.ignore-tags: latest\n";
  assert.deepEqual(hold("image-updater", { "apps/gateway.yaml": application(before + list) }), expected);
});

test("Image Updater: an image without an alias, or in two applications, is for a person", () => {
  const person =
    "tell it to ignore the tags of ghcr.io/acme/gateway (ignoreTags of its ImageUpdater, or the application's annotation)";
  assert.deepEqual(hold("image-updater", { "a.yaml": application(list.replace("gw=", "")) }), person);
  assert.deepEqual(
    hold("image-updater", { "a.yaml": application(list), "b.yaml": application(list) }),
    person,
  );
  assert.deepEqual(
    hold("image-updater", { "a.yaml": application(list.replace("acme/gateway", "acme/gateway2")) }),
    person,
  );
});

test("Renovate: the image joins ignoreDeps, in JSON as it was written", () => {
  const text = '{\n  "extends": ["config:recommended"],\n  "schedule": ["at any time"]\n}\n';
  assert.deepEqual(hold("renovate", { "renovate.json": text }), [
    "tells Renovate to leave ghcr.io/acme/gateway alone",
    { "renovate.json": `{\n  "ignoreDeps": ["ghcr.io/acme/gateway"],\n${text.slice(2)}` },
  ]);
  const listed = '{ "ignoreDeps": ["a"] }';
  assert.deepEqual(hold("renovate", { "renovate.json": listed }), [
    "tells Renovate to leave ghcr.io/acme/gateway alone",
    { "renovate.json": '{ "ignoreDeps": ["ghcr.io/acme/gateway", "a"] }' },
  ]);
  const person = "add ghcr.io/acme/gateway to its ignoreDeps";
  assert.deepEqual(
    hold("renovate", { "renovate.json": '{ "ignoreDeps": ["ghcr.io/acme/gateway"] }' }),
    person,
  );
  assert.deepEqual(hold("renovate", { "renovate.json": "{ // json5\n}" }), person);
  assert.deepEqual(hold("renovate", {}), person);
});

test("Dependabot: the image, without its registry, joins the ignore list of the entry for the folder", () => {
  const text = (ignore: string) => `version: 2
updates:
  - package-ecosystem: npm
    directory: /prod
  - ${ignore}package-ecosystem: helm
    directory: /prod
    schedule: { interval: daily }
`;
  const path = ".github/dependabot.yml";
  assert.deepEqual(hold("dependabot", { [path]: text("") }), [
    "tells Dependabot to ignore ghcr.io/acme/gateway",
    { [path]: text('ignore: [{ dependency-name: "acme/gateway" }]\n    ') },
  ]);
  assert.deepEqual(hold("dependabot", { [path]: text("ignore:\n      - dependency-name: a\n    ") }), [
    "tells Dependabot to ignore ghcr.io/acme/gateway",
    { [path]: text('ignore:\n      - dependency-name: "acme/gateway"\n      - dependency-name: a\n    ') },
  ]);
  assert.deepEqual(
    hold("dependabot", { [path]: text("").replaceAll("/prod", "/staging") }),
    "add ghcr.io/acme/gateway to the ignore list of .github/dependabot.yml",
  );
});

test("Jenkins X: the next promotion is held by a label, which no file has", () => {
  assert.deepEqual(hold("jenkins-x", {}), "label the next promotion of gateway do-not-merge/hold");
});

test("only files that may tell the bot what to do are looked at, near ones first", () => {
  const paths = [
    "prod/values.yaml",
    "renovate.json",
    ".github/dependabot.yml",
    "staging/image-automation.yaml",
    "prod/image-automation.yaml",
    "docs/flux.md",
  ];
  assert.deepEqual(holdPaths("flux", paths, bumps), [
    "prod/image-automation.yaml",
    "staging/image-automation.yaml",
  ]);
  assert.deepEqual(holdPaths("renovate", paths, bumps), ["renovate.json"]);
  assert.deepEqual(holdPaths("dependabot", paths, bumps), [".github/dependabot.yml"]);
  assert.deepEqual(holdPaths("jenkins-x", paths, bumps), []);
});
