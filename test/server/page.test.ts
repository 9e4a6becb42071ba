import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after as afterAll, test } from "node:test";
import { Hono } from "hono";
import type { Page } from "playwright-core";
import { incidentPage } from "../../functions/pages/incident.ts";
import { page } from "../../functions/pages/page.ts";
import type { Event } from "../../shared/incident/events.ts";
import { openContext, noBrowser as skip } from "../support/browser.ts";
import { after } from "../support/facts.ts";
import { startStage } from "../support/stage.ts";
import { stateId, stateNames, stateOf } from "../support/states.ts";

/** One question for both tests: neither answers it. */
const asked = async () => {
  const stage = await startStage();
  afterAll(() => stage.stop());
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
  "/readyz?deep",
  "/sign-in",
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
  // A sender without its token, so that the page of what was left alone has a table.
  await fetch(`${stage.url}/webhooks/deploys`, { method: "POST", body: "{}" });
  for (const path of paths) {
    await page.goto(stage.url + path);
    found.push(...(await bare(page)).map((head) => `${path}: no scope on ${head}`));
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

/** Heads of tables that do not say whether they are of a column or a row. */
const bare = async (page: Page): Promise<string[]> =>
  (await page.evaluate(
    "[...document.querySelectorAll('th:not([scope])')].map((one) => one.textContent)",
  )) as string[];

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

test("the page of an incident is at most 120 KB, however many rounds it had and however long its facts are", async () => {
  const { log } = stateOf("verifying");
  const delay = (at: number, index: number): Event => ({
    ...{ type: "StepDelayed", at, step: "verify", verdict: "still_firing", news: true },
    detail: `${index}: ${"a part of the environment may run without the fix, ".repeat(20)}`,
  });
  const rounds = Array.from({ length: 15 }, (_, index) => {
    const told = log.map((event) => ({ ...event, at: event.at + index * 86_400_000 }));
    const last = told.at(-1)?.at ?? 0;
    const end: Event = { type: "IncidentClosed", at: last + 200_000, outcome: "recovered", detail: "over" };
    const opened = told.map((event) =>
      event.type === "IncidentOpened" ? { ...event, round: index + 1 } : event,
    );
    return [...opened, ...Array.from({ length: 150 }, (_, place) => delay(last + place * 1000, place)), end];
  });
  const events = rounds.flat();
  const incident = after(stateId, ...events);
  const shown = String(
    await incidentPage(incident, { log: events, now: events.at(-1)?.at ?? 0, isPerson: true }),
  );
  const bytes = Buffer.byteLength(shown);
  assert.ok(bytes > 60_000 && bytes < 100_000, `${bytes} bytes without the stylesheet`);
  assert.match(shown, /older entries: see the JSON/);
  assert.match(shown, /4 older rounds: see the JSON/);
});

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

test("where a flag is likelier than every change, the headline names the flag, and a person can press Retry there", async () => {
  const shown = await pageIn("flag first");
  assert.match(shown, /The likeliest cause is the flag .*jpy-whole-numbers.*, 62\s%\./);
  assert.doesNotMatch(shown, /The likeliest change is/);
  assert.match(shown, /Press <b>Retry<\/b> here or in Slack/);
});

/** A page of the states, in a browser whose time stands still. */
const openState = async (first: string) => {
  let shown = await pageIn(first);
  const context = await openContext({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await page.clock.install();
  let reads = 0;
  await page.route("http://page.test/**", (route) => {
    reads += 1;
    return route.fulfill({ body: shown, contentType: "text/html" });
  });
  await page.goto("http://page.test/incidents/payment-gateway/production");
  const become = async (name: string): Promise<void> => {
    shown = await pageIn(name);
  };
  return { page, become, reads: () => reads, close: () => context.close() };
};

test("news replaces only what changed: the scroll, unfolded parts, a selection and an open dialog stay", {
  skip,
}, async () => {
  const { page, become, close } = await openState("waiting");
  const ask = page.locator("#ask");
  await page.locator("#expression summary").click();
  // The card that a person reads stays where it is while parts above it grow.
  const kept =
    "[Math.round(document.querySelector('#suspects .lead').getBoundingClientRect().top), document.querySelector('#expression').open]";
  await page.evaluate("scrollTo(0, 900)");
  const before = await page.evaluate(kept);
  await become("merging");
  await page.clock.fastForward(5_000);
  await ask.getByText("Approved by Ann Okafor").first().waitFor({ state: "attached" });
  assert.deepEqual(await page.evaluate(kept), before);
  await page.evaluate("getSelection().selectAllChildren(document.querySelector('#ask h2'))");
  await become("deploying");
  await page.clock.fastForward(5_000);
  await page.locator("#timeline").getByText("Merged").first().waitFor({ state: "attached" });
  assert.equal(await page.evaluate("String(getSelection())"), "Approved by Ann Okafor");
  assert.equal(await ask.locator("h2").textContent(), "Approved by Ann Okafor");
  await page.evaluate("getSelection().removeAllRanges()");
  await page.clock.fastForward(5_000);
  await ask.getByText("Waiting for the deploy").waitFor({ state: "attached" });
  await become("waiting");
  await page.clock.fastForward(5_000);
  await ask.locator("[popovertarget=answer-reject]").first().click();
  await page.locator("#why").fill("the node pool was full");
  await become("merging");
  await page.clock.fastForward(5_000);
  await page.locator("#timeline").getByText("Approved").first().waitFor({ state: "attached" });
  assert.equal(await page.locator("#why").inputValue(), "the node pool was full");
  await close();
});

test("the page of an incident that is closed is read once, and an open one stops when it closes", {
  skip,
}, async () => {
  const closed = await openState("verified");
  await closed.page.clock.fastForward(60_000);
  assert.equal(closed.reads(), 1);
  await closed.close();
  const { page, become, reads, close } = await openState("verifying");
  await become("verified");
  await page.clock.fastForward(5_000);
  await page.locator("#ask.verified").waitFor({ state: "attached" });
  await page.clock.fastForward(60_000);
  assert.equal(reads(), 2);
  await close();
});

test("by keyboard the links of the headline come before Approve, and Escape closes its dialog without an answer", {
  skip,
}, async () => {
  const { page, close } = await openState("waiting");
  const reached: string[] = [];
  for (let tabs = 0; tabs < 20 && !reached.at(-1)?.startsWith("Approve"); tabs++) {
    await page.keyboard.press("Tab");
    reached.push(String(await page.evaluate("document.activeElement.textContent")));
  }
  assert.deepEqual(reached.slice(-3), [
    "“fx: settle in whole numbers, halves to even”",
    "#412",
    "Approve · 73\u00a0%",
  ]);
  await page.keyboard.press("Enter");
  assert.ok(await page.locator("#answer-approve").isVisible());
  await page.keyboard.press("Escape");
  assert.ok(!(await page.locator("#answer-approve").isVisible()));
  assert.ok(String(await page.evaluate("document.activeElement.textContent")).startsWith("Approve"));
  await close();
});
