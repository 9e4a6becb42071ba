import { UpstreamError } from "../../shared/errors.ts";
import type { Pull } from "../../shared/incident/model.ts";
import { codeowners } from "../../shared/policy/approval/codeowners.ts";
import type { Gates } from "../../shared/ports/merging.ts";
import { approvalCheck } from "../../shared/ports/pulls.ts";
import type { Service } from "../../shared/ports/service.ts";
import { gateTexts } from "../../shared/text/gates.ts";
import type { Work } from "../step.ts";

type Reading = Pick<Work, "merging" | "accounts">;

/** GitHub's own conditions as people are asked, as sentences by the paths. People are asked also where they cannot be read. */
export const readGates = async (
  work: Reading,
  place: Service,
  pull: Pull,
): Promise<(paths: string[]) => Promise<string[]>> => {
  const gates = await work.merging.gates(place, pull).catch(unread);
  return async (paths) => {
    if ("unread" in gates) return [gates.unread];
    const texts = await gatesAsTexts(work, place, { paths, gates, approval: approvalCheck }).catch(unread);
    return "unread" in texts ? [texts.unread] : texts;
  };
};

const unread = (error: unknown): { unread: string } => {
  if (!(error instanceof UpstreamError)) throw error;
  return { unread: `conditions of its own, which could not be read (${error.message})` };
};

/** `approval`: the check that the approval itself sets; absent once it is given. */
export const gatesAsTexts = async (
  { accounts }: Reading,
  place: Service,
  { paths, gates, approval = "" }: { paths: string[]; gates: Gates; approval?: string },
): Promise<string[]> => {
  const isAsked = gates.codeOwners && gates.reviewMissing !== false;
  const ownersOf = isAsked ? codeowners((await accounts.codeowners(place)) ?? "") : () => [];
  return gateTexts(gates, [...new Set(paths.flatMap(ownersOf))], approval);
};
