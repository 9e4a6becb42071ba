import type { SharedWaits } from "../../../shared/adapters/http/quota.ts";
import type { Store } from "../../../shared/ports/store.ts";

/** The limits of a credential as its processes share them through the store. */
export const waitsOf = (store: Pick<Store, "register" | "setRegister">, credential: string): SharedWaits => ({
  credential,
  read: () => store.register("waits"),
  write: (version, waits) => store.setRegister("waits", version, waits),
});
