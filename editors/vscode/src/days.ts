// Sessions by the day of their last change, as people look for them.

import type { SessionInfo } from "./protocol";

export interface Group {
  label: string;
  sessions: SessionInfo[];
}

const DAY = 24 * 60 * 60 * 1000;

/** Return the sessions in groups, in their order; empty groups are left out. */
export function groupsOf(sessions: SessionInfo[], now: Date): Group[] {
  const groups = new Map<string, SessionInfo[]>();
  for (const session of sessions) {
    const label = session.pinned ? "Pinned" : dayOf(new Date(session.updatedAt), now);
    groups.set(label, [...(groups.get(label) ?? []), session]);
  }
  return [...groups].map(([label, members]) => ({ label, sessions: members }));
}

function dayOf(time: Date, now: Date): string {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const days = Math.ceil((midnight.getTime() - time.getTime()) / DAY);
  if (days <= 0) {
    return "Today";
  }
  return days === 1 ? "Yesterday" : days < 7 ? "This Week" : "Older";
}
