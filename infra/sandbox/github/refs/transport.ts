import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import type { Context, Hono } from "hono";
import type { Actor, Github, Repo } from "../state.ts";
import { actorOf } from "../tokens.ts";
import { refMoved } from "./ref-updates.ts";
import { allRefs } from "./refs.ts";

const nothing = "0".repeat(40);
const services = { "git-upload-pack": "upload-pack", "git-receive-pack": "receive-pack" } as const;
type Service = keyof typeof services;
const isService = (name: string | undefined): name is Service =>
  name !== undefined && Object.hasOwn(services, name);

const repoOf = (c: Context, github: Github): Repo | undefined => {
  const name = (c.req.param("repo") ?? "").replace(/\.git$/, "");
  return github.repos.get(`${c.req.param("owner")}/${name}`.toLowerCase());
};

const denied = () =>
  new Response("Authentication failed: give the sandbox's token as the password.\n", {
    status: 401,
    headers: { "WWW-Authenticate": 'Basic realm="GitHub"' },
  });

const noCache = { "Cache-Control": "no-cache, max-age=0, must-revalidate" };
const packetLine = (text: string) => `${(text.length + 4).toString(16).padStart(4, "0")}${text}`;

const advertise = async (c: Context, github: Github): Promise<Response> => {
  const repo = repoOf(c, github);
  const service = c.req.query("service");
  if (!repo || !isService(service)) return c.text("Repository not found.\n", 404);
  if (service === "git-receive-pack" && !actorOf(github, c.req.header("Authorization"))) return denied();
  const protocol = c.req.header("Git-Protocol") ?? "";
  const args = [services[service], "--stateless-rpc", "--advertise-refs", repo.git.dir];
  const ran = await repo.git.run(args, { env: { GIT_PROTOCOL: protocol } });
  if (ran.code !== 0) return c.text(ran.stderr, 500);
  const head = Buffer.from(`${packetLine(`# service=${service}\n`)}0000`);
  const headers = { ...noCache, "Content-Type": `application/x-${service}-advertisement` };
  return c.body(new Uint8Array(Buffer.concat([head, ran.stdout])), 200, headers);
};

const packBody = async (c: Context): Promise<Buffer> => {
  const bytes = Buffer.from(await c.req.arrayBuffer());
  return c.req.header("Content-Encoding") === "gzip" ? gunzipSync(bytes) : bytes;
};

const upload = async (c: Context, github: Github): Promise<Response> => {
  const repo = repoOf(c, github);
  if (!repo) return c.text("Repository not found.\n", 404);
  const input = await packBody(c);
  const child = repo.git.spawn([services["git-upload-pack"], "--stateless-rpc", repo.git.dir], {
    GIT_PROTOCOL: c.req.header("Git-Protocol") ?? "",
  });
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  child.stderr.resume();
  c.req.raw.signal.addEventListener("abort", () => child.kill());
  const stream = Readable.toWeb(child.stdout) as ReadableStream;
  return c.body(stream, 200, { ...noCache, "Content-Type": "application/x-git-upload-pack-result" });
};

const receive = async (c: Context, github: Github): Promise<Response> => {
  const repo = repoOf(c, github);
  const actor = actorOf(github, c.req.header("Authorization"));
  if (!repo) return c.text("Repository not found.\n", 404);
  if (!actor) return denied();
  const input = await packBody(c);
  const stdout = await repo.serially(() => push(github, repo, actor, input));
  return c.body(new Uint8Array(stdout), 200, {
    ...noCache,
    "Content-Type": "application/x-git-receive-pack-result",
  });
};

/** Lets git take the push, then tells about every ref that moved. */
const push = async (github: Github, repo: Repo, by: Actor, input: Buffer): Promise<Buffer> => {
  const before = new Map((await allRefs(repo)).map(({ ref, sha }) => [ref, sha]));
  const ran = await repo.git.run([services["git-receive-pack"], "--stateless-rpc", repo.git.dir], { input });
  const after = new Map((await allRefs(repo)).map(({ ref, sha }) => [ref, sha]));
  for (const ref of new Set([...before.keys(), ...after.keys()])) {
    const move = { ref, before: before.get(ref) ?? nothing, after: after.get(ref) ?? nothing, by };
    await refMoved(github, repo, move);
  }
  return ran.stdout;
};

/** Git's smart HTTP protocol (gitprotocol-http): reading is for everyone, pushing takes a token as the password. */
export const transportRoutes = (app: Hono, github: Github): void => {
  for (const prefix of ["/github/:owner/:repo", "/:owner/:repo"]) {
    app.get(`${prefix}/info/refs`, (c) => advertise(c, github));
    app.post(`${prefix}/git-upload-pack`, (c) => upload(c, github));
    app.post(`${prefix}/git-receive-pack`, (c) => receive(c, github));
  }
};
