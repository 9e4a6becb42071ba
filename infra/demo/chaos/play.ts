import { setTimeout as delay } from "node:timers/promises";
import type { Event } from "../../../shared/incident/events.ts";
import { counted } from "../../../shared/text/format.ts";
import type { Environment } from "../environment.ts";
import { follow, type IncidentView, readIncident } from "../follow.ts";
import { lineOf } from "../lines.ts";
import { breakIt, introduce, type Result, resultOf, type Stage, show, slackPage, until } from "../story.ts";
import type { Disturbances } from "./disturbances.ts";
import { type Row, tableOf } from "./table.ts";

/** How long each disturbance lasts. */
const lasts = { hang: 4_000, github: 1_500, disk: 4_000, prometheus: 6_000 };
/** The incident may stand still while something is broken. */
const idleMs = 120_000;

/** `opened`: the pull requests that the team itself opened. */
type Playing = Stage & { disturbances: Disturbances; rows: Row[]; opened: number };

/** The story of the revert, while one part after the other fails. It ends with a table of what the loop did. */
export const playChaos = async (stage: Stage, disturbances: Disturbances): Promise<Result> => {
  const playing: Playing = { ...stage, disturbances, rows: [], opened: 0 };
  const { narrator, environment } = stage;
  await introduce(stage);
  await serviceDies(playing);
  await serviceHangs(playing);
  disturbances.github?.slow(lasts.github);
  narrator.say(`From now on each call of GitHub takes ${lasts.github / 1000} s more.`);
  const { culprit } = await breakIt(stage);
  playing.opened = pullsOf(environment);
  for await (const { event, incident } of follow({
    ...{ url: environment.incidentUrl, signal: stage.signal, idleTimeoutOf: () => idleMs },
  })) {
    const addresses = { page: environment.incidentUrl, slack: slackPage(environment), yes: true };
    show(narrator, lineOf(event, incident, addresses));
    await disturb(playing, event, incident);
  }
  const { result } = await resultOf(environment, culprit);
  twinsRow(playing);
  narrator.plain("", "What the loop did:", ...tableOf(playing.rows));
  return { ...result, chaos: playing.rows };
};

const disturb = async (playing: Playing, event: Event, incident: IncidentView): Promise<void> => {
  if (event.type === "ApprovalRequested") {
    await githubWasSlow(playing, incident);
    await serverDies(playing);
    const status = await playing.environment.approve(event.message);
    if (status !== 200) throw new Error(`the approval was answered ${status}`);
    playing.narrator.say("Ann presses Approve.");
  }
  if (event.type === "RemedyMerged") await diskFills(playing);
  if (event.type === "RemedyDeployed") await prometheusIsLost(playing);
};

/** The reverts that were proposed, each once more where it was opened twice. */
const revertsOf = ({ environment, opened }: Playing): number => pullsOf(environment) - opened;

const pullsOf = ({ sandbox }: Environment): number =>
  sandbox.requests().filter(({ method, path }) => method === "POST" && /\/pulls$/.test(path)).length;

/** Whether nothing was reverted, and how the incident, if there is one, stands. */
const innocent = async (environment: Environment): Promise<Pick<Row, "did" | "isRight">> => {
  const incident = await readIncident(environment.incidentUrl);
  const isRight = pullsOf(environment) === 0;
  const state =
    incident === undefined ? "no incident" : `an incident, ${incident.outcome ?? incident.status}`;
  return { did: `${state}; ${isRight ? "nothing is reverted" : "a pull request was opened"}`, isRight };
};

const serviceDies = async ({ environment, narrator, rows }: Playing): Promise<void> => {
  const { deployer, traffic } = environment;
  const before = traffic.bad().length;
  await deployer.process()?.kill();
  narrator.say("The service is killed (kill -9), and its supervisor starts it again.");
  await delay(1_000);
  await deployer.revive();
  await delay(3_000);
  const failed = traffic.bad().length - before;
  const { did, isRight } = await innocent(environment);
  rows.push({
    disturbance: "kill -9 of the service",
    did: `${failed} payments failed; ${did}`,
    ...right(isRight),
  });
};

const serviceHangs = async ({ environment, narrator, rows }: Playing): Promise<void> => {
  const { pid } = environment.deployer.process() ?? {};
  if (pid === undefined) return;
  narrator.say(`The service is stopped for ${lasts.hang / 1000} s (SIGSTOP).`);
  process.kill(pid, "SIGSTOP");
  await delay(lasts.hang);
  process.kill(pid, "SIGCONT");
  await delay(2_000);
  const { did, isRight } = await innocent(environment);
  rows.push({ disturbance: "SIGSTOP of the service", did, ...right(isRight) });
};

const right = (isRight: boolean | undefined) => (isRight === undefined ? {} : { isRight });

const githubWasSlow = async (playing: Playing, { timeline }: IncidentView): Promise<void> => {
  const { github } = playing.disturbances;
  const [first, last] = [timeline[0], timeline.at(-1)];
  const took = first === undefined || last === undefined ? 0 : (last.at - first.at) / 1000;
  playing.rows.push({
    disturbance: "a slow GitHub",
    did: `people are asked ${took.toFixed(0)} s after the alert, over ${github?.met() ?? 0} slow calls, with ${counted(revertsOf(playing), "pull request")}`,
    isRight: revertsOf(playing) === 1,
  });
  github?.restore();
};

const serverDies = async (playing: Playing): Promise<void> => {
  const { environment, narrator, rows } = playing;
  await environment.server().kill();
  narrator.say("Countersteer is killed (kill -9) while people are asked, and started again.");
  await environment.restartServer();
  const incident = await readIncident(environment.incidentUrl);
  const isRight = incident?.status === "proposed" && revertsOf(playing) === 1;
  rows.push({
    disturbance: "a killed Countersteer",
    did: `the question stands (${incident?.status ?? "gone"}), nothing is opened twice`,
    isRight,
  });
};

const diskFills = async ({ disturbances: { disk }, environment, narrator, rows }: Playing): Promise<void> => {
  const disturbance = "a full disk";
  if (disk === undefined || "why" in disk) {
    rows.push({ disturbance, did: `not tried: ${disk?.why ?? "there is no disk to fill"}` });
    return;
  }
  disk.fill();
  narrator.say(
    `The disk of Countersteer is full for ${lasts.disk / 1000} s: the deploy of the revert is reported meanwhile.`,
  );
  await delay(lasts.disk);
  const incident = await readIncident(environment.incidentUrl);
  disk.free();
  rows.push({
    ...{
      disturbance,
      did: `nothing is lost: the incident is still ${incident?.status ?? "not told"}, and goes on with room`,
    },
    isRight: incident === undefined || incident.status === "merged" || incident.status === "deployed",
  });
};

const prometheusIsLost = async ({
  disturbances: { prometheus },
  environment,
  narrator,
  rows,
  signal,
}: Playing): Promise<void> => {
  prometheus?.lose();
  narrator.say(`Prometheus is lost for ${lasts.prometheus / 1000} s, as the fix is verified.`);
  await delay(lasts.prometheus);
  const during = await readIncident(environment.incidentUrl);
  prometheus?.restore();
  const since = Date.now();
  const isOver = async () => (await readIncident(environment.incidentUrl))?.status !== "deployed";
  await until(isOver, { what: "the verdict", signal });
  const after = await readIncident(environment.incidentUrl);
  rows.push({
    disturbance: "a lost Prometheus",
    did: `${during?.status === "deployed" ? "no verdict meanwhile" : `${during?.status}`}; ${after?.outcome ?? after?.status} ${((Date.now() - since) / 1000).toFixed(0)} s after it was back`,
    isRight: during?.status === "deployed" && after?.outcome === "verified",
  });
};

const twinsRow = (playing: Playing): void => {
  const reverts = revertsOf(playing);
  playing.rows.push({
    disturbance: "two Alertmanagers",
    did: `${playing.disturbances.twins?.told() ?? 0} notifications, each in two versions: one incident, ${counted(reverts, "pull request")}`,
    isRight: reverts === 1,
  });
};
