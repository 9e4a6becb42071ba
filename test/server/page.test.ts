import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { Hono } from "hono";
import { incidentPage } from "../../functions/pages/incident.ts";
import { page } from "../../functions/pages/page.ts";
import { openContext, noBrowser as skip } from "../support/browser.ts";
import { startStage } from "../support/stage.ts";
import { stateNames, stateOf } from "../support/states.ts";

/** One question for both tests: neither answers it. */
const asked = async () => {
  const stage = await startStage();
  after(() => stage.stop());
  await stage.alert();
  await stage.until("the question", ({ timeline }) =>
    timeline.some(({ type }) => type === "ApprovalRequested"),
  );
  return stage;
};
let started: ReturnType<typeof asked> | undefined;

test("the incident's page reads well in a browser, at a desk and on a phone, and breaks none of its own rules", {
  skip,
}, async () => {
  started ??= asked();
  const stage = await started;
  const context = await openContext({ viewport: { width: 1100, height: 900 } });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(`${stage.url}/incidents`);
  await page.getByRole("link", { name: /shop/ }).click();
  assert.match(
    await page.getByRole("heading", { level: 1 }).innerText(),
    /^shop: .* since \d\d:\d\d\. Revert .*\?$/,
  );
  assert.equal(
    await page.locator("#ask").getByRole("link", { name: "#1" }).getAttribute("href"),
    `${stage.sandbox.url}/github/acme/shop/pull/1`,
  );
  assert.equal(await page.locator(".timeline li").count(), 4);
  await page.setViewportSize({ width: 390, height: 800 });
  const overflow = await page.evaluate(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  assert.equal(overflow, 0);
  // The options are a table: on a phone its cells stand below each other instead of out of sight.
  const hidden = await page.evaluate(
    "[...document.querySelectorAll('table')].map((table) => table.scrollWidth - table.clientWidth)",
  );
  assert.deepEqual(hidden, [0]);
  const small = await page.evaluate(
    "[...document.querySelectorAll('button, .btn, input, select')].filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.outerHTML)",
  );
  assert.deepEqual(small, []);
  assert.deepEqual(complaints, []);
  // Every button of the question is on the first screen of a phone.
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${stage.sandbox.url}/slack`);
  await page.getByRole("button", { name: /^Approve/ }).waitFor();
  const below = await page.evaluate(
    "scrollTo(0, 0), [...document.querySelectorAll('.actions .button')].filter((one) => one.checkVisibility() && one.getBoundingClientRect().bottom > innerHeight).map((one) => one.textContent)",
  );
  assert.deepEqual(below, []);
  await context.close();
});

const axePath = join(import.meta.dirname, "../../node_modules/axe-core/axe.min.js");
const unchecked = skip || (!existsSync(axePath) && "axe-core is not installed");

const paths = [
  "/incidents",
  "/incidents/shop/production",
  "/incidents?q=nothing",
  "/incidents/no/one",
  "/left-alone",
  "/report",
];
/** By night only the colours are others. */
const looks = [
  [1280, "light", ""],
  [390, "light", ""],
  [390, "dark", '{ runOnly: ["color-contrast"] }'],
  [1280, "dark", '{ runOnly: ["color-contrast"] }'],
] as const;

test("axe finds nothing wrong with any page, by day and by night, at a desk and on a phone", {
  skip: unchecked,
}, async () => {
  started ??= asked();
  const stage = await started;
  const context = await openContext({ bypassCSP: true });
  const page = await context.newPage();
  const found: string[] = [];
  for (const path of paths) {
    await page.goto(stage.url + path);
    await page.evaluate(readFileSync(axePath, "utf8"));
    for (const [width, colorScheme, rules] of looks) {
      await page.setViewportSize({ width, height: 844 });
      await page.emulateMedia({ colorScheme });
      const violations = await page.evaluate(
        `axe.run(${rules}).then((done) => done.violations.map(({ id }) => id))`,
      );
      found.push(...(violations as string[]).map((id) => `${path} ${width} ${colorScheme}: ${id}`));
    }
  }
  await context.close();
  assert.deepEqual(found, []);
});

/** The page of an incident in a state, as a server answers it. */
const pageIn = async (name: string): Promise<string> => {
  const { incident, log, now } = stateOf(name);
  const app = new Hono();
  app.get("/", (context) =>
    page(context, { title: name, body: incidentPage(incident, { log, now, isPerson: true, isKnown: true }) }),
  );
  return (await app.request("/")).text();
};

/** Those whose parts are others than those of the pages above. */
const looked = ["flag first", "verified", "unanswered", "round 2"];

test("no state of an incident overflows the narrowest phone or breaks a rule of axe, and an end that is well has no red", {
  skip: unchecked,
}, async () => {
  const context = await openContext({
    bypassCSP: true,
    viewport: { width: 320, height: 844 },
  });
  const page = await context.newPage();
  const found: string[] = [];
  for (const name of stateNames) {
    const shown = await pageIn(name);
    if (Buffer.byteLength(shown) > 120_000) found.push(`${name}: ${Buffer.byteLength(shown)} bytes`);
    await page.setContent(shown);
    const wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
    if (wide !== 0) found.push(`${name}: ${wide} px too wide`);
    if (!looked.includes(name)) continue;
    await page.evaluate(readFileSync(axePath, "utf8"));
    const violations = await page.evaluate("axe.run().then((done) => done.violations.map(({ id }) => id))");
    found.push(...(violations as string[]).map((id) => `${name}: ${id}`));
    const dialogs = await page.locator("[popovertarget=answer-reject]").all();
    for (const reject of dialogs.slice(0, 1)) {
      await reject.click();
      const open = await page.evaluate(
        `axe.run("#answer-reject").then((done) => [...done.violations.map(({ id }) => id), ...[...document.querySelectorAll("#answer-reject button")].filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.textContent)])`,
      );
      found.push(...(open as string[]).map((id) => `${name}, to reject: ${id}`));
    }
  }
  for (const name of ["verified", "recovered"]) {
    await page.setContent(await pageIn(name));
    const red = await page.evaluate(
      "[...document.querySelectorAll('main *')].filter((one) => { const { color, fill, stroke, borderTopColor } = getComputedStyle(one); return [color, fill, stroke, borderTopColor].includes('rgb(179, 38, 30)'); }).length",
    );
    if (red !== 0) found.push(`${name}: ${red} red parts`);
  }
  await context.close();
  assert.deepEqual(found, []);
});
