import hooks from "node:async_hooks";
import { enableCompileCache } from "node:module";
import fc from "fast-check";

// Test files that run in separate processes share the compile cache.
enableCompileCache();

// The runner's hook follows every promise, to find the test of an error that nobody caught. Following all other resources finds it too, with a tenth less work.
const { createHook } = hooks;
hooks.createHook = (callbacks) => {
  hooks.createHook = createHook;
  return createHook({ ...callbacks, trackPromises: false });
};

/** Property tests try the same cases at every run, so that a red run means the change is wrong. Another FC_SEED tries others. */
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.FC_SEED ?? 20261122) });
