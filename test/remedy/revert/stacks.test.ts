import assert from "node:assert/strict";
import { test } from "node:test";
import { stackedLater } from "../../../shared/remedy/revert/stacks.ts";

const own = "Cache rates (#12)\n\nBody.";
const later = (message: string) => [{ sha: "b".repeat(40), parents: [], author: "ann", message }];
const found = [
  { reason: 'bbbbbbbbbbbb "Use the cache" is stacked on it: take that back first, or both together' },
];

for (const [said, message] of [
  [
    "the dependencies of ghstack",
    "Use the cache\n\nPull Request resolved: https://github.com/acme/shop/pull/13\nghstack dependencies: #11, #12",
  ],
  [
    "the list of ghstack",
    "Use the cache\n\nStack from [ghstack](https://github.com/ezyang/ghstack) (oldest at bottom):\n* #14\n* __->__ #13\n* #12\n* #11",
  ],
  [
    "the list of Graphite",
    "Use the cache\n\n* **#14**\n* **#13** 👈\n* **#12**\n* `main`\n\nThis stack of pull requests is managed by Graphite.",
  ],
  ["a line of people", "Use the cache\n\nDepends-on: acme/shop#12"],
] as const)
  test(`a later change that is stacked on it is told by ${said}`, () =>
    assert.deepEqual(stackedLater([own], later(message)), found));

test("changes above it in a stack of which it is the top, mentions and lists of other tools are no stack on it", () => {
  for (const message of [
    "Use the cache\n\nghstack dependencies: #11, #120",
    "Use the cache\n\n(ghstack)\n* #12\n* __->__ #11",
    "Use the cache\n\nFixes #12",
    "Use the cache\n\n* -> #13\n* #12",
  ])
    assert.deepEqual(stackedLater([own], later(message)), [], message);
  assert.deepEqual(stackedLater(["Cache rates"], later("Use the cache\n\nDepends on #12")), []);
  const resolved = "Cache rates\n\nPull Request resolved: https://github.com/acme/shop/pull/12";
  assert.deepEqual(stackedLater([resolved], later("Use the cache\n\nStacked on #12")), found);
});
