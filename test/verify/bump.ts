import { runCommand, standardIo, wholeNumber } from "../../infra/host/command.ts";
import { gitSync } from "../../infra/host/git.ts";
import { botOf } from "../../shared/remedy/rollback/bot.ts";
import { bumpsOf, mayPin, putBack } from "../../shared/remedy/rollback/bumps.ts";
import { remaining } from "../../shared/remedy/rollback/remaining.ts";
import { counted, nameOf, textAt } from "./objects.ts";

const help = `usage: npm run --silent verify:bump -- DIR… [--commits N]

Looks at the files that each of the last N (400) commits of a clone changed: whether the versions that moved in them are seen, wholly or in part, and
whether putting each back gives the pins of before. Prints the lines of versions that were not seen. Exit codes: 0 every version goes back, 1 one does not.`;

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

type Seen = { verdict: "whole" | "part" | "none" | "wrong"; lines: string[]; bot: boolean };

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
  const [author = "", title = "", ...rest] = Buffer.from(
    gitSync(dir, ["log", "-1", "--format=%an%n%s%n%B", sha]),
  )
    .toString("utf8")
    .split("\n");
  return {
    verdict: isBack ? (left.length === 0 ? "whole" : bumps.length > 0 ? "part" : "none") : "wrong",
    lines: left.map(({ path, text }) => `${path}: ${text}`.slice(0, 160)),
    bot: botOf({ author, title, message: rest.join("\n") }, bumps) !== undefined,
  };
};

const verify = (dir: string, commits: number): boolean => {
  const log = ["log", "--no-merges", `--max-count=${commits}`, "--format=%H", "--min-parents=1"];
  const shas = Buffer.from(gitSync(dir, log)).toString("utf8").trim().split("\n");
  const seen = shas.flatMap((sha) => judge(dir, sha) ?? []);
  const verdicts = Object.fromEntries(counted(seen.map(({ verdict }) => verdict)));
  console.log(
    JSON.stringify({
      name: nameOf(dir),
      moved: seen.length,
      ...verdicts,
      byBots: seen.filter(({ bot }) => bot).length,
    }),
  );
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
