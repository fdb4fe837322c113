// How full the model's context is, and what the chat cost until now.

import type { ContextUse, Cost, SessionInfo } from "../src/protocol";

/** Return such as `12 k of 200 k · $0.04`; what is not known is left out. */
export function meter(session: SessionInfo | undefined): string {
  const parts = [contextText(session?.context), costText(session?.cost)];
  return parts.filter(Boolean).join(" · ");
}

/** Return all that is known of it, a line each. */
export function breakdown(session: SessionInfo | undefined): string {
  if (!session) {
    return "";
  }
  const { inputTokens, outputTokens, cachedTokens } = session.usage;
  const { context, cost } = session;
  const used = context && `${context.used.toLocaleString()} tokens`;
  const lines = [
    used && `Context: ${used}${context.estimated ? ", estimated" : ""}`,
    context?.window && `Window: ${context.window.toLocaleString()} tokens`,
    `Read: ${inputTokens.toLocaleString()} tokens`,
    cachedTokens && `of these from the cache: ${cachedTokens.toLocaleString()}`,
    `Written: ${outputTokens.toLocaleString()} tokens`,
    `Cost: ${costText(cost) || "not known"}`,
    cost?.incomplete && "Some of its models have no known price.",
  ];
  return lines.filter(Boolean).join("\n");
}

function contextText(context: ContextUse | null | undefined): string {
  if (!context) {
    return "";
  }
  const used = (context.estimated ? "~" : "") + short(context.used);
  return context.window ? `${used} of ${short(context.window)}` : `${used} tokens`;
}

function costText(cost: Cost | null | undefined): string {
  if (!cost || cost.amount === 0) {
    return "";
  }
  const digits = cost.amount < 0.01 ? 4 : 2;
  return `${cost.incomplete ? "≥ " : ""}$${cost.amount.toFixed(digits)}`;
}

function short(tokens: number): string {
  if (tokens < 1000) {
    return String(tokens);
  }
  const [amount, unit] = tokens < 1e6 ? [tokens / 1e3, "k"] : [tokens / 1e6, "M"];
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${unit}`;
}
