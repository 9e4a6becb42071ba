import { EventEmitter } from "node:events";

/** Stands in for the list of Slack's 280 methods, which its client binds one by one: the adapter names its method to `apiCall`. */
export class Methods extends EventEmitter {}
