import { isOfEnvironment } from "../../shared/diagnosis/candidates/environments.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { GitopsPlace } from "../../shared/ports/service.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { isYaml, pinsOf } from "../../shared/remedy/rollback/bumps.ts";
import type { Pin } from "../../shared/remedy/rollback/pins/pin.ts";
import { short } from "../../shared/text/format.ts";
import type { Work } from "../step.ts";
import { lookBackMs } from "./changes/query.ts";
import { commitBehind, imageOf } from "./image.ts";
import type { DiagnosisQuery } from "./query.ts";

/** Files of the GitOps repository that are read, and images whose origin is asked for. */
const limits = { files: 60, pins: 5 };

type Declared = { deploys: DeployRecord[]; notes: string[] };

/** The deploy that the GitOps repository declares for this environment, when no bump of the look-back says it. */
export const declaredDeploy = async (work: Work, query: DiagnosisQuery): Promise<Declared> => {
  try {
    for (const place of query.own.gitops ?? []) {
      const found = await find(work, query, place);
      if (found !== undefined) return found;
    }
    return { deploys: [], notes: [] };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    return {
      deploys: [],
      notes: [`what its GitOps repository declares could not be read (${error.message})`],
    };
  }
};

const find = async (
  work: Work,
  { own, environment, onsetAt }: DiagnosisQuery,
  place: GitopsPlace,
): Promise<Declared | undefined> => {
  const { paths } = place;
  const isOurs = (path: string): boolean =>
    paths.length === 0 || paths.some((prefix) => path.startsWith(prefix));
  const wanted = (path: string): boolean =>
    isYaml(path) && isOurs(path) && isOfEnvironment(path, environment);
  const { files } = await work.trees.files({ ...own, ...place }, { wanted, limit: limits.files });
  const pins = [...files].flatMap(([path, { text }]) => [...(pinsOf(path, text)?.pins.values() ?? [])]);
  const chosen = pins
    .filter(({ aside }) => !aside)
    .sort((a, b) => Number(a.form === "keyed") - Number(b.form === "keyed"))
    .slice(0, limits.pins);
  for (const pin of chosen) {
    const behind = await behindPin(work, own, pin);
    if (behind === undefined) continue;
    const { sha } = behind.commit;
    // No bump is known, so it has run for longer than changes are looked at.
    const at = onsetAt - lookBackMs - 1;
    const note = `${environment} declares ${pin.name ?? "the version"} ${pin.value}, which is ${short(sha)} (${behind.proof}), for more than 7 days: what landed after it does not run there`;
    return {
      deploys: [{ service: own.name, environment, sha, status: "succeeded", at, version: pin.value }],
      notes: [note],
    };
  }
  return undefined;
};

const behindPin = async (work: Work, own: DiagnosisQuery["own"], { name, field, value }: Pin) => {
  const pinned = { field, version: value, ...(name !== undefined && { name }) };
  const image = imageOf(pinned);
  const origin = image && (await work.registry?.origin(image));
  return commitBehind(work.history, own, { ...pinned, origin });
};
