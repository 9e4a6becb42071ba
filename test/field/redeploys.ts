import assert from "node:assert/strict";
import { toJson } from "../../functions/pages/json.ts";
import { resolved, sha } from "../support/incident.ts";
import {
  approved,
  broken,
  deployed,
  factsOf,
  firstIn,
  given,
  lost,
  minute,
  redeployEnds,
  refused,
  tool,
  workflow,
} from "../support/redeploying.ts";
import { burning, type World, type WorldGiven } from "../support/world.ts";

type Scene = { name: string; given: WorldGiven; play: (made: World) => Promise<void> };

export const redeploys: Scene[] = [
  {
    name: "the question compares both ways, and offers the revert alone on the same pull request",
    given,
    async play(made) {
      await broken(made);
      const incident = await made.settle();
      assert.deepEqual(firstIn(incident), {
        ...{ sha: sha("b"), version: "v1.8.1", deployedAt: 1_000, live: sha("c"), tool },
        ...{ digest: workflow.digest, takesMs: 140_000 },
      });
      const view = [...made.state.messages.values()].at(-1);
      assert.match(
        view?.headline ?? "",
        /Put v1\.8\.1 back, and revert “round payments to minor units” by Ann\?$/,
      );
      assert.match(JSON.stringify(view?.lines), /redeploy live in about 2 min, then the revert/);
      assert.match(
        view?.buttons?.approve?.confirm?.text ?? "",
        /^Puts v1\.8\.1 \(bbbbbbbbbbbb\) back into production\. Then merges exactly #1 /,
      );
      assert.deepEqual(
        view?.buttons?.others.map(({ text }) => text),
        ["Revert alone"],
      );
    },
  },
  {
    name: "the last good deploy is put back first, is live by its report, and the revert is merged behind it",
    given,
    async play(made) {
      const running = await approved(made);
      assert.equal(running.status, "approved");
      const [order] = made.state.orders;
      const { id = "" } = order ?? {};
      assert.deepEqual(order, {
        tool: { ...tool, inputs: { sha: sha("b"), by: id } },
        ...{ sha: sha("b"), id, since: made.state.now },
      });
      assert.equal(made.state.merges, 0);
      made.state.now += minute;
      await deployed(made, "b", made.state.now, { version: "v1.8.1" });
      made.state.reading = { result: "quiet", since: made.state.now };
      const live = await made.settle();
      const { redeploy, timeline } = toJson(live, await made.store.log(live.id));
      assert.deepEqual(
        [redeploy?.sha, redeploy?.end?.how, JSON.stringify([redeploy, timeline]).includes(`"id":"${id}"`)],
        [sha("b"), "live", false],
      );
      assert.deepEqual([live.status, made.state.merges, made.state.orders.length], ["deployed", 1, 1]);
      assert.equal("deploy" in live && live.deploy?.sha, sha("b"));
      made.state.now += minute;
      // The pipeline brings the revert meanwhile.
      await deployed(made, "f", made.state.now);
      const closed = await made.settle();
      assert.deepEqual([closed.status, "outcome" in closed && closed.outcome], ["closed", "verified"]);
      assert.match(
        ("detail" in closed && closed.detail) || "",
        /quiet for 5 s with v1\.8\.1 live again, and then the revert behind it, since 00:02:20/,
      );
      assert.deepEqual(
        (await factsOf(made)).filter((type) => /^(Redeploy|Remedy)/.test(type)),
        [
          "RemedyProposed",
          "RemedyApproved",
          "RedeployBegun",
          "RedeployStarted",
          "RedeployEnded",
          "RemedyMerged",
          "RemedyDeployed",
          "RemedyDeployed",
        ],
      );
    },
  },
  {
    name: "a run that fails is told with its link, and the revert goes on",
    given,
    async play(made) {
      await approved(made);
      made.state.run = { ...made.state.run, state: "failed", detail: "failure" };
      const merged = await made.settle();
      assert.deepEqual([merged.status, made.state.merges], ["merged", 1]);
      assert.deepEqual(await redeployEnds(made), [
        "failed: the run ended as failure (http://github.test/runs/41)",
      ]);
      const replies = [...made.state.replies.values()].join("\n");
      assert.match(
        replies,
        /The redeploy failed: the run ended as failure \(http:\/\/github\.test\/runs\/41\)/,
      );
      made.state.now += minute;
      await deployed(made, "f", made.state.now);
      assert.equal((await made.settle()).status, "deployed");
    },
  },
  {
    name: "a dispatch without an answer is looked for, and never made twice",
    given,
    async play(made) {
      await broken(made);
      made.state.failing["startDeploy after it was applied"] = lost("dispatch deploy.yml: no answer");
      made.state.listed = false;
      await made.approve();
      const waiting = await made.settle();
      assert.match(
        ("delay" in waiting && waiting.delay?.detail) || "",
        /^(whether the redeploy began is not known|the redeploy was ordered, and GitHub lists no run)/,
      );
      made.state.now += minute;
      await made.settle();
      made.state.listed = true;
      await made.settle();
      assert.equal(made.state.orders.length, 1);
      assert.ok((await factsOf(made)).includes("RedeployStarted"));
    },
  },
  {
    name: "a dispatch that GitHub never lists is given up after two minutes, and the revert goes on",
    given,
    async play(made) {
      await broken(made);
      made.state.failing.startDeploy = lost("dispatch deploy.yml: no answer");
      await made.approve();
      await made.settle();
      made.state.failing = {};
      made.state.now += 2 * minute - 1;
      assert.equal((await made.settle()).status, "approved");
      made.state.now += 1;
      assert.equal((await made.settle()).status, "merged");
      assert.deepEqual(
        [await redeployEnds(made), made.state.orders.length],
        [["unknown: GitHub lists no run of it, and it is not ordered twice"], 0],
      );
    },
  },
  {
    name: "a crash after the order was noted orders nothing again",
    given,
    async play(made) {
      await broken(made);
      made.state.failing["startDeploy after it was applied"] = new Error("the process was killed");
      await made.approve();
      await made.settle();
      made.state.failing = {};
      made.state.now += 30_000;
      await made.settle();
      assert.equal(made.state.orders.length, 1);
      assert.ok((await factsOf(made)).includes("RedeployStarted"));
    },
  },
  {
    name: "a workflow that GitHub refuses to dispatch is told, and the revert goes on",
    given,
    async play(made) {
      await broken(made);
      const why = "dispatch deploy.yml of acme/payments: 403 Resource not accessible by integration";
      made.state.failing.startDeploy = refused(why);
      await made.approve();
      await made.settle();
      assert.equal((await made.settle()).status, "merged");
      assert.deepEqual(await redeployEnds(made), [`failed: it could not be started (${why})`]);
    },
  },
  {
    name: "a workflow that was changed since people were asked is not run",
    given,
    async play(made) {
      await broken(made);
      made.state.workflow = { ...workflow, digest: sha("8") };
      await made.approve();
      assert.equal((await made.settle()).status, "merged");
      assert.deepEqual(
        [await redeployEnds(made), made.state.orders],
        [["left_out: deploy.yml at main was changed since people were asked"], []],
      );
    },
  },
  {
    name: "another deploy since people were asked is not undone by a redeploy",
    given,
    async play(made) {
      await broken(made);
      made.state.now += minute;
      await deployed(made, "a", made.state.now - 1_000);
      await made.approve();
      await made.settle();
      assert.deepEqual([made.state.orders, made.state.merges], [[], 1]);
      assert.match(
        (await redeployEnds(made))[0] ?? "",
        /^left_out: aaaaaaaaaaaa was deployed at [\d:]+, since people were asked$/,
      );
    },
  },
  {
    name: "the kill switch keeps it from being ordered",
    given,
    async play(made) {
      await broken(made);
      await made.store.setRegister("switch", 0, {
        stopped: true,
        at: made.state.now,
        by: "ann",
        why: "stop",
      });
      await made.approve();
      await made.settle();
      assert.deepEqual([made.state.orders, made.state.merges], [[], 0]);
    },
  },
  {
    name: "a migration in between leaves the redeploy to a person, with the reason, and a press of it asks again",
    given,
    async play(made) {
      made.state.inBetween = [
        { path: "db/3.sql", status: "added", patch: "+ALTER TABLE payments ADD COLUMN minor int;" },
      ];
      await broken(made);
      const asked = await made.settle();
      assert.equal(firstIn(asked), undefined);
      const view = [...made.state.messages.values()].at(-1);
      assert.match(
        JSON.stringify(view?.lines),
        /v1\.8\.1 can be put back first; it is your choice, as a migration lies in between \(db\/3\.sql\)/,
      );
      const [other] = view?.buttons?.others ?? [];
      assert.equal(other?.text, "Redeploy v1.8.1 first");
      const at = made.state.now;
      await made.handle({ type: "Choose", at, round: 1, head: sha("d"), choice: other!.choice, by: "ann" });
      const chosen = await made.settle();
      assert.deepEqual(
        [chosen.status, firstIn(chosen)?.sha, made.state.opened, [...made.state.pulls.values()][0]?.state],
        ["proposed", sha("b"), 1, "open"],
      );
      await made.approve();
      await made.settle();
      assert.equal(made.state.orders.length, 1);
    },
  },
  {
    name: "a no while it runs stops the merge, and says what runs now",
    given,
    async play(made) {
      await approved(made);
      await made.reject("we look at it first");
      const closed = await made.settle();
      assert.equal(made.state.merges, 0);
      assert.equal(
        "detail" in closed && closed.detail,
        "we look at it first; bbbbbbbbbbbb is being put back, and main still holds the change: the next deploy of main brings it back unless #1 is merged",
      );
    },
  },
  {
    name: "alerts that our own redeploy ended do not put the revert in question",
    given,
    async play(made) {
      made.state.gates = { ...made.state.gates, checks: { failing: [], running: ["build"] } };
      await approved(made);
      made.state.now += minute;
      await deployed(made, "b", made.state.now, { version: "v1.8.1" });
      await made.alerts([resolved({ ...burning, status: "resolved", endsAt: made.state.now })]);
      assert.equal((await made.settle()).status, "approved");
      made.state.gates = { ...made.state.gates, checks: { failing: [], running: [] } };
      made.state.now += minute;
      assert.equal((await made.settle()).status, "deployed");
      assert.equal(made.state.merges, 1);
    },
  },
  {
    name: "a question that is asked again says that the former version runs, and orders nothing more",
    given,
    async play(made) {
      made.state.gates = { ...made.state.gates, checks: { failing: [], running: ["build"] } };
      await approved(made);
      made.state.now += minute;
      await deployed(made, "b", made.state.now, { version: "v1.8.1" });
      await made.settle();
      made.state.changed = ["src/fx.js"];
      const asked = await made.settle();
      assert.deepEqual([asked.status, "fix" in asked && asked.fix], ["proposed", false]);
      const view = [...made.state.messages.values()].at(-1);
      assert.match(view?.headline ?? "", / Revert “round payments to minor units” by Ann\?$/);
      assert.match(JSON.stringify(view?.lines), /v1\.8\.1 was reported live at/);
      made.state.changed = [];
      made.state.gates = { ...made.state.gates, checks: { failing: [], running: [] } };
      await made.approve();
      assert.equal((await made.settle()).status, "deployed");
      assert.deepEqual([made.state.orders.length, made.state.merges], [1, 1]);
    },
  },
  {
    name: "the next deploy that brings the culprit back before the merge is told, once",
    given,
    async play(made) {
      made.state.gates = { ...made.state.gates, checks: { failing: [], running: ["build"] } };
      await approved(made);
      made.state.now += minute;
      await deployed(made, "b", made.state.now, { version: "v1.8.1" });
      await made.settle();
      made.state.now += minute;
      await deployed(made, "c", made.state.now, { version: "v1.9.0" });
      await made.settle();
      await made.settle();
      assert.deepEqual(
        (await factsOf(made)).filter((type) => type === "CulpritReturned"),
        ["CulpritReturned"],
      );
      assert.match([...made.state.comments.values()].join("\n"), /which takes that back, is not merged yet/);
    },
  },
  {
    name: "one that does not help is withdrawn like any remedy, and its withdrawal is asked about again once the alerts have ended",
    given,
    async play(made) {
      await approved(made);
      made.state.now += minute;
      await deployed(made, "b", made.state.now, { version: "v1.8.1" });
      made.state.reading = { result: "firing", at: made.state.now };
      await made.settle();
      made.state.now += 5 * minute;
      const asked = await made.settle();
      assert.deepEqual(
        [asked.status, "remedy" in asked && asked.remedy?.kind, made.state.orders.length],
        ["proposed", "withdraw", 1],
      );
      made.state.gates = { ...made.state.gates, checks: { failing: [], running: ["build"] } };
      await made.approve("UANN", sha("9"));
      await made.alerts([resolved({ ...burning, status: "resolved", endsAt: made.state.now })]);
      const again = await made.settle();
      assert.deepEqual(
        [again.status, "moved" in again && again.moved, made.state.merges],
        ["proposed", "every alert resolved after the approval; is it still wanted?", 1],
      );
    },
  },
  {
    name: "without a former deploy on record there is nothing to put back",
    given,
    async play(made) {
      made.state.workflow = workflow;
      await deployed(made, "c", 8_000);
      await made.alerts([burning]);
      assert.equal(firstIn(await made.settle()), undefined);
    },
  },
  {
    name: "a workflow without the input is named in the diagnosis, and the revert is asked about alone",
    given,
    async play(made) {
      made.state.times = [];
      await deployed(made, "b", 1_000, { version: "v1.8.1" });
      await deployed(made, "c", 8_000);
      made.state.workflow = { ...workflow, text: "on: { workflow_dispatch: { inputs: { commit: {} } } }" };
      await made.alerts([burning]);
      const asked = await made.settle();
      assert.equal(firstIn(asked), undefined);
      assert.deepEqual(
        "diagnosis" in asked && asked.diagnosis?.notes?.filter((note) => note.includes("put back")),
        [
          "v1.8.1 cannot be put back first: deploy.yml declares no input sha; deploy.yml declares no input by",
        ],
      );
    },
  },
];
