import { secrets } from "../support/payloads.ts";
import type { Host } from "./embedded.ts";
import { harm, nameOf, type Place } from "./production.ts";
import { minute, type Scene } from "./scene.ts";
import { pathsOf } from "./size.ts";

const authors = ["Ann", "Ben", "Cat", "Dan"] as const;

/** Changes land, are deployed place by place, and each deploy is told; some of them do harm. */
export const developers = (scene: Scene, host: Host): void => {
  const { schedule, repository, size } = scene;
  const chance = scene.chanceFor("developers");
  const first = repository.head().sha;
  for (const place of scene.production.places) {
    scene.production.deploy(place, first);
    schedule.after(
      chance.between(0, 1_000),
      () => void report(scene, host, { place, sha: first, at: schedule.now() }),
    );
  }
  const count = chance.between(...size.changes);
  for (let index = 0; index < count; index++)
    schedule.after(
      chance.between(30_000, index === 0 ? size.firstMs : size.landMs),
      () => void land(scene, index),
    );
  deploys(scene, host);
  troubles(scene);
};

const land = (scene: Scene, index: number): void => {
  const { size, repository, schedule, ledger, happenings } = scene;
  const chance = scene.chanceFor(`change ${index}`);
  const files = new Map(repository.head().files);
  const path = chance.pick(pathsOf(size));
  const isHarmful = (index === 0 && chance.is(size.harm)) || happenings.happens("harmful change", 0.55);
  const lines = (files.get(path) ?? "").split("\n");
  lines[chance.between(0, lines.length - 2)] = `${isHarmful ? harm : "line"} ${index} of ${path}`;
  files.set(path, lines.join("\n"));
  const author = chance.pick(authors);
  const made = repository.land({ message: `change ${path}, ${index}`, author, at: schedule.now(), files });
  ledger.note(`${author} lands ${made.sha.slice(0, 12)} in ${path}${isHarmful ? ", harmful" : ""}`);
};

/** The newest commit is deployed everywhere, a few minutes after it landed. */
const deploys = (scene: Scene, host: Host): void => {
  const { schedule, repository, production, happenings, ledger } = scene;
  const chance = scene.chanceFor("deploys");
  const wanted = new Map<string, string>();
  const look = (): void => {
    const { sha } = repository.head();
    for (const place of production.places) {
      const name = nameOf(place);
      if (wanted.get(name) === sha || production.live.get(name) === sha) continue;
      wanted.set(name, sha);
      if (happenings.happens("deploy never comes", 0.03)) continue;
      const ms = chance.between(15_000, 100_000) + (place.environment === "production" ? 30_000 : 0);
      schedule.after(ms, () => {
        if (wanted.get(name) !== sha) return;
        production.deploy(place, sha);
        ledger.note(`${sha.slice(0, 12)} is live at ${name}`);
        void report(scene, host, { place, sha, at: schedule.now() });
      });
    }
    schedule.after(20_000, look);
  };
  look();
};

type Deployed = { place: Place; sha: string; at: number };

/** Told until it is answered, unless the deployer gives up; sometimes late, sometimes twice. */
export const report = async (scene: Scene, host: Host, { place, sha, at }: Deployed): Promise<void> => {
  const { schedule, happenings } = scene;
  const { happens } = happenings;
  if (happens("deploy is told late", 0.08)) await schedule.sleep(3 * minute);
  if (happens("deploy is never told", 0.03)) return;
  for (let times = happens("deploy is told twice", 0.1) ? 2 : 1; times > 0; ) {
    const answer = await host.request("/webhooks/deploys", {
      method: "POST",
      headers: { authorization: `Bearer ${secrets.deploys}` },
      body: JSON.stringify({ ...place, sha, at: new Date(at).toISOString() }),
    });
    if (answer?.status === 202) times -= 1;
    else if (answer !== undefined && answer.status < 500)
      return scene.ledger.violate(
        "a deploy report is never answered 4xx",
        `${answer.status} ${await answer.text()}`,
      );
    else await schedule.sleep(10_000);
  }
};

/** Machines fail and come back; some alerts come and go. */
const troubles = (scene: Scene): void => {
  const { schedule, production, happenings } = scene;
  const chance = scene.chanceFor("machines");
  const look = (): void => {
    for (const place of production.places) {
      if (happenings.happens("trouble of a machine", 0.002)) {
        production.harm(place, true);
        schedule.after(chance.between(30_000, 12 * minute), () => production.harm(place, false));
      }
      if (happenings.happens("flapping", 0.0006))
        for (let turn = 0; turn < 8; turn++)
          schedule.after(turn * 70_000, () => production.harm(place, turn % 2 === 0));
      if (happenings.happens("data is gone", 0.0006)) {
        production.dark.add(nameOf(place));
        schedule.after(chance.between(minute, 6 * minute), () => void production.dark.delete(nameOf(place)));
      }
    }
    schedule.after(minute, look);
  };
  look();
};
