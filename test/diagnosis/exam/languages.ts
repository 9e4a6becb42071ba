import type { Dice } from "./dice.ts";
import { camel, capital, kebab, pascal, snake, upper, words } from "./names.ts";

export type Language = "go" | "java" | "py" | "ts" | "ruby";
/** `dir` is where its files lie, `org` the company that it is of. */
export type Service = { name: string; language: Language; dir: string; org: string };

/** The Java package of a service. */
export const packageOf = ({ org, name }: Service): string => `${org}.${kebab(name).replace(/-/g, "")}`;

type Place = (service: Service, name: string) => string;
/** Where the service keeps what has that name. */
export const sourcePath: Place = (service, name) => sources[service.language](service, name);
export const testPath: Place = (service, name) => tests[service.language](service, name);

const sources: Record<Language, Place> = {
  go: ({ dir }, name) => {
    const [first, ...rest] = words(name);
    return `${dir}/internal/${first}/${rest.join("_") || first}.go`;
  },
  java: (service, name) =>
    `${service.dir}/src/main/java/com/${packageOf(service).replace(".", "/")}/${pascal(name)}.java`,
  py: (service, name) => `${service.dir}/${snake(service.name)}/${snake(name)}.py`,
  ts: ({ dir }, name) => `${dir}/src/${kebab(name)}.ts`,
  ruby: ({ dir }, name) => `${dir}/app/services/${snake(name)}.rb`,
};
const tests: Record<Language, Place> = {
  go: (service, name) => sourcePath(service, name).replace(/\.go$/, "_test.go"),
  java: (service, name) => sourcePath(service, `${name} test`).replace("/main/", "/test/"),
  py: ({ dir }, name) => `${dir}/tests/test_${snake(name)}.py`,
  ts: ({ dir }, name) => `${dir}/test/${kebab(name)}.test.ts`,
  ruby: ({ dir }, name) => `${dir}/spec/services/${snake(name)}_spec.rb`,
};

/** The test of that name where the source lies. */
export const testBeside = (service: Service, name: string): string =>
  sourcePath(service, name).replace(/(\.\w+)$/, "_test$1");

/** A constant as the language writes it; `shown` is its value and, after a blank, its unit (ms or s) if it has one. */
export const constant = ({ language }: Service, name: string, shown: string | number): string => {
  const [value, unit] = `${shown}`.split(" ");
  const named = upper(unit === undefined ? name : `${name} ${unit}`);
  const times = { ms: " * time.Millisecond", s: " * time.Second" }[unit ?? ""] ?? "";
  return {
    go: `\t${camel(name)} = ${value}${times}`,
    java: `    private static final int ${named} = ${value};`,
    py: `${named} = ${value}`,
    ts: `export const ${named} = ${value}`,
    ruby: `  ${named} = ${value}`,
  }[language];
};

/** Chooses by the service's language: Go, Java, or any other. */
export const byLanguage = ({ language }: Service, [go, java, other]: [string, string, string]): string =>
  language === "go" ? go : language === "java" ? java : other;

/** One line of ordinary code about an entity. */
export const codeLine = (dice: Dice, { language }: Service, entity: string): string => {
  const field = dice.pick(["id", "status", "total", "updated at", "owner", "region", "count", "label"]);
  const verb = dice.pick(["load", "build", "validate", "merge", "format", "apply", "collect"]);
  const named = naming[language];
  const parts = { entity, verb, it: named.variable(entity), Type: pascal(entity), field: named.field(field) };
  return dice.pick(ordinary[language](parts));
};

type Naming = (name: string) => string;
const naming: Record<Language, { variable: Naming; field: Naming }> = {
  go: { variable: camel, field: pascal },
  java: { variable: camel, field: pascal },
  py: { variable: snake, field: snake },
  ts: { variable: camel, field: camel },
  ruby: { variable: snake, field: snake },
};
/** `it` is a variable that holds one, `field` something of it, as the language writes them. */
type Parts = { entity: string; verb: string; it: string; Type: string; field: string };
const ordinary: Record<Language, (parts: Parts) => string[]> = {
  go: ({ entity, it, Type, field, verb }) => [
    `\tif err := ${it}.${capital(verb)}(ctx); err != nil {`,
    `\t\treturn fmt.Errorf("${verb} ${entity}: %w", err)`,
    `\t${it}.${field} = req.${field}`,
    `\tfor _, ${it[0]} := range ${it}s {`,
    `func (s *Server) ${capital(verb)}${Type}(ctx context.Context, id string) (*${Type}, error) {`,
    `\tout = append(out, ${it}.${field})`,
  ],
  java: ({ it, Type, field, verb }) => [
    `        ${Type} ${it} = ${it}Repository.findById(id).orElseThrow();`,
    `    public ${Type} ${verb}${Type}(String id) {`,
    `        return ${it}s.stream().map(${Type}::get${field}).toList();`,
    `        ${it}.set${field}(request.get${field}());`,
    `        if (${it}.get${field}() == null) { return Optional.empty(); }`,
  ],
  py: ({ it, Type, field, verb }) => [
    `    ${it} = self.repo.${verb}_${it}(key)`,
    `    def ${verb}_${it}(self, ${field}: str) -> ${Type}:`,
    `        return [x.${field} for x in ${it}s]`,
    `    if not ${it}.${field}:`,
    `        ${it}["${field}"] = payload.get("${field}")`,
  ],
  ruby: ({ it, Type, field, verb }) => [
    `    ${it} = ${Type}.find_by(${field}: params[:${field}])`,
    `  def ${verb}_${it}(${field})`,
    `    ${it}.update!(${field}: ${field})`,
    `    return if ${it}.${field}.blank?`,
  ],
  ts: ({ it, Type, field, verb }) => [
    `  const ${it} = await this.${it}s.${verb}(${field})`,
    `  if (!${it}.${field}) return null`,
    `export async function ${verb}${Type}(${field}: string): Promise<${Type}> {`,
    `    ${field}: ${it}.${field} ?? '',`,
    `  return ${it}s.map((x) => x.${field})`,
  ],
};
