import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { audit } from "../../infra/cli/audit/command.ts";
import { sqliteStore } from "../../shared/adapters/sqlite/store.ts";
import { checkRecord } from "../../shared/incident/chain/record.ts";
import { type Budget, faultsOf, type Lock } from "../supply/lockfile.ts";
import { startLand } from "../support/hosts.ts";
import { id } from "../support/incident.ts";
import { burning, world } from "../support/world.ts";

/** Secrets that each could be told from every other text. */
const canaries = {
  ...{ alerts: "canary-alerts-4f1d", deploys: "canary-deploys-77aa", flags: "canary-flags-90bc" },
  ...{ webhook: "canary-webhook-12de", slack: "canary-signing-55ef" },
  ...{ github: "ghp_canaryCanary0123456789", slackToken: "xoxb-111111111111-canaryCanary" },
};
const operator = "canary-operator-31ab";

const asked = ["IncidentOpened", "IncidentDiagnosed", "RemedyProposed", "ApprovalRequested"];

/** The loop with every secret a canary, also where systems fail and repeat what they were sent: each byte written holds none. */
export const secretsNowhere = async (): Promise<void> => {
  const land = await startLand();
  try {
    for (const name of ["embedded", "aws-local"] as const) {
      const at = await land.world(name, { secrets: canaries, env: { OPERATOR_TOKEN: operator } });
      const written: [string, string][] = [];
      try {
        assert.equal(await at.post("/webhooks/alertmanager", `${canaries.alerts}x`, {}), 401);
        await at.alert("one", ["a1"]);
        await at.until("one", ...asked);
        await at.press("one", "approve");
        const { merge } = await at.until("one", ...asked, "RemedyApproved", "RemedyMerged");
        await at.deploy("one", merge!.sha);
        await at.until("one", ...asked, "RemedyApproved", "RemedyMerged", "RemedyDeployed");
        await at.alert("two", ["b1"]);
        await at.until("two", ...asked);
        at.sandbox.fault({ match: /PUT .*\/merge$/, times: 9, fail: echo(403, canaries.github) });
        await at.press("two", "approve");
        await at.until("two", ...asked, "RemedyApproved", "IncidentEscalated");
        await at.quiet();
        for (const shop of ["one", "two"]) written.push([shop, JSON.stringify(await at.read(shop))]);
        for (const accept of ["text/html", "application/json"]) {
          const page = await fetch(`${at.url}/incidents/two/production`, { headers: { accept } });
          written.push([accept, await page.text()]);
        }
        written.push(["log", at.lines.join("")]);
        written.push(["Slack", JSON.stringify(at.sandbox.messages("C0PAYMENTS"))]);
        for (const shop of ["one", "two"])
          written.push([`pull request of ${shop}`, await commentsOf(at, shop)]);
      } finally {
        await at.stop();
      }
      for (const path of filesBelow(at.dir)) written.push([path, readFileSync(path, "latin1")]);
      assert.ok(written.some(([, text]) => text.includes("[redacted]")));
      for (const [where, text] of written)
        for (const secret of [...Object.values(canaries), operator])
          assert.ok(!text.includes(secret), `${secret} is in ${where} (${name})`);
    }
  } finally {
    await land.stop();
  }
};

/** A failure that repeats the credential that it was sent. */
const echo = (status: number, token: string) => ({
  status,
  body: { ok: false, error: `bad token ${token}`, message: `the token ${token} may not do this` },
});

type At = Awaited<ReturnType<Awaited<ReturnType<typeof startLand>>["world"]>>;

const commentsOf = async ({ sandbox }: At, shop: string): Promise<string> => {
  const headers = { authorization: `token ${canaries.github}` };
  const read = async (path: string) =>
    (await fetch(`${sandbox.github}/repos/acme/${shop}${path}`, { headers })).text();
  return `${await read("/pulls?state=all")}${await read("/issues/1/comments?per_page=100")}`;
};

const filesBelow = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, encoding: "utf8" })
    .map((path) => join(dir, path))
    .filter((path) => statSync(path).isFile());

/** A package more, a version that may move, one without a digest or with an install script: CI refuses each. */
export const otherPackages = (): void => {
  const read = <T>(path: string): T => JSON.parse(readFileSync(path, "utf8")) as T;
  const manifest = read<Parameters<typeof faultsOf>[0]>("package.json");
  const lock = read<Lock>("package-lock.json");
  const budget = read<Budget>(".ci/dependencies.json");
  const faults = (more: Lock["packages"], over: Partial<typeof manifest> = {}) =>
    faultsOf({ ...manifest, ...over }, { packages: { ...lock.packages, ...more } }, budget);
  assert.deepEqual(faults({}), []);
  assert.match(faults({ "node_modules/evil": { integrity: "sha512-x" } })[0]!, /production dependencies/);
  const hono = lock.packages["node_modules/hono"]!;
  for (const [change, told] of [
    [{ integrity: "" }, /with a digest/],
    [{ resolved: "https://evil.test/hono.tgz" }, /from the registry/],
    [{ hasInstallScript: true }, /runs a script/],
  ] as const)
    assert.match(faults({ "node_modules/hono": { ...hono, ...change } }).join(), told);
  assert.match(
    faults({}, { dependencies: { ...manifest.dependencies, hono: "*" } }).join(),
    /not one exact version/,
  );
};

/** One byte of a stored fact is changed: the walk names that fact, and the head on the pull request is another one. */
export const changedRecord = async (): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), "countersteer-abuse-"));
  const path = join(directory, "countersteer.db");
  try {
    const store = await sqliteStore({ path });
    const made = world({ store });
    await made.alerts([burning]);
    await made.settle();
    await made.approve();
    await made.settle();
    const { incident, version } = await store.load(id);
    const recorded = await store.record(id);
    await store.close();
    const stand = { version, head: incident.chain };
    assert.equal(checkRecord(id, recorded, stand).broken, undefined);
    const body = [...made.state.comments.values()].join();
    assert.ok(recorded.length > 4 && body.length > 0);
    for (let n = 1; n <= recorded.length; n++) {
      const db = new DatabaseSync(path);
      const row = db.prepare("SELECT body FROM events WHERE rowid = ?").get(n) as { body: string };
      const changed = row.body.replace('"at":2', '"at":3');
      assert.notEqual(changed, row.body);
      db.prepare("UPDATE events SET body = ? WHERE rowid = ?").run(changed, n);
      const out: string[] = [];
      const io = { out: (text: string) => void out.push(text), err: (text: string) => void out.push(text) };
      const code = await audit(["verify", "--incident", id, "--json"], io, { DATA_DIR: directory });
      const { broken } = JSON.parse(out.join("")) as { broken: { place: string }[] };
      assert.equal(code, 1);
      assert.match(broken[0]!.place, new RegExp(`^fact ${n} in `));
      db.prepare("UPDATE events SET body = ? WHERE rowid = ?").run(row.body, n);
      db.close();
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
};
