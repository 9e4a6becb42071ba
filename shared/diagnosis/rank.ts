import type { Alert, Diagnosis, Suspect } from "../incident/model.ts";
import type { Commit, DeployRecord } from "../ports.ts";
import { type Live, liveAtOnset } from "./live.ts";
import { changedLines, words } from "./words.ts";

/** What speaks for or against one commit: its weight in log-odds, and the sentence that says so. */
type Evidence = { weight: number; reason: string };
type Candidate = { commit: Commit; live: Live; said: Set<string>; changed: Set<string> };

/** Everything a ranking may look at. Who wrote a commit is never looked at. */
export type Case = {
  service: string;
  alerts: Alert[];
  onsetAt: number;
  commits: Commit[];
  /** Every sha of the branch, newest first. */
  history: string[];
  deploys: DeployRecord[];
};

/** Suspects kept; the rest are too unlikely to be worth a person's time. */
const kept = 10;
/** Log-odds of "none of these": load, an upstream, a node, a certificate. */
const noneLogit = 1;
const minute = 60_000;

/** Ranks the commits that were live at the onset; scores and `none` add up to 1 over all of them. */
export const rank = ({ service, alerts, onsetAt, commits, history, deploys }: Case): Diagnosis => {
  const live = liveAtOnset({ commits, history, deploys, onsetAt });
  const candidates = blameable(commits)
    .filter(({ sha }) => live.has(sha))
    .map((commit) => ({
      commit,
      live: live.get(commit.sha)!,
      said: words(`${commit.message}\n${commit.paths.join("\n")}`),
      changed: words(changedLines(commit.patch ?? "")),
    }));
  // The service's own name is in the alert and all over its code.
  const symptom = words(alerts.slice(0, 20).map(told).join("\n")).difference(words(service));
  const rarity = rarities(candidates);
  const judged = candidates.map((candidate) => {
    const evidence = [
      timing(candidate, onsetAt),
      wording(candidate, symptom, rarity),
      nature(candidate),
    ].filter((found) => found !== undefined);
    return { candidate, evidence, logit: evidence.reduce((sum, { weight }) => sum + weight, 0) };
  });
  const total = judged.reduce((sum, { logit }) => sum + Math.exp(logit), Math.exp(noneLogit));
  const suspects = judged
    .map(({ candidate, evidence, logit }) => suspect(candidate.commit, Math.exp(logit) / total, evidence))
    .sort((a, b) => b.score - a.score || (a.sha < b.sha ? -1 : 1));
  return { suspects: suspects.slice(0, kept), none: Math.exp(noneLogit) / total, onsetAt };
};

/** Without what Countersteer did itself, and without what was taken back already. */
const blameable = (commits: Commit[]): Commit[] => {
  const reverted = new Set(
    commits.flatMap(({ message }) =>
      [...message.matchAll(/This reverts commit ([0-9a-f]{40})/g)].map(([, sha]) => sha),
    ),
  );
  return commits.filter(
    ({ sha, message }) => !reverted.has(sha) && !/^Countersteer-Incident: /m.test(message),
  );
};

const told = ({ name, labels, annotations }: Alert): string =>
  [name, ...Object.values(labels), ...Object.values(annotations)].join(" ");

/** The closer before the onset a change went live, the likelier: halved after about half an hour, floored after a day. */
const timing = ({ live }: Candidate, onsetAt: number): Evidence => {
  const before = Math.max(0, onsetAt - live.at);
  const weight = 2.5 - Math.min(5, Math.log2(1 + before / (30 * minute)));
  const verb = live.by === "deploy" ? "went live" : "landed";
  return { weight, reason: `${verb} ${ago(before)} before the trouble began` };
};

const ago = (ms: number): string => {
  if (ms < 2 * minute) return `${Math.round(ms / 1000)} s`;
  if (ms < 120 * minute) return `${Math.round(ms / minute)} min`;
  return ms < 48 * 60 * minute
    ? `${Math.round(ms / (60 * minute))} h`
    : `${Math.round(ms / (24 * 60 * minute))} d`;
};

/** Words of the alert that the change says (message, paths) or changes, each weighted by its rarity among the candidates. */
const wording = (
  { said, changed }: Candidate,
  symptom: Set<string>,
  rarity: (word: string) => number,
): Evidence | undefined => {
  const hits = [...symptom]
    .map((word) => ({
      word,
      weight: rarity(word) * Math.max(said.has(word) ? 1 : 0, changed.has(word) ? 0.8 : 0),
    }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  if (hits.length === 0) return undefined;
  const weight = Math.min(
    4,
    hits.reduce((sum, hit) => sum + hit.weight, 0),
  );
  const shown = hits
    .slice(0, 3)
    .map(({ word }) => `“${word}”`)
    .join(", ");
  const where = hits.some(({ word }) => changed.has(word)) ? "its changed lines" : "its message or paths";
  return { weight, reason: `the alert and ${where} both say ${shown}` };
};

/** How rare a word is among the candidates, in [0, 1.5]: said by all of them it tells nothing. */
const rarities = (candidates: Candidate[]) => {
  const counts = new Map<string, number>();
  for (const { said, changed } of candidates)
    for (const word of new Set([...said, ...changed])) counts.set(word, (counts.get(word) ?? 0) + 1);
  return (word: string): number => Math.min(1.5, Math.log((candidates.length + 1) / (counts.get(word) ?? 1)));
};

const inert =
  /(^|\/)(docs?|tests?|__tests__|\.github)\/|\.(md|txt|adoc|rst)$|\.(test|spec)\.[a-z]+$|(^|\/)(LICENSE|CODEOWNERS|\.gitignore)$/i;

/** A change that cannot run in production can hardly have broken it. */
const nature = ({ commit: { paths } }: Candidate): Evidence | undefined => {
  if (paths.length === 0 || !paths.every((path) => inert.test(path))) return undefined;
  return { weight: -4, reason: "touches only documentation, tests or CI" };
};

const suspect = (
  { sha, title, author, at, url, paths }: Commit,
  score: number,
  evidence: Evidence[],
): Suspect => {
  const reasons = evidence
    .toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
    .map(({ reason }) => reason);
  return { sha, score, title, author, at, url, reasons: [...reasons, `touches ${list(paths)}`] };
};

const list = (paths: string[]): string =>
  paths.length <= 3 ? paths.join(", ") : `${paths.slice(0, 2).join(", ")} and ${paths.length - 2} more files`;
