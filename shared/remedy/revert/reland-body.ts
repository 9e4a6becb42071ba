import type { Markdown } from "../../brands.ts";
import type { Relandable } from "../../incident/remedies/reland.ts";
import { inline, joined, link, markdown, wholeStory } from "../../text/markdown.ts";
import { pullName } from "../../text/pull-name.ts";

const mostReasons = 5;
const maxSentence = 300;
const maxTitle = 200;

/** The body of a draft that brings a reverted change back: for its author, who knows what to mend. */
export const relandBody = (incident: Relandable, page: string | undefined): Markdown => {
  const { remedy, pull, diagnosis, reland, service, environment } = incident;
  const suspect = diagnosis?.suspects.find(({ sha }) => sha === remedy.sha) ?? diagnosis?.suspects[0];
  const author = suspect === undefined || suspect.author === "" ? "its author" : suspect.author;
  const asked = reland === undefined ? "" : markdown` ${inline(reland.by)} asked for it.`;
  const reasons = (suspect?.reasons ?? [])
    .slice(0, mostReasons)
    .map((reason) => markdown`- ${inline(reason, maxSentence)}`);
  return joined(
    [
      markdown`Brings “${inline(remedy.title, maxTitle)}” back, which ${link(pullName(pull), pull.url)} took out of **${inline(service)}**, ${inline(environment)}.${asked}`,
      markdown`It is a draft for ${inline(author, maxTitle)}: as it stands, it brings the trouble back with it. Mend it on this branch, and mark it as ready then. Countersteer does not merge it.${wholeStory(page)}`,
      ...(reasons.length === 0 ? [] : [markdown`### Why it was taken back\n${joined(reasons, "\n")}`]),
    ],
    "\n\n",
  );
};
