import type { Commit } from "../../ports/history.ts";
import type { Bump } from "./bumps.ts";

/** A machine that raises versions, and so may raise one again that was put back. `shownBy` says how it is known. */
export type Bot = { kind: BotKind; shownBy: string };
export type BotKind =
  | "image-updater"
  | "flux"
  | "renovate"
  | "konflux"
  | "dependabot"
  | "jenkins-x"
  | "kargo"
  | "keel"
  | "updatecli"
  | "ci";

export const botNames: Record<BotKind, string> = {
  "image-updater": "Argo CD Image Updater",
  flux: "Flux image automation",
  renovate: "Renovate",
  dependabot: "Dependabot",
  "jenkins-x": "Jenkins X",
  konflux: "Renovate of Konflux",
  kargo: "Kargo",
  keel: "Keel",
  updatecli: "Updatecli",
  ci: "a pipeline",
};

type Seen = Pick<Commit, "author" | "message" | "title">;

const authors: [BotKind, RegExp][] = [
  ["image-updater", /^argocd[-_ ]?image[-_ ]?updater(\[bot\])?$/i],
  ["flux", /^(fluxcd[-_ ]?bot|flux[-_ ]?(bot|image-automation|image-automation-controller))(\[bot\])?$/i],
  ["renovate", /^([\w-]+-)?renovate(-[\w-]+)?(\[bot\])?$|^renovate bot$/i],
  ["renovate", /^(mend|whitesource)([- ][\w-]+)?(\[bot\])?$/i],
  ["kargo", /^([\w-]+-)?kargo(-[\w-]+)?(\[bot\])?$/i],
  ["konflux", /^(red-hat-)?konflux(-[\w-]+)?(\[bot\])?$/i],
  ["dependabot", /^dependabot(-preview)?(\[bot\])?$/i],
  ["jenkins-x", /^jenkins-x-bot(-\w+)?(\[bot\])?$/i],
  ["updatecli", /\bupdatecli\b/i],
  ["keel", /^keel(hq)?(-[\w-]+)?(\[bot\])?$/i],
];
/** Accounts of pipelines, and applications of GitHub that no other sign tells apart. */
const pipelines =
  /^(github[- ]actions|gitlab|circleci|jenkins|drone|tekton|teamcity|buildkite|semaphore|codefresh|azure[- ]?(devops|pipelines)|cloud[- ]?build)([-_ ](ci|bot|user|robot))*(\[bot\])?$|^[\w.-]+[-_ ](ci|cd|deploy(er)?|release|build|gitops)([-_ ]?(bot|robot|user))?$|^(ci|cd|deploy(er)?|release|build|gitops)[-_ ]?(bot|robot|user)?$|[-_ ](ro)?bot([-_ ](account|user))?$|\[bot\]$|(^|[-_ ])(automation|automator|updater|autobump(er)?)([-_ ](bot|robot|user|account))?$/i;
/** `PipelineBot`: a name of one word that ends in a capital Bot. */
const robot = /^\w*[a-z\d]Bot$/;
/** The title of an application's commit as Renovate writes it with the former version: `update image acme/api (1.2.3 ➔ 1.2.4)`. */
const fromTo = /\bupdate\b.*\(\S+ (➔|→|->) \S+\)( \(#\d+\))?$/i;
/** The branch that a merge commit names; GitHub and GitLab word it so. */
const branches: [BotKind, RegExp][] = [
  ["renovate", /^Merge pull request #\d+ from [\w-]+\/renovate\/|^Merge branch 'renovate\//],
  ["dependabot", /^Merge pull request #\d+ from [\w-]+\/dependabot\/|^Merge branch 'dependabot\//],
  ["image-updater", /^Merge pull request #\d+ from [\w-]+\/image-updater-/],
  ["konflux", /^Merge pull request #\d+ from [\w-]+\/konflux\//],
  ["kargo", /^Merge pull request #\d+ from [\w-]+\/kargo\/promotion\/|^Merge branch 'kargo\/promotion\//],
];
const messages: [BotKind, RegExp][] = [
  [
    "image-updater",
    /^build: automatic update of \S+\n[\s\S]*?^updates image \S+ tag '[^'\n]*' to '[^'\n]*'$/m,
  ],
  ["image-updater", /^chore: update images for \S+\/\S+$/],
  ["flux", /^Update from image update automation$/m],
  ["flux", /^Automation name: \S+\/\S+$/m],
  ["konflux", /^Signed-off-by: red-hat-konflux\b/m],
  // Renovate's own words, which its application's name does not change (lib/config/presets and the pull request's body).
  ["renovate", /^(\S+: )?(update|pin) (dependency )?\S+ docker (tag|digest) to \S+( \(#\d+\))?$/im],
  ["renovate", /^(\S+: )?update helm release \S+ to \S+( \(#\d+\))?$/im],
  [
    "renovate",
    /<!--\s*(renovate-debug|rebase-check)|\b(Mend )?Renovate( Bot)?\]\(https:\/\/(github\.com\/renovatebot|www\.mend\.io|mend\.io)/i,
  ],
  ["renovate", /^This PR contains the following updates:$/m],
  ["dependabot", /^updated-dependencies:\n- dependency-name: /m],
  ["jenkins-x", /^chore: promote \S+ to version \S+/m],
  ["kargo", /^Co-authored-by: Kargo <no-reply@kargo\.io>/m],
  ["updatecli", /^Made with ❤️️? by updatecli$|\]\(https:\/\/www\.updatecli\.io/m],
];

const maxMessage = 20_000;
const maxAuthor = 200;

/** The bot that made a bump: by who wrote it, the branch it was merged from, its message, or the file that is the bot's own. */
export const botOf = (commit: Seen, bumps: Bump[]): Bot | undefined => {
  const { author, message, title } = commit;
  const by = (list: [BotKind, RegExp][], text: string) => list.find(([, pattern]) => pattern.test(text))?.[0];
  const found: [BotKind | undefined, string][] = [
    [by(authors, author.trim()), `${author.trim()} wrote it`],
    [by(branches, title), "known by its branch"],
    [by(messages, message.slice(0, maxMessage).replaceAll("\r\n", "\n")), "known by its commit message"],
  ];
  const [kind, shownBy = ""] = found.find(([kind]) => kind !== undefined) ?? [];
  if (kind !== undefined) return { kind, shownBy };
  if (/\[bot\]$/.test(author.trim()) && fromTo.test(title))
    return { kind: "renovate", shownBy: `${author.trim()} wrote it, in Renovate's words` };
  const keeper = keeperOf(bumps);
  return (
    keeper ??
    ([pipelines, robot].some((pattern) => pattern.test(author.trim().slice(0, maxAuthor)))
      ? { kind: "ci", shownBy: `${author.trim()} wrote it` }
      : undefined)
  );
};

/** The settings of Renovate among the files of a repository. */
const renovateFile = (paths: Iterable<string>): string | undefined =>
  [...paths].find((path) =>
    /^(\.github\/|\.gitlab\/)?(renovate\.json5?|\.renovaterc(\.json5?)?)$/.test(path),
  );

/** An application of GitHub that no sign tells apart is Renovate where the repository configures that. */
export const botHere = (commit: Seen, bumps: Bump[], paths: Iterable<string>): Bot | undefined => {
  const bot = botOf(commit, bumps);
  const author = commit.author.trim();
  if (bot?.kind !== "ci" || !/\[bot\]$/.test(author) || /^github-actions/.test(author)) return bot;
  const settings = renovateFile(paths);
  return settings === undefined
    ? bot
    : { kind: "renovate", shownBy: `${author} wrote it, and ${settings} sets up Renovate` };
};

/** The bot that keeps the places that moved, whoever moved them this time. */
const keeperOf = (bumps: Bump[]): Bot | undefined => {
  const marked = bumps.find(({ policy }) => policy !== undefined);
  if (marked !== undefined)
    return {
      kind: "flux",
      shownBy: `${marked.path}:${marked.line} is marked for the policy ${marked.policy}`,
    };
  const written = bumps.find(({ form }) => form === "argocd-source");
  return written && { kind: "image-updater", shownBy: `${written.path} is the file it writes` };
};
