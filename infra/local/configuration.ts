import type { Config } from "../../shared/config.ts";
import type { Log } from "../../shared/ports/log.ts";
import { checkSignIn, checkVisibility } from "../host/access/access.ts";
import { checkSenderTokens } from "../host/access/senders.ts";
import { checkDecisions } from "../host/adapters/decisions.ts";
import { checkPaging } from "../host/adapters/paging.ts";
import { ConfigurationError } from "../host/errors.ts";
import { readConfigFiles } from "../host/settings/config-files.ts";
import { readWithAdvice, type Settings } from "../host/settings/settings.ts";

/** A configuration that fits the environment, with the tokens of the senders that it names. */
export type Fitting = { config: Config; senders: Record<string, string[]> };

/** Reads the configuration file, and logs what looks wrong. Throws ConfigurationError when it cannot count. */
export const readFitting = (settings: Settings, log: Log): Fitting => {
  const { config, advice } = readWithAdvice(settings.configFile);
  checkPaging(config, settings.paging);
  checkDecisions(config, settings.opa);
  checkVisibility(config, settings.access);
  checkSignIn(config, settings);
  const senders = settings.senderTokens(config);
  checkSenderTokens(config, { ...settings.secrets, senders });
  for (const text of [...advice.map(({ text }) => text), ...settings.advice(config)])
    log.warn("the configuration looks wrong", { detail: text });
  return { config, senders };
};

/** The configuration that counts now. */
export type LiveConfiguration = {
  current: () => Fitting;
  /** Takes up the files where they have changed. One that is wrong is told once, and the former one stays. */
  reload: () => void;
};

type Deps = { settings: Settings; log: Log; onChange: () => void };

/** Throws ConfigurationError when the first configuration cannot count. */
export const liveConfiguration = ({ settings, log, onChange }: Deps): LiveConfiguration => {
  let seen = textsOf(settings.configFile);
  let fitting = readFitting(settings, log);
  return {
    current: () => fitting,
    reload: () => {
      const texts = textsOf(settings.configFile);
      if (texts === seen) return;
      seen = texts;
      const { registries } = fitting.config;
      try {
        fitting = readFitting(settings, log);
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error;
        log.error("the changed configuration is not used, the former one stays", { detail: error.message });
        return;
      }
      log.info("the changed configuration is used from now on", { services: fitting.config.services.length });
      if (JSON.stringify(registries) !== JSON.stringify(fitting.config.registries))
        log.warn("changed registries count from the next start on");
      onChange();
    },
  };
};

/** Everything that is written in the files, or the reason why they cannot be read. */
const textsOf = (file: string): string => {
  try {
    return JSON.stringify(readConfigFiles(file));
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
};
