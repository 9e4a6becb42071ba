/** A larger file is not a manifest that a person wrote. */
export const maxBytes = 5 * 1024 * 1024;

/** Whether the file may set a scale: YAML, Terraform, and the files of a chart. */
export const isManifest = (path: string): boolean =>
  /\.(ya?ml|tf|tofu|tfvars|tfvars\.json|tpl)$|(^|\/)terragrunt\.hcl$/i.test(path) ||
  /(^|\/)Kustomization$/.test(path) ||
  (path.endsWith(".json") && !/(^|\/)(package(-lock)?|tsconfig[^/]*)\.json$/.test(path));

/** Folders that hold no source. */
export const skipped = (name: string): boolean =>
  [".git", "node_modules", ".terraform", ".venv"].includes(name);

/** Files that are read over GitHub at most. */
export const maxFiles = 40_000;

/** Whether the file is read at all. */
export const wanted = (path: string): boolean => isManifest(path) && !path.split("/").some(skipped);
