import { lazy, number, object, enum as oneOf } from "zod";
import type { Configured } from "../shared/config.ts";
import type { KillSwitch } from "../shared/ports/kill-switch.ts";
import type { KnownBad, TheirPull } from "../shared/ports/known-bad.ts";
import type { Service } from "../shared/ports/service.ts";
import { isByUs } from "../shared/remedy/revert/commit-message.ts";
import {
  addsVersion,
  type KnownBad as Found,
  knownBadIn,
  type Rolled,
} from "../shared/remedy/rollback/known-bad.ts";
import { clip } from "../shared/text/format.ts";

/** Files of a pull request that are looked at, commits of each in the time before, and rollbacks among them. */
const max = { files: 10, commits: 50, rollbacks: 5 };
/** A rollback is remembered for this long. Git remembers it, so no host has to. */
const rememberedMs = 90 * 24 * 3_600_000;

/** Tells of known bad versions on GitHub, unless Countersteer is stopped. */
export type Flagging = { source: KnownBad; killSwitch: KillSwitch };

const changed = lazy(() =>
  object({
    action: oneOf(["opened", "synchronize", "reopened", "edited", "ready_for_review"]),
    pull_request: object({ number: number() }),
  }),
);

type Delivery = { repository: string; event: string; payload: unknown; at: number };

/** Flags a pull request of other people that raises a version again which a rollback of ours took out, where one of the services deploys from its branch. */
export const flagKnownBad = async (
  { source, killSwitch }: Flagging,
  services: Configured[],
  { repository, event, payload, at }: Delivery,
): Promise<void> => {
  const named = changed.safeParse(payload);
  if (event !== "pull_request" || !named.success) return;
  const pull = await source.theirPull({ repository }, named.data.pull_request.number);
  const service = pull && services.flatMap((one) => placeOf(one, repository, pull.base))[0];
  if (pull === undefined || service === undefined) return;
  const found = await firstBad(source, service, { pull, at });
  if (found === undefined || (await killSwitch.stopped()) !== undefined) return;
  const { text, by } = found;
  await source.flagKnownBad(
    { repository },
    {
      head: pull.head,
      description: `${clip(text, 60)} was taken out by a rollback (${by.sha.slice(0, 12)})`,
      url: (await source.landedBy({ repository }, by.sha)) ?? by.url,
    },
  );
};

/** The service as it stands in this repository and on this branch; none where it does not deploy from there. */
const placeOf = (service: Configured, repository: string, branch: string): Service[] =>
  [service, ...(service.gitops ?? [])]
    .filter((one) => one.repository.toLowerCase() === repository.toLowerCase() && one.branch === branch)
    .map(() => ({ ...service, repository, branch, paths: [] }));

type Looked = { pull: TheirPull; at: number };

const firstBad = async (
  source: KnownBad,
  service: Service,
  { pull, at }: Looked,
): Promise<Found | undefined> => {
  const files = pull.files.filter(({ patch }) => patch !== undefined && addsVersion(patch));
  for (const { path, patch = "" } of files.slice(0, max.files)) {
    const found = knownBadIn(patch, await rollbacksOf(source, service, { path, at }));
    if (found !== undefined) return found;
  }
  return undefined;
};

/** The rollbacks of ours that touched the file, the newest first. */
const rollbacksOf = async (
  source: KnownBad,
  service: Service,
  { path, at }: { path: string; at: number },
): Promise<Rolled[]> => {
  const since = at - rememberedMs;
  const of = { branch: service.branch, path, since, limit: max.commits };
  const own = (await source.commitsOf(service, of)).filter(({ message }) => isByUs(message));
  const read = await Promise.all(own.slice(0, max.rollbacks).map(({ sha }) => source.commit(service, sha)));
  return read.flatMap(({ sha, url, files = [] }) => {
    const patch = files.find((file) => file.path === path)?.patch;
    return patch === undefined ? [] : [{ sha, url, patch }];
  });
};
