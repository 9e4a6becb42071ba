/** Stands in for the files of profiles in a home directory: on Lambda there is none, and the environment says everything. */
export const readFile = async (): Promise<string> => "";
export const filePromises = {};
export const fileIntercept = {};
