import { diagnosisOf } from "../incident/diagnosis/review.ts";
import { afterRulingOut } from "../incident/diagnosis/ruled-out.ts";
import type { Diagnosis, In, Remedy, Revert, Started, Suspect } from "../incident/model.ts";
import { isActive, takenUp } from "../incident/model.ts";
import { firstOf } from "../incident/remedies/redeploy.ts";
import type { Redeploy } from "../incident/remedies/redeployment.ts";
import { isSamePull } from "../incident/remedies/remedies.ts";
import { wakeAtOf } from "../incident/schedule/snooze.ts";
import type { Button, Span, View, ViewLine } from "../ports/chat.ts";
import { damageOf } from "./damage.ts";
import { capital, clip, percent, span } from "./format.ts";
import { repositoryIn } from "./pull-name.ts";
import { choiceBeside, choiceText, compared, firstToCome, redeployMade } from "./redeploy.ts";
import { lineOf, plainOf } from "./spans.ts";
import { deployName, doing, headline } from "./timeline.ts";
import { wordsIn } from "./words.ts";

type Asked = In<"proposed">;

/** The words before the buttons, of a revert of one change and of any other remedy. */
export const mostWords = { revert: 60, other: 75 } as const;
const maxReasons = 3;
const maxTitle = 70;
/** Only an alternative of at least this probability gets a button. */
const worthAButton = 0.2;

/** The damage, since when, the culprit: everything that people read first. */
export const leadOf = (incident: Asked): Span[] => [damageLead(incident), " ", ...ask(incident)];

/** The service, the damage, and since when. */
export const damageLead = (incident: Started): Span => {
  const { service, environment, id, onsetAt } = incident;
  const [, , trouble] = id.split("/");
  const where = environment === "production" ? service : `${service} in ${environment}`;
  const which = trouble === undefined ? "" : ` (trouble ${trouble})`;
  const since = diagnosisOf(incident)?.onsetAt ?? onsetAt;
  return { strong: [`${where}${which}: ${damageOf(incident)} since `, { at: since }, "."] };
};

/** Whether the last known value of the alert still tells the damage: not once a fix is live. */
export const isDamaged = (incident: Started): boolean =>
  incident.status === "escalated"
    ? incident.deploy === undefined
    : isActive(incident) && incident.status !== "deployed";

/** The damage and the state: everything that people read first while nothing is asked. */
export const stateLead = (incident: Started): Span[] => [damageLead(incident), " ", stateSentence(incident)];

const stateSentence = (incident: Started): string =>
  `${capital(
    headline(incident)
      .replace(/^[^:]*: /, "")
      .replace(/\?$/, ""),
  )}.`;

/** The question itself. */
const ask = ({ remedy, diagnosis, redeploy }: Asked): Span[] => {
  const first = firstToCome({ remedy, ...(redeploy && { redeploy }) });
  if (remedy.kind === "scale") return [`${capital(clip(remedy.title, 2 * maxTitle))}?`];
  const title = `“${clip(remedy.title, maxTitle)}”`;
  if (remedy.kind === "withdraw") return [`Put ${title} back, as #${remedy.pull} did not help?`];
  if (remedy.from !== undefined) return [`${verbOf(remedy, first)} ${clip(remedy.title, maxTitle)}?`];
  const suspect = diagnosis.suspects.find(({ sha }) => sha === remedy.sha);
  const verb = verbOf(remedy, first);
  const by = suspect === undefined || suspect.author === "" ? "?" : ` by ${suspect.author}?`;
  const url = suspect?.change?.pull?.url ?? suspect?.url;
  return [`${verb} `, url === undefined ? title : { text: title, url }, by];
};

const verbOf = ({ behind }: Revert, first: Redeploy | undefined): string => {
  if (first !== undefined) return `Put ${deployName(first)} back, and revert`;
  return behind === undefined ? "Revert" : "Roll back";
};

/** The facts that the question rests on, at most three, as far as the words allow. */
export const reasonLines = (incident: Asked, used: number): ViewLine[] => {
  const { remedy } = incident;
  const isPlain = remedy.kind === "revert" && remedy.behind === undefined && remedy.first === undefined;
  const most = isPlain ? mostWords.revert : mostWords.other;
  const chosen: string[] = [];
  let left = most - used;
  for (const reason of reasonsOf(incident)) {
    if (chosen.length === maxReasons) break;
    const words = wordsIn(reason);
    if (words > left) continue;
    left -= words;
    chosen.push(reason);
  }
  return chosen.length === 0
    ? []
    : [lineOf(chosen.flatMap((reason, index) => [...(index === 0 ? [] : ["\n"]), `• ${reason}`]))];
};

const reasonsOf = ({ remedy, diagnosis }: Asked): string[] => {
  if (remedy.kind === "scale") return remedy.reasons.map(capital);
  if (remedy.kind === "withdraw") return [`#${remedy.pull} is live, and the alert goes on`];
  const suspect = suspectOf(remedy, diagnosis);
  if (suspect === undefined) return [];
  const behind = remedy.behind === undefined ? [] : [`The commit behind it gets its own revert`];
  return [...whenLive(suspect, diagnosis), ...behind, ...said(suspect)];
};

const suspectOf = (remedy: Remedy, { suspects }: Diagnosis): Suspect | undefined =>
  (remedy.kind === "revert" && remedy.from === undefined
    ? suspects.find(({ sha }) => sha === remedy.sha)
    : undefined) ?? suspects[0];

/** The moment of the deploy beside the onset, in a few words. */
const whenLive = ({ change }: Suspect, { onsetAt }: Diagnosis): string[] => {
  const deploy = change?.deploy;
  if (deploy === undefined) return [];
  const before = onsetAt - deploy.at;
  if (before < 0) return ["Its deploy went on as the trouble began"];
  return [`Live ${before < 1000 ? "in the same second" : `${span(before)} before the trouble`}`];
};

/** Reasons whose facts stand elsewhere in the message: the moment and the files. That a change shares no word speaks for nothing. */
const elsewhere =
  /^(shipped|landed|touches|the next,|shares no word|came with the first deploy)\b|\bis rarely chance\b/;
/** The moment of a metric's move, which is that of the deploy. */
const moment = / at [\d:]+, .+ after it went live$/;

/** The other reasons of the diagnosis. */
const said = ({ reasons }: Suspect): string[] =>
  reasons
    .filter((reason) => !elsewhere.test(reason))
    .map((reason) => capital(withoutAsides(reason).replace(moment, "")));

/** Side effects of the pull request, and doubts that the alert can be verified. People must know both before they decide. */
export const aheadOf = (incident: Asked): ViewLine[] => [
  ...linesWith("Redeploy", redeployMade(incident)),
  ...aheadOfRemedy(incident),
];

const linesWith = (label: string, text: string | undefined): ViewLine[] =>
  text === undefined ? [] : [{ label, text }];

/** Another way to carry out the same decision. */
export const choiceLines = (incident: Asked): ViewLine[] => {
  const choice = choiceBeside(incident);
  return linesWith("Your choice", choice && choiceText(choice));
};

const aheadOfRemedy = ({ remedy, diagnosis }: Asked): ViewLine[] => [
  ...(diagnosis.notes ?? [])
    .filter((note) => / can (never )?be verified\b/.test(note))
    .map((text) => ({ label: "Note", text })),
  ...(remedy.kind === "revert" ? (remedy.notes ?? []) : []).map((note) => ({
    ...{ label: "Good to know", text: capital(withoutAsides(note)) },
  })),
];

/** The pull request has the details that stand in parentheses. */
const withoutAsides = (note: string): string => note.replace(/ \([^()]*\)/g, "");

/** Size, files, time to live, and where the alert is explained, in small print. */
export const smallPrint = (incident: Asked): ViewLine[] => {
  const { pull, terms } = incident;
  const live = liveMsOf(incident);
  const first = firstToCome(incident);
  const times = live === undefined ? [] : [`live in about ${span(live)}`];
  const parts: Span[] = [
    terms?.size === undefined
      ? { text: `Pull request #${pull.number}`, url: pull.url }
      : { text: sizeText(terms.size), url: `${pull.url}/files` },
    ...(first === undefined ? times : compared(first, live)),
    ...linksOf(incident).slice(0, mostLinks),
  ];
  return [lineOf(separated(parts), { small: true })];
};

/** Links that a question shows; the page has all of them. */
const mostLinks = 4;

const separated = (parts: Span[]): Span[] =>
  parts.flatMap((part, index) => (index === 0 ? [part] : [" · ", part]));

export const sizeText = ({
  added,
  removed,
  files,
}: {
  added: number;
  removed: number;
  files: number;
}): string => `+${added} −${removed} in ${files} ${files === 1 ? "file" : "files"}`;

/**
 * The time from landing to live: the median of the deploys that are known, each by its newest change, as an older one had waited for
 * the deploy. Undefined for fewer than two changes.
 */
export const liveMsOf = ({ remedy, diagnosis }: Pick<Asked, "remedy" | "diagnosis">): number | undefined => {
  const known = diagnosis.suspects
    .filter((suspect) => suspect.in === remedy.in && suspect.of === undefined)
    .flatMap(({ at, change }) => (change?.deploy === undefined ? [] : [{ at, live: change.deploy.at }]))
    .filter(({ at, live }) => live > at);
  const byDeploy = Map.groupBy(known, ({ live }) => live);
  const took = [...byDeploy].map(([live, changes]) => live - Math.max(...changes.map(({ at }) => at)));
  return known.length < 2 ? undefined : took.sort((a, b) => a - b)[Math.floor((took.length - 1) / 2)];
};

/**
 * The runbook and the dashboard of the alert's rule, as Prometheus told it, and the pages that the diagnosis found in configured systems. An
 * address that an alert itself carries is never a link, for any sender could write it.
 */
export const linksOf = ({
  questions = [],
  diagnosis,
}: Pick<Asked, "questions"> & { diagnosis?: Diagnosis | undefined }): { text: string; url: string }[] => {
  const rules = questions.flatMap((one) => one.rules);
  const annotations = Object.assign({}, ...rules.toReversed().map((rule) => rule.annotations ?? {}));
  const known = [
    { text: "Runbook", keys: ["runbook_url", "runbook"] },
    { text: "Dashboard", keys: ["dashboard_url", "dashboard", "grafana_url"] },
  ];
  const ofRule = known.flatMap(({ text, keys }) => {
    const url = keys.map((key): unknown => annotations[key]).find(isAddress);
    return url === undefined ? [] : [{ text, url }];
  });
  const others = (diagnosis?.links ?? []).filter(({ text }) => ofRule.every((one) => one.text !== text));
  return [...ofRule, ...others];
};

const isAddress = (value: unknown): value is string =>
  typeof value === "string" && /^https?:\/\/[^{}]+$/.test(value) && URL.canParse(value);

/** The consequence of silence. It says names, not mentions, so that nobody is notified early. */
export const silenceLine = ({ due, terms }: Asked): ViewLine => {
  const { oncall = [], page } = terms?.silence ?? {};
  const told =
    oncall.length === 0
      ? "a person must take over"
      : `${oncall.join(", ")} ${oncall.length === 1 ? "is" : "are"} mentioned`;
  const paged: Span[] = page === undefined ? [] : [`, ${page.to} pages at `, { at: page.at }];
  return lineOf(["No answer by ", { strong: [{ at: due }] }, `: ${told}`, ...paged, "; nothing is merged."], {
    small: true,
  });
};

/** The buttons, each with the probability that it helps, and the dialog that says what a press does. */
export const buttonsOf = (
  incident: Asked,
): Omit<NonNullable<View["buttons"]>, "incident" | "round" | "head" | "nonce"> => {
  const { remedy, pull, diagnosis, environment } = incident;
  const others = diagnosis.remedies.flatMap((one, choice) => {
    if (takenUp(incident).includes(choice) || one.score < worthAButton) return [];
    if (!isSamePull(one, remedy)) return [{ choice, ...insteadOf(one, pull) }];
    // Once this round has a redeploy, only the merge is left to decide about.
    return incident.redeploy === undefined ? [{ choice, ...besideOf(one, pull) }] : [];
  });
  const size = incident.terms?.size === undefined ? "" : `: ${sizeText(incident.terms.size)}`;
  const live = liveMsOf(incident);
  const first = firstToCome(incident);
  const what = first === undefined ? "Live" : "The revert is live";
  const when = live === undefined ? "" : ` ${what} about ${span(live)} later.`;
  const before =
    first === undefined ? "" : `${capital(putBackText(first, environment))}. Then merges exactly`;
  return {
    approve: {
      // Putting a change back helps nothing by itself.
      text: remedy.kind === "withdraw" ? "Approve" : `Approve · ${percent(remedy.score)}`,
      confirm: {
        title: first === undefined ? `Merge into ${environment}?` : `Redeploy and merge into ${environment}?`,
        text: `${before || "Merges exactly"} #${pull.number} (head ${pull.head.slice(0, 7)}) into ${pull.base} of ${repositoryIn(pull.url) ?? "its repository"}${size}.${when} A push to its branch voids the approval.`,
        yes: first === undefined ? `Merge #${pull.number}` : "Redeploy and merge",
      },
    },
    reject: {
      text: "Reject",
      confirm: withReasonNext(rejection(incident)),
    },
    ruleOut: ruleOutOf(incident),
    ...(wakeAtOf(incident) === undefined && { snooze: { text: "Snooze 15 min" } }),
    look: { text: "Look again" },
    others,
  };
};

/** The consequence of a no. */
export const rejection = ({ pull, service }: Pick<Asked, "pull" | "service">) => ({
  title: "Reject the pull request?",
  text: `#${pull.number} is closed, and the incident of ${service} ends as rejected. The alert goes on: you take over from here.`,
});

const withReasonNext = ({ title, text }: ReturnType<typeof rejection>): NonNullable<Button["confirm"]> => ({
  ...{ title, text: `${text} You are asked for the reason next.`, yes: "Reject", isDanger: true },
});

/** “Not this one” says which comes next, how likely it is then, and why. */
const ruleOutOf = (incident: Asked): Button => {
  const { diagnosis, choice } = afterRulingOut(incident);
  const next = choice === undefined ? undefined : diagnosis.remedies[choice];
  const title = "Rule it out?";
  const closed = `#${incident.pull.number} is closed.`;
  if (next === undefined)
    return {
      text: "Not this one",
      confirm: { title, text: `${closed} No other option is left: people take over.`, yes: "Rule it out" },
    };
  const suspect = diagnosis.suspects.find(
    ({ sha }) => next.kind === "revert" && next.from === undefined && sha === next.sha,
  );
  const [reason] = suspect === undefined ? [] : said(suspect);
  const because = reason === undefined ? "" : `: ${clip(reason, 80)}`;
  return {
    text: `Not this one · next ${percent(next.score)}`,
    confirm: {
      title,
      text: `${closed} Next: ${clip(shortDoing(next), 80)} (${percent(next.score)} then)${because}. You are asked about it when it is likely enough; else people take over.`,
      yes: "Rule it out",
    },
  };
};

const insteadOf = (remedy: Remedy, { number }: Asked["pull"]): Button => ({
  text: `${clip(shortDoing(remedy), 55)} · ${percent(remedy.score)}`,
  confirm: {
    title: "Prepare this instead?",
    text: `${capital(clip(doing(remedy), 150))}: its pull request is opened, and you are asked again with its diff. #${number} is closed. Nothing is merged yet.`,
    yes: "Prepare it",
  },
});

/** The same pull request with a redeploy before it, or without one. */
const besideOf = (remedy: Remedy, { number }: Asked["pull"]): Button => {
  const first = firstOf(remedy);
  const doubts = first?.why === undefined ? "" : ` Look twice: ${clip(first.why.join("; "), 150)}.`;
  const what = first === undefined ? "Without a redeploy first" : `With ${deployName(first)} put back first`;
  return {
    text: first === undefined ? "Revert alone" : `Redeploy ${clip(deployName(first), 30)} first`,
    confirm: {
      title: "Ask about this instead?",
      text: `${what}: #${number} stays as it is, and you are asked again.${doubts} Nothing is done yet.`,
      yes: "Ask again",
    },
  };
};

const putBackText = (first: Redeploy, environment: string): string =>
  `puts ${deployName(first)} (${first.sha.slice(0, 12)}) back into ${environment}`;

const shortDoing = (remedy: Remedy): string => {
  if (remedy.kind === "scale") return capital(remedy.title);
  return remedy.kind === "withdraw" ? `Put ${remedy.title} back` : `Revert ${remedy.title}`;
};

/** The words of the parts of the message that stand in any case. */
export const wordsOf = ({ lead = [], lines }: Pick<View, "lead" | "lines">): number =>
  wordsIn([plainOf(lead), ...lines.map(({ label = "", text }) => `${label} ${text}`)].join(" "));
