import assert from "node:assert/strict";
import { day, diagnosed, hour, type Landing, minute, shop } from "../shop.ts";
import type { Sibling } from "./row.ts";

export const start: Landing = { message: "start", files: { "README.md": "shop\n" }, ago: 40 * day };
export const change = (message: string, ago: number, over: Partial<Landing> = {}): Landing => ({
  ...{ message, ago },
  files: { [`src/${message.replace(/\W+/g, "-")}.js`]: `${ago}\n` },
  ...over,
});

export const landedLongAgo: Sibling[] = [8, 9, 30].map((days) => ({
  sibling: `a change that landed ${days} days ago and was deployed a minute before is first`,
  play: async (host, t) => {
    const stage = await shop(t, {
      host,
      landings: [
        start,
        change("carts: expire at midnight", days * day),
        change("mail: new footer", days * day - hour),
      ],
      deploys: [
        ["start", 35 * day],
        ["mail: new footer", 2 * minute],
      ],
      alert: { name: "CartsLost", annotations: { summary: "carts expire at midnight" }, ago: minute },
    });
    const { diagnosis } = await diagnosed(stage);
    assert.equal(diagnosis.suspects[0]?.title, "carts: expire at midnight");
    assert.equal(diagnosis.suspects[0]?.change?.deploy?.sha, stage.shaOf("mail: new footer"));
  },
}));

const failures: [string, Partial<Parameters<typeof shop>[1]>, number][] = [
  [
    "a rollout that failed before the alert",
    {
      deploys: [
        ["start", 9 * day],
        ["mail: footer", day],
        ["probe: listen on 8081", 5 * minute, { status: "failed" }],
      ],
    },
    3,
  ],
  [
    "a rollout that was reported as failed after the alert began",
    {
      deploys: [
        ["start", 9 * day],
        ["mail: footer", day],
        ["probe: listen on 8081", 0, { status: "failed" }],
      ],
    },
    8,
  ],
  [
    "a rollout that has only started",
    {
      deploys: [
        ["start", 9 * day],
        ["mail: footer", day],
        ["probe: listen on 8081", 4 * minute, { status: "started" }],
      ],
    },
    2,
  ],
  [
    "a rollout that started and then failed",
    {
      deploys: [
        ["start", 9 * day],
        ["mail: footer", day],
        ["probe: listen on 8081", 9 * minute, { status: "started" }],
        ["probe: listen on 8081", 2 * minute, { status: "failed" }],
      ],
    },
    6,
  ],
];
export const failedRollouts: Sibling[] = failures.map(([what, given, ago]) => ({
  sibling: `${what}: its change is the first suspect of crashing pods`,
  play: async (host, t) => {
    const stage = await shop(t, {
      host,
      landings: [start, change("mail: footer", 2 * day), change("probe: listen on 8081", hour)],
      alert: {
        name: "KubePodCrashLooping",
        annotations: { summary: "Pod is crash looping." },
        ago: ago * minute,
      },
      ...given,
    });
    const { diagnosis } = await diagnosed(stage);
    assert.equal(diagnosis.suspects[0]?.title, "probe: listen on 8081");
    assert.match(diagnosis.suspects[0]?.change?.deploy?.status ?? "", /failed|started/);
  },
}));

const released: Sibling = {
  sibling:
    "a deploy of a release branch has the candidates of its own history, and the notes say where a revert must go",
  play: async (host, t) => {
    const stage = await shop(t, {
      host,
      landings: [
        start,
        change("search: boost titles", 9 * day),
        change("prices: cache for a day", 2 * day, { on: "release/1.4", from: "main" }),
        change("mail: footer on main", day),
        change("prices: log misses", 3 * hour, { on: "release/1.4" }),
      ],
      deploys: [
        ["search: boost titles", 8 * day],
        ["prices: log misses", 5 * minute],
      ],
      alert: { name: "PricesStale", annotations: { summary: "prices are a day old" } },
    });
    const { incident, diagnosis } = await diagnosed(stage);
    assert.equal(incident.status, "escalated");
    assert.equal(
      "detail" in incident ? incident.detail : "",
      "the deploy of 11:55:00 (2 changes) is on release/1.4, not on the service's branch: it must be reverted on release/1.4, by hand",
    );
    assert.deepEqual(
      diagnosis.suspects.map(({ title }) => title),
      ["prices: cache for a day", "prices: log misses"],
    );
    assert.equal(diagnosis.suspects[0]?.change?.branch, "release/1.4");
    const short = stage.shaOf("prices: log misses").slice(0, 12);
    assert.ok(
      diagnosis.notes?.includes(
        `${short}, which is deployed, is not on main but on release/1.4: a revert of its changes must go there`,
      ),
      diagnosis.notes?.join("\n"),
    );
  },
};

const ofBranches: Sibling[] = (
  [
    [
      "release/2026.48",
      change("vouchers: check the ledger", 2 * day),
      change("terms: plain words", 3 * hour, { files: { "web/terms.html": "<p>terms</p>\n" } }),
      "VouchersRejected",
      "vouchers are rejected by the ledger",
    ],
    [
      "hotfix-7",
      change("fix: rounding of refunds", 5 * hour),
      change("styles: calmer", 4 * hour, { files: { "web/a.css": "a {}\n" } }),
      "RefundsOff",
      "refunds differ by a cent",
    ],
  ] as const
).map(([branch, culprit, other, name, summary]) => ({
  sibling: `of what ${branch} brought, “${culprit.message}” is first, and must be reverted there`,
  play: async (host, t) => {
    const stage = await shop(t, {
      host,
      landings: [
        start,
        change("search: boost titles", 9 * day),
        { ...culprit, on: branch, from: "main" },
        { ...other, on: branch },
      ],
      deploys: [
        ["search: boost titles", 8 * day],
        [other.message, 5 * minute],
      ],
      alert: { name, annotations: { summary } },
    });
    const { incident, diagnosis } = await diagnosed(stage);
    assert.equal(diagnosis.suspects[0]?.title, culprit.message);
    assert.equal(diagnosis.suspects[0]?.change?.branch, branch);
    const sentence = `“${culprit.message}” is on ${branch}, not on the service's branch: it must be reverted on ${branch}, by hand`;
    assert.equal("detail" in incident ? incident.detail : "", sentence);
  },
}));
export const branches = [released, ...ofBranches];

const rollbacks: [string, Parameters<typeof shop>[1]["deploys"]][] = [
  [
    "to what ran at first",
    [
      ["start", 20 * day],
      ["web: less space", 4 * hour],
      ["start", 5 * minute],
    ],
  ],
  [
    "to what ran before the last deploy",
    [
      ["start", 20 * day],
      ["mail: footer", 2 * day],
      ["web: less space", 4 * hour],
      ["mail: footer", 5 * minute],
    ],
  ],
  [
    "over two deploys",
    [
      ["start", 20 * day],
      ["mail: footer", 2 * day],
      ["status: write numbers", 5.5 * hour],
      ["web: less space", 4 * hour],
      ["mail: footer", 5 * minute],
    ],
  ],
];
export const rolledBack: Sibling[] = rollbacks.map(([what, deploys]) => ({
  sibling: `what a rollback by deploy took away runs no longer, and the rollback is told: ${what}`,
  play: async (host, t) => {
    const stage = await shop(t, {
      host,
      landings: [
        start,
        change("mail: footer", 3 * day),
        change("status: write numbers", 6 * hour),
        change("web: less space", 5 * hour),
      ],
      ...(deploys && { deploys }),
      alert: { name: "OrdersErrors", annotations: { summary: "invalid status 1" } },
    });
    const { incident, diagnosis } = await diagnosed(stage);
    const titles = diagnosis.suspects.map(({ title }) => title);
    assert.ok(
      !titles.includes("web: less space") && !titles.includes("status: write numbers"),
      titles.join(),
    );
    assert.notEqual(incident.status, "proposed");
    const notes = diagnosis.notes?.join("\n") ?? "";
    assert.match(notes, /“[^”]+” and \d more run no longer: the deploy of 11:55:00 put [0-9a-f]{12} back/);
    assert.match(notes, /a rollback from [0-9a-f]{12} to [0-9a-f]{12} went live at 11:55:00/);
  },
}));
