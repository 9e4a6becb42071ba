/** Each kind of credential that must never stand in the repository. */
const kinds: [string, RegExp][] = [
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----(?:\\n|\s)+(?<secret>[A-Za-z0-9+/=]{40,})/g],
  ["a token of GitHub", /(?<secret>\bgh[opsur]_[A-Za-z0-9]{36,}|\bgithub_pat_[A-Za-z0-9_]{40,})/g],
  ["a token of Slack", /(?<secret>\bxox[a-z]-\d{8,}[A-Za-z0-9-]{10,}|\bxapp-\d-[A-Za-z0-9-]{20,})/g],
  ["a webhook of Slack", /hooks\.slack\.com\/services\/(?<secret>T[A-Z0-9]{8,}\/B[A-Z0-9]{8,}\/\w{20,})/g],
  ["an access key of AWS", /(?<secret>\b(?:AKIA|ASIA)[A-Z0-9]{16}\b)/g],
  ["a key of Google", /(?<secret>\bAIza[0-9A-Za-z_-]{35})/g],
  ["a JSON Web Token", /(?<secret>\beyJ[A-Za-z0-9_-]{16,}\.eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{20,})/g],
  ["a login in an address", /\b[a-z+]+:\/\/[^\s/:@"'`$<]+:(?<secret>[^\s/:@"'`$<{]{8,})@/g],
  [
    "a secret of an assignment",
    /\b[A-Z_]*(?:TOKEN|SECRET|PASSWORD|API_KEY)(?:_PREVIOUS)?["']?\s*[=:]\s*["']?(?<secret>(?=[A-Za-z0-9+/_-]*\d)(?=[A-Za-z0-9+/_-]*[A-Za-z])[A-Za-z0-9+/_-]{32,})\b/g,
  ],
];

/** A made-up secret of a test says so, or is too plain to be one; a placeholder is the name of a variable. */
const isMadeUp = (secret: string): boolean =>
  /canary/i.test(secret) || new Set(secret).size < 10 || /^[A-Z]+(_[A-Z]+)+$/.test(secret);

/** The lines of a file that hold a credential, each with its kind and never with itself. */
export const secretsIn = (path: string, text: string): string[] =>
  kinds.flatMap(([kind, pattern]) =>
    [...text.matchAll(pattern)]
      .filter(({ groups }) => !isMadeUp(groups?.secret ?? ""))
      .map(({ index }) => `${path}:${text.slice(0, index).split("\n").length}: ${kind}`),
  );
