import { runCommand, standardIo, wholeNumber } from "../../infra/host/command.ts";
import { gitSync } from "../../infra/host/git.ts";
import { botOf } from "../../shared/remedy/rollback/bot.ts";
import { bumpsOf, mayPin, putBack } from "../../shared/remedy/rollback/bumps.ts";
import { remaining } from "../../shared/remedy/rollback/remaining.ts";
import { counted, nameOf, textAt } from "./objects.ts";

const help = `usage: npm run --silent verify:bump -- DIR… [--commits N]

Looks at the files that each of the last N (400) commits of a clone changed: whether the versions that moved in them are seen, wholly or in part, and
whether putting each back gives the pins of before. Prints the share that is seen whole, the lines of versions that were not seen, and how many of the
commits by accounts of machines have their bot named; "namedWithout" counts the named ones of other accounts. Exit codes: 0 every version goes back, 1 one does not.`;

const options = { commits: { type: "string", default: "400" } } as const;

const most = 20;

const changesOf = (dir: string, sha: string) => {
  const run = (args: string[]) => Buffer.from(gitSync(dir, args)).toString("utf8");
  const paths = run(["diff-tree", "-r", "--no-commit-id", "--name-only", "--diff-filter=M", "-z", sha]).split(
    "\0",
  );
  return paths
    .filter(mayPin)
    .slice(0, most)
    .flatMap((path) => {
      const [before, after] = [textAt(dir, `${sha}~1`, path), textAt(dir, sha, path)];
      return before === undefined || after === undefined ? [] : [{ path, before, after }];
    });
};

type Seen = { verdict: "whole" | "part" | "none" | "wrong"; lines: string[]; named: boolean; bot?: string };

/** The account of a machine, as its name and address say: the yardstick for the bots that are named. */
const isMachine = (name: string, email: string): boolean =>
  /\[bot\]|(^|[-_ ./])(bot|robot|ci|automation|renovate|dependabot|mend|jenkins|actions?|updater|flux|argocd?|keel|kargo)([-_ ./@0-9]|$)/i.test(
    name,
  ) || /\[bot\]@|(^|[-_.+])(bot|ci|renovate|dependabot|automation)[-_.]?[^@]*@/i.test(email);

const judge = (dir: string, sha: string): Seen | undefined => {
  const files = changesOf(dir, sha);
  const bumps = bumpsOf(files);
  const left = remaining(files, bumps).filter(({ isNew }) => !isNew);
  if (bumps.length + left.length === 0) return undefined;
  const isBack = files.every(({ path, after }) => {
    const own = bumps.filter((bump) => bump.path === path);
    const back = putBack(path, after, own);
    return (
      own.length === 0 ||
      ("text" in back && bumpsOf([{ path, before: after, after: back.text }]).length === own.length)
    );
  });
  const [author = "", email = "", title = "", ...rest] = Buffer.from(
    gitSync(dir, ["log", "-1", "--format=%an%n%ae%n%s%n%B", sha]),
  )
    .toString("utf8")
    .split("\n");
  return {
    verdict: isBack ? (left.length === 0 ? "whole" : bumps.length > 0 ? "part" : "none") : "wrong",
    lines: left.map(({ path, text }) => `${path}: ${text}`.slice(0, 160)),
    named: botOf({ author, title, message: rest.join("\n") }, bumps) !== undefined,
    ...(isMachine(author, email) && { bot: `${author} <${email}>: ${title}` }),
  };
};

const verify = (dir: string, commits: number): boolean => {
  const log = ["log", "--no-merges", `--max-count=${commits}`, "--format=%H", "--min-parents=1"];
  const shas = Buffer.from(gitSync(dir, log)).toString("utf8").trim().split("\n");
  const seen = shas.flatMap((sha) => judge(dir, sha) ?? []);
  const verdicts = Object.fromEntries(counted(seen.map(({ verdict }) => verdict)));
  const bots = seen.filter(({ bot }) => bot !== undefined);
  const share = (part: number, of: number) => (of === 0 ? {} : { percent: Math.round((100 * part) / of) });
  const { whole = 0 } = verdicts;
  const unnamed = bots.filter(({ named }) => !named);
  console.log(
    JSON.stringify({
      ...{ name: nameOf(dir), moved: seen.length, ...verdicts, ...share(whole, seen.length) },
      bots: {
        all: bots.length,
        named: bots.length - unnamed.length,
        ...share(bots.length - unnamed.length, bots.length),
      },
      namedWithout: seen.filter(({ named, bot }) => named && bot === undefined).length,
    }),
  );
  for (const { bot = "" } of unnamed.slice(0, 10)) console.log(`  not named: ${bot.slice(0, 160)}`);
  for (const line of seen.flatMap(({ lines }) => lines).slice(0, 40)) console.log(`  not seen: ${line}`);
  return !seen.some(({ verdict }) => verdict === "wrong");
};

process.exitCode = await runCommand(
  { name: "verify:bump", help, options, positionals: true },
  { argv: process.argv.slice(2), io: standardIo() },
  ({ values, positionals }) => {
    const commits = wholeNumber("--commits", values.commits);
    return positionals.map((dir) => verify(dir, commits)).every(Boolean) ? 0 : 1;
  },
);
