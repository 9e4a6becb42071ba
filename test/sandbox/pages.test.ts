import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { WebClient } from "@slack/web-api";
import type { Page } from "playwright-core";
import type { SandboxOptions } from "../../infra/sandbox/index.ts";
import { slack, slackClient } from "../../shared/adapters/slack/slack.ts";
import { chartPng } from "../../shared/chart/picture.ts";
import type { Chart } from "../../shared/incident/model.ts";
import { openContext, noBrowser as skip } from "../support/browser.ts";
import { app, modal } from "./app.ts";
import { newSandbox, repo } from "./repository.ts";

/** A sandbox and a browser page. An error in the browser's console fails the test. */
const browse = async (t: TestContext, options: Partial<SandboxOptions> = {}) => {
  const run = await newSandbox(t, options);
  const context = await openContext({ baseURL: run.sandbox.url });
  t.after(() => context.close());
  const page: Page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  return { ...run, page, complaints };
};

const headingFaults = async (page: Page): Promise<unknown> => {
  await page.evaluate(readFileSync(fileURLToPath(import.meta.resolve("axe-core")), "utf8"));
  return page.evaluate(
    'axe.run({ runOnly: ["heading-order"] }).then((done) => done.violations.flatMap(({ nodes }) => nodes.map(({ html }) => html)))',
  );
};

const words = (text: string) => ({ type: "plain_text", text });
const confirm = {
  title: words("Merge it?"),
  text: words("It goes live."),
  ...{ confirm: words("Merge"), deny: words("Back") },
};
/** A question; `more` is of the button that approves. */
const question = (more = {}) => [
  { type: "header", text: { type: "plain_text", text: "A question" } },
  {
    type: "section",
    text: { type: "mrkdwn", text: "*Revert* <https://example.com/x|the fee> &lt;script&gt; <@U0ANN>" },
  },
  {
    type: "actions",
    block_id: "decision",
    elements: [
      {
        type: "button",
        action_id: "approve",
        style: "primary",
        value: "v1",
        ...more,
        text: { type: "plain_text", text: "Approve" },
      },
      {
        type: "button",
        action_id: "reject",
        style: "danger",
        value: "v1",
        text: { type: "plain_text", text: "Reject" },
      },
    ],
  },
];
const blocks = question();

test("a person approves on the Slack page, and a signed interaction arrives", { skip }, async (t) => {
  const { page, sandbox, complaints } = await browse(t);
  const slack = new WebClient(sandbox.slackToken, { slackApiUrl: sandbox.slack });
  const { got, url } = await app(
    t,
    () => sandbox.slackSigningSecret,
    async ({ channel, container, user }) => {
      await slack.chat.update({
        channel: channel.id,
        ts: container.message_ts,
        text: `Approved by <@${user.id}>`,
        blocks: [],
      });
      return undefined;
    },
  );
  sandbox.connect({ slackInteractions: { url } });
  await page.goto("/slack");
  await page.getByLabel("You are").selectOption("U0BEN");
  await page.waitForURL(/user=U0BEN/);
  const { ts } = await slack.chat.postMessage({
    channel: "C0OPS",
    text: "Approve?",
    blocks: question({ confirm }) as never,
  });
  const message = page.getByRole("listitem").filter({ hasText: "Revert" });
  await message.getByRole("link", { name: "the fee" }).waitFor();
  assert.match((await message.textContent())!, /Revert the fee <script> @Ann/);
  await page.getByRole("button", { name: "Approve" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Merge it?" }).waitFor();
  assert.deepEqual(await headingFaults(page), []);
  await page.getByRole("button", { name: "Merge" }).click();
  await page.getByText("Approved by @Ben").waitFor();
  const [{ type, user, actions, container } = {}] = got;
  assert.deepEqual(
    [type, user.id, actions[0].value, container.message_ts, got.length],
    ["block_actions", "U0BEN", "v1", ts, 1],
  );
  assert.deepEqual(complaints, []);
});

test("a modal opens, shows what is wrong with an answer, and closes on a good one", { skip }, async (t) => {
  const { page, sandbox } = await browse(t);
  const slack = new WebClient(sandbox.slackToken, { slackApiUrl: sandbox.slack });
  const { got, url } = await app(
    t,
    () => sandbox.slackSigningSecret,
    async ({ type, trigger_id, view }) => {
      if (type === "block_actions") await slack.views.open({ trigger_id, view: modal as never });
      const short = type === "view_submission" && view.state.values.reason.text.value.length < 3;
      return short ? { response_action: "errors", errors: { reason: "Say more" } } : undefined;
    },
  );
  sandbox.connect({ slackInteractions: { url } });
  await slack.chat.postMessage({ channel: "C0OPS", text: "Approve?", blocks: blocks as never });
  await page.goto("/slack/C0OPS?user=U0ANN");
  const dialog = page.getByRole("dialog", { name: "Reject" });
  await page.getByRole("button", { name: "Reject" }).click();
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Reject" }).click();
  await dialog.getByLabel("Why?").fill("no");
  await dialog.getByRole("button", { name: "Send" }).click();
  await dialog.getByText("Say more").waitFor();
  await dialog.getByLabel("Why?").fill("a known batch job");
  await dialog.getByRole("button", { name: "Send" }).click();
  await dialog.waitFor({ state: "hidden" });
  assert.equal(got.at(-1)!.view.state.values.reason.text.value, "a known batch job");
});

test("a click that nobody takes says so, and a whisper is seen by one person", { skip }, async (t) => {
  const { page, sandbox } = await browse(t);
  const slack = new WebClient(sandbox.slackToken, { slackApiUrl: sandbox.slack });
  await slack.chat.postMessage({ channel: "C0OPS", text: "Approve?", blocks: blocks as never });
  await slack.chat.postEphemeral({ channel: "C0OPS", user: "U0EVE", text: "Only approvers may do that" });
  await page.goto("/slack/C0OPS?user=U0EVE");
  await page.getByText("Only visible to you").waitFor();
  await page.getByRole("button", { name: "Approve" }).click();
  await page.getByRole("alert").filter({ hasText: "Countersteer did not answer" }).waitFor();
  await page.goto("/slack/C0OPS?user=U0ANN");
  await page.getByRole("button", { name: "Approve" }).waitFor();
  assert.equal(await page.getByText("Only approvers").count(), 0);
});

test("a pull request shows its story, its checks and its diff, and renews itself when it is merged", {
  skip,
}, async (t) => {
  const { page, shop, octokit, complaints } = await browse(t);
  const sha = shop.commit("Lower the fee", { "src/pay.js": "export const fee = 0;\n" }, "fix");
  const body = "### Why\n\n<img src=x onerror=alert(1)> **bold** [x](javascript:alert(1))";
  await octokit.pulls.create({ ...repo, title: "Lower <b>the</b> fee", head: "fix", base: "main", body });
  await octokit.issues.addLabels({ ...repo, issue_number: 1, labels: ["revert"] });
  await octokit.repos.createCommitStatus({
    ...repo,
    sha,
    state: "pending",
    context: "countersteer/approval",
    description: "Ask in Slack",
  });
  await page.goto("/");
  await page.getByRole("link", { name: "Lower <b>the</b> fee" }).click();
  await page.getByText("open", { exact: true }).waitFor();
  assert.equal(await page.getByRole("heading", { name: "Why" }).count(), 1);
  assert.deepEqual(await headingFaults(page), []);
  assert.equal(await page.locator("main img, main b, main a[href^=javascript]").count(), 0);
  assert.equal(await page.locator("tr.del").textContent(), "1-export const fee = 1;");
  assert.equal(await page.locator("tr.add").textContent(), "1+export const fee = 0;");
  await page.getByText("Ask in Slack").waitFor();
  await octokit.issues.createComment({ ...repo, issue_number: 1, body: "Approved by **Ann**." });
  await octokit.pulls.merge({ ...repo, pull_number: 1 });
  await page.getByText("Merged by countersteer[bot]").waitFor();
  await page.getByText("Approved by Ann.").waitFor();
  await page.getByRole("link", { name: "Lower the fee" }).click();
  await page.getByText("1 file changed").waitFor();
  assert.deepEqual(complaints, []);
});

test("another site cannot press a button", async (t) => {
  const { sandbox } = await newSandbox(t);
  const headers = { Origin: "https://evil.example", "Content-Type": "application/x-www-form-urlencoded" };
  const answer = await fetch(`${sandbox.url}/slack/click`, {
    method: "POST",
    headers,
    body: "channel=C0OPS",
  });
  assert.equal(answer.status, 403);
});

test("a picture of the app is seen in its message", { skip }, async (t) => {
  const { sandbox, page, complaints } = await browse(t);
  const chart: Chart = {
    ...{ alert: "PaymentErrorsHigh", at: 0 },
    points: [
      [0, 0],
      [60, 1],
    ],
  };
  const chat = slack({ client: slackClient({ apiUrl: sandbox.slack, token: sandbox.slackToken }) });
  const file = await chat.upload({
    png: () => chartPng({ chart, marks: [], width: 380, height: 150, isCalm: false }),
    alt: "from 0 to 1",
  });
  const picture = { file, alt: "from 0 to 1" };
  await chat.post("C0OPS", { marker: "m", headline: "Trouble", lines: [], links: [], picture }, 0);
  await page.goto("/slack/C0OPS");
  await page.getByRole("img", { name: "from 0 to 1" }).waitFor();
  const width = await page.evaluate(
    "(async () => { const image = document.querySelector('.picture'); await image.decode(); return image.naturalWidth; })()",
  );
  assert.equal(width, 760);
  assert.deepEqual(complaints, []);
});

test("the first page leads through the steps that it is given, and names none without", async (t) => {
  const guide = [{ name: "The <question>", url: "/slack/C0OPS", text: "press a button" }];
  const { sandbox } = await newSandbox(t, { guide });
  const read = async (url: string) => (await sandbox.fetch(`${url}/`)).text();
  assert.match(
    await read(sandbox.url),
    /<ol><li><a href="\/slack\/C0OPS">The &lt;question&gt;<\/a>: press a button<\/li><\/ol>/,
  );
  const plain = await newSandbox(t);
  assert.doesNotMatch(await (await plain.sandbox.fetch(`${plain.sandbox.url}/`)).text(), /in this order/);
});
