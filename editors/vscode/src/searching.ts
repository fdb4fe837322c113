// Searching all chats as one types.

import * as vscode from "vscode";
import type { Chat } from "./chat";
import type { ChatView } from "./chatView";
import type { Client } from "./client";
import type { SearchHit } from "./protocol";

const PAUSE = 120; // milliseconds without a key, before the server is asked

type Item = vscode.QuickPickItem & { sessionId?: string; messageId?: string };

/** Let the user search, and show what he chooses. */
export function search(client: Client, chat: Chat, view: ChatView): void {
  const pick = vscode.window.createQuickPick<Item>();
  pick.title = "Search in All Chats";
  pick.placeholder = "Any words, in any language";
  pick.matchOnDescription = pick.matchOnDetail = false;
  let asked = 0;
  let timer: NodeJS.Timeout | undefined;
  pick.onDidChangeValue((query) => {
    clearTimeout(timer);
    const number = ++asked;
    timer = setTimeout(async () => {
      const items = await found(client, query);
      if (number === asked) {
        pick.items = items;
      }
    }, PAUSE);
  });
  pick.onDidAccept(async () => {
    const [item] = pick.selectedItems;
    if (item?.sessionId) {
      pick.hide();
      await open(chat, view, item.sessionId, item.messageId);
    }
  });
  pick.onDidHide(() => {
    clearTimeout(timer);
    asked += 1;
    pick.dispose();
  });
  pick.show();
}

async function open(
  chat: Chat,
  view: ChatView,
  sessionId: string,
  messageId: string | undefined,
): Promise<void> {
  await chat.open(sessionId);
  await view.focus();
  if (messageId) {
    await chat.reveal(messageId);
    view.reveal(messageId);
  }
}

async function found(client: Client, query: string): Promise<Item[]> {
  if (!query.trim()) {
    return [];
  }
  const params = { query, limit: 50 };
  const { hits, titles } = await client.request("session/search", params);
  const items: Item[] = titles.map(({ sessionId, title }) => ({
    label: `$(comment-discussion) ${title}`,
    description: "title",
    alwaysShow: true,
    sessionId,
  }));
  items.push(...hits.map(itemOf));
  return items.length ? items : [{ label: "Nothing holds these words.", alwaysShow: true }];
}

function itemOf(hit: SearchHit): Item {
  const who = hit.role === "user" ? "you" : hit.role;
  return {
    label: hit.snippet, // the list itself marks in it what is typed
    description: `${hit.title ?? "Untitled"} · ${who}`,
    alwaysShow: true,
    sessionId: hit.sessionId,
    messageId: hit.messageId,
  };
}
