import { readIncident } from "../follow.ts";
import { demo } from "../service-config.ts";
import { introduce, type Result, type Stage, solveIt, until } from "../story.ts";
import { startTraffic } from "../traffic.ts";
import { usual } from "./rule.ts";

/** Traffic triples while innocent commits go live: the scale is raised for a time, and set back at its end. */
export const playLoad = async (stage: Stage): Promise<Result> => {
  const { environment, narrator } = stage;
  const { cluster } = environment;
  if (cluster === undefined) throw new Error("this story has a cluster");
  await introduce(stage);
  narrator.mark("bad", `Traffic triples: ${3 * usual} payments a second.`, podsLine(cluster.pods()));
  cluster.demand(3 * usual);
  const crowd = startTraffic({ target: cluster.url, perSecond: 2 * usual });
  try {
    const after = await environment.after();
    narrator.say(`${after.commits.length} innocent commits land on ${demo.branch} and go live.`);
    const solved = await solveIt(stage, null);
    const { pods } = cluster;
    narrator.say("Nobody is turned away any more.", podsLine(pods()));
    await crowd.stop();
    cluster.demand(usual);
    narrator.say("The crowd leaves. The scale was for a time:");
    const back = solved.outcome === "verified" ? await scaledBack(stage) : null;
    return { ...solved, culprit: back === null ? "not scaled back" : solved.culprit, followUpPull: back };
  } finally {
    await crowd.stop();
  }
};

const podsLine = ({ desired, ready, max }: { desired: number; ready: number; max: number }): string =>
  `pods: ${desired} wanted, ${ready} ready, ${max} at the most`;

/** Waits for the end of its time, merges the way back as its reviewer and sees it live; the address of its pull request. */
const scaledBack = async ({ environment, narrator, signal }: Stage): Promise<string | null> => {
  const { cluster } = environment;
  let incident: Awaited<ReturnType<typeof readIncident>>;
  const taken = async () => {
    incident = await readIncident(environment.incidentUrl);
    return incident?.followUp !== undefined;
  };
  await until(taken, { what: "the way back to be proposed", signal });
  const pull = incident?.followUp?.pull;
  if (pull === undefined) return null;
  narrator.say("Its time is over, and the way back is proposed.", pull.url);
  await environment.merge(pull.number);
  narrator.say("Ann merges it on GitHub.");
  const before = cluster!.pods().max;
  await until(() => cluster!.pods().max < before, { what: "the way back to be live", signal });
  narrator.mark("good", "Scaled back.", podsLine(cluster!.pods()));
  return pull.url;
};
