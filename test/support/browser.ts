import { existsSync } from "node:fs";
import { after } from "node:test";
import { type Browser, chromium } from "playwright-core";

const executablePath = ["/usr/bin/chromium", "/usr/bin/google-chrome"].find((path) => existsSync(path));

/** The reason to skip a test that needs a browser, or false. */
export const noBrowser = executablePath === undefined && "no Chromium on this machine: no page was looked at";

let started: Promise<Browser> | undefined;
after(async () => (await started)?.close());

/** One for all tests of a process. Each opens pages and a context of its own. */
export const browser = (): Promise<Browser> => {
  started ??= chromium.launch({ executablePath: executablePath!, args: ["--no-sandbox", "--disable-gpu"] });
  return started;
};
