import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { markdown } from "../../infra/sandbox/markdown.ts";
import { mrkdwn } from "../../infra/sandbox/slack/mrkdwn.ts";
import { defaults } from "../../infra/sandbox/slack/state.ts";

const names = { ...defaults, bot: { user: "U0BOT", botId: "B", appId: "A", name: "Countersteer" } };
const slack = (text: string) => String(mrkdwn(text, names));

for (const [text, html] of [
  ["# A *b*", "<h1>A <em>b</em></h1>"],
  ["a\nb\n\nc", "<p>a<br>b</p><p>c</p>"],
  ["<sub>fact 2, `ab`</sub>", "<p><sub>fact 2, <code>ab</code></sub></p>"],
  [
    "- one\n- **two**\n  - three",
    "<ul><li>one</li><li><strong>two</strong><ul><li>three</li></ul></li></ul>",
  ],
  ["1. one\n2. two", "<ol><li>one</li><li>two</li></ol>"],
  [
    "| a | b |\n|---|---|\n| `x` | y \\| z |",
    "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td><code>x</code></td><td>y | z</td></tr></tbody></table>",
  ],
  ["```js\na < b\n```", "<pre><code>a &#60; b</code></pre>"],
  [
    "[the incident](<http://a.test/b?c=d>)",
    '<p><a href="http://a.test/b?c=d" rel="noopener noreferrer nofollow">the incident</a></p>',
  ],
  ["> quoted", "<blockquote><p>quoted</p></blockquote>"],
  [
    "<details><summary>More</summary>\n\nHidden\n\n</details>",
    "<details><summary>More</summary><p>Hidden</p></details>",
  ],
  ["<!-- marker -->\nseen", "<p>seen</p>"],
  [
    "[x](https://example.com/a?b&c)",
    '<p><a href="https://example.com/a?b&#38;c" rel="noopener noreferrer nofollow">x</a></p>',
  ],
  ["[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"],
  ["\\*not\\* &lt;b&gt; a_b_c", "<p>*not* &#60;b&#62; a_b_c</p>"],
] as const)
  test(`Markdown: ${JSON.stringify(text)}`, () => assert.equal(String(markdown(text)), html));

for (const [text, html] of [
  ["*b* _i_ ~s~ `c*d*`", "<strong>b</strong> <em>i</em> <del>s</del> <code>c*d*</code>"],
  [
    "<https://example.com|x &amp; y>",
    '<a href="https://example.com" rel="noopener noreferrer">x &#38; y</a>',
  ],
  ["<javascript:alert(1)|x>", "x"],
  [
    "<@U0ANN> <#C0OPS> <!subteam^S0APPROVERS> <!here>",
    ["@Ann", "#ops", "@approvers", "@here"].map((name) => `<span class="mention">${name}</span>`).join(" "),
  ],
  ["a\n&gt; q\nb", "a<blockquote>q</blockquote>b"],
  ["```\n<b>\n```", "<pre>&#60;b&#62;\n</pre>"],
  ["&lt;script&gt; :x:", "&#60;script&#62; ❌"],
] as const)
  test(`mrkdwn: ${JSON.stringify(text)}`, () => assert.equal(slack(text), html));

test("no text makes a tag, an attribute or a link of its own", () => {
  const piece = fc.constantFrom(
    "<",
    ">",
    '"',
    "'",
    "&",
    "`",
    "```",
    "*",
    "_",
    "[",
    "](",
    ")",
    "|",
    "\n",
    "\n\n",
    "- ",
    "> ",
    "# ",
    "<script>",
    "<details open onclick=x>",
    "<details>",
    "<sub>",
    "</sub>",
    "</summary>",
    "javascript:",
    "https://a.b/",
    "\\",
    "x",
    " ",
    "&lt;",
    "&#60;",
    "<!--",
    "-->",
  );
  const known =
    /<\/?(h[1-6]|p|ul|ol|li|strong|em|del|code|pre|blockquote|table|thead|tbody|tr|td|th|details|summary|sub)>|<details open>|<(hr|br)>|<a href="(https?|mailto):[^"<>]*" rel="[a-z ]*">|<\/a>|<span class="mention">|<\/span>/g;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      for (const html of [String(markdown(pieces.join(""))), slack(pieces.join(""))])
        assert.doesNotMatch(html.replace(known, ""), /[<>"]/);
    }),
    { numRuns: 500 },
  );
});
