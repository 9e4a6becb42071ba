import { existsSync } from "node:fs";
import { after } from "node:test";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from "playwright-core";
import { hangMs } from "./until.ts";

const executablePath = ["/usr/bin/chromium", "/usr/bin/google-chrome"].find((path) => existsSync(path));

/** The reason to skip a test that needs a browser, or false. */
export const noBrowser = executablePath === undefined && "no Chromium on this machine: no page was looked at";

let started: Promise<Browser> | undefined;
after(async () => (await started)?.close());

/** A context of its own in the one browser of a process, patient with a busy machine. */
export const openContext = async (options: BrowserContextOptions = {}): Promise<BrowserContext> => {
  started ??= chromium.launch({
    ...{ executablePath: executablePath!, args: ["--no-sandbox", "--disable-gpu"], timeout: hangMs },
  });
  const context = await (await started).newContext(options);
  context.setDefaultTimeout(hangMs);
  return context;
};
