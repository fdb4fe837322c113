--- Choosing a session, a provider or a model from a list.
local actions = require("abstractllm.actions")
local client = require("abstractllm.client")
local notify = require("abstractllm.notify")
local plain = require("abstractllm.plain")
local session = require("abstractllm.session")

local M = {}

---@type table<string, string[]> what was listed last, for completion
M.known = { provider = {}, model = {} }

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
  return ("%s  (%s, %d messages, %s)"):format(title, day, info.messageCount, answerer)
end

---@param provider table
---@return string
local function describe_provider(provider)
  local answerer = plain.line(("%s · %s"):format(provider.name, provider.model or "no model yet"))
  return provider.obstacle and ("%s  (%s)"):format(answerer, plain.line(provider.obstacle.message)) or answerer
end

function M.sessions()
  client.request("session/list", { limit = 100 }, function(listed)
    if #listed.sessions == 0 then
      return notify.info("There are no sessions in this workspace yet.")
    end
    pick("Sessions", listed.sessions, describe_session, function(info)
      require("abstractllm.panel").open()
      session.load(info.id)
    end)
  end)
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

return M
