import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { Octokit } from "@octokit/rest";
import { WebClient } from "@slack/web-api";
import { sandboxCommand } from "../../infra/sandbox/command.ts";
import { newShop, repo } from "./repository.ts";

/** Runs the command with what it writes caught. */
const run = async (...argv: string[]) => {
  const [out, err]: [string[], string[]] = [[], []];
  const io = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) };
  const code = await sandboxCommand(argv, io, AbortSignal.abort());
  return { code, out: out.join(""), err: err.join("") };
};

test("alone it prints one line of JSON, serves, and ends with 0 on SIGTERM", async (t) => {
  const shop = newShop(t);
  const head = shop.commit("Start", { f: "1\n" });
  const command = join(import.meta.dirname, "../../infra/sandbox/command.ts");
  const script = `import { sandboxCommand } from ${JSON.stringify(command)}; process.exitCode = await sandboxCommand(process.argv.slice(1));`;
  const child = spawn(process.execPath, [
    "--input-type=module",
    "-e",
    script,
    "--",
    "--port",
    "0",
    "--repo",
    `acme/shop=${shop.bare}`,
    ...["--channel", "C0SHOP=shop"],
  ]);
  t.after(() => child.kill("SIGKILL"));
  let stdout = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  while (!stdout.includes("\n")) await once(child.stdout, "data");
  const ready = JSON.parse(stdout);
  assert.deepEqual(Object.keys(ready), ["github", "slack", "token", "slackToken", "slackSigningSecret"]);
  assert.match(
    `${ready.github} ${ready.slack}`,
    /^http:\/\/127\.0\.0\.1:(\d+)\/github http:\/\/127\.0\.0\.1:\1\/slack\/api$/,
  );
  const octokit = new Octokit({ baseUrl: ready.github, auth: ready.token });
  assert.equal((await octokit.repos.getBranch({ ...repo, branch: "main" })).data.commit.sha, head);
  assert.equal((await fetch(ready.github, { method: "HEAD" })).status, 200);
  const slack = new WebClient(ready.slackToken, { slackApiUrl: `${ready.slack}/` });
  const posted = await slack.chat.postMessage({ channel: "C0SHOP", text: "open at nine" });
  assert.equal(posted.channel, "C0SHOP");
  child.kill("SIGTERM");
  const [code] = await once(child, "exit");
  assert.equal(code, 0);
  assert.equal(stdout.trim().split("\n").length, 1);
});

for (const [argv, sentence] of [
  [[], "at least one --repo OWNER/NAME=/path/to/bare.git is needed"],
  [["--repo", "shop"], '--repo takes OWNER/NAME=/path/to/bare.git, not "shop"'],
  [["--repo", "a/b=/c", "--person", "ann"], '--person takes LOGIN=TOKEN, not "ann"'],
  [["--repo", "a/b=/c", "--team", "acme=ann"], '--team takes ORG/TEAM=LOGIN,LOGIN, not "acme=ann"'],
  [["--repo", "a/b=/c", "--channel", "#shop"], '--channel takes ID=NAME, such as C0SHOP=shop, not "#shop"'],
  [["--repo", "a/b=/c", "--max-tree", "all"], '--max-tree takes a number, not "all"'],
  [["--repo", "a/b=/c", "--port", "x"], '--port takes a number from 0 to 65535, not "x"'],
  [["--repo", "a/b=/c", "--webhook", "x"], '"x" is not an http(s) URL'],
  [["--repo", "a/b=/c", "--secret", "x"], "--secret goes with --webhook"],
  [["--what"], "Unknown option '--what'"],
] as const)
  test(`usage: ${argv.join(" ") || "nothing"}`, async () => {
    assert.deepEqual(await run(...argv), { code: 2, out: "", err: `sandbox: ${sentence} (see --help)\n` });
  });

test("a path that is no bare repository, and a port in use, are one sentence and exit 1", async (t) => {
  const shop = newShop(t);
  shop.commit("Start", { f: "1\n" });
  for (const path of ["/nonexistent/shop.git", shop.work])
    assert.deepEqual(await run("--repo", `acme/shop=${path}`), {
      code: 1,
      out: "",
      err: `sandbox: ${path} (acme/shop) is not a bare git repository\n`,
    });
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  assert.deepEqual(await run("--repo", `acme/shop=${shop.bare}`, "--port", String(port)), {
    code: 1,
    out: "",
    err: `sandbox: port ${port} on 127.0.0.1 is in use\n`,
  });
});

test("--help tells the options", async () => {
  const { code, out } = await run("--help");
  assert.equal(code, 0);
  for (const option of ["--port", "--max-tree", "--repo", "--webhook", "--secret", "--slack-interactions"])
    assert.ok(out.includes(option));
});
