import assert from "node:assert/strict";
import { test } from "node:test";
import type { EpochMs, IncidentId, Mrkdwn, Sha } from "../../shared/brands.ts";
import { emptyIncident, incidentId } from "../../shared/incident/model.ts";
import type { Note, Proposal } from "../../shared/ports/pulls.ts";
import { inline, joined, markdown } from "../../shared/text/markdown.ts";

// The compiler is the test: each line below an expected error must not compile, each other line must.
test("a literal has the meaning that is asked for, a value of another meaning does not compile", () => {
  const sha: Sha = "f".repeat(40);
  const id: IncidentId = incidentId("shop", "production");
  const at: EpochMs = 5;
  const later: EpochMs = at + 1000;
  emptyIncident(id);
  // @ts-expect-error a sha is not an incident's id
  emptyIncident(sha);
  // @ts-expect-error an incident's id is not a sha
  const merged: { sha: Sha; at: EpochMs } = { sha: id, at: later };
  assert.ok(merged);
});

test("text from outside does not compile as Markdown until an encoder has taken it", () => {
  const title: string = "<b>@everyone</b>";
  // @ts-expect-error a comment takes Markdown, not text
  const raw: Note = { marker: "m", markdown: title };
  const note: Note = { marker: "m", markdown: inline(title) };
  // @ts-expect-error text is not part of Markdown
  markdown`**${title}**`;
  markdown`**${inline(title)}** ${5}`;
  // @ts-expect-error text is not joined with Markdown
  joined([inline(title), title], "\n");
  // @ts-expect-error a pull request's body is Markdown
  const body: Proposal["body"] = title;
  // @ts-expect-error Slack's encoding is not GitHub's
  const slack: Mrkdwn = inline(title);
  assert.ok([raw, note, body, slack]);
});
