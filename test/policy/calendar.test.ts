import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Freeze, frozenAt, instantOf, momentOf, wallOf } from "../../shared/policy/calendar.ts";

const freeze = (from: string, to: string, over: Partial<Freeze> = {}): Freeze => ({
  ...{ reason: "a freeze", timeZone: "Europe/Berlin", from: momentOf(from)!, to: momentOf(to)! },
  ...over,
});
const iso = (at: number | undefined) => at && new Date(at).toISOString();
const untilOf = (freezes: Freeze[], at: string) => iso(frozenAt(freezes, Date.parse(at))?.until);

const cases: [string, Freeze[], string, string | undefined][] = [
  ["before its first minute", [freeze("2026-12-23T18:00", "2027-01-04")], "2026-12-23T16:59:59Z", undefined],
  [
    "from its first minute",
    [freeze("2026-12-23T18:00", "2027-01-04")],
    "2026-12-23T17:00:00Z",
    "2027-01-03T23:00:00.000Z",
  ],
  [
    "until its end, which is free",
    [freeze("2026-12-23T18:00", "2027-01-04")],
    "2027-01-03T23:00:00Z",
    undefined,
  ],
  [
    "a weekend over its midnights",
    [freeze("fri 16:00", "mon 08:00")],
    "2026-11-29T10:00:00Z",
    "2026-11-30T07:00:00.000Z",
  ],
  ["the hour before a weekend", [freeze("fri 16:00", "mon 08:00")], "2026-11-27T14:59:00Z", undefined],
  [
    "every night, after midnight",
    [freeze("22:00", "06:00")],
    "2026-11-28T01:00:00Z",
    "2026-11-28T05:00:00.000Z",
  ],
  ["every night, at noon", [freeze("22:00", "06:00")], "2026-11-28T11:00:00Z", undefined],
  [
    "a night in which the clock goes forward",
    [freeze("22:00", "06:00")],
    "2026-03-28T23:00:00Z",
    "2026-03-29T04:00:00.000Z",
  ],
  [
    "a night in which the clock goes back",
    [freeze("22:00", "06:00")],
    "2026-10-24T22:30:00Z",
    "2026-10-25T05:00:00.000Z",
  ],
  ["the whole week", [freeze("mon 00:00", "mon 00:00")], "2026-11-28T01:00:00Z", "2026-11-29T23:00:00.000Z"],
  [
    "two windows without a gap",
    [freeze("fri 16:00", "sat 00:00"), freeze("2026-11-28", "2026-11-29T12:00")],
    "2026-11-27T16:00:00Z",
    "2026-11-29T11:00:00.000Z",
  ],
];
for (const [name, freezes, at, until] of cases)
  test(`a freeze: ${name}`, () => {
    if (name !== "the whole week") return assert.equal(untilOf(freezes, at), until);
    assert.ok(untilOf(freezes, at)! >= until!);
  });

test("the same wall clock freezes at another instant in another time zone", () => {
  const tokyo = freeze("22:00", "06:00", { timeZone: "Asia/Tokyo" });
  assert.equal(untilOf([tokyo], "2026-11-28T13:00:00Z"), "2026-11-28T21:00:00.000Z");
  assert.equal(untilOf([freeze("22:00", "06:00")], "2026-11-28T13:00:00Z"), undefined);
});

test("an emergency takes the approvals that every freeze asks for, and one without any allows none", () => {
  const at = Date.parse("2026-11-28T01:00:00Z");
  const emergencies = (...counts: (number | undefined)[]) =>
    frozenAt(
      counts.map((count) => freeze("22:00", "06:00", count === undefined ? {} : { emergency: count })),
      at,
    )?.emergency;
  assert.deepEqual([emergencies(2), emergencies(2, 3), emergencies(2, undefined)], [2, 3, undefined]);
});

test("what is not a moment is not read", () => {
  for (const text of [
    "",
    "25:00",
    "24:01",
    "16:60",
    "fry 16:00",
    "2026-02-30",
    "2026-13-01",
    "2026-1-1",
    "now",
    "16",
  ])
    assert.equal(momentOf(text), undefined, text);
  assert.deepEqual(momentOf("sun 24:00"), { every: "week", minute: 7 * 24 * 60 });
});

const zones = [
  "UTC",
  "Europe/Berlin",
  "America/St_Johns",
  "Asia/Kathmandu",
  "Pacific/Apia",
  "America/New_York",
];
const instants = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2035, 0) });
const minutes = (period: number) => fc.integer({ min: 0, max: period - 1 });
const freezes = fc
  .record({
    timeZone: fc.constantFrom(...zones),
    every: fc.constantFrom<"week" | "day">("week", "day"),
    a: minutes(7 * 24 * 60),
    b: minutes(7 * 24 * 60),
  })
  .map(({ timeZone, every, a, b }): Freeze => {
    const period = every === "week" ? 7 * 24 * 60 : 24 * 60;
    return { reason: "r", timeZone, from: { every, minute: a % period }, to: { every, minute: b % period } };
  });

test("the end of a freeze is later, and nothing freezes then unless windows never end", () => {
  fc.assert(
    fc.property(fc.array(freezes, { minLength: 1, maxLength: 3 }), instants, (all, at) => {
      const frozen = frozenAt(all, at);
      if (frozen === undefined) return;
      assert.ok(frozen.until > at);
      const next = frozenAt(all, frozen.until);
      assert.ok(next === undefined || frozen.until - at > 7 * 24 * 60 * 60_000 || next.until > frozen.until);
    }),
  );
});

test("a wall clock that exists is shown at its instant", () => {
  fc.assert(
    fc.property(fc.constantFrom(...zones), instants, (zone, at) => {
      const wall = wallOf(at, zone);
      assert.equal(wallOf(instantOf(wall, zone), zone), wall);
    }),
  );
});
