import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { pathToFileURL } from "node:url";
import { planOf, root } from "./plan.ts";
import { bundleProgram } from "./program.ts";
import { temporary } from "./scratch.ts";
import { sharedFile } from "./shared.ts";
import { watchdog } from "./watchdog.ts";

/** `npm test`, with the arguments of `planOf`. The times are against a test that hangs: the longest takes a tenth of them on an idle machine. */
const timeoutMs = Number(process.env.TEST_TIMEOUT_MS ?? 600_000);
const silenceMs = Number(process.env.TEST_SILENCE_MS ?? timeoutMs + 60_000);
/** More than there are cores: many tests wait for processes that they started. */
const concurrency = 4;

const { early, together, late } = planOf(process.argv.slice(2));
const scratch = mkdtempSync(join(temporary(), "countersteer-run-"));
process.once("exit", () => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }));

const shared = (files: string[], index: number): string[] =>
  files.length === 0
    ? []
    : [
        sharedFile(
          scratch,
          index,
          files.map((file) => pathToFileURL(join(root, file)).href),
        ),
      ];

// Programs in Go, as Prometheus and esbuild, live for seconds: they need not collect garbage often.
process.env.GOGC ??= "400";
// A process and its threads find compiled what an earlier one compiled.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), "node-compile-cache");
// Files that a test leaves behind go with the folder.
process.env.TMPDIR = scratch;
if (early.length > 0) process.env.TEST_PROGRAM = await bundleProgram(join(scratch, "program"));

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    stop.abort();
    process.exit(1);
  });
const tests = run({
  files: [...early, ...together.flatMap(shared), ...late].map((file) => resolve(root, file)),
  cwd: root,
  concurrency,
  execArgv: ["--import", join(root, "test/support/seed.ts"), `--test-timeout=${timeoutMs}`],
  signal: stop.signal,
});
tests.on("test:fail", ({ todo }) => {
  if (todo === undefined) process.exitCode = 1;
});
watchdog(tests, silenceMs, (message) => {
  console.error(message);
  process.exitCode = 1;
  stop.abort();
});
tests.compose(spec).pipe(process.stdout);
