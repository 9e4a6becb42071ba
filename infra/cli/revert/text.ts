import type { Markdown } from "../../../shared/brands.ts";
import type { Guard } from "../../../shared/policy/guarded-paths.ts";
import type { RevertPlan } from "../../../shared/remedy/revert/plan.ts";
import { code, inline, joined, link, markdown } from "../../../shared/text/markdown.ts";

const shown = 50;

/** The body of the pull request. Everything from outside is encoded. */
export const pullText = ({ commits, message }: RevertPlan, guards: Guard[], reland: boolean): Markdown => {
  const changes = commits
    .slice(0, shown)
    .map(({ sha, title }) => markdown`- ${inline(sha)} ${inline(title)}`);
  const more = commits.length > shown ? [markdown`- and ${commits.length - shown} more`] : [];
  const verb = reland ? markdown`Brings back` : markdown`Reverts`;
  const parts = [
    markdown`${verb}\n${joined([...changes, ...more], "\n")}`,
    inline(message.split("\n\n").slice(1).join(" "), 4000),
  ];
  if (guards.length > 0)
    parts.push(markdown`### Look twice\n${joined(guards.slice(0, shown).map(guarded), "\n")}`);
  return joined(parts, "\n\n");
};

const guarded = ({ path, reason, url }: Guard): Markdown =>
  markdown`- ${path === undefined ? "" : markdown`${code(path)}: `}${url === undefined ? inline(reason) : link(reason, url)}`;
