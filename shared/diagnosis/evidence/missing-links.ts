import type { Commit } from "../../ports/history.ts";
import type { Case, Evidence } from "../model.ts";
import { isErrorLevel } from "../onset/log-patterns.ts";
import type { Onset } from "../onset/onset.ts";

const weight = 4;
const longest = { text: 20_000, patch: 20_000, around: 120 };
const most = { names: 20 };

/** The words of errors about something that is not there, as the languages and databases say them. */
const missing =
  /\b(?:is|was|are) (?:not|no longer) (?:defined|set|found|registered|a function|a constructor|exported|implemented|configured|assignable|available)\b|\bnot found\b|\bundefined (?:method|function|local variable|variable|name|reference|index|array key|property|constant)|\b(?:no such|unknown|missing|unresolved|unrecognized|invalid) (?:table|column|field|key|function|method|module|file|option|flag|setting|variable|property|import|symbol|bean|type|argument|keyword|relation|template|route|queue|topic)|\bdoes not exist\b|\b(?:could not|cannot|can't|unable to|failed to) (?:find|resolve|locate|load|read propert\w+)|\bhas no (?:attribute|member|field|property|method)|\bno (?:qualifying bean|provider|handler|implementation)\b|\bNoSuch(?:Method|Field|Bean|Element|Key|Table|Column)\w*|\b(?:NameError|KeyError|ImportError|ModuleNotFoundError|AttributeError|ReferenceError|LoadError|UndefinedColumn|UndefinedTable|MissingPropertyException|ClassNotFoundException|NoClassDefFoundError)\b/gi;
/** A quoted word, or one that only code has. */
const name =
  /["'`«“‘]([\w$.:/-]{3,80})\\?["'`»”’]|\b([A-Za-z_$][\w$]*(?:[.:]{1,2}[\w$]+)+|[a-z]+[A-Z][\w$]*|[A-Z][a-z]+[A-Z][\w$]*|[A-Za-z]+_[\w$]+)\b/g;

/**
 * Changes that take away what the errors miss: “Unable to resolve service for type 'IPriceClient'” beside a change whose removed lines hold
 * that name, and whose added lines do not. A migration that renames or drops it does so, too.
 */
export const missingLinks = (commits: Commit[], given: Case, { patterns }: Onset): Map<string, Evidence> => {
  const logged = missed(patterns.filter(isErrorLevel).map(({ text, fields = "" }) => `${text} ${fields}`));
  const told = missed(
    given.alerts.flatMap(({ annotations, labels }) => [
      ...Object.values(annotations),
      ...Object.values(labels),
    ]),
  );
  const names = [...new Set([...logged, ...told])].slice(0, most.names);
  const links = new Map<string, Evidence>();
  const taken = names.length === 0 ? [] : commits.map((commit) => ({ commit, lines: linesOf(commit) }));
  for (const one of names) {
    const holders = taken.filter(({ lines }) => takesAway(lines, one));
    for (const { commit } of holders) {
      const share = weight / Math.sqrt(holders.length);
      if (share <= (links.get(commit.sha)?.weight ?? 0)) continue;
      const who = logged.includes(one) ? "the new errors miss" : "the alert misses";
      links.set(commit.sha, {
        ...{ weight: share, reason: `${who} “${one}”, which it takes away` },
        ...(told.includes(one) ? {} : { measured: true }),
      });
    }
  }
  return links;
};

/** The names beside the words of something missing, the last part of those with several. */
const missed = (texts: string[]): string[] => {
  const text = texts.join("\n").slice(0, longest.text);
  return [...text.matchAll(missing)].flatMap(({ index, 0: { length } }) => {
    const line = text.slice(Math.max(0, index - longest.around), index + length + longest.around);
    return [...line.matchAll(name)].flatMap(([, quoted, plain]) => lastOf(quoted ?? plain ?? ""));
  });
};
/** Files are not names of the code. */
const file = /\/|\.(?:[cm]?[jt]sx?|py|go|rb|java|kt|php|cs|rs|exs?|json|ya?ml|toml|sql|html?|css)$/i;
const lastOf = (dotted: string): string[] => {
  if (file.test(dotted)) return [];
  const last = dotted.split(/[.:]+/).findLast((part) => part !== "") ?? "";
  return last.length < 3 || /^\d+$/.test(last) ? [] : [last];
};

type Lines = { removed: string; added: string };
const linesOf = ({ patch = "" }: Commit): Lines => {
  const lines = patch.slice(0, longest.patch).split("\n");
  const of = (sign: string): string =>
    lines.filter((line) => line.startsWith(sign) && !line.startsWith(sign.repeat(3))).join("\n");
  return { removed: of("-"), added: of("+") };
};

const takesAway = ({ removed, added }: Lines, name: string): boolean => {
  const word = `(?<![\\w$])${name.replace(/[$\\^.*+?()[\]{}|-]/g, "\\$&")}(?![\\w$])`;
  const renames = new RegExp(`^\\+.*(?:\\b(?:rename|drop)\\b.*${word}|${word}.*\\brename\\b)`, "im");
  if (renames.test(added)) return true;
  const whole = new RegExp(word);
  return whole.test(removed) && !whole.test(added);
};
