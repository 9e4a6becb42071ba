import type { Config } from "../../shared/config.ts";
import type { AskedTools } from "../../shared/ports/deployers.ts";
import type { Log } from "../../shared/ports/log.ts";
import { checkSignIn, checkVisibility } from "../host/access/access.ts";
import { checkSenderTokens } from "../host/access/senders.ts";
import { checkDecisions } from "../host/adapters/decisions.ts";
import { askedTools } from "../host/adapters/deployers.ts";
import { checkPaging } from "../host/adapters/paging.ts";
import { ConfigurationError } from "../host/errors.ts";
import { type ConfigFiles, readConfigFiles } from "../host/settings/config-files.ts";
import { readWithAdvice, type Settings } from "../host/settings/settings.ts";
import { realTimer, type Timer } from "./timer.ts";

/** A configuration that fits the environment, with the tokens of the senders and the deployers to ask that it names. */
export type Fitting = { config: Config; senders: Record<string, string[]>; tools: AskedTools };

/** The configuration that counts now. */
export type LiveConfiguration = {
  current: () => Fitting;
  /**
   * Takes up the files where they have changed, once they have stayed the same for a moment: a file that is being written may be one that
   * lacks services. Files that are wrong are told once, and the former ones stay.
   */
  reload: () => void;
  /** Takes up nothing more. */
  stop: () => void;
};

type Deps = { settings: Settings; log: Log; onChange: () => void; timer?: Timer | undefined };

/** Longer than programs pause while they write a file. */
export const settledMs = 2_000;

/** Throws ConfigurationError when the first configuration cannot count. */
export const liveConfiguration = ({
  settings,
  log,
  onChange,
  timer = realTimer,
}: Deps): LiveConfiguration => {
  const read = (): Read => readFiles(settings.configFile);
  let seen = read();
  let fitting = fittingOf(seen, settings, log);
  let changing: { texts: string; cancel: () => void } | undefined;

  const take = (found: Read): void => {
    seen = found;
    const { registries } = fitting.config;
    try {
      fitting = fittingOf(found, settings, log);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      log.error("the changed configuration is not used, the former one stays", { detail: error.message });
      return;
    }
    log.info("the changed configuration is used from now on", { services: fitting.config.services.length });
    if (JSON.stringify(registries) !== JSON.stringify(fitting.config.registries))
      log.warn("changed registries count from the next start on");
    onChange();
  };
  const stop = (): void => {
    changing?.cancel();
    changing = undefined;
  };
  const look = (isSettled: boolean): void => {
    const found = read();
    const isSame = found.texts === changing?.texts;
    if (isSame && !isSettled) return;
    stop();
    if (found.texts === seen.texts) return;
    if (isSame) take(found);
    else changing = { texts: found.texts, cancel: timer(settledMs, () => look(true)) };
  };
  return { current: () => fitting, reload: () => look(false), stop };
};

/** Everything that is written in the files, or the reason why they cannot be read. */
type Read = { texts: string } & ({ files: ConfigFiles } | { error: ConfigurationError });

const readFiles = (file: string): Read => {
  try {
    const files = readConfigFiles(file);
    return { texts: JSON.stringify(files), files };
  } catch (error) {
    if (error instanceof ConfigurationError) return { texts: error.message, error };
    throw error;
  }
};

/** Checks what was read, and logs what looks wrong. Throws ConfigurationError when it cannot count. */
const fittingOf = (read: Read, settings: Settings, log: Log): Fitting => {
  if ("error" in read) throw read.error;
  const { config, advice } = readWithAdvice(settings.configFile, read.files);
  checkPaging(config, settings.paging);
  checkDecisions(config, settings.opa);
  checkVisibility(config, settings.access);
  checkSignIn(config, settings);
  const tools = askedTools(settings.deployers, config);
  const senders = settings.senderTokens(config);
  checkSenderTokens(config, { ...settings.secrets, senders });
  for (const text of [...advice.map(({ text }) => text), ...settings.advice(config)])
    log.warn("the configuration looks wrong", { detail: text });
  return { config, senders, tools };
};
