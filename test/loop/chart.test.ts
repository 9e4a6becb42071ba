import assert from "node:assert/strict";
import { test } from "node:test";
import { UpstreamError } from "../../shared/errors.ts";
import { sha } from "../support/incident.ts";
import { burning, world } from "../support/world.ts";

const course = (...values: number[]) => ({
  forMs: 0,
  series: [
    {
      metric: "PaymentErrorsHigh's ratio",
      points: values.map((value, index): [number, number] => [index * 10_000, value]),
    },
  ],
});

const asked = async () => {
  const made = world();
  made.state.course = course(0, 0.4, 0.3);
  await made.alerts([burning]);
  await made.settle();
  return made;
};
/** The chart in a sentence, as it is asked about. */
const atFirst = "PaymentErrorsHigh: from 0 % to 30 %; the alert's threshold is 0 %. trouble 00:00 UTC";

type Made = Awaited<ReturnType<typeof asked>>;

const shown = ({ state }: Made) => [...state.messages.values()].at(-1)?.picture;

const verified = async (made: Made) => {
  await made.approve();
  await made.settle();
  made.state.now += 1_000;
  await made.deploy(sha("f"));
  await made.settle();
  made.state.course = course(0, 0.4, 0.3, 0.4, 0);
  made.state.reading = { result: "quiet", since: made.state.now };
  made.state.now += 20_000;
  return made.settle();
};

test("the question shows the course of its alert, and the same picture stays while the fix is under way", async () => {
  const made = await asked();
  const before = shown(made);
  assert.equal(before?.alt, atFirst);
  const { length } = made.state.pictures;
  await made.approve();
  await made.settle();
  assert.equal(shown(made)?.file, before?.file);
  assert.equal(made.state.pictures.length, length);
});

test("the last message shows the course up to the end, with the merge and the verdict, and so does the last comment", async () => {
  const made = await asked();
  const before = shown(made);
  const ended = await verified(made);
  assert.equal(ended.status === "closed" && ended.outcome, "verified");
  const { file, alt } = shown(made) ?? {};
  assert.notEqual(file, before?.file);
  assert.match(alt ?? "", /: from 0 % to 0 %.* merged .*, live .*, verified /);
  assert.deepEqual([...new Set(made.state.illustrated)], [alt]);
  const { length } = made.state.pictures;
  await made.settle();
  assert.equal(made.state.pictures.length, length);
});

test("a Slack that takes no picture is asked about without one, and shows it once it does", async () => {
  const made = world();
  made.state.course = course(0, 0.4, 0.3);
  made.state.failing.upload = new UpstreamError("slack", "missing_scope", { retryable: false });
  await made.alerts([burning]);
  const { status } = await made.settle();
  assert.equal(status, "proposed");
  assert.equal(made.state.messages.size, 1);
  assert.equal(shown(made), undefined);
  delete made.state.failing.upload;
  await made.settle();
  assert.equal(shown(made)?.alt, atFirst);
});

test("the pull request is proposed with the chart of what was known then", async () => {
  const made = await asked();
  const [proposal] = made.state.proposals;
  assert.equal(proposal?.picture?.alt, atFirst);
});
