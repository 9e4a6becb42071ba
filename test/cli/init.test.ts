import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { init } from "../../infra/cli/init/command.ts";
import { draft } from "../../infra/cli/init/draft.ts";
import { readConfig } from "../../infra/host/settings/settings.ts";
import { gitSync } from "../support/git-runner.ts";
import { listen } from "../support/scratch.ts";

const rules = `groups:
  - name: shop
    rules:
      - { alert: ErrorsHigh, expr: up == 0, labels: { service: cart, env: prod } }
      - { alert: Slow, expr: up == 0, labels: { service: cart, env: staging } }
      - { alert: Down, expr: up == 0, labels: { service: search } }
`;

const played = async (t: TestContext, more: string[] = [], texts: Record<string, string> = {}) => {
  const dir = mkdtempSync(join(tmpdir(), "init-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const clone = join(dir, "clone");
  const tree = ["services/cart/main.go", "deploy/overlays/prod/k.yaml", ".github/CODEOWNERS"];
  for (const path of [...tree, ...Object.keys(texts)]) {
    mkdirSync(dirname(join(clone, path)), { recursive: true });
    writeFileSync(join(clone, path), texts[path] ?? "x\n");
  }
  gitSync(clone, ["init", "-q", "-b", "main"]);
  gitSync(clone, ["add", "."]);
  const file = join(dir, "countersteer.yaml");
  writeFileSync(join(dir, "rules.yaml"), rules);
  const said: string[] = [];
  const say = (text: string) => void said.push(text.replaceAll(dir, ""));
  const run = (args: string[]) =>
    init([...args, "--file", file, "--dir", clone, ...more], { out: say, err: say }, { env: {} });
  return { dir, clone, file, said, run };
};
const usual = ["--channel", "C024BE91L", "--repo", "acme/shop"];

test("a first configuration observes each service that the rules name, with its folder and its environments", async (t) => {
  const { dir, file, said, run } = await played(t);
  assert.equal(await run([...usual, "--rules", join(dir, "rules.yaml")]), 0);
  assert.deepEqual(said, ["/countersteer.yaml: 2 services in mode observe\n"]);
  const { services } = readConfig(file);
  assert.deepEqual(
    services.map(({ name, repository, paths, environments, environmentLabel, policy }) => [
      ...[name, repository, paths, environments],
      ...[environmentLabel, policy.mode],
    ]),
    [
      ["cart", "acme/shop", ["services/cart/"], ["prod", "staging"], "env", "observe"],
      ["search", "acme/shop", [], ["prod"], "environment", "observe"],
    ],
  );
  const text = readFileSync(file, "utf8");
  assert.ok(text.includes('# 2 rules or alerts have the label service="cart".'));
  assert.ok(text.includes(".github/CODEOWNERS names them"));
});

test("without a label that names a service, the repository is one service, and the comment says what to write", () => {
  const { services } = draft({
    ...{ repository: "acme/shop", branch: "main", channel: "C1", paths: [] },
    alerts: [{ severity: "page" }],
  });
  assert.deepEqual(services, [
    {
      ...{ name: "shop", match: 'service="shop"', paths: [], environments: ["production"] },
      why: "no rule has a label that names a service: write here the label that your alerts have",
    },
  ]);
});

test("a file that exists is left as it is, and what is missing or cannot be read is said", async (t) => {
  const { file, said, run } = await played(t);
  assert.equal(await run(["--repo", "acme/shop"]), 2);
  assert.equal(await run([...usual, "--rules", "/none.yaml"]), 1);
  assert.equal(await run(["--channel", "#ops", "--repo", "acme/shop"]), 1);
  assert.equal(existsSync(file), false);
  writeFileSync(file, "mine\n");
  assert.equal(await run(usual), 1);
  assert.equal(readFileSync(file, "utf8"), "mine\n");
  assert.deepEqual(said, [
    "init: give --channel, the id of a Slack channel such as C024BE91L (see --help)\n",
    "/none.yaml cannot be read: there is no such file (ENOENT)\n",
    "the draft:7: defaults.channel: a Slack channel id such as C024BE91L, which stands at the end of the channel's details in Slack: names may change\n",
    "/countersteer.yaml exists already: init overwrites nothing\n",
  ]);
});

const component = (name: string, more = "") => `apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: ${name}${more} }
spec: { type: service, owner: "group:default/team-${name}" }
---
kind: API
metadata: { name: an-api }
`;

test("a catalogue of Backstage adds its services, with the owners and the repository that it names", async (t) => {
  const texts = { "services/mail/catalog-info.yaml": component("mail") };
  const { dir, file, run } = await played(t, [], texts);
  const elsewhere = join(dir, "fees.yaml");
  const slug = ", annotations: { github.com/project-slug: acme/fees }";
  writeFileSync(elsewhere, component("fees", slug));
  assert.equal(await run([...usual, "--rules", join(dir, "rules.yaml"), "--catalog", elsewhere]), 0);
  assert.deepEqual(
    readConfig(file).services.map(({ name, repository, paths }) => [name, repository, paths]),
    [
      ["cart", "acme/shop", ["services/cart/"]],
      ["fees", "acme/fees", []],
      ["mail", "acme/shop", ["services/mail/"]],
      ["search", "acme/shop", []],
    ],
  );
  const text = readFileSync(file, "utf8");
  assert.ok(
    text.includes('# the catalogue names it, and no rule or alert has service="mail": mend the label.'),
  );
  assert.ok(text.includes("# approvers: [github:team/team-mail]  # its owners"));
});

test("without labels and a catalogue, the folders of CODEOWNERS are the services, and GitHub's environments are theirs", async (t) => {
  const shop = await listen(t, (_, request, response) => {
    const isThere = request.url?.startsWith("/repos/acme/shop/environments");
    response.writeHead(isThere ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify({ environments: [{ name: "live" }, { name: "github-pages" }] }));
  });
  const owners =
    "* @acme/everybody\n/apps/pay/ @acme/payments @ann\napps/mail/** @acme/mail # letters\n*.md @acme/docs\n";
  const { clone, file, said } = await played(t, [], { CODEOWNERS: "", ".github/CODEOWNERS": owners });
  const io = { out: () => {}, err: (text: string) => void said.push(text) };
  const env = { GITHUB_TOKEN: "t", GITHUB_API_URL: shop };
  rmSync(join(clone, "deploy"), { recursive: true });
  gitSync(clone, ["add", "-A"]);
  assert.equal(await init([...usual, "--file", file, "--dir", clone], io, { env }), 0, said.join());
  assert.deepEqual(
    readConfig(file).services.map(({ name, paths, environments }) => [name, paths, environments]),
    [
      ["mail", ["apps/mail/"], ["live"]],
      ["pay", ["apps/pay/"], ["live"]],
    ],
  );
  assert.ok(
    readFileSync(file, "utf8").includes("# GitHub has the environments live: see docs/connect-deploys.md."),
  );
});
