import assert from "node:assert/strict";
import { test } from "node:test";
import { gather } from "../../functions/diagnose/gather.ts";
import { alert as alertOfName } from "../support/incident.ts";
import { inRounds } from "../support/rounds.ts";
import { train } from "./rows/trains.ts";
import { day, type Landing, minute, now, shop } from "./shop.ts";

test("a diagnosis of a deploy of 80 changes asks GitHub at most 15 times, and says what it did not read", async (t) => {
  const landings = train(80, { message: "guilty", files: { "src/g.js": "1\n" }, ago: 2 * day }, 60);
  const last = landings.at(-1)?.message ?? "";
  const stage = await shop(t, {
    landings,
    deploys: [
      ["start", 10 * day],
      [last, 4 * minute],
    ],
    alert: { name: "HighErrorRate" },
  });
  const found = await gather(stage.work, { ...trouble, onsetAt: now - minute });
  const calls = stage.calls();
  assert.ok(calls.length <= 15, `${calls.length}: ${calls.map(({ path }) => path).join("\n")}`);
  assert.equal(found.commits.length, 80);
  assert.deepEqual(found.unread, [
    "of 80 changes the files of 11 were read: of those whose texts and files say most of what the alert says, and of the newest",
  ]);
});

const named: {
  what: string;
  size: number;
  guilty: Landing;
  summary?: string;
  errors?: string;
  folders?: number;
}[] = [
  {
    what: "by a symbol in its lines",
    size: 80,
    guilty: {
      message: "misc",
      files: { "src/a/misc.js": "export const parseVatNumber = 1;\n" },
      ago: 2 * day,
    },
    summary: "TypeError in parseVatNumber: x is undefined",
  },
  {
    what: "by a stack trace of Node.js",
    size: 120,
    guilty: { message: "wip", files: { "src/tax/vat.js": "1\n" }, ago: 2 * day },
    errors: "TypeError: x is undefined\n    at rate (/app/src/tax/vat.js:4:9)",
  },
  {
    what: "by a stack trace of Java",
    size: 60,
    guilty: { message: "tidy", files: { "src/main/java/com/acme/VatService.java": "1\n" }, ago: 2 * day },
    errors: "java.lang.NullPointerException\n\tat com.acme.VatService.rate(VatService.java:41)",
  },
  {
    what: "by a stack trace of Python, in a deploy of more files than GitHub lists at once",
    size: 80,
    guilty: { message: "tidy", files: { "shop/vat.py": "1\n" }, ago: 2 * day },
    errors: 'Traceback (most recent call last):\n  File "/srv/shop/vat.py", line 7, in rate\nKeyError',
    folders: 5,
  },
];
for (const { what, size, guilty, summary = "it is broken", errors = "", folders = 1 } of named)
  test(`a change that is named ${what} is read, wherever it lies in a deploy of ${size} changes`, async (t) => {
    const others = (landing: Landing): Landing => ({
      ...landing,
      files: Object.fromEntries(
        Object.entries(landing.files ?? {}).flatMap(([path, text]) =>
          Array.from({ length: folders }, (_, index) => [`part${index}/${path}`, text]),
        ),
      ),
    });
    const landings = train(size, guilty, Math.floor(size / 2)).map((one) =>
      one === guilty ? one : others(one),
    );
    const stage = await shop(t, {
      landings,
      deploys: [
        ["start", 10 * day],
        [landings.at(-1)?.message ?? "", 4 * minute],
      ],
      alert: { name: "ShopBroken", annotations: { summary } },
    });
    const alerts = [alertOfName({ name: "ShopBroken", annotations: { summary } })];
    const found = await gather(stage.work, {
      ...{ ...trouble, onsetAt: now - minute, alerts },
      errors: Promise.resolve(errors),
    });
    const [path = ""] = Object.keys(guilty.files ?? {});
    assert.ok(found.commits.find(({ title }) => title === guilty.message)?.paths.includes(path));
    assert.ok(stage.calls().length <= 15, `${stage.calls().length}`);
  });

const trouble = { service: "payment-gateway", environment: "production" };

test("a diagnosis of a deploy of 80 changes waits for GitHub at most 8 times one after the other", async (t) => {
  const landings = train(80, { message: "tidy up", files: { "src/thumbnails.js": "1\n" }, ago: 2 * day }, 60);
  const { fetch, rounds } = inRounds();
  const stage = await shop(t, {
    ...{ landings, fetch },
    deploys: [
      ["start", 10 * day],
      [landings.at(-1)?.message ?? "", 4 * minute],
    ],
    alert: { name: "ImagesMissing", annotations: { summary: "thumbnails answer 404" } },
  });
  const alerts = [alertOfName({ name: "ImagesMissing", annotations: { summary: "thumbnails answer 404" } })];
  const found = await gather(stage.work, { ...trouble, onsetAt: now - minute, alerts });
  assert.ok(found.commits.find(({ title }) => title === "tidy up")?.paths.includes("src/thumbnails.js"));
  assert.ok(rounds.length <= 8, rounds.map((calls) => calls.join(", ")).join("\n"));
});
