/** Formats, protocols and bounds have versions that no bump moves. */
const others =
  /^(api|schema|min|minimum|max|maximum|tls|ssl|protocol|http|ip|mime|format|file|lockfile|resource|syntax)$/;

/** Whether a key names the version of something: `image_tag`, `WEB_VERSION`, `k3sVersion`, `app.kubernetes.io/version`. */
export const isVersionKey = (key: string): boolean => {
  const words = key
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z\d]+/);
  const [of = "", last = ""] = words.slice(-2);
  return words.length > 1 && /^(tag|version)$/.test(last) && !others.test(of);
};
