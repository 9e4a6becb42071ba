import { cases } from "./approval-cases.ts";
import { table } from "./markdown.ts";

const introduction = `# Approval

<!-- Written by \`npm run docs\` from infra/docs/approval-page.ts and the cases of the tests. Do not edit. -->

This page says which people let Countersteer merge, and what an approval covers. The keys are in [configuration.md](configuration.md).

## Approvers

\`approvers\` of a service lists Slack users (\`U0ANN\`), Slack user groups (\`S0ONCALL\`), teams of GitHub (\`github:team/payments\`) and
\`codeowners\`: the owners of each path that the pull request touches, by the CODEOWNERS of its branch. \`people\` maps Slack users to
accounts on GitHub, so that a person counts once, through whichever door:

\`\`\`yaml
people:
  U0ANN: { github: ann }
  U0BEN: { github: ben }
services:
  - name: shop
    approvers: [S0ONCALL, github:team/payments]
    rules:
      - paths: [db/, "*.sql"]
        approvers: [github:team/dba]
        quorum: 2
\`\`\`

- **Rules only tighten.** Each path must satisfy every rule that applies to it, and a path without a rule needs the service's own
  approvers. A rule without \`approvers\` asks the same people for more.
- **Other services.** A pull request that touches the \`paths\` of another service needs that one's approver as well.
- **Four eyes.** Nobody approves the revert of a change alone that they opened, wrote, pushed, committed or merged, or whose pull request
  they pushed to. A person whose account is not known could be the author, and so could everybody when an author is not known. This is so
  in \`production\` unless \`policy.fourEyes\` says otherwise. While \`people\` is empty, only known authors are held back there.
- **Never.** Guests, bots, deactivated accounts and people of another Slack organisation.
- Membership is read at the click and again in the instant before the merge. A look-up that fails decides nothing.

## What an approval covers

One round of one incident, one question, one message in one channel, one head commit, one base and one diff, by the configuration as it
was when people were asked. When any of them has moved, the approval is void, the old buttons decide nothing, and people are asked anew.

- **Reject** by any approver also stops what is approved, until it is merged.
- When every alert has resolved after the approval, people are asked whether it is still wanted, unless \`policy.mergeAfterRecovery\` is set.
- Every click is answered in private with what came of it and why.

## On GitHub

The pull request is a second door, and each decision is told once in the other place.

- An **approving review** of the very head by an approver counts like a click. Dismissing it takes the approval back.
- **Changes requested** by an approver, the label \`countersteer/hold\` by anybody who may set it, or \`/countersteer hold\` hold the
  pull request: an approval is void, and nothing is merged. Without them people are asked again.
- **Closing** it ends the incident, as before.
- Comments: \`/countersteer approve\`, \`reject WHY\`, \`hold\`, \`retry\` (ends a hold, and has an escalated incident go on as the button _Retry_ in Slack
  does) and \`explain\`. An edited comment decides
  nothing, and nor does one from before the question. One that changes nothing is answered on the pull request.
- While Slack cannot be reached, reviews and comments decide as well.
- **GitHub's own conditions** stand in the question. Auto-merge or the merge queue merges a pull request that waits for them, and everything that voids
  the approval takes that back: [connect-github](connect-github.md#githubs-own-conditions).

## On the page

The page of an incident has the same buttons for a person who signed in by the issuer or the proxy, and whose address stands in \`people\`:
\`U0ANN: { github: ann, email: ann@acme.com }\`. The address must be one that the login vouches for. The holder of \`PAGES_TOKEN\` cannot answer.

- An answer counts as the click of that Slack user: the same groups, the same look-ups in Slack and GitHub, and four eyes as everywhere.
- It names the round, the head and the question as the buttons in Slack do, so one on a page from before decides nothing. The page then says why.
- It is taken from a page of this server only, by the Origin that the browser tells.

## The matrix

\`cli policy test FILE\` holds cases like these, of your own people and paths, against your own configuration: [command line](command-line.md#policy).

`;

export const approvalPage = (): string =>
  `${introduction}${table(
    ["who approves", "what", "when", "what comes of it"],
    cases.map(({ who, what, when, then }) => [who, what, when, then.replace(/^approved$/, "**approved**")]),
  )}`;
