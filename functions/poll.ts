import type { EpochMs } from "../shared/brands.ts";
import type { Configured } from "../shared/config.ts";
import { messageOf } from "../shared/errors.ts";
import type { AskedTools, Told } from "../shared/ports/deployers.ts";
import { type DeployRecord, keeps } from "../shared/ports/store.ts";
import { span } from "../shared/telemetry.ts";
import { clip } from "../shared/text/format.ts";
import { leavingOf } from "./deploy-reports/left.ts";
import { type Recording, recordsOf, storeDeploys } from "./deploy-reports/record.ts";
import { remembered } from "./deploy-reports/remembered.ts";
import { inLanes } from "./lanes.ts";

/** The count of one look. `left`: names that the next look begins with. */
export type Polled = { asked: number; recorded: number; failed: number; left: number };
/** `isStopped`: no other name is asked about, so that a host can end soon. */
export type Polling = Recording & { tools: AskedTools; isStopped?: () => boolean };
/** The last state of each name that tells no time of its own, so that it is news only when it changes. */
type Looking = Polling & { before: Map<string, string> };

/** Names that are asked about side by side, and how long one look begins with others. */
const lanes = 8;
const lastsMs = 40_000;
/** A webhook and the tool itself may tell one deploy with two times. */
const sameMs = 10 * 60_000;

/** Only names that the configuration gives are asked about. */
const ourselves = { name: "polling", owns: () => true };

/**
 * Asks the tools that are named what they run, for every name that the configuration has of them, and records each deploy that is not
 * known yet. A name that fails keeps no other from being asked.
 */
export const poll = (polling: Polling): (() => Promise<Polled>) => {
  const { clock, registry, isStopped = () => false } = polling;
  const images = registry && remembered(registry, clock);
  const before = new Map<string, string>();
  let first = 0;
  return async () => {
    const now = clock();
    const looking = { ...polling, before, ...(images && { registry: images }) };
    const all = namesOf(looking.config.services, looking.tools);
    const count: Polled = { asked: 0, recorded: 0, failed: 0, left: 0 };
    if (all.length === 0) return count;
    const from = first % all.length;
    const { left } = await span("poll", {}, () =>
      inLanes([...all.slice(from), ...all.slice(0, from)], {
        lanes,
        isOver: () => isStopped() || clock() - now >= lastsMs,
        work: (one) => ask(looking, one, count),
      }),
    );
    first = from + all.length - left;
    return { ...count, left };
  };
};

type Name = Pick<Told, "tool" | "name">;

/** Each name once, in the order of the configuration. */
const namesOf = (services: Configured[], tools: AskedTools): Name[] => {
  const names = new Map<string, Name>();
  for (const { tool, name } of services.flatMap(({ deploys = [] }) => deploys)) {
    if (tool === "github" || tool === "workflow" || tools[tool] === undefined) continue;
    names.set(JSON.stringify([tool, name]), { tool, name });
  }
  return [...names.values()];
};

const ask = async (polling: Looking, { tool, name }: Name, count: Polled): Promise<void> => {
  count.asked += 1;
  try {
    for (const told of (await polling.tools[tool]?.read(name)) ?? [])
      count.recorded += await record(polling, told);
  } catch (error) {
    count.failed += 1;
    const looked = { problem: clip(messageOf(error), 200) };
    const left = { kind: "deploys", name: clip(`${tool} ${name}`, 200), reason: "unreadable" } as const;
    await polling.leave([{ ...left, about: () => ({ looked }) }]);
  }
};

/** Records those of its deploys that are news, and returns how many. */
const record = async (polling: Looking, told: Told): Promise<number> => {
  const state = JSON.stringify([told.status, told.commits, told.images]);
  const key = JSON.stringify([told.tool, told.name]);
  if (told.at === undefined && polling.before.get(key) === state) return 0;
  const { records, left } = await recordsOf(polling, ourselves, told);
  const { tool: by, name, environment } = told;
  const named = { by, name, ...(environment !== undefined && { environment }) };
  await polling.leave(left.flatMap((outcome) => leavingOf(polling.config, outcome, () => [named])));
  const news: DeployRecord[] = [];
  for (const { heard: _, ...one } of records)
    if (await isNews(polling, one, told.at === undefined)) news.push(one);
  if (news.length > 0) await storeDeploys(polling, news);
  if (left.length === 0) polling.before.set(key, state);
  return news.length;
};

/** Whether the last that is known of the place is another commit or another state. Without a time of its own, a deploy is of now. */
const isNews = async (
  { store, clock }: Polling,
  { service, environment, sha, status, at }: DeployRecord,
  isOfNow: boolean,
): Promise<boolean> => {
  const oldest = clock() - keeps.deploysMs;
  if (at < oldest) return false;
  const since: EpochMs = isOfNow ? oldest : at - sameMs;
  const known = await store.deploys(service, environment, since);
  const [newest] = known;
  if (newest?.sha === sha && newest.status === status) return false;
  return !known.some((one) => one.sha === sha && one.status === status && one.at === at);
};
