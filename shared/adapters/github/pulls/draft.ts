import type { Draft, Repository } from "../../../ports/pulls.ts";
import { clip } from "../../../text/format.ts";
import { ask } from "../api/call.ts";
import { readPages } from "../api/pages.ts";
import { type Github, repoOf } from "../api/repository.ts";
import { markerLine, nameOf, readComments } from "./pulls.ts";

/** Of GitHub's 65,536 characters, room for the marker is left. */
const most = { title: 200, body: 65_000 };

/** Only the last line of our own texts counts: anyone can write a marker. */
export const writeDraft = async (github: Github, place: Repository, draft: Draft): Promise<void> => {
  const { on, title, text } = draft;
  const line = markerLine(draft.marker);
  const login = await github.login();
  const there = await (on === undefined
    ? readIssues(github, place, draft)
    : readComments(github, place, { number: on }));
  if (there.some(({ user, body }) => user?.login === login && body?.trimEnd().endsWith(`\n${line}`))) return;
  const body = `${clip(await text(), most.body)}\n\n${line}`;
  await (on === undefined
    ? ask(`open an issue of ${place.repository}`, () =>
        github.octokit.issues.create({ ...repoOf(place), title: clip(title, most.title), body }),
      )
    : ask(`comment on ${nameOf(place, on)}`, () =>
        github.octokit.issues.createComment({ ...repoOf(place), issue_number: on, body }),
      ));
};

const readIssues = (github: Github, place: Repository, { since }: Draft) =>
  readPages(`read the issues of ${place.repository}`, (page) =>
    github.octokit.issues.listForRepo({
      ...{ ...repoOf(place), ...page, state: "all" },
      since: new Date(since).toISOString(),
    }),
  );
