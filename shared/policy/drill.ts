/** The label that marks an alert of a drill; its value is the drill's id. */
export const drillLabel = "countersteer_drill";
/** The name of such an alert. Either mark alone is enough, should a relabelling drop the other. */
export const drillAlert = "CountersteerDrill";

type Marked = { name: string; labels: Record<string, string> };

/** Whether an alert is of a drill. Such an alert never opens, joins or resolves an incident. */
export const isDrill = ({ name, labels }: Marked): boolean =>
  name === drillAlert || Object.hasOwn(labels, drillLabel);

const prefix = "drill:";
/** The name of a drill behind the buttons of its question, in the place of an incident. */
export const questionOfDrill = (id: string): string => `${prefix}${id}`;
/** The drill that a button is of; undefined for an incident's. */
export const drillOf = (incident: string): string | undefined =>
  incident.startsWith(prefix) ? incident.slice(prefix.length) : undefined;

/** A drill's id: a part of a branch's name and of an address. */
export const drillId = /^[a-z0-9]{4,20}$/;
