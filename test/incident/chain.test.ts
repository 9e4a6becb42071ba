import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { blockOf } from "../../shared/incident/chain/block.ts";
import { canonical } from "../../shared/incident/chain/canonical.ts";
import { chained } from "../../shared/incident/chain/chain.ts";
import { digestOf, linkHash, noFormer } from "../../shared/incident/chain/link.ts";
import { checkRecord, linkOf, type Recorded } from "../../shared/incident/chain/record.ts";
import type { Event } from "../../shared/incident/events.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import { emptyIncident, type Incident } from "../../shared/incident/model.ts";
import { closedEvent, openedEvent } from "../support/facts.ts";
import {
  approved,
  asked,
  deployed,
  diagnosed,
  id,
  merged,
  opened,
  past,
  proposed,
  verified,
} from "../support/incident.ts";

const facts: Event[] = [
  opened(),
  diagnosed(),
  proposed(),
  asked(),
  approved(),
  merged(),
  deployed(),
  verified(),
];
const names = facts.map(({ type }) => type);

type Log = { incident: Incident; recorded: Recorded[] };

/** The facts as a store holds them, one a write. */
const logOf = (events: Event[], before: Event[] = []): Log => {
  let incident: Incident = before.reduce(evolve, emptyIncident(id) as Incident);
  const recorded: Recorded[] = before.map((fact, index) => ({ version: index + 1, fact }));
  for (const event of events) {
    const version = recorded.length;
    const [fact] = chained(incident, [event], version);
    assert.ok(fact !== undefined);
    incident = evolve(incident, fact);
    recorded.push({ version: version + 1, fact: JSON.parse(JSON.stringify(fact)) });
  }
  return { incident, recorded };
};
const whole = logOf(facts);
const check = (recorded: Recorded[]) =>
  checkRecord(
    id,
    recorded.map((one, index) => ({ ...one, version: index + 1 })),
    { head: whole.incident.chain },
  );
const brokenAs = (recorded: Recorded[]): string => {
  const { broken } = check(recorded);
  return broken === undefined ? "whole" : `fact ${broken.place}: ${broken.detail}`;
};

test("the hash of a fact never changes: anybody can compute it with SHA-256 and a JSON library", () => {
  const [first, second] = chained(emptyIncident("checkout/production"), [openedEvent(1), closedEvent(2)], 0);
  assert.deepEqual(first?.chain, {
    ...{ n: 1, former: noFormer },
    hash: "191bc334dd984d34c38a34a483bd83b5021acc39f0dbc0db8fc7b4f52726047d",
  });
  assert.deepEqual(second?.chain, {
    n: 2,
    former: first?.chain?.hash,
    hash: "7108e00d409b8de65d33bf1d3c959e85bf82a0585a3cc5ed276d04a548c0b082",
  });
});

test("equal values have one text, whatever the order of their members and however often they were stored", () => {
  assert.equal(
    canonical({ b: 1, a: [undefined, 1e21, -0, "\u2028\ud800"], c: undefined }),
    '{"a":[null,1e+21,0,"\u2028\\ud800"],"b":1}',
  );
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonical(value);
      assert.equal(canonical(JSON.parse(text)), text);
      assert.equal(canonical(JSON.parse(JSON.stringify(value))), text);
      assert.equal(canonical(turned(value)), text);
    }),
    { numRuns: 10_000 },
  );
});

/** The value with the members of every object in the other order. */
const turned = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(turned);
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, one]) => [name, turned(one)])
      .reverse(),
  );
};

test("a log as it was written holds, over all its rounds", () => {
  const rounds = logOf([...facts, openedEvent(2), closedEvent(900)]);
  assert.deepEqual(checkRecord(id, rounds.recorded, { head: rounds.incident.chain }), {
    ...{ before: 0, facts: 10 },
    head: rounds.incident.chain,
  });
});

test("facts of one write follow each other as those of many do", () => {
  const together = chained(emptyIncident(id), facts, 0);
  assert.deepEqual(
    together.map(({ chain }) => chain),
    whole.recorded.map(({ fact }) => linkOf(fact)),
  );
});

test("an incident that an older version stored begins its chain where this version goes on, and says after how many writes", () => {
  const late = logOf(facts.slice(3), facts.slice(0, 3));
  assert.deepEqual(checkRecord(id, late.recorded, { head: late.incident.chain }), {
    ...{ before: 3, facts: 5 },
    head: late.incident.chain,
  });
  assert.equal(linkOf(late.recorded[3]?.fact)?.after, 3);
});

test("an incident that no chain was ever kept for has nothing to check", () => {
  const old = logOf([], facts);
  assert.deepEqual(checkRecord(id, old.recorded, { head: undefined }), { before: 8, facts: 0 });
});

test("a fact that was deleted, put in, swapped or cut off is named", () => {
  const { recorded } = whole;
  assert.equal(brokenAs(recorded), "whole");
  assert.equal(brokenAs(recorded.toSpliced(3, 1)), "fact 4: fact 4 is missing before it");
  assert.equal(
    brokenAs(recorded.slice(0, 6)),
    "fact 6: the facts after 6 are missing: the incident's last fact is 8",
  );
  assert.equal(brokenAs([]), "fact 1: the facts after 0 are missing: the incident's last fact is 8");
  const swapped = recorded.toSpliced(2, 2, recorded[3]!, recorded[2]!);
  assert.equal(brokenAs(swapped), "fact 3: it stands before fact 3");
  assert.equal(
    brokenAs(recorded.toSpliced(4, 0, recorded[3]!)),
    "fact 5: it was put in: it has the number 4, and fact 4 stands before it",
  );
  assert.equal(
    brokenAs(recorded.toSpliced(4, 0, { version: 0, fact: approved() })),
    "fact 5: it has no place in the chain, of which 4 facts stand before it",
  );
});

test("a log that somebody chained anew from a change on does not end with the incident's head", () => {
  const forged = logOf(facts.with(4, { ...approved(), at: 61 }));
  assert.equal(brokenAs(forged.recorded), "fact 8: its hash is not the one that the incident ends with");
});

test("a fact of another incident does not fit, though its content is the same", () => {
  const [other] = chained(emptyIncident("search/production"), [facts[0]!], 0);
  assert.equal(
    brokenAs(whole.recorded.with(0, { version: 1, fact: other })),
    "fact 1: it was changed: its hash is not that of its content",
  );
});

test("whichever byte of whichever fact is changed, that fact or the next one is named, and no earlier one", () => {
  const texts = whole.recorded.map(({ fact }) => JSON.stringify(fact));
  fc.assert(
    fc.property(fc.nat(texts.length - 1), fc.nat(), fc.integer({ min: 1, max: 255 }), (index, at, mask) => {
      const flipped = Buffer.from(texts[index]!);
      const byte = at % flipped.length;
      flipped[byte] = flipped[byte]! ^ mask;
      const fact = parsed(flipped.toString("utf8"));
      if (fact !== undefined && canonical(fact) === canonical(JSON.parse(texts[index]!))) return;
      const { broken } = check(
        whole.recorded.with(
          index,
          fact === undefined ? { version: 1, fault: "no JSON" } : { version: 1, fact },
        ),
      );
      assert.equal(broken?.place, index + 1, names[index]);
    }),
    { numRuns: 10_000 },
  );
});

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

test("a write that went missing from the log is noticed even where no chain was kept", () => {
  const old = logOf([], facts);
  const { broken } = checkRecord(id, old.recorded.toSpliced(3, 1), {});
  assert.deepEqual(broken, { place: 4, detail: "it came with write 5, and the fact before it with write 3" });
});

test("a last fact that names another fact before it is found, also where its hash and the head were made anew", () => {
  const before = whole.recorded.slice(0, -1);
  const [last] = chained(past(...facts.slice(0, -1)), facts.slice(-1), 0);
  assert.ok(last !== undefined);
  const place = { n: facts.length, former: "a".repeat(64) };
  const chain = { ...place, hash: linkHash(id, place, digestOf(last)) };
  const recorded = [...before, { version: facts.length, fact: { ...last, chain } }];
  assert.match(checkRecord(id, recorded, { head: chain }).broken?.detail ?? "", /^it does not follow fact 7/);
});

test("a block tells the last facts that follow each other, and that others before them have no room", () => {
  const log = whole.recorded.map(({ fact }) => fact as Event);
  const told = (events: Event[]) => {
    const block = blockOf({ id, round: 1 }, events);
    return [block?.from.n, block?.facts.length, block?.head.n, block?.skipped];
  };
  assert.deepEqual(told(log), [0, 8, 8, undefined]);
  assert.deepEqual(told([...log.slice(0, 3), ...log.slice(5)]), [5, 3, 8, true]);
});
