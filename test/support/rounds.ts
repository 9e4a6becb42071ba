/** Turns of the event loop in which code that got its answers makes its next calls. */
const turns = 20;

/**
 * A `fetch` that answers in rounds: all calls that were made before any answer of the round was seen. Each round waits for the one before, so
 * that there are as many as calls that wait for one another, however fast the machine is. `rounds` has the calls of each.
 */
export const inRounds = (): { rounds: string[][]; fetch: typeof fetch } => {
  const rounds: string[][] = [];
  let calls: Promise<unknown>[] = [];
  let round: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    for (let [quiet, known] = [0, 0]; quiet < turns; quiet = calls.length === known ? quiet + 1 : 0) {
      known = calls.length;
      await Promise.allSettled(calls);
      await new Promise((resolve) => void setImmediate(resolve));
    }
    [calls, round] = [[], undefined];
  };
  const inTurn: typeof fetch = async (input, init) => {
    if (round === undefined) rounds.push([]);
    rounds.at(-1)?.push(`${init?.method ?? "GET"} ${input instanceof Request ? input.url : input}`);
    const answer = fetch(input, init).then(whole);
    calls.push(answer);
    round ??= end();
    await round;
    return answer;
  };
  return { rounds, fetch: inTurn };
};

/** The answer with all of its body there. */
const whole = async (answer: Response): Promise<Response> => {
  const body = await answer.arrayBuffer();
  return new Response(body.byteLength === 0 ? null : body, answer);
};
