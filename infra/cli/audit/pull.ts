import { githubClient } from "../../../shared/adapters/github/api/client.ts";
import { connect } from "../../../shared/adapters/github/api/repository.ts";
import { recordTexts } from "../../../shared/adapters/github/pulls/record-texts.ts";
import { type Chain, checkPull } from "../../../shared/text/check-pull.ts";
import { ConfigurationError, UsageError } from "../../host/errors.ts";
import type { Part, Source } from "./report.ts";

export type PullAsked = {
  url: string;
  account: string | undefined;
  apiUrl: string;
  token: string | undefined;
};

/** Walks the record that a pull request's body and comments carry, from GitHub alone. */
export const verifyPull = async ({ url, account, apiUrl, token }: PullAsked): Promise<Source> => {
  const [, repository, number] = /\/([\w.-]+\/[\w.-]+)\/pull\/(\d+)\/?$/.exec(url) ?? [];
  if (repository === undefined) throw new UsageError(`--pull ${url} is not the address of a pull request`);
  if (!token) throw new ConfigurationError("GITHUB_TOKEN is not set: give one that may read the repository");
  const read = await recordTexts(connect(githubClient({ apiUrl, token })), { repository }, Number(number));
  const { chains, broken } = checkPull(read.texts, read.pull, read.account);
  const name = `${repository}#${number}, by ${read.account}`;
  return {
    ...{ source: "pull", name, parts: chains.map(partOf), notes: notesOf(read.foreign, chains) },
    broken: [...otherAccount(name, read.account, account), ...broken],
    known: chains.flatMap(({ incident, facts, head }) =>
      [...facts, { ...head, place: name }].map(({ n, hash, place }) => ({ incident, n, hash, place })),
    ),
  };
};

const otherAccount = (place: string, found: string, wanted: string | undefined) =>
  wanted === undefined || wanted.toLowerCase() === found.toLowerCase()
    ? []
    : [{ place, detail: `${found} opened it, not ${wanted}` }];

const notesOf = (foreign: number, chains: Chain[]): string[] => [
  ...(foreign === 0
    ? []
    : [`${foreign} ${foreign === 1 ? "comment" : "comments"} of other accounts, which count for nothing`]),
  ...(chains.length === 0
    ? ["no text carries a record: an older version wrote it, or Countersteer did not"]
    : []),
];

const partOf = ({ incident, facts, head }: Chain): Part => ({
  ...{ incident, facts: facts.length, head },
  told: facts.map(({ n, at = 0, type = "", fact }) => ({
    ...{ n, at: new Date(at).toISOString(), type },
    ...(fact !== undefined && "by" in fact && typeof fact.by === "string" && { by: fact.by }),
  })),
});
