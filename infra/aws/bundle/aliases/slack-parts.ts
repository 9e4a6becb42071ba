const never = (): never => {
  throw new Error("functions send Slack neither files nor streams of text by its client");
};

/** Stand in for uploads and streams of text of Slack's client. */
export const ChatStreamer = never;
export const getAllFileUploadsToComplete = never;
export const getFileUploadJob = never;
export const getMultipleFileUploadJobs = never;
