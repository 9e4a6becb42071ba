import type { Markdown } from "../../../brands.ts";
import { UpstreamError } from "../../../errors.ts";
import type { Illustration, Repository } from "../../../ports/pulls.ts";
import { behindFirst, image, link } from "../../../text/markdown.ts";
import { ask } from "../api/call.ts";
import { type Github, repoOf } from "../api/repository.ts";

/** Everything of the commit is given, so that the same picture is the same commit. */
const author = { name: "Countersteer", email: "countersteer@users.noreply.github.com" };

/** The text with the picture behind its first paragraph, or with a link to the page that shows it. */
export const withPicture = async (
  github: Github,
  place: Repository,
  { markdown, picture }: { markdown: Markdown; picture?: Illustration | undefined },
): Promise<Markdown> => {
  if (picture === undefined) return markdown;
  const url = github.keepsPictures ? await keep(github, place, picture) : undefined;
  const shown = url !== undefined ? image(picture.alt, url) : link(picture.alt, picture.page ?? "");
  return behindFirst(markdown, shown);
};

/**
 * Keeps the picture in the repository, on a ref that is neither a branch nor a tag, so that exactly those see it who may read the pull
 * request. Undefined where GitHub does not take it: a pull request goes without.
 */
const keep = async (
  github: Github,
  place: Repository,
  { png, at }: Illustration,
): Promise<string | undefined> => {
  const { octokit } = github;
  const repo = repoOf(place);
  const what = `keep a chart in ${place.repository}`;
  try {
    const content = Buffer.from(png()).toString("base64");
    const blob = await ask(what, () => octokit.git.createBlob({ ...repo, content, encoding: "base64" }));
    const file = { path: "chart.png", mode: "100644", type: "blob", sha: blob.sha } as const;
    const tree = await ask(what, () => octokit.git.createTree({ ...repo, tree: [file] }));
    const by = { ...author, date: new Date(at).toISOString() };
    const commit = await ask(what, () =>
      octokit.git.createCommit({
        ...{ ...repo, message: "Chart of an incident", tree: tree.sha, parents: [] },
        ...{ author: by, committer: by },
      }),
    );
    const ref = `refs/countersteer/charts/${commit.sha.slice(0, 12)}`;
    await ask(what, () => octokit.git.createRef({ ...repo, ref, sha: commit.sha })).catch(unlessThere);
    return commit.html_url.replace("/commit/", "/raw/").concat("/chart.png");
  } catch (error) {
    if (error instanceof UpstreamError) return undefined;
    throw error;
  }
};

const unlessThere = (error: unknown): void => {
  if (!(error instanceof UpstreamError) || !/already exists/i.test(error.message)) throw error;
};
