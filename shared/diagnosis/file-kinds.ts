import { changedLines } from "./ranking/changed-lines.ts";

export const docsPath =
  /(^|\/)docs?\/|\.(md|rst|adoc)$|(?<!(requirements|constraints|CMakeLists)[^/]*)\.txt$|(^|\/)(LICENSE|OWNERS|CODEOWNERS|\.gitignore)$/i;

export const testPath =
  /(^|\/)(tests?|__tests__|spec|fixtures|testdata)\/|[._-](test|spec)s?\.\w+$|_(unit)?tests?\.\w+$/i;

export const ciPath =
  /(^|\/)(\.github|\.gitlab|\.circleci|\.buildkite)\/|Jenkinsfile|\.gitlab-ci\.yml$|\.travis\.yml$/i;

/** Settings of linters, formatters, editors and bots that raise versions. */
const toolPath =
  /(^|\/)(\.(eslint|prettier|stylelint|commitlint|lintstaged|markdownlint|rubocop|golangci|pylint|flake8|phpcs|editorconfig|clang-format|rustfmt|pre-commit|husky|vscode|idea)[^/]*(\/.*)?|(eslint|prettier|stylelint|commitlint|lint-staged)\.config\.\w+|(biome|renovate)\.jsonc?5?)$/i;

/** Whether a change is of nothing but such settings, documentation, tests and CI. */
export const isTooling = (paths: string[]): boolean =>
  paths.length > 0 &&
  paths.every(
    (path) => toolPath.test(path) || docsPath.test(path) || testPath.test(path) || ciPath.test(path),
  );

export const configPath = /\.(ya?ml|json|toml|ini|conf|cfg|env|properties|tfvars|erb|j2)$/i;

/** Files in which projects declare their dependencies. */
export const lockPath =
  /(package-lock\.json|yarn\.lock|pnpm-lock\.yaml|go\.(mod|sum)|Gemfile(\.lock)?|Cargo\.(lock|toml)|requirements.*\.txt|poetry\.lock|package\.json|pom\.xml|DEPS)$/i;

export const migrationPath = /(^|\/)(migrations?|migrate|alembic)\/|\.sql$/i;

const rulePath = /(rule|alert|monitor|prometheus)[^/]*(\/.*)?\.(ya?ml|json|libsonnet|tf)$/i;

/** Whether a change may touch alerting rules. */
export const touchesRules = (paths: string[]): boolean => paths.some((path) => rulePath.test(path));

/** Whether the change touches only rules, which take effect when they land and are not deployed with the service. */
export const isRulesOnly = (paths: string[]): boolean =>
  paths.length > 0 && paths.every((path) => rulePath.test(path));

/** Styles, pictures and translations. */
const textPath =
  /(^|\/)(locales?|i18n|translations?|lang)\/|\.(po|xliff|css|scss|sass|less|svg|png|jpe?g|gif|woff2?)$|(^|\/)[a-z]{2}([-_][A-Z]{2})?\.(json|ya?ml|properties|strings)$/i;

const pagePath = /\.html?$/i;
/** Lines of a page that do more than show a text: scripts, forms, handlers, templates, and what it loads. */
const livePage =
  /<(script|form|input|button|iframe|link|meta|base|object)\b|\bon\w+\s*=|\b(src|action)\s*=|\{\{|\{%|<%|\$\{/i;

/** Whether a change is of styles, pictures, translations and the plain texts of pages alone. */
export const isStyling = ({ paths, patch }: { paths: string[]; patch?: string | undefined }): boolean =>
  paths.length > 0 &&
  paths.every((path) => textPath.test(path) || (patch !== undefined && pagePath.test(path))) &&
  (paths.every((path) => textPath.test(path)) || !livePage.test(changedLines(patch ?? "")));

export const isInert = (paths: string[]): boolean =>
  paths.length > 0 && paths.every((path) => docsPath.test(path) || testPath.test(path) || ciPath.test(path));
