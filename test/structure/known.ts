/** The breaches that remain. The list only shrinks: the test fails for an entry that is mended. */
export const known = [
  "functions/answers.ts uses setTimeout",
  "functions/answers.ts uses clearTimeout",
  "infra/host/settings.ts names infra/local/countersteer.example.yaml",
];
