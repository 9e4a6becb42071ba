/** Stands in for the SDK's event streams: DynamoDB and EventBridge answer in one piece. */
export class EventStreamSerde {
  constructor() {
    throw new Error("functions read no event streams");
  }
}
export const eventStreamSerdeProvider = (): EventStreamSerde => new EventStreamSerde();
