import type { Markdown } from "../../brands.ts";
import { code, inline, joined, markdown } from "../../text/markdown.ts";
import { plainTitle } from "../revert/commit-message.ts";
import type { Edited } from "./model.ts";

type ScaleChange = Pick<Edited, "owner" | "before" | "after" | "effects">;
const verb = ({ before, after }: ScaleChange): string =>
  typeof before === "number" && typeof after === "number" && after < before ? "Scale back" : "Scale";

/** `Scale api: spec.maxReplicas from 50 to 56`. */
export const scaleTitle = (change: ScaleChange): string =>
  plainTitle(
    `${verb(change)} ${change.owner.name}: ${change.owner.path} from ${change.before} to ${change.after}`,
  );

export const scaleMessage = (change: ScaleChange): string =>
  `${scaleTitle(change)}\n\n${change.owner.file} line ${change.owner.line} was ${change.before}.`;

/** The body of the pull request. Everything from outside is encoded. */
export const scaleBody = ({ owner, before, after, effects }: ScaleChange): Markdown => {
  const former = inline(String(before));
  const follows = effects.map((effect) => markdown`- ${inline(effect)}`);
  return joined(
    [
      markdown`Sets ${code(owner.path)} of ${inline(owner.kind)} **${inline(owner.name)}** from ${former} to ${inline(String(after))}, in ${code(owner.file)} (line ${owner.line}), which owns it. Nothing else changes.`,
      markdown`### What follows\n${joined(follows, "\n")}`,
      markdown`### Back again\nSet it to ${former}, or revert this pull request.`,
    ],
    "\n\n",
  );
};
