import type { OutsideSystem } from "../../brands.ts";
import { countCalls, countScarce, span } from "../../telemetry.ts";

/** `fetch`, with every call to `system` counted by what came back and seen as a span. */
export const observedFetch = (system: OutsideSystem): typeof fetch =>
  observed(system, (input, init) => fetch(input, init));

/** The same of another `fetch`. */
export const observed =
  (system: OutsideSystem, send: typeof fetch): typeof fetch =>
  (input, init) =>
    span(`call ${system}`, { attributes: { "server.system": system } }, async () => {
      try {
        // A redirect could lead anywhere. Only a caller that says otherwise follows one.
        const response = await send(input, { redirect: "manual", ...init });
        countCalls({ system, result: `${Math.floor(response.status / 100)}xx` });
        if (isScarce(response.headers)) countScarce({ system });
        return response;
      } catch (error) {
        countCalls({ system, result: "failed" });
        throw error;
      }
    });

/** GitHub tells with each answer how many calls of the hour are left. */
const isScarce = (headers: Headers): boolean => {
  const [limit, remaining] = [headers.get("x-ratelimit-limit"), headers.get("x-ratelimit-remaining")];
  return limit !== null && remaining !== null && Number(remaining) < Number(limit) / 5;
};
