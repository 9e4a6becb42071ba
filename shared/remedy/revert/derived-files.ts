import { lockFile } from "./guarded-files.ts";

type Kind = { path: RegExp; then: string };

/** Files that follow from others, or that every change touches, each with the instruction where a revert leaves one out. */
const kinds: Kind[] = [
  { path: lockFile, then: "make it anew with its package manager" },
  // Documents only: `changes.ts` and `history.go` are code, and the `changelog.xml` of Liquibase holds migrations.
  {
    path: /(^|\/)(changelog|changes|history|news|release[-_ ]?notes)([-._](v?\d[\w.]*|next|unreleased|old|archive|[a-z]{2}([-_][a-z]{2})?))?\.(md|markdown|rst|txt|adoc|asciidoc|org|rdoc|textile|pod)$/i,
    then: "say there that the change is gone",
  },
  {
    path: /(^|\/)((CHANGELOG|CHANGES|HISTORY|NEWS|RELEASE[-_ ]?NOTES)([-._]v?\d[\w.]*)?|Change[Ll]og|Changes|changelog|CHANGELOG\.json)$/,
    then: "say there that the change is gone",
  },
  {
    path: /(^|\/)dist\/.*\.(c|m)?(js|css|map|d\.ts)$|\.min\.(js|css)$|[.-]bundle\.(js|css)$|(^|\/)(__)?generated(__)?\/|[._](pb|generated|gen)\.\w+$|_pb2(_grpc)?\.pyi?$|_pb\.(js|d\.ts)$/,
    then: "generate it anew",
  },
  {
    path: /(^|\/)(VERSION|version\.(txt|json|py|go|rb|properties))$|(^|\/)(\.release-please-manifest|lerna)\.json$/,
    then: "its version stays",
  },
];

/** The instruction about a file that a revert leaves out; undefined for a file that people write. */
export const whenLeftOut = (path: string): string | undefined =>
  kinds.find((kind) => kind.path.test(path))?.then;
