/** Stands in for the SDK's cache of discovered endpoints: DynamoDB is called at its regional address, and nothing is discovered. */
export class EndpointCache {
  async getEndpoint(): Promise<undefined> {
    return undefined;
  }
  get(): undefined {
    return undefined;
  }
  has(): boolean {
    return false;
  }
  set(): void {}
  delete(): void {}
  clear(): void {}
}
