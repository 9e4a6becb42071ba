const denied =
  /\badmission webhook "[^"]{1,253}" denied\b|\bValidatingAdmissionPolicy '[^']{1,253}'.{0,300}\bdenied request\b/i;

/**
 * Whether a deployer's message says that the cluster's admission control refused the change, as Gatekeeper, Kyverno and
 * ValidatingAdmissionPolicy do. The texts are Kubernetes' (apiserver, plugin/webhook and plugin/policy/validating).
 */
export const isDenied = (message: string | undefined): boolean =>
  message !== undefined && denied.test(message);
