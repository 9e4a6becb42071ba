export const redacted = "[redacted]";
const maxText = 8192;
const secrets: [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, redacted],
  [/\b(apikey +)[A-Za-z0-9._~+/=-]{6,}/gi, `$1${redacted}`],
  [/\b(bearer +)[A-Za-z0-9._~+/=-]{6,}/gi, `$1${redacted}`],
  [/\b(basic +)(?=[A-Za-z+/]*[0-9=])[A-Za-z0-9+/]{6,}={0,2}/gi, `$1${redacted}`],
  // A colour or another text may stand right before a token.
  [/xox[a-z]-[A-Za-z0-9-]{6,}|xapp-[A-Za-z0-9-]{6,}/g, redacted],
  [/gh[opsur]_[A-Za-z0-9_]{10,}|github_pat_[A-Za-z0-9_]{10,}/g, redacted],
  [/eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*)?/g, redacted],
  [/(AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])/g, redacted],
  [/(:\/\/)[^\s/?#@]+@/g, `$1${redacted}@`],
];

/** The text without what looks like a bearer or basic credential, a Slack, GitHub or AWS token, a JWT, a private key, or user info in a URL. */
export const scrub = (text: string): string => {
  const clean = secrets.reduce((left, [pattern, mask]) => left.replace(pattern, mask), text);
  return clean.length > maxText ? `${clean.slice(0, maxText).toWellFormed()}…` : clean;
};
