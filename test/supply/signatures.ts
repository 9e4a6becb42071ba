/** The result of `npm audit signatures`; `unknown` when the registry, or the log of its keys, did not answer. */
export type Signatures = { is: "verified" | "refused" | "unknown"; told: string };

/**
 * Reads the command's end. Only an answer about the packages themselves refuses: a registry, or the log of its keys, that cannot be reached
 * says nothing about them.
 */
export const signaturesFrom = (code: number | null, output: string): Signatures => {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const about = lines.filter((line) => /\bsignatures?\b|\battestations?\b/i.test(line)).join("\n");
  if (code === 0 && /have verified|verified registry signature/i.test(output))
    return { is: "verified", told: about };
  if (/invalid registry signature|missing registry signature|invalid attestation/i.test(output))
    return { is: "refused", told: lines.join("\n") };
  return { is: "unknown", told: lines.slice(0, 4).join("\n") };
};
