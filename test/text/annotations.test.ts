import assert from "node:assert/strict";
import { test } from "node:test";
import type { Started } from "../../shared/incident/model.ts";
import { annotationsOf } from "../../shared/text/annotations.ts";
import { dashboardOf } from "../../shared/text/dashboards.ts";
import * as facts from "../support/incident.ts";

const place = { base: "https://grafana.test/monitoring", url: "https://cs.test/incidents/x" };
const panel = "https://grafana.test/monitoring/d/abc/payments?orgId=1&viewPanel=2";
const brought = facts.suspect({
  change: {
    ...{ kind: "commit", commits: [facts.sha("c")] },
    deploy: { sha: facts.sha("d"), at: 7_000, status: "succeeded" },
  },
});
const alerts = [facts.alert({ annotations: { panelURL: panel } })];

test("a round is marked at the suspected deploy, the merge, the live fix, and over the whole trouble with its verdict", () => {
  const whole = facts.past(
    facts.opened({ alerts }),
    facts.diagnosed(),
    ...[facts.proposed(), facts.asked(), facts.approved(), facts.merged(), facts.deployed()],
    facts.verified(),
  ) as Started;
  const [suspect, ...others] = "diagnosis" in whole ? (whole.diagnosis?.suspects ?? []) : [];
  const diagnosed = { ...whole, diagnosis: { suspects: [{ ...suspect, ...brought }, ...others] } };
  const marks = annotationsOf({ ...whole, ...diagnosed } as Started, place);
  assert.deepEqual(
    marks.map(({ key, at, until, text }) => [key.split("/").at(-1), at, until, text]),
    [
      [
        "deploy",
        7_000,
        undefined,
        `payment-gateway: deploy of dddddddddddd, suspected at 90 %: ${brought.title}`,
      ],
      ["merge", 70, undefined, `payment-gateway: merged #7 ${facts.revertOf().title}`],
      ["live", 80, undefined, "payment-gateway: the fix is live"],
      ["verdict", 10, 90, "payment-gateway in production: verified, the trouble is over"],
    ],
  );
  for (const { key, tags, on, url } of marks) {
    assert.deepEqual(tags, ["countersteer", key.split("/").at(-1), "payment-gateway", "production"]);
    assert.deepEqual([on, url], [{ dashboard: "abc", panel: 2 }, place.url]);
  }
});

test("a round that has only begun marks nothing, and one that needs a person marks that", () => {
  const open = facts.past(facts.opened()) as Started;
  assert.deepEqual(annotationsOf(open, place), []);
  const ended = facts.past(facts.opened(), facts.escalated()) as Started;
  assert.deepEqual(
    annotationsOf(ended, place).map(({ text, on }) => [text, on]),
    [["payment-gateway in production: needs a person", undefined]],
  );
});

test("only a dashboard of the configured Grafana is believed, whatever an alert says", () => {
  const of = (...addresses: string[]) =>
    dashboardOf(
      addresses.map((panelURL) => ({ annotations: { panelURL } })),
      place.base,
    );
  for (const stranger of [
    ...["https://evil.test/monitoring/d/abc", "https://grafana.test/d/abc", "javascript:alert(1)", ""],
    "https://grafana.test.evil.test/monitoring/d/abc",
    "https://grafana.test/monitoring/../d/abc",
    "https://ann@grafana.test/monitoring/d/abc",
    "http://grafana.test/monitoring/d/abc",
    "https://grafana.test/monitoring/login?redirect=/d/abc",
  ])
    assert.equal(of(stranger), undefined, stranger);
  assert.deepEqual(of("https://evil.test/d/x", panel), { url: panel, dashboard: "abc", panel: 2 });
  const whole = "https://grafana.test/monitoring/d/abc";
  assert.deepEqual(of(whole), { url: whole, dashboard: "abc" });
  assert.deepEqual(of(`${whole}?viewPanel=panel-12`)?.panel, 12);
});
