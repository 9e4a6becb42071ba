import assert from "node:assert/strict";
import { test } from "node:test";
import { github, githubClient } from "../../../shared/adapters/github/github.ts";
import { markdown } from "../../../shared/text/markdown.ts";
import { openShop, service as place, proposalFor } from "../../support/github-shop.ts";

const picture = {
  ...{ png: () => new Uint8Array([137, 80, 78, 71]), alt: "22 % fail since 12:03" },
  ...{ at: Date.UTC(2026, 10, 28, 12), page: "https://countersteer.test/incidents/shop/production" },
};
const note = { marker: "shop/production#1:end", markdown: markdown`**Verified**\n\nit is over`, picture };

test("a pull request and its last comment show the chart, kept on a ref that is neither branch nor tag", async (t) => {
  const shop = await openShop(t);
  const proposal = await proposalFor(shop.source, shop.shas[1]!);
  const pull = await shop.source.openPull(place, { ...proposal, picture });
  await shop.source.comment(place, pull, [note]);
  await shop.source.comment(place, pull, [note]);
  const refs = shop.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/countersteer").split("\n");
  assert.equal(refs.length, 1);
  const [, sha = ""] = refs[0]?.split(" ") ?? [];
  const url = `${shop.sandbox.url}/github/acme/shop/raw/${sha}/chart.png`;
  const page = await (await fetch(pull.url)).text();
  const shown = `<img class="picture" src="${new URL(url).pathname}" alt="22 % fail since 12:03">`;
  assert.equal(page.split(shown).length - 1, 2);
  assert.deepEqual(new Uint8Array(await (await fetch(url)).arrayBuffer()), picture.png());
});

test("a credential that only comments puts a link to the page in the picture's place, and writes nothing", async (t) => {
  const shop = await openShop(t);
  const pull = await shop.source.openPull(place, await proposalFor(shop.source, shop.shas[1]!));
  const teller = github({
    client: githubClient({ apiUrl: shop.sandbox.github, token: shop.sandbox.token }),
    keepsPictures: false,
  });
  await teller.comment(place, pull, [note]);
  assert.equal(shop.git("for-each-ref", "refs/countersteer"), "");
  assert.match(
    await (await fetch(pull.url)).text(),
    /<a href="https:\/\/countersteer\.test\/[^"]+"[^>]*>22 % fail/,
  );
});

test("a chart that GitHub does not take keeps no pull request from being opened", async (t) => {
  const shop = await openShop(t);
  shop.sandbox.fault({ match: /^POST .*\/git\/blobs$/, fail: { status: 403 } });
  const proposal = await proposalFor(shop.source, shop.shas[1]!);
  const pull = await shop.source.openPull(place, { ...proposal, picture });
  assert.match(
    await (await fetch(pull.url)).text(),
    /<a href="https:\/\/countersteer\.test\/[^"]+"[^>]*>22 % fail/,
  );
});
