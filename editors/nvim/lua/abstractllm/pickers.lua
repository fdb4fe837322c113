--- Choosing a session, a provider or a model from a list.
local actions = require("abstractllm.actions")
local client = require("abstractllm.client")
local notify = require("abstractllm.notify")
local plain = require("abstractllm.plain")
local session = require("abstractllm.session")

local M = {}

---@type table<string, string[]> what was listed last, for completion
M.known = {
  provider = {},
  model = {},
  mode = { "ask", "auto", "edit" },
  branch = { "back", "next", "previous" },
  export = { "json", "markdown" },
  approve = { "always", "once", "session" },
}

local MODES = {
  { name = "ask", means = "the model changes and runs nothing" },
  { name = "edit", means = "it asks before it changes or runs something" },
  { name = "auto", means = "it changes files without asking" },
}

local function pick(prompt, items, describe, on_choice)
  local options = { prompt = plain.line(prompt), format_item = describe, kind = "abstractllm" }
  vim.ui.select(items, options, function(item)
    if item then
      on_choice(item)
    end
  end)
end

---@param info table
---@return string
local function describe_session(info)
  local title = plain.line(info.title or "Without a title")
  local answerer = plain.line(vim.iter({ info.provider, info.model }):join(" · "))
  local day = info.updatedAt:gsub("T", " "):sub(1, 16)
  local mark = info.pinned and "★ " or info.runningElsewhere and "● " or ""
  return ("%s%s  (%s, %d messages, %s)"):format(mark, title, day, info.messageCount, answerer)
end

---@param provider table
---@return string
local function describe_provider(provider)
  local answerer = plain.line(("%s · %s"):format(provider.name, provider.model or "no model yet"))
  return provider.obstacle and ("%s  (%s)"):format(answerer, plain.line(provider.obstacle.message)) or answerer
end

local OLDER = {} -- the last item of a list that goes on

---@param cursor? string where the list of before ended
local function pick_session(cursor)
  client.request("session/list", { limit = 100, cursor = cursor }, function(listed)
    local items = listed.sessions
    if #items == 0 then
      return notify.info("There are no sessions in this workspace yet.")
    end
    if listed.nextCursor then
      table.insert(items, OLDER)
    end
    local function describe(item)
      return item == OLDER and "Older sessions …" or describe_session(item)
    end
    pick("Sessions", items, describe, function(item)
      if item == OLDER then
        return pick_session(listed.nextCursor)
      end
      require("abstractllm.panel").open()
      session.load(item.id)
    end)
  end)
end

--- Choose a session and show it.
function M.sessions()
  pick_session()
end

--- List the providers, so that completion knows them.
---@param on_listed fun(listed: {providers: table[], default?: string})
function M.list_providers(on_listed)
  client.request("providers/list", {}, function(listed)
    M.known.provider = vim.tbl_map(function(provider)
      return provider.name
    end, listed.providers)
    on_listed(listed)
  end)
end

function M.providers()
  M.list_providers(function(listed)
    pick("Providers", listed.providers, describe_provider, function(provider)
      actions.choose(provider.name)
    end)
  end)
end

--- Call back with the provider that answers, or would.
---@param on_provider fun(name: string)
function M.with_provider(on_provider)
  local chosen = (session.state.info or session.state.choice).provider
  if chosen then
    return on_provider(chosen)
  end
  M.list_providers(function(listed)
    if not listed.default then
      return notify.error("No provider is ready; `:AbstractLLM provider` tells what they need.")
    end
    on_provider(listed.default)
  end)
end

function M.models()
  M.with_provider(function(provider)
    client.request("models/list", { provider = provider }, function(listed)
      M.known.model = vim.tbl_map(function(model)
        return model.id
      end, listed.models)
      pick("Models of " .. provider, M.known.model, plain.line, function(model)
        actions.choose(provider, model)
      end)
    end)
  end)
end

function M.modes()
  local function describe(mode)
    return ("%s  (%s)"):format(mode.name, mode.means)
  end
  pick("Mode", MODES, describe, function(mode)
    actions.set_mode(mode.name)
  end)
end

---@param given table an approval "always" or "for this session"
local function describe_approval(given)
  local scope = given.scope ~= "" and (" `%s`"):format(given.scope) or ""
  return plain.line(("%s%s  (since %s)"):format(given.tool, scope, given.since:gsub("T", " "):sub(1, 16)))
end

--- Choose an approval that is remembered, and revoke it.
function M.approvals()
  client.request("approvals/list", {}, function(listed)
    if #listed.approvals == 0 then
      return notify.info("Nothing is allowed without a question.")
    end
    pick("Revoke an approval", listed.approvals, describe_approval, function(given)
      client.request("approvals/revoke", { id = given.id }, function()
        notify.info(("Revoked: %s."):format(describe_approval(given)))
      end)
    end)
  end)
end

return M
