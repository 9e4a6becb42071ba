import { diceOf } from "./dice.ts";
import { vague } from "./dress.ts";
import { type Commit, type Deploy, type History, historyOf } from "./history.ts";
import { logsOf } from "./logs.ts";
import { changedFiles, patchText } from "./patch.ts";
import { hour, type Scene, sceneOf } from "./scene.ts";
import { seriesOf } from "./series.ts";
import type { Name } from "./stories/index.ts";
import type { Evidence } from "./story.ts";
import { symptomOf } from "./symptom.ts";
import type { Half } from "./world.ts";

type Asked = { half: Half; number: number; seed: number; name: Name };
/** A case as the benchmark writes it, and who is guilty; null: nobody. */
export type RawCase = { id: string; culprit: string | null; [field: string]: unknown };

export const rawCase = ({ half, number, seed, name }: Asked): RawCase => {
  const dice = diceOf(seed);
  const scene = sceneOf(dice, half, name);
  const history = historyOf(scene);
  const carried = carriedBy(scene, history);
  const id = `${half}-${String(number).padStart(3, "0")}-${dice.hex(4)}`;
  const symptom = symptomOf(scene, carried.logs && carried.series && dice.chance(0.06));
  const service = symptom === undefined || dice.chance(0.85) ? { service: scene.alerting.name } : {};
  const surroundings = surroundingsOf(scene);
  const { told, versions } = toldDeploys(scene, history, carried.deploys);
  return {
    ...{ id, at: scene.at },
    ...(symptom === undefined ? {} : { symptom }),
    ...{ ...service, ...surroundings },
    ...(carried.deploys ? { deploys: told } : {}),
    ...(carried.logs ? { logs: logsOf(scene) } : {}),
    ...(carried.series ? { series: seriesOf(scene, history, versions) } : {}),
    ...flagsOf(scene),
    candidates: history.commits.map((one) => candidate(scene, one, { seed, patch: carried.patch })),
    culprit: history.culprit?.sha ?? null,
  };
};

/** Parts of the evidence are missing, but for what the story cannot do without. */
const carriedBy = ({ dice, story }: Scene, { culprit }: History) => {
  const has = (evidence: Evidence, share: number): boolean =>
    story.needs.includes(evidence) || dice.chance(share);
  const subject = culprit?.subject.toLowerCase() ?? "";
  const patch = has("patch", 0.85) || vague.some((words) => subject.includes(words));
  return { patch, deploys: dice.chance(0.85), logs: has("logs", 0.6), series: has("series", 0.7) };
};

const surroundingsOf = ({ dice, world, story, alerting, cause }: Scene) => {
  const { service, upstream, another, infra, configOf } = world;
  const paths = dice.chance(0.65) && [
    alerting.dir,
    ...(dice.chance(0.5) ? [configOf(alerting).replace(/\/[^/]+$/, "")] : []),
  ];
  const known = story.needs.includes("dependsOn") || dice.chance(0.7);
  const dependsOn = known && [
    ...(alerting === service ? dice.some([upstream.name, another.name], 2) : [another.name]),
    ...(alerting === service && cause?.owner === infra && dice.chance(0.5) ? ["infra"] : []),
  ];
  return { ...(paths && { servicePaths: paths }), ...(dependsOn && { dependsOn }) };
};

/** The deploys since records begin, with each deploy's version in one of three styles. */
const toldDeploys = ({ dice, world, story, since }: Scene, { commits, deploys }: History, known: boolean) => {
  const style = dice.int(0, 2);
  const versions = new Map<Deploy, string>();
  const counts = new Map(world.services.map(({ name }) => [name, ((name.length * 7) % 60) + 10]));
  const told = deploys
    .filter(({ at, head }) => known && at >= since && commits.some((one) => one.at <= head))
    .sort((a, b) => a.at - b.at)
    .map((deploy) => {
      const { at, service } = deploy;
      const { sha } = commits.find((one) => one.at <= deploy.head)!;
      const count = (counts.get(service.name) ?? ((service.name.length * 7) % 60) + 10) + 1;
      counts.set(service.name, count);
      const day = new Date(at).toISOString().slice(0, 10).replaceAll("-", ".");
      const version = [`v1.${count}.0`, sha.slice(0, 7), `${day}-${count}`][style]!;
      versions.set(deploy, version);
      const named = dice.chance(0.8) || story.split !== undefined;
      return { at, service: service.name, sha, ...(named ? { version } : {}) };
    });
  return { told, versions };
};

const flagsOf = ({ dice, world, story, onset }: Scene) => {
  const guilty = "flag" in story ? story.flag : undefined;
  if (!guilty && !dice.chance(0.3)) return {};
  const flags = guilty
    ? [{ at: Math.round(onset - dice.real(20, 150) * 1000), service: world.service.name, ...guilty }]
    : [];
  for (let left = dice.int(guilty ? 0 : 1, 3); left > 0; left--)
    flags.push({
      at: Math.round(onset - dice.real(3, 40) * hour),
      service: dice.pick([world.other, ...world.rest]).name,
      flag: dice.pick(["dark_header", "new-footer", "survey_banner", "beta-nav"]),
      change: dice.pick(["off → on", "on → off", "0% → 25%"]),
    });
  return { flags: flags.sort((a, b) => a.at - b.at) };
};

const candidate = ({ dice }: Scene, commit: Commit, { seed, patch }: { seed: number; patch: boolean }) => {
  const { sha, at, bot, subject, body } = commit;
  return {
    ...{ sha, at, author: diceOf(seed + subject.length).hex(10), bot, subject, body },
    files: changedFiles(dice, commit.patch),
    ...(patch ? { patch: patchText(commit.patch) } : {}),
  };
};
