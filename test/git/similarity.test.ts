import assert from "node:assert/strict";
import { after, test } from "node:test";
import { maxScore, similarity, spansOf } from "../../shared/git/renames/similarity.ts";
import { type Files, file, repository, write } from "../support/git.ts";
import { edited, seeded, text } from "./random.ts";

const repo = repository();
after(repo.remove);

test("how similar two files are is what git says, in percent", () => {
  const pairs = Array.from({ length: 150 }, (_, seed) => {
    const random = seeded(seed);
    const from = Buffer.concat(Array.from({ length: 6 }, () => text(random)));
    let to: Buffer = from;
    for (let times = random(12); times >= 0; times--) to = edited(random, to);
    return [from, to] as const;
  }).filter(([from, to]) => from.length > 0 && to.length > 0 && !from.equals(to));
  const commits = pairs.flatMap(([from, to], at) => [
    { files: new Map([["a", file(from)]]) satisfies Files, parents: [] },
    { files: new Map([["b", file(to)]]) satisfies Files, parents: [2 * at] },
  ]);
  const shas = write(repo, commits);
  for (const [at, [from, to]] of pairs.entries()) {
    const [a, b] = [from, to].map((content) => ({ size: content.length, spans: spansOf(content) }));
    const percent = Math.floor((similarity(a!, b!) * 100) / maxScore);
    const told = repo.git(["diff", "--name-status", "-M1%", shas[2 * at]!, shas[2 * at + 1]!]);
    const found = /^R(\d+)\t/.exec(told);
    if (found) assert.equal(percent, Number(found[1]), `pair ${at}`);
  }
});
