import type { Intent } from "../shared/incident/commands.ts";
import type { In, Revert } from "../shared/incident/model.ts";
import type { Commit, OpenPull } from "../shared/ports/history.ts";
import type { Service } from "../shared/ports/service.ts";
import { type Promotion, promotionIn } from "../shared/remedy/rollback/promotion.ts";
import { gitTagsOf } from "../shared/remedy/rollback/tag.ts";
import { short } from "../shared/text/format.ts";
import { ownMerge } from "./in-production/fix.ts";
import { repositoryOf, type Work } from "./step.ts";

type RolledBack = In<"merged" | "deployed" | "closed" | "escalated">;
type Given = { app: Service; place: Service; remedy: Revert; back: Promotion };

/** Open promotions that are looked at, the newest first; each costs a few calls. */
const most = 5;

/**
 * An open promotion of Jenkins X that would bring back what a merged rollback took away: Lighthouse merges it as soon as its checks are
 * green. Undefined where there is none that was not told of.
 */
export const promotedAgain = async (work: Work, incident: RolledBack): Promise<Intent | undefined> => {
  const { service, returning = [] } = incident;
  const own = ownMerge(incident);
  if (own?.remedy.kind !== "revert" || own.remedy.in === undefined) return undefined;
  const { remedy, pull } = own;
  const back = promotionIn(remedy.title);
  if (back === undefined || work.changes === undefined) return undefined;
  const place = repositoryOf(work, service, remedy);
  const open = await work.changes.openPulls(place);
  const promotions = open.filter(
    ({ number, own: isHere, title }) =>
      isHere && promotionIn(title)?.app === back.app && !returning.includes(number),
  );
  if (promotions.length === 0) return undefined;
  const paths = await work.history.changedPaths(place, { from: pull.baseSha, to: pull.head });
  for (const promotion of promotions.slice(0, most)) {
    if (!(await isThere(work, place, { promotion, paths }))) continue;
    const why = await bringsBack(work, promotion, { app: work.serviceOf(service), place, remedy, back });
    if (why !== undefined) return found(promotion, why);
  }
  return undefined;
};

const found = ({ number, url, title }: OpenPull, why: string): Intent => ({
  ...{ type: "RecordPromotion", number, url },
  detail: `pull request #${number} “${title}” would bring the culprit back: ${why}. Hold it: the comment /hold sets its label do-not-merge/hold`,
});

/** One repository has the promotions of every environment: only those to the same files count. */
const isThere = async (
  { history }: Work,
  place: Service,
  { promotion, paths }: { promotion: OpenPull; paths: string[] },
): Promise<boolean> => {
  const changed = await history.changedPaths(place, { from: place.branch, to: promotion.branch });
  return changed.some((path) => paths.includes(path));
};

/** The reason, as far as the version's git tag and the commit behind the rollback tell it. */
const bringsBack = async (
  { history }: Work,
  { title }: OpenPull,
  { app, remedy, back }: Given,
): Promise<string | undefined> => {
  const version = promotionIn(title)?.version ?? "";
  if (version === back.version) return `${version} is the version that was put back`;
  const { behind } = remedy;
  const commit = await taggedAs(history, app, version);
  if (behind === undefined || commit === undefined)
    return `${back.version} was put back, and nothing tells whether ${version} holds a fix`;
  const holds = await history.contains(app, { ancestor: behind.sha, descendant: commit.sha });
  if (!holds) return undefined;
  const undone = await history.undone(app, { sha: behind.sha, by: commit.sha });
  return undone === undefined ? `${version} holds ${short(behind.sha)} “${behind.title}”` : undefined;
};

const taggedAs = async (
  history: Work["history"],
  app: Service,
  version: string,
): Promise<Commit | undefined> => {
  for (const tag of gitTagsOf(version)) {
    const commit = await history.find(app, `tags/${tag}`);
    if (commit !== undefined) return commit;
  }
  return undefined;
};
