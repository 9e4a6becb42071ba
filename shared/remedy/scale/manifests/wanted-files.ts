/** A larger file is not a manifest that a person wrote. */
export const maxBytes = 5 * 1024 * 1024;

/** What may say a scale: YAML, Terraform, and what a chart is made of. */
export const isManifest = (path: string): boolean =>
  /\.(ya?ml|tf|tfvars|tfvars\.json|tpl)$/i.test(path) ||
  /(^|\/)Kustomization$/.test(path) ||
  (path.endsWith(".json") && !/(^|\/)(package(-lock)?|tsconfig[^/]*)\.json$/.test(path));

/** Folders that hold no source. */
export const skipped = (name: string): boolean =>
  [".git", "node_modules", ".terraform", ".venv"].includes(name);

/** GitHub gives one file a request; past this many files the folder has to be named. */
export const maxFiles = 2000;

/** What is read of a repository. */
export const wanted = (path: string): boolean => isManifest(path) && !path.split("/").some(skipped);
