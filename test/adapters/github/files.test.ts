import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { githubClient } from "../../../shared/adapters/github/api/client.ts";
import { connect } from "../../../shared/adapters/github/api/repository.ts";
import { readArchive } from "../../../shared/adapters/github/files/archive.ts";
import { type Blob, batchesOf } from "../../../shared/adapters/github/files/blob-texts.ts";
import { files as read } from "../../../shared/adapters/github/files/files.ts";
import { onlyRead } from "../../../shared/remedy/scale/effects.ts";
import { type Files, file, files } from "../../support/git.ts";
import { type Calls, counting, openShop, service } from "../../support/github-shop.ts";

const selection = { wanted: (path: string) => path.endsWith(".yaml"), limit: 5000 };
const bytes = (...codes: number[]): Buffer => Buffer.from(codes);

/** Files whose bytes must come as they are, and those that have no text. */
const odd: Files = files({
  "odd/crlf.yaml": "a: 1\r\nb: 2\r\n",
  "odd/bom.yaml": "\uFEFFa: 1\n",
  "odd/empty.yaml": "",
  "odd/no newline.yaml": "é: ü",
  "odd/latin1.yaml": bytes(97, 58, 32, 233, 10),
  "odd/binary.yaml": bytes(0, 1, 2),
  "odd/link.yaml": file("crlf.yaml", "120000"),
  "odd/large.yaml": `a: ${"x".repeat(600_000)}\n`,
  "odd/other.txt": "not wanted\n",
});
const readable = ["binary", "bom", "crlf", "empty", "large", "no newline"].map((name) => `odd/${name}.yaml`);

async function readAll(t: { after: (work: () => unknown) => void }, tree: Files) {
  const { sandbox } = await openShop(t, { trees: [tree] });
  const calls: Calls = { made: [], rounds: 0 };
  const github = connect(
    githubClient({ apiUrl: sandbox.github, token: sandbox.token, fetch: counting(calls) }),
  );
  const { files: found } = await read(github, service, selection);
  return { calls: calls.made, found };
}

const texts = (tree: Files, paths: string[]) =>
  paths.map((path) => [path, tree.get(path)!.content.toString()]);

test("the texts of few files come many in one request, byte for byte", async (t) => {
  const { calls, found } = await readAll(t, odd);
  assert.deepEqual([...found].map(([path, { text }]) => [path, text]).sort(), texts(odd, readable));
  assert.deepEqual(
    calls.filter((call) => !call.includes("/git/blobs/")),
    ["GET /branches/main", `GET /git/trees/${calls[1]!.split("/").at(-1)}`, "POST /github/graphql"],
  );
  assert.equal(calls.length, 3 + 3, "large, binary and Latin-1 are read by themselves");
});

test("a request reads so many blobs, and so many bytes, at most", () => {
  const sizes = (count: number, size?: number) =>
    Array.from({ length: count }, (_, at) => ({ sha: String(at), ...(size !== undefined && { size }) }));
  const counts = (blobs: Blob[]) => batchesOf(blobs).map(({ length }) => length);
  assert.deepEqual(counts(sizes(450, 100)), [200, 200, 50]);
  assert.deepEqual(counts(sizes(201)), [200, 1]);
  assert.deepEqual(counts(sizes(10, 500_000)), [4, 4, 2]);
  assert.deepEqual(counts(sizes(3, 600_000)), []);
  assert.deepEqual(batchesOf([...sizes(1, 10), { sha: "large", size: 600_000 }, { sha: "b", size: 10 }]), [
    ["0", "b"],
  ]);
});

test("many files come out of the archive, and those that it changes or leaves out by themselves", async (t) => {
  const deep = `${"a-long-folder-name/".repeat(18)}x.yaml`;
  const many = Object.fromEntries(Array.from({ length: 1700 }, (_, at) => [`many/${at}.yaml`, `a: ${at}\n`]));
  const tree: Files = new Map([
    ...odd,
    ...files({
      ...many,
      ".gitattributes": "ignored.yaml export-ignore\nsubst.yaml export-subst\n",
      "ignored.yaml": "a: ignored\n",
      "subst.yaml": "a: $Format:%H$\n",
      [deep]: "a: deep\n",
    }),
  ]);
  const { calls, found } = await readAll(t, tree);
  const paths = [...readable, ...Object.keys(many), "ignored.yaml", "subst.yaml", deep].sort();
  assert.deepEqual([...found].map(([path, { text }]) => [path, text]).sort(), texts(tree, paths));
  assert.equal(calls.length, 5, calls.join("\n"));
});

/** GitHub answers the first request with a redirect to `location`; the requests that were made. */
async function redirected(location: string) {
  const asked: { url: string; authorization: string | null }[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    asked.push({ url: String(input), authorization: new Headers(init?.headers).get("authorization") });
    return asked.length === 1
      ? new Response(null, { status: 302, headers: { location } })
      : new Response("archive", { headers: { "content-type": "application/x-gzip" } });
  };
  const { octokit } = githubClient({ apiUrl: "https://api.github.com", token: "t", fetch });
  const ask = octokit.repos.downloadTarballArchive({ owner: "acme", repo: "shop", ref: "a".repeat(40) });
  const refused = await ask.then(
    () => undefined,
    (error: Error) => error.message,
  );
  return { asked, refused };
}

test("an archive is followed to GitHub's own hosts alone, without our token", async () => {
  const own = await redirected("https://codeload.github.com/acme/shop/legacy.tar.gz/x?token=y");
  assert.equal(own.refused, undefined);
  assert.deepEqual(
    own.asked.map(({ authorization }) => authorization),
    ["token t", null],
  );
  for (const other of [
    "https://evil.example/acme/shop",
    "http://codeload.github.com/acme/shop",
    "https://codeload.github.com.evil.example/x",
    "/elsewhere",
  ]) {
    const { asked, refused } = await redirected(other);
    assert.equal(asked.length, 1, other);
    assert.match(refused ?? "", /HTTP 302, a redirect to http.*, which is not followed/);
  }
});

/** A tar of one folder, as GitHub's archives are. */
const tarOf = (contents: Record<string, Buffer>): Buffer =>
  Buffer.concat([
    ...Object.entries(contents).flatMap(([path, content]) => {
      const header = Buffer.alloc(512);
      header.write(`shop-1/${path}`, 0);
      header.write(content.length.toString(8).padStart(11, "0"), 124);
      header.write("0", 156);
      return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
    }),
    Buffer.alloc(1024),
  ]);

/** The files of an archive that GitHub sends in these chunks. After them the connection may fail. */
const archived = (chunks: Buffer[], failure?: Error) => {
  const left = [...chunks];
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const chunk = left.shift();
      if (chunk !== undefined) return controller.enqueue(chunk);
      return failure === undefined ? controller.close() : controller.error(failure);
    },
  });
  const fetch = async () => new Response(body, { headers: { "content-type": "application/x-gzip" } });
  const github = connect(githubClient({ apiUrl: "https://api.github.com", token: "t", fetch }));
  return readArchive(github, service, { sha: "a".repeat(40), wanted: (path) => path.endsWith(".yaml") });
};
const inChunks = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );

test("an archive comes out whole, in whichever chunks it arrives", async () => {
  const contents = {
    "a.yaml": Buffer.from("a: 1\n"),
    "empty.yaml": Buffer.alloc(0),
    "large.yaml": randomBytes(300_000),
    "other.bin": randomBytes(70_000),
    "z.yaml": Buffer.alloc(1024, "z"),
  };
  const { "other.bin": _, ...wanted } = contents;
  const bytes = gzipSync(tarOf(contents));
  for (const size of [1021, bytes.length])
    assert.deepEqual(Object.fromEntries(await archived(inChunks(bytes, size))), wanted);
});

test("an archive that breaks off is a failure that may pass, and not the end of the process", async () => {
  const bytes = gzipSync(tarOf({ "a.yaml": randomBytes(100_000), "b.yaml": Buffer.from("b: 1\n") }));
  const half = bytes.subarray(0, bytes.length / 2);
  const brokenOff = (because: RegExp) => ({
    ...{ name: "UpstreamError", retryable: true },
    message: new RegExp(`read the archive of a{40} of acme/shop: it broke off: ${because.source}`),
  });
  await assert.rejects(archived([half], new Error("socket closed")), brokenOff(/socket closed/));
  await assert.rejects(archived([], new Error("socket closed")), brokenOff(/socket closed/));
  await assert.rejects(archived([half]), brokenOff(/unexpected end of file/));
  await assert.rejects(archived([Buffer.from("<html>")]), brokenOff(/incorrect header check/));
  const cut = gzipSync(tarOf({ "a.yaml": randomBytes(100_000) }).subarray(0, 50_000));
  await assert.rejects(archived([cut]), brokenOff(/it ends too early/));
});

const layers: Files = files({
  "apps/api/kustomization.yaml": "resources: [../base]\n",
  "apps/base/hpa.yaml": "a: 1\n",
  "libs/x.yaml": "a: 2\n",
  "more/x.yaml": "a: 3\n",
});

async function readOf(t: { after: (work: () => unknown) => void }, tree: Files, paths: string[]) {
  const { sandbox } = await openShop(t, { trees: [tree], treeLimit: 5 });
  const github = connect(githubClient({ apiUrl: sandbox.github, token: sandbox.token }));
  return read(github, { ...service, paths }, selection);
}

test("of a repository that GitHub does not list whole, the outermost folders of the paths are read, and that is said", async (t) => {
  const { files: found, only } = await readOf(t, layers, ["apps/api/", "apps/base"]);
  assert.deepEqual(
    [[...found.keys()], only],
    [["apps/api/kustomization.yaml", "apps/base/hpa.yaml"], ["apps"]],
  );
  assert.deepEqual(onlyRead({ only: ["apps"] }), [
    "only apps was read, as GitHub does not list the repository whole: a layer elsewhere would not be seen",
  ]);
  assert.deepEqual(onlyRead({}), []);
});

test("it is refused without paths, and where a kustomization takes something from elsewhere", async (t) => {
  await assert.rejects(readOf(t, layers, []), { message: /it is too large for GitHub to list whole$/ });
  const out: Files = new Map([
    ...layers,
    ...files({ "apps/api/kustomization.yaml": "resources: [../base, ../../libs]\n" }),
  ]);
  await assert.rejects(readOf(t, out, ["apps/api"]), {
    retryable: false,
    message:
      "apps/api/kustomization.yaml takes ../../libs, which is not read: GitHub does not list acme/shop whole, and the paths name apps",
  });
});
