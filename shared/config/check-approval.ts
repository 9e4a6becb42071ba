import { guardedEnvironment, type Rule } from "../policy/approval/requirement.ts";
import { ownValue } from "../records.ts";
import type { Finding } from "./checks.ts";

type Approvable = {
  name: string;
  approvers: string[];
  environments: string[];
  rules?: Rule[];
  policy: { mode: string; quorum?: number; fourEyes?: boolean; freeze?: { emergency?: number }[] };
};
type People = Record<string, { github: string; email?: string }>;

/** Policies that nobody could ever satisfy, each with the change that mends it. */
export const checkApproval = ({
  services,
  people,
}: {
  services: Approvable[];
  people: People;
}): Finding[] => [
  ...services.flatMap((service, index) =>
    checkService(service, people).map(({ path, message }) => ({
      path: ["services", index, ...path],
      message,
    })),
  ),
  ...loginsAreUnique(people),
  ...addressesAreUnique(people),
];

const checkService = (service: Approvable, people: People): Finding[] => {
  const { policy, approvers, rules = [], environments } = service;
  if (policy.mode === "observe") return [];
  if (approvers.length === 0)
    return [
      {
        path: ["approvers"],
        message: `mode ${policy.mode} needs at least one approver, such as approvers: [U024BE7LH]: it asks whenever it may not act by itself`,
      },
    ];
  const own = listFindings({ approvers, quorum: policy.quorum ?? 1 }, fourEyesOf(service), people);
  return [
    ...own.map(({ path, message }) => ({
      path: path[0] === "quorum" ? ["policy", "quorum"] : path,
      message,
    })),
    ...rules.flatMap((rule, index) =>
      ruleFindings(service, rule, people).map(({ path, message }) => ({
        path: ["rules", index, ...path],
        message,
      })),
    ),
    ...rules.flatMap((rule, index) => environmentsExist(rule, environments, index)),
    ...emergenciesFit(service),
  ];
};

const ruleFindings = (service: Approvable, rule: Rule, people: People): Finding[] => {
  if (rule.approvers === undefined && rule.quorum === undefined && rule.fourEyes === undefined)
    return [{ path: [], message: "asks for nothing: give approvers, quorum or fourEyes" }];
  const quorum = Math.max(service.policy.quorum ?? 1, rule.quorum ?? 1);
  const approvers = rule.approvers ?? service.approvers;
  return listFindings({ approvers, quorum }, rule.fourEyes ?? fourEyesOf(service), people);
};

/** Whether four eyes are kept for people whose account is not known. */
const fourEyesOf = ({ policy, environments }: Approvable): boolean | undefined =>
  policy.fourEyes ?? (environments.includes(guardedEnvironment) ? undefined : false);

type List = { approvers: string[]; quorum: number };

/** Lists whose members are all written here can be counted; those of Slack, teams and CODEOWNERS are known only when they are asked. */
const listFindings = (
  { approvers, quorum }: List,
  fourEyes: boolean | undefined,
  people: People,
): Finding[] => {
  const count = countOf(approvers);
  const findings: Finding[] = [];
  if (count !== undefined && quorum > count)
    findings.push({
      path: ["quorum"],
      message: `${quorum} approvals are asked for, and ${plural(count)} may approve: name more approvers or lower quorum`,
    });
  const isMapped = Object.keys(people).length > 0;
  const keepsFourEyes = fourEyes ?? isMapped;
  const unmapped = approvers.filter((one) => ownValue(people, one) === undefined);
  if (count === 1 && keepsFourEyes && unmapped.length === 1)
    findings.push({
      path: ["approvers"],
      message: `fourEyes asks for a second person while the account of ${unmapped[0]} is not known, and nobody else may approve: name a second approver, map ${unmapped[0]} in people, or set policy.fourEyes: false`,
    });
  const isOnGithub = approvers.every((one) => one === "codeowners" || one.startsWith("github:"));
  if (isOnGithub && !isMapped)
    findings.push({
      path: ["approvers"],
      message:
        "are accounts on GitHub, and people maps no Slack user to one: nobody could answer in Slack; add people: { U0ANN: { github: ann } }, or a Slack approver",
    });
  return findings;
};

/** The people whom a list names one by one; undefined where it names groups. */
const countOf = (approvers: string[]): number | undefined =>
  approvers.every((one) => /^[UW]/.test(one)) ? new Set(approvers).size : undefined;

/** An emergency in a freeze may ask for more people than there are. */
const emergenciesFit = ({ approvers, policy: { freeze = [] } }: Approvable): Finding[] => {
  const count = countOf(approvers);
  return freeze.flatMap(({ emergency }, index) =>
    count === undefined || emergency === undefined || emergency <= count
      ? []
      : [
          {
            path: ["policy", "freeze", index, "emergency"],
            message: `${emergency} approvals are asked for in an emergency, and ${plural(count)} may approve: name more approvers, lower it, or leave it out to merge nothing in the freeze`,
          },
        ],
  );
};

const plural = (count: number): string => (count === 1 ? "1 person" : `${count} people`);

const environmentsExist = ({ environments = [] }: Rule, known: string[], index: number): Finding[] =>
  environments.flatMap((environment, place) =>
    known.includes(environment)
      ? []
      : [
          {
            path: ["rules", index, "environments", place],
            message: `the service has no environment ${environment}`,
          },
        ],
  );

/** Two Slack users with one account would count as two people. */
const loginsAreUnique = (people: People): Finding[] => {
  const seen = new Map<string, string>();
  return Object.entries(people).flatMap(([id, { github }]) => {
    const other = seen.get(github.toLowerCase());
    seen.set(github.toLowerCase(), id);
    return other === undefined
      ? []
      : [{ path: ["people", id, "github"], message: `${github} is the account of ${other} already` }];
  });
};

/** An address that is two people's is nobody's. */
const addressesAreUnique = (people: People): Finding[] => {
  const seen = new Map<string, string>();
  return Object.entries(people).flatMap(([id, { email }]) => {
    if (email === undefined) return [];
    const other = seen.get(email.toLowerCase());
    seen.set(email.toLowerCase(), id);
    return other === undefined
      ? []
      : [{ path: ["people", id, "email"], message: `${email} is the address of ${other} already` }];
  });
};
