import type { Unit } from "../../../shared/remedy/revert/change-set.ts";
import type { Guard } from "../../../shared/remedy/revert/guarded-files.ts";
import { code, inline } from "../../../shared/text/markdown.ts";

const shown = 50;

/** What the pull request says. Everything from outside is encoded. */
export function pullText({ commits, message }: Unit, guards: Guard[], reland: boolean): string {
  const changes = commits.slice(0, shown).map(({ sha, title }) => `- ${sha} ${inline(title)}`);
  const more = commits.length > shown ? [`- and ${commits.length - shown} more`] : [];
  const parts = [
    `${reland ? "Brings back" : "Takes back"}\n${[...changes, ...more].join("\n")}`,
    inline(message.split("\n\n").slice(1).join(" "), 4000),
  ];
  const listed = guards
    .slice(0, shown)
    .map(({ path, reason }) => `- ${path === undefined ? "" : `${code(path)}: `}${inline(reason)}`);
  if (guards.length > 0) parts.push(`### Look twice\n${listed.join("\n")}`);
  return parts.join("\n\n");
}
