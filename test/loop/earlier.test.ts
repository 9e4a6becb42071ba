import assert from "node:assert/strict";
import { test } from "node:test";
import { UpstreamError } from "../../shared/errors.ts";
import { alert, id, sha } from "../support/incident.ts";
import { burning, culprit, world } from "../support/world.ts";

const day = 24 * 3_600_000;

/** A first round that ended when the culprit was taken back. */
const ended = async () => {
  const made = world();
  await made.alerts([burning]);
  await made.bringLive(30_000);
  made.state.now = 40_000;
  const incident = await made.settle();
  assert.equal(incident.status === "closed" && incident.outcome, "verified");
  return made;
};

const again = alert({ ...burning, startsAt: day, fingerprint: "f2" });
const reland = {
  ...culprit,
  ...{ sha: sha("8"), at: day - 60_000, title: `Reapply "${culprit.title}"` },
  message: `Reapply "${culprit.title}"\n\nThis reverts commit ${sha("f")}.`,
};
const innocent = { ...culprit, sha: sha("7"), at: day - 30_000, title: "speed up the ledger", message: "" };

test("when the same alert fires again, the change that was brought back is named, with what ended it before", async () => {
  const made = await ended();
  made.state.commits = [innocent, reland, culprit];
  made.state.now = day + 10_000;
  await made.alerts([again]);
  await made.settle();
  const { incident } = await made.store.load(id);
  assert.equal(incident.round, 2);
  const diagnosis = "diagnosis" in incident ? incident.diagnosis : undefined;
  assert.equal(diagnosis?.suspects[0]?.sha, sha("8"));
  assert.match(
    diagnosis.suspects[0].reasons.join("\n"),
    /brings back c{12} “.*whose revert ended PaymentErrorsHigh 24 h earlier/,
  );
  assert.match(
    diagnosis.notes!.join("\n"),
    /PaymentErrorsHigh ended when c{12} “.*” was taken back, 24 h earlier/,
  );
});

test("a past change that cannot be read is told, and the diagnosis goes on", async () => {
  const made = await ended();
  made.state.commits = [innocent];
  made.state.now = day + 10_000;
  const { commit } = made.work.history;
  made.work.history.commit = async () => {
    throw new UpstreamError("github", "github is down", { retryable: true });
  };
  await made.alerts([again]);
  await made.settle();
  made.work.history.commit = commit;
  const { incident } = await made.store.load(id);
  const notes = "diagnosis" in incident ? incident.diagnosis?.notes : [];
  assert.match(
    notes!.join("\n"),
    /c{12}, whose revert ended this alert before, could not be looked at: github is down/,
  );
});
