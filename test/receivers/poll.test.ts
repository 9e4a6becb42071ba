import assert from "node:assert/strict";
import { test } from "node:test";
import { leftAlone } from "../../functions/http/left.ts";
import { poll } from "../../functions/poll.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Deployer } from "../../shared/policy/deployers.ts";
import type { Told } from "../../shared/ports/deployers.ts";
import { keeps } from "../../shared/ports/store.ts";
import { sha } from "../support/incident.ts";
import { service, silent, world } from "../support/world.ts";

const hour = 60 * 60_000;
const start = 400 * 24 * hour;
const told = (over: Partial<Told> = {}): Told => ({
  ...{ tool: "argocd", name: "shop", values: {}, images: [], status: "succeeded", at: start - hour },
  commits: [{ sha: sha("a"), repository: "https://github.com/acme/payments" }],
  ...over,
});
const argo = (name: string): Deployer => ({ tool: "argocd", name });

/** Deployers that answer as told, asked about one service. */
const asking = (deploys: Deployer[] = [argo("shop")], environments = ["production"]) => {
  const made = world();
  made.state.now = start;
  const { store } = made;
  const clock = () => made.state.now;
  const answers: Record<string, Told[] | Error> = { shop: [told()] };
  const asked: string[] = [];
  const images: string[] = [];
  const woken: string[] = [];
  let ms = 0;
  const read = async (name: string) => {
    asked.push(name);
    made.state.now += ms;
    const answer = answers[name] ?? [];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const look = poll({
    ...{ store, clock, log: silent, leave: leftAlone({ store, clock, log: silent }) },
    config: { services: [service({ deploys, environments })] },
    tools: { argocd: { read }, kubernetes: { read } },
    registry: {
      async origin({ name }) {
        images.push(name);
        return { revision: sha("b"), source: "https://github.com/acme/payments" };
      },
    },
    wake: (ids) => void woken.push(...ids),
  });
  const stored = async () =>
    (await store.deploys("payment-gateway", "production", 0)).map(({ sha: one, status, at }) => [
      one[0],
      status,
      at - start,
    ]);
  const left = async () =>
    ((await store.register("left")).value ?? []).map(({ name, reason, looked }) => [name, reason, looked]);
  const slow = (each: number) => {
    ms = each;
  };
  return { made, store, look, answers, asked, images, woken, stored, left, slow };
};

test("a deploy that a deployer is asked for is recorded once and wakes its incident once", async () => {
  const { look, store, stored, woken } = asking();
  assert.deepEqual(await look(), { asked: 1, recorded: 1, failed: 0, left: 0 });
  assert.deepEqual(await look(), { asked: 1, recorded: 0, failed: 0, left: 0 });
  assert.deepEqual(await stored(), [["a", "succeeded", -hour]]);
  assert.deepEqual(woken, ["payment-gateway/production"]);
  // The time at which we ask says nothing of the deployer's clock.
  assert.equal((await store.deploys("payment-gateway", "production", 0))[0]?.heard, undefined);
});

test("a name that tells no time is news when its state changes, whatever other deployers told meanwhile", async () => {
  const { look, store, stored, answers, made } = asking();
  const { at: _, ...untimed } = told();
  answers.shop = [untimed];
  await look();
  const other = { service: "payment-gateway", environment: "production", sha: sha("d") };
  await store.recordDeploy({ ...other, status: "succeeded", at: start + 10 });
  made.state.now = start + hour;
  assert.equal((await look()).recorded, 0);
  answers.shop = [{ ...untimed, commits: [{ sha: sha("c") }] }];
  assert.equal((await look()).recorded, 1);
  assert.deepEqual(
    (await stored()).map(([one, , at]) => [one, at]),
    [
      ["c", hour],
      ["d", 10],
      ["a", 0],
    ],
  );
});

test("what a webhook told already is no news, although its time differs by a moment", async () => {
  const { look, store, stored } = asking();
  const known = { service: "payment-gateway", environment: "production", sha: sha("a") };
  await store.recordDeploy({ ...known, status: "succeeded", at: start - hour - 4_000 });
  assert.equal((await look()).recorded, 0);
  assert.equal((await stored()).length, 1);
});

test("a return to the former commit is news, and so is the end of what had started", async () => {
  const { made, look, answers, stored } = asking();
  answers.shop = [told({ at: start - 3 * hour })];
  await look();
  answers.shop = [told({ commits: [{ sha: sha("c") }], status: "started", at: start - 2 * hour })];
  await look();
  answers.shop = [told({ commits: [{ sha: sha("c") }], at: start - 2 * hour + 60_000 })];
  await look();
  answers.shop = [told({ at: start - hour })];
  await look();
  made.state.now += 60_000;
  await look();
  assert.deepEqual(await stored(), [
    ["a", "succeeded", -hour],
    ["c", "succeeded", -2 * hour + 60_000],
    ["c", "started", -2 * hour],
    ["a", "succeeded", -3 * hour],
  ]);
});

test("a deploy that is on record, and is not the latest any more, is no news", async () => {
  const { look, store, answers, woken } = asking();
  answers.shop = [told({ at: start - 3 * hour })];
  await look();
  const later = { service: "payment-gateway", environment: "production", sha: sha("c") };
  await store.recordDeploy({ ...later, status: "succeeded", at: start - 2 * hour });
  assert.equal((await look()).recorded, 0);
  assert.equal(woken.length, 1);
});

test("an application that degrades and recovers without a sync is told once each way", async () => {
  const { look, answers, stored } = asking();
  await look();
  answers.shop = [told({ status: "failed", at: start - 60_000, detail: "CrashLoopBackOff" })];
  await look();
  await look();
  answers.shop = [told()];
  await look();
  assert.deepEqual(await stored(), [
    ["a", "failed", -60_000],
    ["a", "succeeded", -hour],
  ]);
});

test("a deploy without a time is of the look that saw it first, and one from before what is kept is none", async () => {
  const { made, look, answers, stored } = asking();
  const { at: _, ...timeless } = told();
  answers.shop = [timeless];
  await look();
  made.state.now += hour;
  await look();
  answers.shop = [told({ commits: [{ sha: sha("d") }], at: start - keeps.deploysMs - hour })];
  await look();
  assert.deepEqual(await stored(), [["a", "succeeded", 0]]);
});

test("a name that fails keeps no other from being asked, and is on the page of what was left alone", async () => {
  const { look, answers, stored, left } = asking([argo("gone"), argo("shop")]);
  answers.gone = new UpstreamError("argocd", "GET /api/v1/applications/gone: 403", { retryable: false });
  assert.deepEqual(await look(), { asked: 2, recorded: 1, failed: 1, left: 0 });
  assert.deepEqual(await stored(), [["a", "succeeded", -hour]]);
  assert.deepEqual(await left(), [
    ["argocd gone", "unreadable", { problem: "GET /api/v1/applications/gone: 403" }],
  ]);
});

test("an image is asked about once while it runs, and a commit of another repository is left alone", async () => {
  const cluster: Deployer = { tool: "kubernetes", name: "shop/checkout" };
  const { look, answers, images, stored, left } = asking([cluster, argo("shop")]);
  const image = "ghcr.io/acme/shop:1";
  answers["shop/checkout"] = [
    told({ tool: "kubernetes", name: "shop/checkout", commits: [], images: [image] }),
  ];
  answers.shop = [told({ commits: [{ sha: sha("e"), repository: "https://github.com/acme/other" }] })];
  await look();
  await look();
  assert.deepEqual(await stored(), [["b", "succeeded", -hour]]);
  assert.deepEqual(images, ["ghcr.io/acme/shop"]);
  assert.deepEqual(
    (await left()).map(([name, reason]) => [name, reason]),
    [["shop", "other_repository"]],
  );
});

test("a look ends after its time, and the next begins with the names that were left", async () => {
  const names = Array.from({ length: 20 }, (_, index) => `app-${index}`);
  const { look, asked, slow } = asking(names.map(argo));
  slow(5_000);
  const { asked: count, left } = await look();
  assert.deepEqual([count, left], [8, 12]);
  await look();
  assert.deepEqual(asked.slice(8, 16), names.slice(8, 16));
});

test("only the tools that may be asked are asked, each name once", async () => {
  const deploys: Deployer[] = [argo("shop"), argo("shop"), { tool: "flux", name: "Kustomization/a/b" }];
  const { look, asked } = asking(deploys);
  await look();
  assert.deepEqual(asked, ["shop"]);
});
