import assert from "node:assert/strict";
import { test } from "node:test";
import { revert } from "../../functions/propose/revert.ts";
import type { Work } from "../../functions/step.ts";
import type { In } from "../../shared/incident/model.ts";
import { openShop, service } from "../support/github-shop.ts";
import { diagnosed, opened, past, revertOf } from "../support/incident.ts";
import { service as configured } from "../support/world.ts";

const incident = past(opened(), diagnosed()) as In<"diagnosed">;
type Shop = Awaited<ReturnType<typeof openShop>>;
const propose = ({ source, shas }: Shop, over: { from?: number; sha?: number; paths?: string[] } = {}) => {
  const work = {
    history: source,
    trees: source,
    pulls: source,
    serviceOf: () => configured(),
    pageOf: () => "http://countersteer.test/i",
  } as unknown as Work;
  const { from = 0, sha = 3, paths = [] } = over;
  return revert(
    { work, incident, service: { ...service, paths } },
    revertOf({ sha: shas[sha]!, from: shas[from]! }),
  );
};
const proposed = async (shop: Shop, over: Parameters<typeof propose>[1] = {}) => {
  const intent = await propose(shop, over);
  assert.equal(intent.type, "RecordProposal", JSON.stringify(intent));
  return (intent as Extract<typeof intent, { type: "RecordProposal" }>).pull;
};

test("a deploy is taken back whole: the tree is the one before it, and the pull request says so", async (t) => {
  const shop = await openShop(t);
  const { head, branch } = await proposed(shop);
  assert.equal(shop.git("rev-parse", `${head}^{tree}`), shop.git("rev-parse", `${shop.shas[0]}^{tree}`));
  const [from, to] = [shop.shas[0]!, shop.shas[3]!];
  assert.equal(branch, `countersteer/revert-${to.slice(0, 12)}-${from.slice(0, 12)}`);
  const message = shop.git("log", "-1", "--format=%B", head);
  assert.match(
    message,
    new RegExp(`^Revert everything since ${from.slice(0, 12)}\n\nThis reverts ${from}\\.\\.${to},`),
  );
  assert.match(message, /\nCountersteer-Incident: payment-gateway\/production#1$/);
});

test("of a deploy only what is below the service's paths is taken back", async (t) => {
  const shop = await openShop(t);
  const { head } = await proposed(shop, { paths: ["src/"] });
  assert.equal(shop.git("diff", "--name-only", shop.shas[3]!, head), "src/pay.ts");
  assert.equal(shop.git("show", `${head}:src/pay.ts`), shop.git("show", `${shop.shas[0]}:src/pay.ts`));
});

test("what landed after the deploy stays", async (t) => {
  const shop = await openShop(t);
  const { head } = await proposed(shop, { sha: 1 });
  assert.match(shop.git("show", `${head}:src/pay.ts`), /^line 3\n(.*\n)*later$/m);
});

test("a range whose beginning is not before its end is refused for good", async (t) => {
  await assert.rejects(propose(await openShop(t), { from: 3, sha: 1 }), {
    retryable: false,
    message: /is not before/,
  });
});
