import type { Commit } from "../../ports/history.ts";
import { lockPath } from "../file-kinds.ts";

const longest = 60_000;

/** Packages whose version a change moves: by its title, by changed lines that name them, and by the entry of a lock file that changes. */
export const bumpedPackages = ({ title, paths, patch = "" }: Commit): Set<string> => {
  if (!paths.some((path) => lockPath.test(path))) return new Set();
  return new Set([...titled(title), ...changed(patch.slice(0, longest))].map((name) => name.toLowerCase()));
};

/** `bump pg from 8.11.3 to 8.12.0`, `Update dependency pg to v8`. */
const titled = (title: string): string[] => {
  const found =
    /\b(?:bump|update|upgrade|raise|roll)s?\s+(?:dependency\s+|module\s+)?(@?[\w.-]+(?:\/[\w.-]+)*)/i.exec(
      title,
    );
  return found?.[1] === undefined ? [] : [found[1]];
};

const named = /["']?(?:node_modules\/)?(@?[\w.-]+(?:\/[\w.-]+)*)["']?\s*(?:[:=@ ]|==|~=|>=)\s*["'v^~]?\d/;
const entry =
  /^[ +-]\s*["']?(?:node_modules\/)?(@?[A-Za-z][\w.-]*(?:\/[\w.-]+)*)["']?\s*:\s*\{?\s*$|^[ +-]\s*name\s*=\s*"([^"]+)"/;
const versionLine = /^[-+]\s*["']?(version|resolved|integrity|checksum)["']?\s*[:=]/;

/** Lines such as `-"pg": "8.11.3"` and `-pg==2.1`, and the entry above a changed `"version"`. */
const changed = (patch: string): string[] => {
  const names: string[] = [];
  let current: string | undefined;
  for (const line of patch.split("\n")) {
    const heading = entry.exec(line);
    if (heading !== null) current = heading[1] ?? heading[2];
    if (!/^[-+](?![-+]{2})/.test(line)) continue;
    const name = versionLine.test(line) ? current : named.exec(line.slice(1))?.[1];
    if (name !== undefined) names.push(name);
  }
  return names;
};
