import { answers } from "../../../functions/answers.ts";
import { retry } from "../../../functions/retry.ts";
import { chatOf } from "../chat.ts";
import { onLambda } from "../host.ts";
import { receiver } from "../receiver.ts";

export const definition = receiver(
  "answers",
  (app, doors) => {
    app.post("/slack/interactions", answers(doors));
    app.post("/incidents/:service/:environment/retry", retry(doors));
  },
  {
    chat: chatOf,
  },
);
export const handler = onLambda(definition);
