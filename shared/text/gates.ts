import type { Gates } from "../ports/merging.ts";

/** Names shown; the rest is counted. */
const shown = 5;
const list = (names: string[]): string =>
  names.length <= shown
    ? names.join(", ")
    : `${names.slice(0, shown).join(", ")} and ${names.length - shown} more`;

/** The conditions that are not met yet, and how GitHub merges, each as the rest of “GitHub asks for …”. */
export const gateTexts = (gates: Gates, owners: string[] = [], approval = ""): string[] => [
  ...reviewTexts(gates, owners),
  ...checkTexts(gates, approval),
  ...(gates.upToDate
    ? [
        gates.state === "behind"
          ? "the newest commits of the base branch (its branch is updated once it is approved, and you are asked again)"
          : "a branch that holds the newest commits of its base",
      ]
    : []),
  ...gates.others,
  ...(gates.state === "draft" ? ["“Ready for review”, as it is a draft"] : []),
  ...(gates.methods ? [`a merge by ${list(gates.methods)}`] : []),
  ...(gates.queue ? ["the merge queue, which merges it after its own checks"] : []),
];

const reviewTexts = ({ reviews, codeOwners, reviewMissing }: Gates, owners: string[]): string[] => {
  if (reviewMissing === false || (reviews === 0 && !codeOwners && !reviewMissing)) return [];
  const from = owners.length > 0 ? ` by ${list(owners.map((owner) => `@${owner.replace(/^@/, "")}`))}` : "";
  if (codeOwners && from !== "") return [`a review${from}`];
  if (codeOwners) return ["a review by a code owner"];
  return [reviews > 1 ? `${reviews} reviews` : "a review"];
};

/** `approval`: our own check, which the approval itself sets. */
const checkTexts = ({ checks, required }: Gates, approval: string): string[] => {
  const { failing, running, absent } = checks;
  const pending = [...new Set([...running, ...(absent?.required ?? []), ...(absent?.usual ?? [])])];
  const counted = (names: string[], what: string): string[] =>
    names.length === 0
      ? []
      : [`${names.length} check${names.length === 1 ? "" : "s"} ${what} (${list(names)})`];
  return [
    ...counted(
      failing.map(({ name }) => name),
      "failed",
    ),
    ...counted(pending, "pending"),
    ...(required.includes(approval) ? ["this approval, as its own check"] : []),
  ];
};
