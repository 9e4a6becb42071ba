import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "../..");
const pages = globSync(["*.md", "docs/**/*.md", "shared/**/*.md", ".github/*.md"], { cwd: root });
const read = (page: string): string => readFileSync(join(root, page), "utf8");
const prose = (page: string): string =>
  read(page)
    .replace(/^```[\s\S]*?^```/gm, "")
    .replace(/`[^`\n]*`/g, "");

/** Targets of `[text](target)`, `![text](target)` and `src="target"`. */
const linksOf = (page: string): string[] =>
  [...prose(page).matchAll(/\]\(([^()\s]+(?:\([^()]*\))?)\)|(?:src|href)="([^"]+)"/g)].map(
    ([, markdown, html]) => markdown ?? html ?? "",
  );

/** The anchors that GitHub gives a page: its headings in lower case, without punctuation, numbered when repeated. */
const anchorsOf = (page: string): Set<string> => {
  const seen = new Map<string, number>();
  const headings = read(page)
    .replace(/^```[\s\S]*?^```/gm, "")
    .matchAll(/^#{1,6} (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = ""]) => {
      const slug = heading
        .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replace(/\s/g, "-");
      const times = seen.get(slug) ?? 0;
      seen.set(slug, times + 1);
      return times === 0 ? slug : `${slug}-${times}`;
    }),
  );
};

const faultOf = (page: string, link: string): string[] => {
  if (/^[a-z]+:/.test(link)) return [];
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? page : relative(root, join(root, dirname(page), path));
  if (target.startsWith("..") || !existsSync(join(root, target))) return [`${page}: ${link} is not there`];
  if (anchor === undefined || !target.endsWith(".md") || anchorsOf(target).has(anchor)) return [];
  return [`${page}: ${target} has no heading #${anchor}`];
};

test("every relative link of a page leads to a file and a heading that exist", () => {
  assert.deepEqual(
    pages.flatMap((page) => linksOf(page).flatMap((link) => faultOf(page, link))),
    [],
  );
});

test("a link to a file or a heading that is not there is a fault", () => {
  assert.deepEqual(faultOf("docs/aws.md", "nowhere.md"), ["docs/aws.md: nowhere.md is not there"]);
  assert.deepEqual(faultOf("docs/aws.md", "configuration.md#nothing"), [
    "docs/aws.md: docs/configuration.md has no heading #nothing",
  ]);
  assert.deepEqual(faultOf("docs/aws.md", "../../outside.md"), [
    "docs/aws.md: ../../outside.md is not there",
  ]);
  assert.deepEqual(faultOf("docs/aws.md", "configuration.md#servicespolicy"), []);
});

test("every page is linked from another one", () => {
  const linked = new Set(
    pages.flatMap((page) =>
      linksOf(page).map((link) => relative(root, join(root, dirname(page), link.split("#")[0] ?? ""))),
    ),
  );
  const entrances = /^(README|CHANGELOG|CONTRIBUTING)\.md$|^\.github\/|^shared\/\w+\/README\.md$/;
  assert.deepEqual(
    pages.filter((page) => !entrances.test(page) && !linked.has(page) && !linked.has(dirname(page))),
    [],
  );
});

test("every file and script that a page names in code exists", () => {
  const named = (page: string) =>
    [...read(page).matchAll(/`((?:shared|functions|infra|test|docs)\/[\w./-]+)`/g)].map(
      ([, path = ""]) => path,
    );
  const scripts = Object.keys(JSON.parse(read("package.json")).scripts);
  const missing = pages.flatMap((page) => [
    ...named(page)
      .filter((path) => !/NAME/.test(path) && !existsSync(join(root, path)))
      .map((path) => `${page}: ${path}`),
    ...[...read(page).matchAll(/npm run (?:--silent |-s )?([\w:-]+)/g)]
      .filter(([, name = ""]) => !scripts.includes(name))
      .map(([whole]) => `${page}: ${whole}`),
  ]);
  assert.deepEqual(missing, []);
});
