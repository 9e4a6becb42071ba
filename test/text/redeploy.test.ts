import assert from "node:assert/strict";
import { test } from "node:test";
import { panel } from "../../functions/pages/panel/panel.ts";
import type { Event } from "../../shared/incident/events.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import { emptyIncident, type Incident, type Suspect } from "../../shared/incident/model.ts";
import { view } from "../../shared/text/chat-message.ts";
import { compared } from "../../shared/text/redeploy.ts";
import { timelineEntry } from "../../shared/text/timeline.ts";
import {
  approved,
  asked,
  deployed,
  id,
  merged,
  opened,
  pull,
  revertOf,
  sha,
  suspect,
  verified,
  vote,
} from "../support/incident.ts";

const minute = 60_000;
const first = {
  ...{ sha: sha("b"), version: "v1.8.1", deployedAt: 1, live: sha("c"), takesMs: 2 * minute },
  tool: { workflow: "deploy.yml", ref: "main", inputs: { sha: "{sha}" } },
};
const [alone, remedy] = [revertOf(), revertOf({ first })];
const doubtful = revertOf({ first: { ...first, why: ["a migration lies in between (db/3.sql)"] } });

/** Two changes that were live 14 minutes after they landed. */
const landed = [sha("c"), sha("9")].map(
  (name): Suspect =>
    suspect({
      ...{ sha: name, at: 5 },
      change: {
        kind: "commit",
        commits: [name],
        deploy: { sha: name, at: 5 + 14 * minute, status: "succeeded" },
      },
    }),
);
const asking = (of = remedy, remedies = [remedy, alone]): Event[] => [
  opened(),
  {
    type: "IncidentDiagnosed",
    at: 30,
    diagnosis: { suspects: landed, none: 0.1, onsetAt: 10, remedies },
    due: 130,
  },
  { type: "RemedyProposed", at: 40, remedy: of, pull, due: 1040 },
  asked(),
];
const begun: Event = {
  ...{ type: "RedeployBegun", at: 61, sha: sha("b"), id: "n", tool: "deploy.yml at main", due: 2161 },
};
const live: Event = {
  ...{ type: "RedeployEnded", at: 63, sha: sha("b"), how: "live", due: 2161 },
  detail: "v1.8.1 was reported live at 00:00:00",
};
const voided: Event = { type: "ApprovalVoided", at: 64, detail: "src/fx.js has changed", pull, due: 1064 };
const waits = (detail: string): Event => ({ type: "StepDelayed", at: 64, step: "merge", detail });

const shown = (...past: Event[]) => {
  const incident = past.reduce<Incident>(evolve, emptyIncident(id));
  assert.ok(incident.status !== "none");
  const { headline, lines, buttons } = view(incident, "http://page.test");
  return {
    headline,
    lines: lines.map(({ label, text }) => (label === undefined ? text : `${label}: ${text}`)),
    approve: buttons?.approve?.confirm,
    others: buttons?.others.map(({ text }) => text),
    page: String(panel(incident, { log: past, isPerson: false })),
  };
};
const count = (text: string, word: string): number => text.split(word).length - 1;

test("the two ways are compared by when each is live, and by no time that was not measured", () => {
  assert.deepEqual(compared(first, 14 * minute), [
    "redeploy live in about 2 min, the revert behind it in about 16 min",
    "the revert alone in about 14 min",
  ]);
  const { takesMs: _, ...unmeasured } = first;
  assert.deepEqual(compared(unmeasured, undefined), ["redeploy first, then the revert", "the revert alone"]);
  assert.deepEqual(compared(first, undefined), [
    "redeploy live in about 2 min, then the revert",
    "the revert alone",
  ]);
});

test("the question names the redeploy once, and its dialog says when the revert behind it is live", () => {
  const { headline, lines, approve, others } = shown(...asking());
  assert.match(headline, /Put v1\.8\.1 back, and revert “round amounts to minor units” by Ann\?$/);
  assert.equal(count([headline, ...lines].join("\n"), "v1.8.1"), 1);
  assert.match(approve?.text ?? "", /^Puts v1\.8\.1 .* The revert is live about 14 min later\./);
  assert.deepEqual(others, ["Revert alone"]);
});

test("the choice of a redeploy stands behind the votes and conditions of the decision itself", () => {
  const given: Event = { type: "ApprovalGiven", at: 50, vote: vote("ben"), missing: ["one more"] };
  const { lines } = shown(...asking(alone, [alone, doubtful]), given);
  assert.deepEqual(
    lines.filter((line) => /^(Approved so far|Your choice)/.test(line)),
    [
      "Approved so far: by ben",
      "Your choice: v1.8.1 can be put back first; it is your choice, as a migration lies in between (db/3.sql)",
    ],
  );
});

test("a question that is asked again offers no redeploy beside the one that goes on, or is over", () => {
  const again = [...asking(), approved(), begun, voided, asked()];
  const running = shown(...again);
  assert.ok(running.lines.includes("Redeploy: v1.8.1 is being put back"));
  assert.deepEqual(
    [running.others, running.approve?.title, running.approve?.yes],
    [[], "Merge into production?", "Merge #7"],
  );
  const over = shown(...asking(), approved(), begun, live, voided, asked());
  assert.ok(over.lines.includes("Redeploy: v1.8.1 was reported live at 00:00:00"));
  assert.deepEqual([over.others, over.approve?.yes], [[], "Merge #7"]);
  const chosen = shown(...asking(alone, [alone, doubtful]), approved(), begun, voided, asked());
  assert.deepEqual(
    chosen.lines.filter((line) => line.startsWith("Your choice")),
    [],
  );
});

test("while it is approved, who decided stands first, and the redeploy is named once, in the message and on the page", () => {
  const own = [...asking(), approved(), begun];
  const [running, delayed, over] = [
    shown(...own),
    shown(...own, waits("approved; v1.8.1 is being put back first (queued: http://github.test/41)")),
    shown(...own, live, waits("approved, merged when the checks are green: build still runs")),
  ];
  assert.deepEqual(
    [running, delayed, over].map(({ lines }) => lines.slice(0, 3)),
    [
      [
        "Approved: by ann",
        "Redeploy: v1.8.1 is being put back",
        "Revert (90 %): cccccccccccc “round amounts to minor units” by Ann",
      ],
      [
        "Approved: by ann",
        "Waiting: approved; v1.8.1 is being put back first (queued: http://github.test/41)",
        "Revert (90 %): cccccccccccc “round amounts to minor units” by Ann",
      ],
      [
        "Approved: by ann",
        "Redeploy: v1.8.1 was reported live at 00:00:00",
        "Waiting: approved, merged when the checks are green: build still runs",
      ],
    ],
  );
  assert.deepEqual(
    [running, delayed, over].map(({ page }) => count(page, "v1.8.1")),
    [1, 1, 1],
  );
});

test("once the former version is live, the message says when the revert behind it is", () => {
  const past = [...asking(), approved(), begun, live, merged(), { ...deployed(), sha: sha("b") }];
  assert.equal(
    shown(...past).lines[0],
    "Live: v1.8.1 is deployed again; the revert behind it was merged as ffffffffffff at 00:00:00, and is live with the next deploy of main, about 14 min later",
  );
});

test("the message and the thread say once the revert behind a redeploy is live, also after the end", () => {
  const told: Event = { type: "RemedyDeployed", at: 85, sha: sha("f"), due: 85, behind: true };
  const past = [...asking(), approved(), begun, live, merged(), { ...deployed(), sha: sha("b") }];
  const line = "Live: v1.8.1 was put back, and the revert behind it is live as ffffffffffff since 00:00:00";
  assert.equal(shown(...past, told).lines[0], line);
  assert.equal(shown(...past, verified(), told).lines[1], line);
  assert.deepEqual(timelineEntry(told), {
    title: "The revert is live",
    text: "ffffffffffff, which holds it, is deployed after the version that was put back",
  });
});

test("a redeploy whose end is not known is told without a guess", () => {
  const told = (detail: string) => {
    const { title, text } = timelineEntry({ ...live, how: "unknown", detail }) ?? { title: "", text: "" };
    return `${title}: ${text}`;
  };
  assert.equal(
    told("GitHub lists no run of it, and it is not ordered twice"),
    "The end of the redeploy is not known: GitHub lists no run of it, and it is not ordered twice; the revert goes on",
  );
});
