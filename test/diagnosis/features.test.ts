import assert from "node:assert/strict";
import { test } from "node:test";
import { features } from "../../shared/diagnosis/features/index.ts";
import { openWindow } from "../../shared/diagnosis/ranking/window.ts";
import type { Commit } from "../../shared/ports/history.ts";

const minute = 60_000;
const hour = 60 * minute;
type Given = {
  title?: string;
  body?: string;
  paths?: string[];
  patch?: string;
  age?: number;
  parents?: string[];
};

/** The values of a feature for some commits, in the order given. */
const ask = (name: string, symptom: string, given: Given[], servicePaths: string[] = []): number[] => {
  const commits = given.map(
    ({ title = "tidy", body = "", paths = ["src/a.ts"], patch = "", age = hour, parents = [] }, at) => {
      const commit: Commit = {
        ...{
          sha: String(at + 1)
            .repeat(40)
            .slice(0, 40),
          parents,
          title,
          message: `${title}\n\n${body}`,
          author: "Ann",
        },
        ...{ at: -age, url: "", paths, patch },
      };
      return { commit, age };
    },
  );
  const window = openWindow({ commits, symptom, servicePaths });
  const of = (sha: string) => window.candidates.find(({ commit }) => commit.sha === sha)!;
  return commits.map(({ commit }) => features[name]!(of(commit.sha), window));
};
/** The first of two commits gets more of a feature than the second. */
const more = (names: string, symptom: string, first: Given, second: Given, servicePaths: string[] = []) =>
  names.split(" ").map((name) => [name, symptom, [first, second], servicePaths] as const);

const old: Given = { age: 100 * hour };
const young: Given = { age: 2 * minute };
const pool: Given = {
  title: "resize connection pool",
  body: "connection pool",
  paths: ["db/connection_pool.ts"],
  patch: "+pool_max = connection",
};
const other: Given = { title: "tidy colours", paths: ["web/colours.css"], patch: "+red" };
const said = "connection pool exhausted in db/connection_pool.ts: pool_max 4096";
const paths = ["apps/web"];
const web: Given = { paths: ["apps/web/x.yaml"] };

const pairs = [
  ...more("logRank logAge past5m past30m past2h past8h past1d past3d pacedAge agePastNewest", "", old, young),
  ...more("newest", "", { age: 0 }, old),
  ...more("newestIsFresh", "", old, young),
  ...more("gapAfter", "", old, young),
  ...more("gapBefore", "", young, { age: 400 * hour }),
  ...more(
    "cosine cosineOfBest phrases bm25 bm25OfBest patchGramOfBest sharePlaces logOverlap shareOfBest saidShare",
    said,
    pool,
    other,
  ),
  ...more(
    "inTitle inBody inPaths inNames inPatch titleShare bodyShare pathsShare patchShare rarest alone mostTold",
    said,
    pool,
    other,
  ),
  ...more(
    "gramShare gramOfBest identifiers identifiersInPatch files fileMentioned compounds insidePaths",
    said,
    { ...pool, title: "connectionpool pool_max", body: "db/connection_pool.ts pool_max" },
    other,
  ),
  ...more("insideTitle ownFileSaid titleWordsSaid", said, pool, other),
  ...more("bm25Rank textRank saysNothing", said, other, pool),
  ...more("outdone bm25Outdone", said, { ...pool, age: 2 * hour }, { ...pool, age: hour }),
  ...more("numbers", said, { patch: "+4096" }, other),
  ...more("inert docsOnly", "", { paths: ["docs/a.md"] }, {}),
  ...more("inert testsOnly", "", { paths: ["test/a.test.ts"] }, {}),
  ...more("inert ciOnly", "", { paths: [".github/workflows/a.yml"] }, {}),
  ...more("configOnly config", "", { paths: ["a.yaml"] }, {}),
  ...more("dependency", "", { paths: ["package-lock.json"] }, {}),
  ...more("migration", "", { paths: ["db/migrations/1.sql"] }, {}),
  ...more("bump", "", { title: "Bump hono to 4.2" }, {}),
  ...more("image", "", { title: "new image" }, {}),
  ...more("merge", "", { parents: ["a", "b"] }, {}),
  ...more("fix", "", { title: "Fix a typo" }, {}),
  ...more("adds", "", { title: "Add a page" }, {}),
  ...more("removes", "", { title: "Remove a page" }, {}),
  ...more("enables", "", { title: "Enable a flag" }, {}),
  ...more("moves", "", { title: "Migrate to tables" }, {}),
  ...more("bounds", "", { title: "Raise a timeout" }, {}),
  ...more("trial", "", { title: "Try again" }, {}),
  ...more("noFiles", "", { paths: [] }, {}),
  ...more("manyFiles", "", { paths: ["a", "b"] }, {}),
  ...more(
    "reverted touchedAgain",
    "",
    { title: "cache rates", age: 2 * hour },
    { title: 'Revert "cache rates"' },
  ),
  ...more("fixedAgain", "", { age: 2 * hour }, { title: "fix it" }),
  ...more("touchedBefore", "", {}, { age: 2 * hour }),
  ...more("isRevert", "", { title: 'Revert "cache rates"' }, {}),
  ...more("isReland", "", { title: "Reland cache" }, {}),
  ...more("inService serviceNewest serviceShare serviceAge", "", web, {}, paths),
  ...more("serviceRank serviceSecond rankWithPaths ageWithPaths", "", { ...web, age: 3 * hour }, web, paths),
  ...more(
    "overlapByRank overlapByAge shareByRank shareByAge bm25ByRank bm25ByAge cosineByRank cosineByAge phrasesByRank",
    said,
    { ...pool, ...old },
    other,
  ),
  ...more(
    "saidByRank gramByRank gramByAge mostToldByRank filesByRank insidePathsByRank pathsByAge titleByAge patchByRank",
    said,
    { ...pool, ...old },
    other,
  ),
  ...more("identifiersByRank", said, { ...old, body: "pool_max" }, other),
  ...more("shareByCloseness saidByFreshness", said, pool, { ...other, ...old }),
  ...more(
    "bm25RankByRank textRankByRank textRankByAge silentByCloseness",
    said,
    { ...other, age: 3 * hour },
    pool,
  ),
  ...more(
    "topicSaid topicOfBest topicByRank topicByAge",
    "login fails on colours",
    { title: "point ldap elsewhere", age: 3 * hour },
    other,
  ),
  ...more("takenBackNearby", "", { age: 2 * hour }, { title: "Temporarily turn it off" }),
  ...more("triedAgain", "", { age: 2 * hour }, { title: "second attempt" }),
  ...more("saidLater", said, { ...other, paths: pool.paths!, age: 2 * hour }, pool),
  ...more("saidEarlier", said, { ...other, paths: pool.paths! }, { ...pool, age: 2 * hour }),
  ...more("fixedAgainByText", said, { ...pool, age: 2 * hour }, { title: "fix it", paths: pool.paths! }),
  ...more(
    "mendedSaid",
    said,
    { ...other, paths: pool.paths!, age: 2 * hour },
    { ...pool, title: "fix connection pool" },
  ),
  ...more("mendsOlder", "", { title: "retry rates" }, { title: "cache rates", age: 2 * hour }),
  ...more("tellsTrouble", "", { body: "Logins time out since Monday." }, { body: "Logins are quicker." }),
  ...more("likeNewer", "", { title: "cache exchange rates", age: 2 * hour }, { title: "cache rates again" }),
  ...more("likeOlder", "", { title: "cache rates again" }, { title: "cache exchange rates", age: 2 * hour }),
  ...more("inertByOverlap", said, { ...pool, paths: ["docs/pool.md"] }, pool),
  ...more("fixByOverlap", said, { ...pool, title: "fix connection pool" }, pool),
];

for (const [name, symptom, [first, second], servicePaths] of pairs)
  test(`${name} tells ${JSON.stringify(first).slice(0, 70)} from ${JSON.stringify(second).slice(0, 40)}`, () => {
    const [a, b] = ask(name, symptom, [first, second], servicePaths);
    assert.ok(a! > b!, `${a} ${b}`);
  });

/** Two changes to one part of the system, of which the newer says what the alert says, and a third elsewhere. */
const parts: Given[] = [
  { title: "tidy", paths: ["db/limits.ts"], age: 3 * hour },
  { title: "resize connection pool", paths: ["db/pool.ts"], age: hour },
  { title: "tidy", paths: ["web/colours.css"], age: 2 * hour },
];
for (const name of ["aroundSaid", "aroundMost", "aroundMany", "aroundNewer", "aroundOfBest", "aroundByRank"])
  test(`${name} tells what other changes to a commit's part of the system say`, () => {
    const [near, , far] = ask(name, "connection pool exhausted", parts);
    assert.ok(near! > far!, `${near} ${far}`);
  });

test("aroundNewerByText counts newer changes to a part that says what the alert says itself", () => {
  const [older, newer, far] = ask("aroundNewerByText", "connection pool exhausted", [
    { ...parts[0]!, title: "limit the connection pool" },
    ...parts.slice(1),
  ]);
  assert.ok(older! > newer! && newer === 0 && far === 0, `${older} ${newer} ${far}`);
});

test("a list of what Python needs is a dependency, not documentation", () => {
  const given = [{ paths: ["app/requirements.txt"] }, { paths: ["notes.txt"] }];
  assert.deepEqual(ask("inert", "", given), [0, 1]);
  assert.deepEqual(ask("dependency", "", given), [1, 0]);
});

const many = Array.from({ length: 20 }, (_, n) => ({ age: n * minute }));

test("second, third, and past the fifth and fifteenth tell places in time", () => {
  assert.deepEqual(ask("second", "", many).indexOf(1), 1);
  assert.deepEqual(ask("third", "", many).indexOf(1), 2);
  assert.deepEqual(
    ask("pastRank5", "", many).findIndex((value) => value > 0),
    6,
  );
  assert.deepEqual(
    ask("pastRank15", "", many).findIndex((value) => value > 0),
    16,
  );
});

test("a burst is counted within ten minutes and within an hour, and its last one stands out", () => {
  const burst = [{ age: 30 * minute }, { age: 40 * minute + 1 }, { age: 42 * minute }];
  assert.deepEqual(ask("within10m", "", burst).map(Math.expm1).map(Math.round), [0, 1, 1]);
  assert.deepEqual(ask("within1h", "", burst).map(Math.expm1).map(Math.round), [2, 2, 2]);
  const last = ask("lastOfBurst", "", burst);
  assert.ok(last[0]! > last[2]!);
});

const elsewhere = [
  ...[
    "aroundSaid",
    "aroundMost",
    "aroundMany",
    "aroundNewer",
    "aroundOfBest",
    "aroundByRank",
    "aroundNewerByText",
  ],
  ...["second", "third", "pastRank5", "pastRank15", "within10m", "within1h", "lastOfBurst"],
];

test("every feature has a test", () => {
  const tested = new Set([...pairs.map(([name]) => name), ...elsewhere]);
  assert.deepEqual(
    Object.keys(features).filter((name) => !tested.has(name)),
    [],
  );
});
