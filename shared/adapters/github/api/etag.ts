type Kept = { etag: string; body: ArrayBuffer; headers: [string, string][] };

/** Bytes of all answers that are kept, and of the largest one. */
const kept = { all: 16_000_000, one: 1_000_000 };
/** An object named by its id never changes; its reader remembers it parsed. An archive is read as it comes. */
const byId = /\/git\/(blobs|trees|commits)\/|\/tarball\//;

/**
 * Asks GitHub again only for what has changed: a GET goes out with the ETag of the last answer, and on 304, which counts against no
 * limit, that answer is given once more. The URL is the key, so a client is of one credential: a token or an App.
 */
export const conditional = (fetcher: typeof fetch, max = kept): typeof fetch => {
  const answers = new Map<string, Kept>();
  let held = 0;

  const forget = (key: string): void => {
    held -= answers.get(key)?.body.byteLength ?? 0;
    answers.delete(key);
  };
  const keep = (key: string, answer: Kept): void => {
    forget(key);
    answers.set(key, answer);
    held += answer.body.byteLength;
    for (const oldest of answers.keys()) {
      if (held <= max.all) return;
      forget(oldest);
    }
  };

  return async (input, init) => {
    const key = `${String(input)} ${new Headers(init?.headers).get("accept") ?? ""}`;
    if (init?.method !== "GET" || byId.test(key)) return fetcher(input, init);
    const before = answers.get(key);
    const headers = new Headers(init.headers);
    if (before) headers.set("if-none-match", before.etag);
    const response = await fetcher(input, { ...init, headers });
    if (before && response.status === 304) {
      keep(key, before);
      const now = new Headers(before.headers);
      for (const [name, value] of response.headers) if (name.startsWith("x-ratelimit-")) now.set(name, value);
      return new Response(before.body, { status: 200, headers: now });
    }
    const etag = response.headers.get("etag");
    if (response.status !== 200 || etag === null) return response;
    const body = await response.arrayBuffer();
    if (body.byteLength <= max.one) keep(key, { etag, body, headers: [...response.headers] });
    return new Response(body, { status: 200, headers: response.headers });
  };
};
