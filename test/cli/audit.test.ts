import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import fc from "fast-check";
import { audit } from "../../infra/cli/audit/command.ts";
import { githubClient } from "../../shared/adapters/github/api/client.ts";
import { connect } from "../../shared/adapters/github/api/repository.ts";
import { recordTexts } from "../../shared/adapters/github/pulls/record-texts.ts";
import { sqliteStore } from "../../shared/adapters/sqlite/store.ts";
import { checkPull, type Text } from "../../shared/text/check-pull.ts";
import { hour, minute, shop } from "../ordinary/shop.ts";
import { id } from "../support/incident.ts";

const directory = mkdtempSync(join(tmpdir(), "countersteer-audit-"));
const path = join(directory, "countersteer.db");
const store = await sqliteStore({ path });
const cleanups: (() => unknown)[] = [];
after(async () => {
  for (const clean of cleanups.reverse()) await clean();
  await store.close();
  rmSync(directory, { recursive: true });
});

/** An incident from its alert to its end over the real GitHub adapter, in SQLite. */
const story = await (async () => {
  const stage = await shop({ after: (clean: () => unknown) => cleanups.push(clean) } as never, {
    store,
    landings: [
      { message: "start", files: { "src/fees.js": "1\n2\n3\n" }, ago: 48 * hour },
      { message: "fees: round half a cent", files: { "src/fees.js": "one\n2\n3\n" }, ago: 10 * minute },
    ],
    deploys: [
      ["start", 47 * hour],
      ["fees: round half a cent", 5 * minute],
    ],
    alert: { name: "FeeMismatch", annotations: { summary: "fees round half a cent" }, ago: minute },
  });
  const proposed = await stage.settle();
  assert.ok(proposed.status === "proposed");
  await stage.approve("UANN", proposed.pull.head);
  const merged = await stage.settle();
  stage.state.now += minute;
  await stage.deploy(merged.status === "merged" ? merged.merge?.sha : "");
  await stage.settle();
  stage.state.now += minute;
  const closed = await stage.settle();
  assert.equal(closed.status === "closed" && closed.outcome, "verified");
  return { stage, url: proposed.pull.url, number: proposed.pull.number, closed };
})();
const { stage, url, number } = story;
const client = githubClient({ apiUrl: stage.sandbox.github, token: stage.sandbox.token });
const repo = { owner: "acme", repo: "payments" };
let record: ReturnType<typeof recordTexts> | undefined;
/** Read once: it does not change any more. */
const read = () => {
  record ??= recordTexts(connect(client), { repository: "acme/payments" }, number);
  return record;
};

const run = async (argv: string[], over: Record<string, string> = {}) => {
  const [out, err]: [string[], string[]] = [[], []];
  const io = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) };
  const env = {
    GITHUB_API_URL: stage.sandbox.github,
    GITHUB_TOKEN: stage.sandbox.token,
    DATA_DIR: directory,
    ...over,
  };
  const verb = argv[0]?.startsWith("--") || argv.length === 0 ? ["verify"] : [];
  const code = await audit([...verb, ...argv], io, env);
  return { code, out: out.join(""), err: err.join("") };
};

test("audit show lists each fact of the store with its codes, and audit left what no incident lists", async () => {
  const shown = await run(["show", "--incident", id]);
  assert.equal(shown.code, 0);
  assert.match(shown.out, /^1 \S+Z IncidentOpened\n/);
  assert.match(shown.out, /\n\d+ \S+Z IncidentClosed outcome=verified verdict=fixed detail="/);
  const { facts } = JSON.parse((await run(["show", "--incident", id, "--json"])).out);
  assert.equal(facts.length, shown.out.split("\n").length - 1);
  assert.deepEqual(await run(["left"]), { code: 0, out: "nothing was left alone or refused\n", err: "" });
  const at = Date.UTC(2026, 0, 1);
  const refused = { kind: "requests", name: "POST /webhooks/github", reason: "no_credential" } as const;
  await store.setRegister("left", 0, [{ ...refused, looked: { status: "401" }, count: 7, since: at, at }]);
  assert.equal(
    (await run(["left"])).out,
    '2026-01-01T00:00:00.000Z requests no_credential ×7 "POST /webhooks/github" status="401"\n',
  );
  assert.equal(JSON.parse((await run(["left", "--json"])).out).left[0].count, 7);
  assert.equal((await run(["show"])).code, 2);
  assert.equal((await run(["erase"])).code, 2);
});

test("the record of a whole incident holds on GitHub, in the store and in the clone, and all three agree", async () => {
  const { code, out } = await run(["--pull", url, "--incident", id, "--dir", stage.own.bare, "--json"]);
  const told = JSON.parse(out);
  assert.deepEqual([code, told.holds, told.broken], [0, true, []]);
  const [pull, stored, clone] = told.sources;
  assert.deepEqual(stored.incidents[0].head, story.closed.chain);
  assert.deepEqual(pull.incidents[0].head, story.closed.chain);
  assert.equal(pull.incidents[0].facts, stored.incidents[0].facts);
  assert.equal(clone.incidents[0].incident, id);
  const approval = pull.incidents[0].told.find(({ type }: { type: string }) => type === "RemedyApproved");
  assert.match(approval.by, /UANN/);
  const text = await run(["--incident", id]);
  assert.deepEqual([text.code, text.out.split("\n").at(-2)], [0, "the record holds"]);
});

test("the body and every comment of ours name the head of the record, and comments the bytes that it is about", async () => {
  const { texts } = await read();
  const { pull } = story.closed as { pull: { head: string; baseSha: string; diff: string } };
  assert.ok(texts.length > 4, `${texts.length} texts`);
  for (const [index, { text }] of texts.entries()) {
    assert.match(text, /<sub>Record of payment-gateway\/production: fact \d+, `[0-9a-f]{64}`/);
    if (index > 0)
      assert.ok(
        text.includes(`head \`${pull.head.slice(0, 12)}\``) && text.includes(`diff \`${pull.diff}\``),
      );
  }
});

/** The texts after a change, walked. */
const walked = async (change: (texts: Text[]) => Text[]) => {
  const { texts, pull, account } = await read();
  return checkPull(change(texts), pull, account).broken;
};

test("whichever byte of the body or of a comment is changed, that text is named first", async () => {
  const { texts, pull, account } = await read();
  fc.assert(
    fc.property(fc.nat(texts.length - 1), fc.nat(), fc.integer({ min: 1, max: 127 }), (index, at, mask) => {
      const one = texts[index]!;
      const bytes = Buffer.from(one.text);
      bytes[at % bytes.length]! ^= mask;
      const text = bytes.toString("utf8");
      const marker = /<!-- countersteer:[^<>]* -->$/;
      if (text.replace(/\s+/g, "") === one.text.replace(/\s+/g, "")) return;
      // The marker only says which comment it is: it may be changed, and tells nothing.
      if (marker.test(text) && text.replace(marker, "") === one.text.replace(marker, "")) return;
      const { broken } = checkPull(texts.with(index, { ...one, text }), pull, account);
      assert.equal(broken[0]?.place, one.place, JSON.stringify(broken));
    }),
    { numRuns: 2000 },
  );
});

test("a comment that was deleted leaves a gap that is named, and one that was edited is named", async () => {
  // The world announces everything twice at the same instant.
  const gone = await walked((texts) => texts.filter(({ text }) => text !== texts[3]?.text));
  assert.equal(
    gone[0]?.detail,
    "a comment before it is missing: no text tells fact 5 of payment-gateway/production",
  );
  const bare = await walked((texts) =>
    texts.with(2, { ...texts[2]!, text: texts[2]!.text.replace(/<!-- countersteer-record.*?-->/s, "") }),
  );
  assert.equal(bare[0]?.detail, "its record was removed");
  const edited = await walked((texts) => texts.with(3, { ...texts[3]!, edited: true }));
  assert.deepEqual(edited[0]?.detail, "it was edited after it was posted");
});

test("a merge by our account of another head than the approved one is named", async () => {
  const { texts, pull, account } = await read();
  const { broken } = checkPull(texts, { ...pull, head: "9".repeat(40) }, account);
  assert.match(broken[0]?.detail ?? "", /^\S+ merged 999999999999, and approved was [0-9a-f]{12}$/);
});

test("the record that another account forges counts for nothing, and an edit on GitHub is found", async () => {
  const { texts } = await read();
  const eve = githubClient({ apiUrl: stage.sandbox.github, token: "ghp_eve" });
  const forged = texts[2]!.text.replaceAll("UANN", "UEVE");
  await eve.octokit.issues.createComment({ ...repo, issue_number: number, body: forged });
  const ignored = await run(["--pull", url]);
  assert.deepEqual(
    [ignored.code, ignored.out.includes("1 comment of other accounts, which count for nothing")],
    [0, true],
  );
  const { data } = await client.octokit.issues.listComments({ ...repo, issue_number: number, per_page: 100 });
  const last = data.at(-2)!;
  await client.octokit.issues.updateComment({
    ...repo,
    comment_id: last.id,
    body: last.body!.replace("is over", "goes on"),
  });
  const found = await run(["--pull", url]);
  await client.octokit.issues.updateComment({ ...repo, comment_id: last.id, body: last.body! });
  assert.equal(found.code, 1);
  assert.match(
    found.out,
    /broken: \S+#issuecomment-\d+: its text or its record was changed after it was written\n/,
  );
  assert.equal((await read()).texts.length, texts.length);
});

/** A copy of the database after some SQL. */
const tampered = (sql: (db: DatabaseSync) => void): string => {
  const copy = mkdtempSync(join(directory, "copy-"));
  cpSync(path, join(copy, "countersteer.db"));
  cpSync(`${path}-wal`, join(copy, "countersteer.db-wal"));
  const db = new DatabaseSync(join(copy, "countersteer.db"));
  sql(db);
  db.close();
  return copy;
};
const inStore = (DATA_DIR: string) => run(["--incident", id, "--json"], { DATA_DIR });
const firstOf = ({ out }: { out: string }) => JSON.parse(out).broken[0];

test("whichever row of SQLite is changed in one byte, deleted or moved, its fact is named", async () => {
  const { facts } = (
    JSON.parse((await inStore(directory)).out) as { sources: { incidents: { facts: number }[] }[] }
  ).sources[0]!.incidents[0]!;
  for (let n = 1; n <= facts; n++) {
    const flipped = await inStore(
      tampered((db) =>
        db.exec(`UPDATE events SET body = replace(body, '"at":1', '"at":2') WHERE rowid = ${n}`),
      ),
    );
    assert.deepEqual([flipped.code, firstOf(flipped).n ?? n], [1, n], `${n}`);
    const hash = await inStore(
      tampered((db) =>
        db.exec(
          `UPDATE events SET body = json_set(body, '$.chain.hash', replace(json_extract(body, '$.chain.hash'), substr(json_extract(body, '$.chain.hash'), 1, 1), 'x')) WHERE rowid = ${n}`,
        ),
      ),
    );
    assert.equal(hash.code, 1);
    const deleted = await inStore(tampered((db) => db.exec(`DELETE FROM events WHERE rowid = ${n}`)));
    assert.equal(deleted.code, 1, `${n} deleted`);
  }
});
