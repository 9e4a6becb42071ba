import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readLog } from "../../../infra/cli/diagnosis/log.ts";
import { git } from "../../../infra/host/git.ts";
import { scratch } from "../../support/scratch.ts";

test("a git configuration of the user or of the clone does not break the names that are read", async (t) => {
  const directory = await scratch(t);
  await git(directory, ["init", "--quiet"]);
  await git(directory, ["commit", "--quiet", "--allow-empty", "--message", "Größe prüfen"], {
    env: { GIT_AUTHOR_NAME: "Zoë Müller" },
  });
  const configuration = join(directory, "user.gitconfig");
  writeFileSync(configuration, "[i18n]\n\tlogOutputEncoding = ISO-8859-1\n");
  await git(directory, ["config", "i18n.logOutputEncoding", "ISO-8859-1"]);
  const before = process.env.GIT_CONFIG_GLOBAL;
  process.env.GIT_CONFIG_GLOBAL = configuration;
  t.after(() => {
    if (before === undefined) delete process.env.GIT_CONFIG_GLOBAL;
    else process.env.GIT_CONFIG_GLOBAL = before;
  });
  const [commit] = await readLog(directory, { limit: 1 });
  assert.deepEqual([commit?.author, commit?.title], ["Zoë Müller", "Größe prüfen"]);
});
