import type { LeftReason } from "../../shared/ports/store.ts";

/** Each reason in words, and what changes it. */
export const reasons: Record<LeftReason, [why: string, todo: string]> = {
  unknown_service: ["no service matches it", "add a matcher or a service, or let it be"],
  unknown_environment: [
    "its service has no such environment",
    "name the environment, or its other name (environments)",
  ],
  unknown_flag: ["no service lists the flag", "add it to services[].flags, if it matters"],
  no_commit: ["it names no commit", "have the deployer send the commit, or label the image"],
  drill: ["it was a drill: no incident opens for one", "nothing"],
  other_repository: ["it is about another repository", "mend repository or gitops of the service"],
  not_owned: [
    "its sender may not speak of that service",
    "add the service to the sender, or use another token",
  ],
  malformed: ["it is not of its form", "compare it with the documentation of its sender"],
  unreadable: ["it could not be read", "look into the log for what came back"],
  no_credential: ["its token or signature is missing or wrong", "give the sender the token of this server"],
  foreign: ["it came by another host or from another site's page", "set baseUrl to the name that people use"],
  missing: ["there is no such address", "mend the address in the sender"],
  slow: ["it took too long to arrive", "look at the network of the sender"],
  too_large: ["it is too large", "send fewer alerts at once (max_alerts)"],
  encoded: ["its encoding is not read here", "send it uncompressed"],
  not_admin: ["the person is not an admin", "add them to admins, if they may"],
  late: ["the question was answered already", "nothing"],
  stopped: ["Countersteer was stopped", "start it again"],
  superseded: ["the question was asked anew", "answer on the latest message"],
  held: ["it was on hold", "take the hold away"],
  policy_changed: ["who may approve had changed", "answer on the latest message"],
  limited: ["a limit or a freeze forbade it", "wait, or change the policy"],
  not_configured: ["the service is no longer configured", "nothing, or add it again"],
  not_approver: ["the person is not an approver", "add them to approvers, if they may"],
  outsider: ["a guest, a bot or a stranger tried", "nothing"],
  lookup_failed: [
    "it could not be checked who the person is",
    "try again; look at Slack's and GitHub's state",
  ],
};
