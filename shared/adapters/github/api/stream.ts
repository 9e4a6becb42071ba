/** Whether Octokit gave the body as it comes, unread. */
export const isStream = (data: unknown): data is ReadableStream<Uint8Array> =>
  typeof data === "object" && data !== null && "getReader" in data;
