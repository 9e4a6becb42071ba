import { signGitHub, signSlack } from "../../shared/adapters/http/signature.ts";
import { click, secrets } from "../support/payloads.ts";
import type { Chance } from "./chance.ts";
import { report } from "./developers.ts";
import type { Host } from "./embedded.ts";
import type { PullRecord } from "./github.ts";
import { harm } from "./production.ts";
import { minute, type Scene } from "./scene.ts";
import type { Posted } from "./slack.ts";

type Acting = { scene: Scene; host: Host; chance: Chance };
type Buttons = NonNullable<Posted["view"]["buttons"]>;

/** People see what is asked, and answer, or do something else. */
export const people = (scene: Scene, host: Host): void => {
  const { schedule } = scene;
  const acting = { scene, host, chance: scene.chanceFor("people") };
  const answered = new Set<string>();
  const look = (): void => {
    for (const posted of scene.slack.messages.values()) {
      const { buttons, stop } = posted.view;
      if (posted.isDeleted) continue;
      if (buttons !== undefined && !answered.has(`${buttons.incident} ${buttons.nonce}`)) {
        answered.add(`${buttons.incident} ${buttons.nonce}`);
        asked(acting, posted, buttons);
      }
      if (stop !== undefined && scene.happenings.happens("veto", 0.01))
        void press(acting, { posted, value: { ...stop }, kind: "reject", user: "U0BEN" });
    }
    retries(acting);
    deeds(acting);
    schedule.after(10_000, look);
  };
  look();
};

const users: [string, ...string[]] = ["U0ANN", "U0BEN", "U0CAT"];

/** Some minutes later one or two people answer the question, some of them twice, late, or without the right to. */
const asked = (acting: Acting, posted: Posted, value: Buttons): void => {
  const { scene, chance } = acting;
  const { schedule, happenings } = scene;
  const wait = chance.between(15_000, 4 * minute);
  const by = (kind: "approve" | "reject", user: string, ms: number): void =>
    void schedule.after(ms, () => void press(acting, { posted, value: { ...value }, kind, user }));
  if (happenings.happens("approved in Slack", 0.6)) {
    by("approve", chance.pick(users), wait);
    if (chance.is(0.5)) by("approve", chance.pick(users), wait + chance.between(0, 3_000));
  }
  if (happenings.happens("approved on GitHub", 0.12))
    schedule.after(wait, () => review(acting, value, "approved"));
  if (happenings.happens("changes requested", 0.05))
    schedule.after(wait, () => review(acting, value, "changes_requested"));
  if (happenings.happens("rejected", 0.15)) by("reject", chance.pick(users), wait);
  if (happenings.happens("late click", 0.1)) by("approve", chance.pick(users), wait + 9 * minute);
  if (happenings.happens("click of a stranger", 0.1)) by("approve", "U0DAN", chance.between(1_000, wait));
};

type Press = { posted: Posted; value: Omit<Buttons, "others">; kind: "approve" | "reject"; user: string };

let triggers = 0;

const press = async (
  { scene, host, chance }: Acting,
  { posted, value, kind, user }: Press,
): Promise<void> => {
  const { ledger, schedule, slack } = scene;
  const { incident, round, head, nonce } = value;
  const trigger = `t.${++triggers}`;
  const made = { user, kind, incident, round, head, at: schedule.now(), isAnswered: false };
  ledger.clicks.push(made);
  ledger.note(`${user} presses ${kind} of ${incident}#${round}`);
  const base = click(kind, user, { incident, round, head, ...(nonce !== undefined && { nonce }) });
  const container = { type: "message", channel_id: posted.channel, message_ts: posted.ts };
  const answer = await interact(scene, host, { ...base, trigger_id: trigger, container });
  made.isAnswered = answer?.status === 200;
  if (answer !== undefined && answer.status >= 400 && answer.status < 500)
    ledger.violate("a click is never answered 4xx", `${answer.status} ${await answer.text()}`);
  const modal = slack.modals.find((one) => one.trigger === trigger);
  if (kind === "approve" || modal === undefined) return;
  await schedule.sleep(chance.between(2_000, 30_000));
  await interact(scene, host, {
    type: "view_submission",
    user: { id: user },
    view: {
      ...{ id: "V1", callback_id: "reject", private_metadata: modal.state },
      state: { values: { reason: { reason: { value: "it is not that" } } } },
    },
  });
};

const interact = ({ schedule }: Scene, host: Host, payload: unknown): Promise<Response | undefined> => {
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(Math.floor(schedule.now() / 1000));
  return host.request("/slack/interactions", {
    method: "POST",
    body,
    headers: {
      "x-slack-request-timestamp": timestamp,
      "x-slack-signature": signSlack({ secret: secrets.slack, timestamp, body: Buffer.from(body) }),
    },
  });
};

/** GitHub tells of what people do there, unless the delivery is lost. */
const deliver = async ({ scene, host }: Acting, event: string): Promise<void> => {
  if (scene.happenings.happens("delivery of GitHub is lost", 0.2)) return;
  await scene.schedule.sleep(500);
  const body = JSON.stringify({ repository: { full_name: "acme/shop" } });
  await host.request("/webhooks/github", {
    method: "POST",
    body,
    headers: {
      "x-github-event": event,
      "x-hub-signature-256": signGitHub({ secret: secrets.github, body: Buffer.from(body) }),
    },
  });
};

const review = (acting: Acting, { head }: Buttons, state: "approved" | "changes_requested"): void => {
  const { scene, chance } = acting;
  const pull = [...scene.github.pulls.values()].find((one) => one.head === head && one.state === "open");
  if (pull === undefined) return;
  const by = chance.pick(["ann", "ben", "cat"]);
  pull.reviews = [...pull.reviews.filter((one) => one.by !== by), { by, state, head }];
  scene.ledger.note(`${by} reviews #${pull.number}: ${state}`);
  void deliver(acting, "pull_request_review");
  if (state === "changes_requested")
    scene.schedule.after(3 * minute, () => {
      pull.reviews = pull.reviews.filter((one) => one.by !== by);
      void deliver(acting, "pull_request_review");
    });
};

const ours = ({ github }: Scene): PullRecord[] =>
  [...github.pulls.values()].filter(({ branch }) => branch.startsWith("countersteer/"));

const retries = (acting: Acting): void => {
  const { scene } = acting;
  for (const { view, channel, isDeleted } of scene.slack.messages.values()) {
    if (view.retry === undefined || isDeleted || !scene.happenings.happens("retry pressed", 0.004)) continue;
    const { incident, round } = view.retry;
    void interact(scene, acting.host, {
      ...click("retry", "U0BEN", { incident, round, head: "" }),
      container: { type: "message", channel_id: channel, message_ts: "1.0" },
      actions: [{ action_id: "retry", value: JSON.stringify({ incident, round }) }],
    });
  }
};

/** Rare deeds, looked at every ten seconds. */
const deeds = (acting: Acting): void => {
  const { scene } = acting;
  const { happens } = scene.happenings;
  for (const pull of ours(scene)) {
    if (pull.state === "open") openPullDeeds(acting, pull);
    else if (pull.state === "closed" && happens("pull request opened again", 0.002)) {
      scene.github.reopen(pull, "ben");
      scene.ledger.note(`ben opens #${pull.number} again`);
      void deliver(acting, "pull_request");
    }
  }
  if (happens("reverted by hand", 0.002)) revertByHand(acting);
  if (happens("rolled back", 0.002)) rollBack(acting);
  if (happens("flag changed", 0.003)) void flip(acting);
  if (happens("person leaves", 0.002)) leave(scene, acting.chance.pick(users));
  if (happens("stopped", 0.0015)) void stop(acting);
  if (happens("message deleted", 0.001)) {
    const posted = [...scene.slack.messages.values()].at(-1);
    if (posted !== undefined) posted.isDeleted = true;
  }
  if (happens("clock jumps", 0.001)) jump(acting);
};

const openPullDeeds = (acting: Acting, pull: PullRecord): void => {
  const { scene } = acting;
  const { github, happenings, ledger } = scene;
  if (happenings.happens("push to the pull request", 0.002)) {
    github.push(pull, "dan", (files) => files.set("lib/more.js", `more ${pull.head}`));
    ledger.note(`dan pushes to #${pull.number}`);
    void deliver(acting, "push");
  }
  if (happenings.happens("closed by hand", 0.002)) {
    github.close(pull, "ben");
    ledger.note(`ben closes #${pull.number}`);
    void deliver(acting, "pull_request");
  }
  if (happenings.happens("merged by hand", 0.003) && !github.conflicts(pull)) {
    github.merge(pull, "ben");
    ledger.note(`ben merges #${pull.number}`);
    void deliver(acting, "pull_request");
  }
  if (happenings.happens("held by a label", 0.001)) {
    pull.labels.push("countersteer/hold");
    void deliver(acting, "pull_request");
    scene.schedule.after(3 * minute, () => {
      pull.labels = pull.labels.filter((label) => label !== "countersteer/hold");
      void deliver(acting, "pull_request");
    });
  }
  if (happenings.happens("command on GitHub", 0.003)) {
    github.comment(
      pull,
      acting.chance.pick(["ann", "ben", "cat", "dan"]),
      acting.chance.pick([
        "/countersteer approve",
        "/countersteer hold",
        "/countersteer retry",
        "/countersteer reject no",
        "/countersteer explain",
      ]),
    );
    void deliver(acting, "issue_comment");
  }
};

/** The lines that do harm go, as a revert of the latest change that brought one. */
const revertByHand = (acting: Acting): void => {
  const { repository, schedule, ledger } = acting.scene;
  const head = repository.head();
  const bad = repository.back(head).find(({ files, parent }) => {
    const before = parent === undefined ? undefined : repository.of(parent).files;
    return [...files].some(([path, text]) => text.includes(harm) && before?.get(path) !== text);
  });
  if (bad?.parent === undefined) return;
  const files = new Map(head.files);
  for (const { path, before } of repository.changed(repository.of(bad.parent).files, bad.files))
    before === undefined ? files.delete(path) : files.set(path, before);
  repository.land({
    message: `Revert "${bad.message}"\n\nThis reverts commit ${bad.sha}.`,
    author: "Ben",
    at: schedule.now(),
    files,
  });
  ledger.note(`Ben reverts ${bad.sha.slice(0, 12)}`);
  void deliver(acting, "push");
};

/** Every other flag does harm until it is turned back. */
const flip = async ({ scene, host, chance }: Acting): Promise<void> => {
  const { production, schedule, ledger } = scene;
  const { places } = production;
  const place = places[chance.between(0, places.length - 1)];
  if (place === undefined) return;
  const isHarmful = chance.is(0.5);
  if (isHarmful) {
    production.harm(place, true);
    schedule.after(chance.between(2 * minute, 9 * minute), () => production.harm(place, false));
  }
  ledger.note(`a flag of ${place.service}/${place.environment} is changed${isHarmful ? ", harmful" : ""}`);
  const answer = await host.request("/webhooks/flags", {
    method: "POST",
    headers: { authorization: `Bearer ${secrets.flags}` },
    body: JSON.stringify({
      ...place,
      flag: "fast-path",
      change: "on",
      at: new Date(schedule.now()).toISOString(),
    }),
  });
  if (answer !== undefined && answer.status >= 400 && answer.status < 500)
    ledger.violate("a report of a flag is never answered 4xx", `${answer.status} ${await answer.text()}`);
};

const rollBack = ({ scene, host, chance }: Acting): void => {
  const { repository, production, schedule } = scene;
  const { places } = production;
  const place = places[chance.between(0, places.length - 1)];
  const [, before] = repository.back(repository.head());
  if (place === undefined || before === undefined) return;
  production.deploy(place, before.sha);
  scene.ledger.note(`${place.service}/${place.environment} is rolled back`);
  void report(scene, host, { place, sha: before.sha, at: schedule.now() });
};

const leave = ({ slack, ledger, schedule }: Scene, user: string): void => {
  if (slack.gone.size > 0) return;
  slack.gone.add(user);
  ledger.gone.set(user, schedule.now());
  ledger.note(`${user} leaves`);
};

const stop = async ({ scene, host }: Acting): Promise<void> => {
  const { ledger, schedule } = scene;
  const post = (path: string, body: object) =>
    host.request(path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${secrets.operator}` },
    });
  if (ledger.stopped.since !== undefined) return;
  const isKnown = (await post("/stop", { why: "too much" }))?.status === 200;
  // Without an answer nobody knows whether it is stopped.
  if (isKnown) ledger.stopped.since = schedule.now();
  ledger.note("stopped");
  await schedule.sleep(3 * minute);
  delete ledger.stopped.since;
  while ((await post("/start", {}))?.status !== 200) await schedule.sleep(5_000);
  ledger.note("started");
};

const jump = ({ scene, chance }: Acting): void => {
  scene.skew.ms = chance.pick([-30_000, 30_000, -4 * minute, 4 * minute]);
  scene.ledger.note(`the clock is wrong by ${scene.skew.ms} ms`);
  scene.schedule.after(chance.between(minute, 5 * minute), () => {
    scene.skew.ms = 0;
  });
};
