import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { reasonModal, replyContent, viewContent } from "../../shared/adapters/slack/blocks.ts";
import { link, mrkdwn, plain } from "../../shared/adapters/slack/mrkdwn.ts";
import type { Span, View } from "../../shared/ports/chat.ts";
import { anyText, anyUrl } from "../support/any-text.ts";

/** Everything Slack could take for more than text in mrkdwn: control sequences, formats, quotes, further lines. */
const tokens = (text: string): string[] => [
  ...(text.match(/<[^>]*>?|>/g) ?? []),
  ...(text.match(/&(?!amp;|lt;|gt;)/g) ?? []),
  ...(text.match(/`/g) ?? []),
  ...(text.match(/(?<![\p{L}\p{N}])[*_~]|[*_~](?![\p{L}\p{N}])/gu) ?? []),
  ...(text.match(/^&gt;/gm) ?? []),
  ...(text.match(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu) ?? []),
];
const decoded = (text: string) =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

const hostile = fc.oneof(
  anyText(60),
  fc
    .array(
      fc.constantFrom(
        "<!channel>",
        "<!here>",
        "<@U0APPROVER>",
        "<https://evil.example|Approve>",
        "&lt;!channel&gt;",
        "*bold*",
        "_it_",
        "~no~",
        "`code`",
        "```",
        "\n",
        "\r",
        ">",
        "&",
        "|",
        " ",
        "a",
        "😀",
        "\u202e",
        "\ud800",
        "@channel",
        "#ops",
        "https://evil.example",
      ),
      { maxLength: 30 },
    )
    .map((parts) => parts.join("")),
);

test("no mention, link or format arises from any text", () => {
  fc.assert(
    fc.property(hostile, fc.integer({ min: 1, max: 80 }), (text, limit) => {
      assert.deepEqual(tokens(mrkdwn(text, limit)), []);
      assert.deepEqual(tokens(mrkdwn(text, 100_000)), []);
    }),
    { numRuns: 3000 },
  );
});

test("text keeps to its limit, and is cut between characters and entities", () => {
  fc.assert(
    fc.property(hostile, fc.integer({ min: 1, max: 80 }), (text, limit) => {
      for (const cut of [mrkdwn(text, limit), plain(text, limit)]) {
        assert.ok(cut.length <= limit);
        assert.equal(cut.isWellFormed(), true);
      }
    }),
    { numRuns: 2000 },
  );
  assert.equal(mrkdwn("a&b", 5), "a…");
  assert.equal(mrkdwn("a&b", 7), "a&amp;b");
  assert.equal(plain("a😀b", 3), "a…");
});

test("words stay fit for copying, and escaping happens exactly once", () => {
  assert.equal(
    mrkdwn('payment_gateway_total{a="b"} > 5 & rising', 200),
    'payment_gateway_total{a="b"} &gt; 5 &amp; rising',
  );
  assert.equal(mrkdwn("&lt;!channel&gt;", 200), "&amp;lt;!channel&amp;gt;");
  assert.equal(mrkdwn("fix *all* of `x`\nApproved", 200), "fix ∗all∗ of 'x' Approved");
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z<>&|]{0,40}$/), (text) =>
      assert.equal(decoded(mrkdwn(text, 1000)).replace(/^›/, ">"), text),
    ),
  );
});

test("a link goes to the URL that was passed and nowhere else", () => {
  assert.equal(
    link("PR #7", "https://git.example/acme/api/pull/7?a=1&b=<x>|y"),
    "<https://git.example/acme/api/pull/7?a=1&amp;b=%3Cx%3E%7Cy|PR #7>",
  );
  for (const url of [
    "javascript:alert(1)",
    "file:///etc/passwd",
    "not a url",
    "https://user:pass@git.example/",
    `https://git.example/${"x".repeat(2000)}`,
  ])
    assert.equal(link("PR #7", url), "PR #7");
  fc.assert(
    fc.property(hostile, anyUrl, (text, url) => {
      const [, target, shown] = /^<([^<>|]*)\|([^<>]+)>$/.exec(link(text, url)) ?? [];
      assert.equal(new URL(decoded(target ?? "")).href, new URL(url).href);
      assert.deepEqual(tokens(shown ?? ""), []);
    }),
    { numRuns: 1000 },
  );
});

const confirm = fc.record({ title: hostile, text: hostile, yes: hostile });
const button = fc.record({ text: hostile, confirm }, { requiredKeys: ["text"] });
/** A line end alone is ours. */
const words = hostile.filter((text) => text !== "\n");
const span: fc.Arbitrary<Span> = fc.oneof(
  words,
  fc.record({ text: hostile, url: fc.oneof(anyUrl, hostile) }),
  fc.record({ at: fc.nat({ max: 4_000_000_000_000 }) }),
);
const line = fc.record(
  {
    label: hostile,
    text: fc.oneof(hostile, fc.constant("x".repeat(5000))),
    spans: fc.array(span, { maxLength: 8 }),
    small: fc.constant(true as const),
  },
  { requiredKeys: ["text"] },
);
const views: fc.Arbitrary<View> = fc.record(
  {
    marker: fc.string(),
    headline: fc.oneof(hostile, fc.constant("<&>".repeat(100))),
    lines: fc.array(line, { maxLength: 60 }),
    links: fc.array(fc.record({ text: hostile, url: fc.oneof(anyUrl, hostile) }), { maxLength: 40 }),
    lead: fc.array(span, { maxLength: 8 }),
    buttons: fc.record({
      incident: fc.constant("payment/production"),
      round: fc.constant(1),
      head: fc.constant("0123456789abcdef0123456789abcdef01234567"),
      approve: button,
      reject: button,
      ruleOut: button,
      snooze: button,
      look: button,
      others: fc.uniqueArray(
        fc.record(
          { choice: fc.nat({ max: 9 }), text: hostile, confirm },
          { requiredKeys: ["choice", "text"] },
        ),
        { maxLength: 9, selector: ({ choice }) => choice },
      ),
    }),
  },
  { requiredKeys: ["marker", "headline", "lines", "links"] },
);

type Text = { type: string; text: string; verbatim?: boolean };
const textsOf = (json: unknown): Text[] => {
  if (typeof json !== "object" || json === null) return [];
  const own = "text" in json && typeof json.text === "string" ? [json as Text] : [];
  return [...own, ...Object.values(json).flatMap(textsOf)];
};

/** Without the links and times that the view asked for. */
const ours = (text: string): string =>
  text.replace(/<https?:[^<>|]*\|[^<>]+>|<!date\^\d+\^\{time\}\|[\d:]+ UTC>/g, "link");

test("any incident becomes a message that Slack takes, with no token but our own", () => {
  fc.assert(
    fc.property(views, (view) => {
      for (const { text, blocks } of [viewContent(view), replyContent(view)]) {
        assert.deepEqual(tokens(text), []);
        assert.ok(text.length > 0 && blocks.length > 0 && blocks.length <= 50);
        assert.ok(textsOf(blocks).reduce((sum, { text }) => sum + text.length, text.length) <= 12_000);
        for (const { type, text, verbatim } of textsOf(blocks)) {
          assert.ok(text.length >= 1 && text.length <= (type === "mrkdwn" ? 3000 : 300));
          if (type === "mrkdwn") assert.equal(verbatim, true);
        }
        for (const { type, text: section } of blocks)
          if (type === "section")
            assert.deepEqual(tokens(ours((section as Text).text).replace(/^\*(.+?)\*( {2}|$)/u, "$1 ")), []);
      }
      const first = viewContent(view).blocks[0]!.text as Text;
      assert.ok(first.text.length <= (view.lead === undefined ? 150 : 1500));
    }),
    { numRuns: 300 },
  );
});

test("a question is a header, its lines, its links and two buttons that carry what they are about", () => {
  const about = { incident: "payment/production", round: 2, head: "0123456789abcdef" };
  const view: View = {
    marker: "m",
    headline: "payment in production: 44 % errors",
    lines: [{ label: "Suspect", text: "1a2b3c <Ann>: new rounding" }, { text: "Two others are unlikely" }],
    links: [
      { text: "Pull request", url: "https://git.example/pull/7" },
      { text: "Timeline", url: "http://localhost:8080/x" },
    ],
    buttons: { ...about, others: [] },
  };
  const { text, parse, blocks } = viewContent(view);
  assert.equal(text, "payment in production: 44 % errors – 1a2b3c &lt;Ann&gt;: new rounding");
  assert.equal(parse, "none");
  const value = JSON.stringify(about);
  const plainText = (text: string) => ({ type: "plain_text", text });
  const markdown = (text: string) => ({ type: "mrkdwn", text, verbatim: true });
  assert.deepEqual(blocks, [
    { type: "header", text: plainText("payment in production: 44 % errors") },
    { type: "section", text: markdown("*Suspect*  1a2b3c &lt;Ann&gt;: new rounding") },
    { type: "section", text: markdown("Two others are unlikely") },
    {
      type: "context",
      elements: [
        markdown("<https://git.example/pull/7|Pull request>  ·  <http://localhost:8080/x|Timeline>"),
      ],
    },
    {
      type: "actions",
      block_id: "decision",
      elements: [
        {
          type: "button",
          value,
          action_id: "approve",
          style: "primary",
          text: plainText("Approve"),
          confirm: {
            title: plainText("Merge the pull request?"),
            text: plainText("payment/production: exactly 0123456789ab is merged as soon as you approve."),
            confirm: plainText("Approve"),
            deny: plainText("Back"),
          },
        },
        { type: "button", value, action_id: "reject", style: "danger", text: plainText("Reject") },
      ],
    },
  ]);
});

test("the modal carries the state and asks one thing", () => {
  const modal = reasonModal('{"incident":"a/b"}', "Reject the revert of a change");
  assert.equal(modal.callback_id, "reject");
  assert.equal(modal.private_metadata, '{"incident":"a/b"}');
  assert.deepEqual(modal.title, { type: "plain_text", text: "Reject the revert of a …" });
  assert.equal((modal.blocks as { block_id: string }[])[0]?.block_id, "reason");
});
