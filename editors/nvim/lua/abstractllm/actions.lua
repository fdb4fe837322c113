--- What a user does with the session.
local chat = require("abstractllm.chat")
local client = require("abstractllm.client")
local notify = require("abstractllm.notify")
local session = require("abstractllm.session")

local M = {}

---@param error {message: string}
local function not_sent(error)
  session.sending = false
  notify.error(error.message)
end

---@param on_session fun(id: string)
local function with_session(on_session)
  local state = session.state
  local id = state.info and state.info.id
  if id and state.stale then
    return session.load(id, function()
      on_session(id)
    end, not_sent)
  elseif id then
    return on_session(id)
  end
  client.request("session/new", state.choice, function(info)
    if session.state == state then
      session.set_info(info)
      on_session(info.id)
    end
  end, not_sent)
end

--- Send a prompt.
---@param prompt string
---@param context? abstractllm.ContextItem[]
---@param on_begun? fun()
---@param parent_id? any the message that it follows in the place of the last one
function M.generate(prompt, context, on_begun, parent_id)
  if session.sending then
    return
  end
  session.sending = true
  chat.follow()
  with_session(function(id)
    local params = { sessionId = id, prompt = prompt, parentId = parent_id }
    params.context = context and #context > 0 and context or nil
    client.request("session/generate", params, function()
      session.sending = false
      if on_begun then
        on_begun()
      end
    end, not_sent)
  end)
end

--- Stop the reply; what was said is kept.
function M.stop()
  if not session.state.turn then
    return notify.info("Nothing is being answered.")
  end
  client.request("session/cancel", { sessionId = session.state.info.id }, function() end)
end

--- Have another provider or model answer from the next turn on.
---@param provider string
---@param model? string
function M.choose(provider, model)
  session.set_choice({ provider = provider, model = model, mode = session.state.choice.mode })
  local info = session.state.info
  if info then
    local params = { sessionId = info.id, provider = provider, model = model }
    client.request("session/switchProvider", params, session.set_info)
  end
end

--- Have the model do more or less by itself from now on.
---@param mode "ask"|"edit"|"auto"
function M.set_mode(mode)
  session.set_choice(vim.tbl_extend("force", session.state.choice, { mode = mode }))
  local info = session.state.info
  if info then
    client.request("session/setMode", { sessionId = info.id, mode = mode }, session.set_info)
  end
end

---@param title string
function M.rename(title)
  client.request("session/rename", { sessionId = session.state.info.id, title = title }, session.set_info)
end

--- Delete the session; the server tells when it is gone.
function M.delete()
  require("abstractllm.history").deleted = session.state.info.id
  client.request("session/delete", { sessionId = session.state.info.id }, function() end)
end

return M
