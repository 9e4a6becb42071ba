import { refName } from "../../shared/git/ref-name.ts";
import { headBlock } from "../../shared/incident/chain/block.ts";
import type { Intent } from "../../shared/incident/commands.ts";
import type { Reported, Scale } from "../../shared/incident/model.ts";
import { guardedBy } from "../../shared/policy/guarded-paths.ts";
import { ruleOf, type ScalingRule } from "../../shared/policy/scaling.ts";
import type { Service } from "../../shared/ports/service.ts";
import { scaleBranch } from "../../shared/remedy/revert/branch.ts";
import { forIncident } from "../../shared/remedy/revert/commit-message.ts";
import { onlyRead } from "../../shared/remedy/scale/effects.ts";
import { maxFiles, wanted } from "../../shared/remedy/scale/manifests/wanted-files.ts";
import { metricNotes } from "../../shared/remedy/scale/metric-rules.ts";
import { type Ask, type Edited, type Files, type Limits, limits } from "../../shared/remedy/scale/model.ts";
import { scaleProposalBody } from "../../shared/remedy/scale/pull-request.ts";
import { scale as edit } from "../../shared/remedy/scale/scale.ts";
import { scaleTitle } from "../../shared/remedy/scale/title.ts";
import { isRefused, type Refused, refuse } from "../../shared/yaml/refused.ts";
import { proposalChart } from "../announce/chart.ts";
import type { Work } from "../step.ts";
import { guardFields, labels, type Proposing } from "./revert.ts";

/** Opens the pull request that changes the one value, or says why not. */
export const scale = async ({ work, incident, service }: Proposing, remedy: Scale): Promise<Intent> => {
  const rule = ruleOf(work.serviceOf(incident.service).scaling ?? [], remedy);
  const refused = (detail: string): Intent => ({
    type: "Escalate",
    reason: "refused",
    detail: `${remedy.title} is not possible; ${detail}`,
  });
  if (rule === undefined) return refused("no rule of the configuration allows it any more");
  const found = await placed(work, service, { remedy, rule });
  if (isRefused(found)) return refused(found.refused);
  const { made, place, remedy: there } = found;
  const { before, after, owner } = made.edited;
  if (typeof before === "number" && typeof after === "number" && after < before)
    return refused(`${owner.file}:${owner.line}: ${owner.path} is ${before} already`);
  const proposed: Scale = { ...there, edit: changeOf(made.edited) };
  const pull = await open(work, place, { made, incident, remedy: proposed });
  if ("refused" in pull) return refused(pull.refused);
  const guards = guardedBy(work.serviceOf(incident.service).policy.guard, [{ path: owner.file }]);
  return { type: "RecordProposal", remedy: proposed, pull, ...guardFields(guards) };
};

type Placed = { made: Made; place: Service; remedy: Scale };

/** The edit where the value is declared: in a GitOps repository of the service that has the target, and else in its own. */
const placed = async (
  work: Work,
  service: Service,
  { remedy, rule }: { remedy: Scale; rule: ScalingRule },
): Promise<Placed | Refused> => {
  for (const { repository, branch, paths } of service.gitops ?? []) {
    const place = { ...service, repository, branch, paths };
    const there: Scale = { ...remedy, in: "gitops", repository };
    const made = await editOf(work, place, { remedy: there, rule });
    if (!isRefused(made)) return { made, place, remedy: there };
    if (!made.refused.startsWith("there is no ")) return made;
  }
  const made = await editOf(work, service, { remedy, rule });
  return isRefused(made) ? made : { made, place: service, remedy };
};

const changeOf = ({ owner: { file, path }, before, after }: Edited) => ({
  ...{ file, path },
  ...{ before: String(before), after: String(after) },
});

type Read = Awaited<ReturnType<Work["trees"]["files"]>>;
type Made = { read: Read; edited: Edited };

/** The edit of the files as they are on the branch now. */
export const editOf = async (
  { trees }: Work,
  service: Service,
  { remedy, rule }: { remedy: Scale; rule: ScalingRule },
): Promise<Made | Refused> => {
  const read = await trees.files(service, { wanted, limit: maxFiles });
  const [kind = "", namespace = "", name = ""] = remedy.target.split("/");
  const files = new Map([...read.files].map(([path, { text }]) => [path, text]));
  const target = { kind, namespace, name };
  const edited = editAt(
    files,
    { target, field: remedy.field, to: remedy.to },
    {
      paths: remedy.in === "gitops" ? service.paths : [],
      limits: { ...limits, ceiling: Math.min(limits.ceiling, rule.ceiling ?? limits.ceiling) },
    },
  );
  if (isRefused(edited)) return edited;
  const isBlind = remedy.reasons.some((reason) => reason.includes("ScalingActive=False"));
  const notes = isBlind ? metricNotes(files, target) : [];
  return { read, edited: { ...edited, effects: [...edited.effects, ...notes, ...onlyRead(read)] } };
};

type Bounds = { paths: string[]; limits: Limits };

/** The edit within the paths of the environment, where the service names them: it must be the same one at each that has it. */
const editAt = (files: Files, ask: Ask, { paths, limits }: Bounds): Edited | Refused => {
  const folders = paths.map((path) => path.replace(/\/+$/, "")).filter((folder) => folder !== "");
  if (folders.length === 0) return edit(files, ask, limits);
  const tried = folders.map((path) => edit(files, { ...ask, path }, limits));
  const made = tried.flatMap((one) => (isRefused(one) ? [] : [one]));
  const [first] = made;
  const [refused] = tried.filter(isRefused);
  if (first === undefined) return refused ?? edit(files, ask, limits);
  const other = made.find(({ owner }) => owner.file !== first.owner.file || owner.path !== first.owner.path);
  return other === undefined
    ? first
    : refuse(
        `two owners: ${first.owner.file}:${first.owner.line} and ${other.owner.file}:${other.owner.line} in the paths of the service`,
      );
};

type Opening = {
  made: Made;
  incident: Reported;
  remedy: Scale;
  /** It takes a raise back whose time is over. */
  isWayBack?: boolean;
};

/** A branch of its own for each round: the same edit may be wanted again another day. */
export const open = async (
  work: Work,
  service: Service,
  { made, incident, remedy, isWayBack = false }: Opening,
) => {
  const { edited, read } = made;
  const { file } = edited.owner;
  const { sha, mode } = read.files.get(file)!;
  const branch = refName(
    `${scaleBranch(file, { before: sha, after: String(edited.after) })}-${incident.round}`,
  );
  const found = await work.pulls.findPull(service, branch);
  if (found !== undefined && found.state !== "open" && !found.closedByUs)
    return { refused: `pull request #${found.pull.number} proposed it before and is ${found.state}` };
  const title = scaleTitle(edited);
  return work.pulls.openPull(service, {
    ...{ branch, title, labels: labels.map((label) => (label === "revert" ? "scale" : label)) },
    snapshot: { head: read.head, headTree: read.headTree },
    edits: [{ path: file, mode, content: Buffer.from(edited.text) }],
    commitMessage: forIncident(title, incident),
    record: headBlock(incident),
    picture: proposalChart(work, incident),
    body: scaleProposalBody(edited, {
      ...{ incident, service, remedy, isWayBack, page: work.pageOf(incident.id) },
    }),
  });
};
