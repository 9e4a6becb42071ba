import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Browser, chromium, type Page } from "playwright-core";
import { startLeftAlone } from "./left-alone.ts";

// npm run screenshots: plays the demo, looks at it in a browser as a person would, and writes docs/images.

const root = join(import.meta.dirname, "../..");
const images = join(root, "docs/images");
const sizes = { "": { width: 1000, height: 960 }, "-phone": { width: 390, height: 844 } } as const;
const margin = 16;
const browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const main = async (): Promise<number> => {
  const executablePath = browsers.find((path) => existsSync(path));
  if (executablePath === undefined) {
    console.error("screenshots: no chromium or google-chrome on this machine");
    return 1;
  }
  mkdirSync(images, { recursive: true });
  const demo = startDemo();
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    await photograph(browser, demo);
    return 0;
  } finally {
    await browser.close();
    demo.process.kill("SIGINT");
    await demo.ended;
  }
};

type Demo = {
  process: ChildProcess;
  /** The first address on a line that begins so, once the demo has printed it. */
  address: (line: string) => Promise<string>;
  says: (sentence: string) => Promise<void>;
  ended: Promise<void>;
};

const startDemo = (): Demo => {
  const child = spawn(process.execPath, [join(root, "infra/cli/cli.ts"), "demo", "--keep"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const look of waiting) look();
  };
  let over = false;
  createInterface({ input: child.stdout }).on("line", (line) => {
    console.log(line);
    lines.push(line);
    wake();
  });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => {
      over = true;
      wake();
      resolve();
    });
  });
  const line = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = () => {
        const found = lines.find((each) => pattern.test(each));
        if (found === undefined && !over) return;
        waiting.delete(look);
        if (found === undefined) reject(new Error(`the demo ended without a line like ${pattern}`));
        else resolve(found);
      };
      waiting.add(look);
      look();
    });
  return {
    process: child,
    address: async (name) =>
      (await line(new RegExp(`^\\s+${name}\\s+http`))).replace(/^.*?(http\S+).*$/, "$1"),
    says: async (sentence) => void (await line(new RegExp(sentence))),
    ended,
  };
};

const photograph = async (browser: Browser, demo: Demo): Promise<void> => {
  const slack = await demo.address("Slack");
  const incidents = await demo.address("incidents");
  await demo.says("press Approve in Slack");
  const page = await browser.newPage();
  await page.goto(slack);
  const approve = page.getByRole("button", { name: /^Approve/ });
  await approve.waitFor();
  await page.goto(`${incidents}/payment-gateway/production`);
  await shoot(page, "incident-waiting");
  const pull = await page.locator('#ask a[href*="/pull/"]').first().getAttribute("href");
  if (pull === null) throw new Error("the question links no pull request");
  await page.goto(pull);
  await shoot(page, "pull-request");
  await leftAlone(page);
  await page.goto(slack);
  await approve.waitFor();
  await shoot(page, "slack-question");
  await approve.click();
  await shoot(page, "slack-confirm");
  await page.getByRole("button", { name: /^Merge #/ }).click();
  await demo.says("Everything keeps running");
  await page.goto(`${incidents}/payment-gateway/production`);
  await shoot(page, "incident");
  await page.goto(incidents);
  await shoot(page, "incidents");
  await page.goto(`${incidents}/payment-gateway/production`);
  await page.setViewportSize(sizes[""]);
  await page.emulateMedia({ colorScheme: "light" });
  const { x = 0, y = 0, width = 0, height = 0 } = (await page.locator(".timeline").boundingBox()) ?? {};
  const clip = { x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin };
  await page.screenshot({ path: join(images, "timeline.png"), fullPage: true, clip });
  console.log("docs/images/timeline.png");
};

const leftAlone = async (page: Page): Promise<void> => {
  const { url, stop } = await startLeftAlone();
  try {
    await page.goto(`${url}/left-alone`);
    await shoot(page, "left-alone");
  } finally {
    await stop();
  }
};

/** The top of the page, at a desk and on a phone; the phone is one at night. */
const shoot = async (page: Page, name: string): Promise<void> => {
  for (const [suffix, size] of Object.entries(sizes)) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme: suffix === "" ? "light" : "dark" });
    await page.evaluate("scrollTo(0, 0)");
    const file = `${name}${suffix}.png`;
    await page.screenshot({ path: join(images, file) });
    console.log(`docs/images/${file}`);
  }
};

process.exitCode = await main();
