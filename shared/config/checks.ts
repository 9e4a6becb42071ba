import type { z } from "zod";
import { type Freeze, frozenAt, type Moment } from "../policy/calendar.ts";
import { nearest } from "../policy/nearest.ts";
import { isMeasured } from "../policy/scaling.ts";

/** Checks across several places of the file. Each returns its findings. */
export type Finding = { path: (string | number)[]; message: string };

type Checked = {
  name: string;
  dependsOn?: string[];
  policy: { mode: string; verifyMs: number; freeze?: Freeze[] };
  verify: { holdMs: number };
};

export const checkServices = (services: Checked[]): Finding[] => [
  ...servicesInside(services).flatMap(({ path, service }) =>
    [...holdFits(service), ...freezesFit(service), ...freezesEnd(service)].map((finding) => ({
      ...finding,
      path: [...path, ...finding.path],
    })),
  ),
  ...namesAreUnique(services),
  ...dependenciesExist(services),
];

const servicesInside = (services: Checked[]) =>
  services.map((service, index) => ({ service, path: ["services", index] }));

const holdFits = ({ verify, policy }: Checked): Finding[] =>
  // A service with another fault may have neither.
  verify.holdMs >= policy.verifyMs
    ? [
        {
          path: ["verify", "hold"],
          message:
            "longer than policy.verifyTimeout, so nothing could ever be verified: make hold shorter or verifyTimeout longer, such as hold: 5m and verifyTimeout: 30m",
        },
      ]
    : [];

/** Both ends of a freeze are of one form, and one that is for once ends after it begins. */
const freezesFit = ({ policy: { freeze = [] } }: Checked): Finding[] =>
  freeze.flatMap(({ from, to }, index) => {
    const path = ["policy", "freeze", index, "to"];
    if (from.every !== to.every)
      return [{ path, message: "is not of the same form as from: a date, a day of the week or a time" }];
    const isEmpty = from.every === "once" && to.every === "once" && to.wall <= from.wall;
    return isEmpty
      ? [{ path, message: "is not after from: give a later moment, such as to: 2027-01-02T08:00" }]
      : [];
  });

const weekMs = 7 * 24 * 60 * 60_000;
const monday = Date.UTC(2026, 0, 5);

/** Windows that come again must leave a time, or allow emergencies. */
const freezesEnd = ({ policy: { mode, freeze = [] } }: Checked): Finding[] => {
  const strict = freeze.filter(
    ({ from, to, emergency }) => isRecurring(from) && from.every === to.every && emergency === undefined,
  );
  if (mode === "observe" || strict.length === 0) return [];
  for (let at = monday; at < monday + weekMs; ) {
    const frozen = frozenAt(strict, at);
    if (frozen === undefined) return [];
    at = frozen.until;
  }
  const message =
    "leaves no time of the week in which anything could be merged: shorten a window, allow an emergency in it, or set mode: observe";
  return [{ path: ["policy", "freeze"], message }];
};

const isRecurring = ({ every }: Moment): boolean => every !== "once";

const namesAreUnique = (services: Checked[]): Finding[] => {
  const seen = new Set<string>();
  return servicesInside(services).flatMap(({ service: { name }, path }) => {
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [
      {
        path: [...path, "name"],
        message: `the service ${name} stands here a second time: give it another name, or write one service whose matcher takes both, such as service=~"${name}|${name}-eu"`,
      },
    ];
  });
};

const dependenciesExist = (services: Checked[]): Finding[] => {
  const names = new Set(services.map(({ name }) => name));
  return servicesInside(services).flatMap(({ service: { name, dependsOn = [] }, path }) =>
    dependsOn.flatMap((other, index) => {
      if (other !== name && names.has(other)) return [];
      const near = nearest(other, [...names]);
      const message =
        other === name
          ? "is the service itself: name only other services"
          : `no service ${other} stands in this file${near === undefined ? `: it has ${[...names].join(", ")}` : `: did you mean ${near}?`}`;
      return [{ path: [...path, "dependsOn", index], message }];
    }),
  );
};

/** A rule for scaling must say, or be able to measure, how much. */
export const checkAmount = ({ raise, to, target, current }: Amount): Finding[] => {
  if (to !== undefined) return [];
  if (raise === "memory" || raise === "cpu")
    return [{ path: ["to"], message: `raise: ${raise} needs to: how much` }];
  // A target of another form is a fault of its own.
  const isTarget = target.split("/").length === 3;
  if (current !== undefined || isMeasured(target) || !isTarget) return [];
  return [
    {
      path: ["current"],
      message:
        'no metric is known for a target of this kind: give current (a query for how many there are) or to (how many, such as to: "6"); a DaemonSet and a Job have no scale',
    },
  ];
};

type Amount = { raise: string; target: string; to?: string; current?: string };

/** Adds the findings to the problems of the file. */
export const report = (findings: Finding[], context: z.RefinementCtx): void => {
  for (const finding of findings) context.addIssue({ code: "custom", ...finding });
};
