import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { startStage } from "../support/stage.ts";

const executablePath = ["/usr/bin/chromium", "/usr/bin/google-chrome"].find((path) => existsSync(path));
const skip =
  executablePath === undefined && "no Chromium on this machine: the incident's page was not looked at";

test("the incident's page reads well in a browser, at a desk and on a phone, and breaks none of its own rules", {
  skip,
}, async (t) => {
  const stage = await startStage();
  t.after(() => stage.stop());
  await stage.alert();
  await stage.until("the question", ({ timeline }) =>
    timeline.some(({ type }) => type === "ApprovalRequested"),
  );
  const browser = await chromium.launch({ executablePath: executablePath!, args: ["--no-sandbox"] });
  t.after(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
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
});
