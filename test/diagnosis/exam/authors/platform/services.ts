export type Language = "dotnet" | "rust" | "ruby" | "php" | "platform";
export type Service = {
  name: string;
  language: Language;
  source: string;
  config: string;
  space: string;
  nouns: readonly string[];
};

const service = (name: string, language: Language, nouns: string): Service => ({
  name,
  language,
  source: language === "platform" ? `gitops/clusters/prod/${name}` : `services/${name}`,
  config: language === "platform" ? `gitops/clusters/prod/${name}` : `gitops/apps/${name}`,
  space: name
    .split("-")
    .map((word) => `${word[0]!.toUpperCase()}${word.slice(1)}`)
    .join(""),
  nouns: nouns.split(" "),
});

export const services: readonly Service[] = [
  service("ledger-api", "dotnet", "Posting Account Balance Journal"),
  service("payments-hub", "dotnet", "Transfer Mandate Payee Clearing"),
  service("statement-worker", "dotnet", "Statement Template Archive Batch"),
  service("card-auth", "rust", "Authorisation Reversal Merchant Token"),
  service("fraud-score", "rust", "Feature Score Rule Signal"),
  service("usage-meter", "rust", "Record Rating Session Tariff"),
  service("selfcare-web", "ruby", "Plan Invoice Profile Device"),
  service("dunning", "ruby", "Reminder Campaign Promise Arrear"),
  service("number-porting", "ruby", "Port Carrier Window Request"),
  service("partner-portal", "php", "Partner Contract Order Commission"),
  service("billing-admin", "php", "Credit Adjustment Refund Cycle"),
  service("kyc-forms", "php", "Applicant Document Check Consent"),
  service("edge-ingress", "platform", "Route Host Listener Gateway"),
  service("cluster-base", "platform", "Namespace Policy Quota Addon"),
];

export const serviceNamed = (name: string): Service => {
  const found = services.find((each) => each.name === name);
  if (!found) throw new Error(`find service ${name}: not in the list of services`);
  return found;
};
