import assert from "node:assert/strict";
import { after, test } from "node:test";
import { serve } from "../support/answering.ts";
import { endless, type HostName, startLand } from "../support/hosts.ts";
import { until } from "../support/until.ts";

const land = await startLand();
after(() => land.stop());

const asked = ["IncidentOpened", "IncidentDiagnosed", "RemedyProposed", "ApprovalRequested"];
const called = [...asked, "DeadlineNeared", "DeadlineNeared", "PageRequested"];

for (const name of ["embedded", "aws-local"] satisfies HostName[])
  test(`${name}: an unanswered question reminds who is on call twice, then calls a person until it is answered with no`, async (t) => {
    await using pager = await serve(() => ({ body: "{}" }));
    const world = await land.world(name, {
      ...{ tickMs: 200, leaseMs: endless, env: { PAGE_WEBHOOK_TOKEN: "hook" } },
      policy: `, oncall: [U0BEN, S0APPROVERS], deadline: 20m, lookAgain: [], page: { webhook: "${pager.url}/page" }`,
    });
    t.after(world.stop);
    const minute = 60_000;
    await world.alert("one", ["f1"]);
    await world.until("one", ...asked);
    for (const [ms, facts] of [
      [10, 5],
      [5, 6],
      [5, 7],
    ] as const) {
      await world.quiet();
      world.pass(ms * minute);
      await world.until("one", ...called.slice(0, facts));
    }
    await world.quiet();
    assert.equal(await world.press("one", "reject"), 200);
    const [view] = world.sandbox.views("U0ANN");
    await world.sandbox.submitView({ viewId: view!.id, user: "U0ANN", values: { reason: "not this" } });
    await world.until("one", ...called, "IncidentClosed");
    const statuses = () => [...new Set(pager.asked.map(({ body }) => JSON.parse(body).status))];
    await until("the end of the page", statuses, (found) => found.length >= 2);
    assert.deepEqual(statuses(), ["firing", "resolved"]);
    assert.deepEqual(
      [
        ...new Set(
          pager.asked.map(({ path, headers, body }) =>
            [path, headers.authorization, JSON.parse(body).key].join(" "),
          ),
        ),
      ],
      ["/page Bearer hook one/production"],
    );
    const messages = world.sandbox.messages("C0PAYMENTS");
    const text = (message: (typeof messages)[number]) => JSON.stringify(message.blocks ?? []);
    const mentions = messages.filter((message) => text(message).includes("<@U0BEN> <!subteam^S0APPROVERS>"));
    assert.deepEqual(
      mentions.map(({ broadcast = false, threadTs }) => [broadcast, threadTs !== undefined]),
      [
        [true, true],
        [true, true],
        [true, true],
      ],
    );
  });
