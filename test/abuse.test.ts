import assert from "node:assert/strict";
import { test } from "node:test";
import * as approvers from "./abuse/approvers.ts";
import * as callers from "./abuse/callers.ts";
import * as changes from "./abuse/changes.ts";
import * as machine from "./abuse/machine.ts";
import * as readers from "./abuse/readers.ts";
import * as records from "./abuse/records.ts";
import * as redeploys from "./abuse/redeploys.ts";
import * as senders from "./abuse/senders.ts";
import * as texts from "./abuse/texts.ts";
import * as upstreams from "./abuse/upstreams.ts";

type Row = {
  row: number;
  who: string;
  abuse: string;
  required: string;
  holds: (() => void | Promise<void>)[];
};

const rows: Row[] = [
  {
    row: 1,
    who: "a stranger",
    abuse: "posts an alert with no or a bad credential",
    required: "401 with the same body each time; nothing is parsed or stored",
    holds: [callers.badCredential],
  },
  {
    row: 2,
    who: "a stranger",
    abuse: "times comparisons to learn a secret",
    required: "digests are compared in constant time, and the source never compares a secret otherwise",
    holds: [callers.comparisonTimes],
  },
  {
    row: 3,
    who: "a stranger",
    abuse: "sends malformed signature headers",
    required: "401 each time, never an error",
    holds: [callers.malformedSignatures],
  },
  {
    row: 4,
    who: "a stranger",
    abuse: "sends a huge, endless, compressed or slow body",
    required: "413 at the cap, 415 for an encoding, 408 for the slow, and memory stays bounded",
    holds: [callers.largeAndSlowBodies, callers.endlessBodies],
  },
  {
    row: 5,
    who: "a stranger or a writer of rules",
    abuse: "sends deep, wide, odd or broken JSON",
    required: "400 or read by the schema, quickly, also by those who read it later, and no prototype changes",
    holds: [callers.hostileJson, callers.normalisedJson, senders.longTexts],
  },
  {
    row: 6,
    who: "a stranger",
    abuse: "replays a captured click within five minutes",
    required: "200, and one approval, however often",
    holds: [callers.replayedClick],
  },
  {
    row: 7,
    who: "a stranger",
    abuse: "replays it later, or with a time in the future",
    required: "refused both ways past 300 s",
    holds: [callers.oldAndFutureClicks],
  },
  {
    row: 8,
    who: "a stranger",
    abuse: "posts ssl_check or url_verification without a signature",
    required: "401",
    holds: [callers.unsignedForms],
  },
  {
    row: 9,
    who: "a stranger",
    abuse: "replays a delivery of GitHub, or one that another secret signed",
    required:
      "202 as a duplicate by its id, whatever its body; 401 for another secret; no delivery decides anything",
    holds: [callers.replayedDelivery],
  },
  {
    row: 10,
    who: "a writer of another team's rules",
    abuse: "names their repository in a label",
    required: "202; what no service claims is told and left, and no port is called about another repository",
    holds: [senders.anotherRepository],
  },
  {
    row: 11,
    who: "a writer of rules",
    abuse: "spells a service or a repository in 40 other ways",
    required: "only the configured spelling selects; every other is unknown",
    holds: [senders.aliases],
  },
  {
    row: 12,
    who: "a writer of rules",
    abuse: "forges addresses",
    required: "they are text: never fetched, never a link",
    holds: [texts.foreignAddresses],
  },
  {
    row: 13,
    who: "a system that it calls",
    abuse: "redirects to an address inside",
    required: "the call fails; nothing is asked elsewhere, no credential goes there",
    holds: [upstreams.redirected],
  },
  {
    row: 14,
    who: "a writer of rules",
    abuse: "writes PromQL into a label",
    required: "the parsed query has exactly the matchers that were meant",
    holds: [senders.promqlInjection],
  },
  {
    row: 15,
    who: "a writer of rules or a developer",
    abuse: "writes Slack markup",
    required: "no mention and no link beside the template's, in blocks and in the fallback text",
    holds: [texts.slackText],
  },
  {
    row: 16,
    who: "a writer of rules or a developer",
    abuse: "writes GitHub Markdown",
    required: "the page keeps the template's structure; mentions, references and our markers are text",
    holds: [texts.githubText],
  },
  {
    row: 17,
    who: "a developer",
    abuse: "writes shell, trailers or skip words into a commit",
    required: "the message is written from a template, and the branch is named by the commit",
    holds: [texts.commitText, texts.forgedTrailer],
  },
  {
    row: 18,
    who: "a developer",
    abuse: "has pipelines run with secrets through our pull request",
    required: "a person decides about such reverts, and the App may not write pipelines",
    holds: [changes.guardedRevert],
  },
  {
    row: 19,
    who: "a member of the chat who is no approver",
    abuse: "clicks Approve or Reject",
    required: "200, a private answer that says why, a line in the log, a fact, and nothing else changes",
    holds: [approvers.noApprover],
  },
  {
    row: 20,
    who: "a person with an approver's name, or of another organisation",
    abuse: "clicks Approve",
    required: "people are known by id and organisation, never by name",
    holds: [approvers.sameProfile],
  },
  {
    row: 21,
    who: "the author, a pusher or a co-author of the culprit",
    abuse: "approves alone",
    required: "a second person is needed, also where the authors are not known",
    holds: [approvers.selfApproval],
  },
  {
    row: 22,
    who: "a person who has left the group",
    abuse: "approves, or had approved",
    required: "read at the click and before the merge; unreadable is not authorised",
    holds: [approvers.leftTheGroup, approvers.unreadableGroup],
  },
  {
    row: 23,
    who: "a member of the chat",
    abuse: "edits a button's value, or clicks a copy of the message",
    required: "each field must match the record of the question",
    holds: [approvers.mutatedClicks],
  },
  {
    row: 24,
    who: "a developer",
    abuse: "pushes to the revert's branch at any of five instants",
    required: "nothing is merged, and people are asked about the new head",
    holds: [approvers.movedHead],
  },
  {
    row: 25,
    who: "a developer",
    abuse: "moves the base",
    required: "what overlaps is asked about again, another base escalates, what does not overlap merges",
    holds: [approvers.movedBase],
  },
  {
    row: 26,
    who: "an approver",
    abuse: "approves what has expired or was superseded",
    required: "refused from the instant of expiry on, and the old message has no buttons",
    holds: [approvers.lateApproval, approvers.supersededMessage],
  },
  {
    row: 27,
    who: "approvers",
    abuse: "click twice, at once, and both ways",
    required: "one decision; a no before the merge wins in every order",
    holds: [approvers.doubleClicks],
  },
  {
    row: 28,
    who: "a developer or a writer of rules",
    abuse: "has the revert of a revert, a flapping alert or our own pull request go round",
    required: "one pull request for 20 flaps, and no machine takes ours back",
    holds: [changes.flaps, changes.ownChange],
  },
  {
    row: 29,
    who: "a writer of rules",
    abuse: "sends a storm to hide a real trouble",
    required: "each alert is stored, services take turns, and loops under way keep lanes",
    holds: [machine.storm],
  },
  {
    row: 30,
    who: "a writer of rules",
    abuse: "forges that an alert resolved",
    required: "only the deployed merge and a quiet expression close it",
    holds: [senders.forgedResolved],
  },
  {
    row: 31,
    who: "a writer of rules",
    abuse: "forges when an alert began",
    required: "the onset lies within the day before it arrived",
    holds: [senders.forgedTimes],
  },
  {
    row: 32,
    who: "a developer",
    abuse: "back-dates commits",
    required: "deploys decide, not the dates of commits",
    holds: [changes.backdated],
  },
  {
    row: 33,
    who: "a developer",
    abuse: "changes what reverts badly: binaries, links, submodules, renames",
    required: "the tree equals git's own revert, or a person decides",
    holds: [changes.oddReverts],
  },
  {
    row: 34,
    who: "a reader of logs, Slack or pull requests",
    abuse: "looks for secrets in what is written",
    required: "no log line, fact, comment, message or file holds one, also where a system repeats it",
    holds: [records.secretsNowhere, upstreams.repeatedSecrets],
  },
  {
    row: 35,
    who: "a writer of rules or a developer",
    abuse: "writes line ends, colours and fields into the log",
    required: "one JSON object a line, whose first fields are ours",
    holds: [texts.logText],
  },
  {
    row: 36,
    who: "a reader of one team",
    abuse: "reads another team's incident",
    required: "404 as for one that never was, and not in the list",
    holds: [readers.anotherTeam],
  },
  {
    row: 37,
    who: "an event",
    abuse: "makes its step throw at each look",
    required: "it waits and is handed to a person when due; its neighbours go on, also after a restart",
    holds: [machine.poison],
  },
  {
    row: 38,
    who: "a writer of the configuration",
    abuse: "writes alias bombs, cycles, huge files, unknown keys and slow patterns",
    required: "each is a problem with its line, quickly; patterns are linear",
    holds: [machine.hostileConfig],
  },
  {
    row: 39,
    who: "a dependency",
    abuse: "comes in, or changes, without anyone's notice",
    required: "production is held to a budget, exact versions, digests and no install script, by CI",
    holds: [records.otherPackages],
  },
  {
    row: 40,
    who: "a thief",
    abuse: "steals a token of the App",
    required:
      "it is for one repository and for the permissions of one kind of call, and ends within the hour",
    holds: [upstreams.stolenToken],
  },
  {
    row: 41,
    who: "our own account",
    abuse: "merges past the protection of the branch",
    required:
      "GitHub's refusal is told to people; nothing else is tried, and no token could change the rules",
    holds: [upstreams.protectedBranch, upstreams.refusedMerge],
  },
  {
    row: 42,
    who: "a writer of the store",
    abuse: "changes a stored fact",
    required: "the walk over the chain names the fact",
    holds: [records.changedRecord],
  },
  {
    row: 43,
    who: "an operator",
    abuse: "delivers last month's events again",
    required: "nothing is written on GitHub; a firing without an end may be live, so people are told of it",
    holds: [changes.replayedArchive],
  },
  {
    row: 44,
    who: "a page of another site",
    abuse: "acts or reads through a person's browser",
    required: "403 for its POSTs, 421 for a name pointed here, and no GET changes anything",
    holds: [readers.foreignPages],
  },
  {
    row: 45,
    who: "an approver",
    abuse: "approves as the alert resolves",
    required: "asked again before the merge",
    holds: [approvers.resolvedBeforeMerge],
  },
  {
    row: 46,
    who: "a writer of rules",
    abuse: "asks for a million replicas, or -1",
    required: "refused outside of the policy's step and ceiling, with its place",
    holds: [changes.absurdScale],
  },
  {
    row: 47,
    who: "a writer of rules or a developer",
    abuse: "writes instructions for a reader into texts",
    required: "the same plan as without them",
    holds: [changes.persuasion],
  },
  {
    row: 48,
    who: "a writer of rules",
    abuse: "puts another commit, input or workflow for the redeploy into an alert",
    required: "the inputs are the configuration's, with the commit of a former deploy on record and our id",
    holds: [redeploys.alertText],
  },
  {
    row: 49,
    who: "a deployer",
    abuse: "tells of a commit that never ran here, or only elsewhere, to have it put back",
    required: "only the newest deploy of this environment that succeeded without the change is put back",
    holds: [redeploys.neverRan],
  },
  {
    row: 50,
    who: "a person with a name that looks like an approver's",
    abuse: "reviews the pull request",
    required: "names are compared letter by letter, ASCII case aside; each review is a refused attempt",
    holds: [approvers.lookalikes],
  },
  {
    row: 51,
    who: "a developer",
    abuse: "writes a guarded path in another case, or renames it",
    required: "a person decides about its revert all the same",
    holds: [changes.guardedInAnotherCase],
  },
  {
    row: 52,
    who: "a stranger",
    abuse: "sends the headers that a proxy would set",
    required: "no sign-in leads to another host, no reader is believed, and no other origin may post",
    holds: [readers.forwardedNames],
  },
];

for (const { row, who, abuse, required, holds } of rows)
  test(`${row}. ${who} ${abuse}: ${required}`, async () => {
    for (const check of holds) await check();
  });

test("the table has every row of the threat model, in its order", () => {
  assert.deepEqual(
    rows.map(({ row }) => row),
    Array.from({ length: 52 }, (_, index) => index + 1),
  );
});
