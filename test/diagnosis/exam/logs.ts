import { type LogStyle, logStyles } from "./dress.ts";
import { camel, kebab, snake } from "./names.ts";
import { hour, minute, type Scene } from "./scene.ts";
import type { Line } from "./story.ts";

type Logged = { at: number; service: string; level: string; text: string; trace?: string };
type Put = (
  at: number,
  service: string,
  said: { level: string; text: string; trace?: string | undefined },
) => void;

/** The last 220 lines: the usual ones, what came with the innocent deploy, the story's, what follows from any trouble. */
export const logsOf = (scene: Scene): Logged[] => {
  const { dice, world, alerting, onset, at, cause, story } = scene;
  const { service, upstream, other } = world;
  const style: LogStyle = dice.pick(logStyles);
  const lines: Logged[] = [];
  const put: Put = (when, name, { level, text, trace }) => {
    if (when > at) return;
    const line = { at: Math.round(when), service: name, level, text: style(dice, level, text) };
    lines.push(trace ? { ...line, trace } : line);
  };
  const from = Math.min(cause?.live ?? onset, onset) - dice.real(3, 8) * hour;
  for (const one of [alerting, service, upstream, other].slice(0, dice.int(2, 4)))
    for (const [level, text] of usualLines(scene))
      for (let left = dice.int(3, 9); left > 0; left--)
        put(dice.chance(0.25) ? dice.real(onset, at) : dice.real(from, at), one.name, { level, text });
  if (dice.chance(0.6)) fromBeside(scene, put);
  for (const line of story.lines) fromStory(scene, line, { from, put });
  if (dice.chance(0.6)) followOn(scene, put);
  return lines.sort((a, b) => a.at - b.at).slice(-220);
};

const usualLines = ({ dice, world }: Scene): [level: string, text: string][] => {
  const entity = world.entity();
  const all: [string, string][] = [
    ["info", `${entity} accepted`],
    ["info", `GET /v1/${kebab(entity)}s 200`],
    ["warn", `slow consumer, buffered ${entity}s`],
    ["info", `flushed ${entity} batch`],
    ["warn", `deprecated field ${camel(entity)}Ref used by client`],
    ["error", `${entity} not found`],
    ["warn", "retrying after 429"],
    ["error", `validation failed: ${snake(entity)} is required`],
    ["info", "health check ok"],
    ["warn", "cache refresh took longer than expected"],
    ["error", "broken pipe while writing response"],
    ["info", `scheduled ${entity} cleanup finished`],
    ["warn", "connection reset by peer, reconnecting"],
    ["debug", `loaded ${entity} rules`],
  ];
  return dice.some(all, dice.int(3, 5));
};

const fromBeside = ({ dice, world, beside, at }: Scene, put: Put): void => {
  const text = dice.pick([
    `${world.entity()} pipeline ready`,
    `using ${world.entity()} rules revision ${dice.int(10, 90)}`,
    `deprecated: ${world.entity()} v1 will be removed`,
  ]);
  for (let left = dice.int(2, 6); left > 0; left--)
    put(dice.real(beside.at, at), beside.service.name, { level: dice.pick(["info", "warn"]), text });
};

type Told = { from: number; put: Put };
const fromStory = (scene: Scene, line: Line, { from, put }: Told): void => {
  const { dice, world, onset, at, cause } = scene;
  const { service = world.service, first, old = 0 } = line;
  const name = typeof service === "string" ? service : service.name;
  const times = Math.max(1, Math.round(line.times * dice.real(0.5, 1.1)));
  const when = (n: number): number => {
    if (first) return onset - dice.real(5, 60) * 1000;
    if (line.from && cause && n < times * 0.5) return dice.real(cause.live + minute, onset);
    return onset + (at - onset) * dice.next() ** 1.3;
  };
  for (let n = 0; n < times; n++) put(when(n), name, line);
  const { level, text } = line;
  for (let n = 0; n < old; n++) put(dice.real(from, cause?.live ?? onset), name, { level, text });
};

const followOn = ({ dice, world, alerting, onset, at }: Scene, put: Put): void => {
  for (let left = dice.int(3, 9); left > 0; left--) {
    const when = dice.real(onset, at);
    const text = dice.pick([
      "request failed status=500",
      `error handling /v1/${kebab(world.entity())}s: internal error`,
      "upstream returned 5xx, giving up",
    ]);
    put(when, alerting.name, { level: "error", text });
  }
};
