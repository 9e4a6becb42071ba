export type Language = "go" | "kotlin" | "java";
export type Service = { language: Language; dependsOn: readonly string[] };

export const services: Readonly<Record<string, Service>> = {
  storefront: { language: "kotlin", dependsOn: ["catalog", "cart", "customers", "search"] },
  gateway: { language: "go", dependsOn: ["storefront", "checkout", "customers"] },
  catalog: { language: "java", dependsOn: ["postgres", "pricing"] },
  search: { language: "go", dependsOn: ["opensearch", "catalog"] },
  cart: { language: "go", dependsOn: ["redis", "pricing", "inventory"] },
  checkout: { language: "kotlin", dependsOn: ["cart", "payments", "orders", "promotions", "shipping"] },
  pricing: { language: "go", dependsOn: ["postgres", "promotions", "redis"] },
  promotions: { language: "kotlin", dependsOn: ["postgres", "customers"] },
  payments: { language: "java", dependsOn: ["fraud", "ledger", "postgres", "kafka"] },
  ledger: { language: "java", dependsOn: ["postgres", "kafka"] },
  orders: { language: "kotlin", dependsOn: ["postgres", "kafka", "inventory"] },
  inventory: { language: "go", dependsOn: ["postgres", "kafka"] },
  shipping: { language: "go", dependsOn: ["kafka", "orders"] },
  notifications: { language: "kotlin", dependsOn: ["kafka", "customers"] },
  fraud: { language: "java", dependsOn: ["redis", "customers"] },
  customers: { language: "java", dependsOn: ["postgres"] },
};

export const languageOf = (service: string): Language => services[service]?.language ?? "go";

const sources: Record<Language, (base: string, service: string) => string> = {
  go: (base) => `${base}/internal/`,
  kotlin: (base, service) => `${base}/src/main/kotlin/shop/${service}/`,
  java: (base, service) => `${base}/src/main/java/shop/${service}/`,
};

/** Expands `src:`, `test:`, `kt:`, `ktt:`, `jv:`, `res:`, `top:` and `helm:` to the folder of the service; leaves other paths alone. */
export const pathOf = (path: string, service: string, root: string): string => {
  const base = root + service;
  const source = sources[languageOf(service)](base, service);
  const folders: Record<string, string> = {
    src: source,
    test: source.replace("/main/", "/test/"),
    kt: sources.kotlin(base, service),
    ktt: sources.kotlin(base, service).replace("/main/", "/test/"),
    jv: sources.java(base, service),
    res: `${base}/src/main/resources/`,
    top: `${base}/`,
    helm: `deploy/${service}/`,
  };
  const [, kind, rest] = /^(\w+):(.*)$/.exec(path) ?? [];
  return kind === undefined ? path : (folders[kind] ?? "") + rest;
};

/** Path prefixes of a service, with the library folder of its language. */
export const pathsOf = (service: string, root: string): string[] => [
  `${root}${service}/`,
  `deploy/${service}/`,
  languageOf(service) === "go" ? "libs/go/" : "libs/jvm/",
];

export const authors = [
  "Ines Varga",
  "Tom Okafor",
  "Mirela Costin",
  "Jonas Lindqvist",
  "Priya Raman",
  "Yuki Tanabe",
  "Aleks Horvat",
  "Sana Malik",
  "Pieter de Boer",
  "Lucia Ferro",
  "Hamid Rezai",
  "Greta Olsen",
];
