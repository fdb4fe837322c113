--- The session that the panel shows, and the turn that runs in it: all there is of state.
local client = require("abstractllm.client")
local notify = require("abstractllm.notify")
local transcript = require("abstractllm.transcript")

local M = {}

---@class abstractllm.State
---@field info? table as lists tell of the session; none before its first prompt
---@field transcript abstractllm.Transcript
---@field head? string the last message's id
---@field turn? {id: string, next_seq: integer}
---@field choice {provider?: string, model?: string} for the session to come
---@field loading boolean
---@field early table[] updates that came while it was loaded
---@field stale boolean whether the server may know more

---@return abstractllm.State
local function fresh(choice)
  return {
    transcript = transcript.new(),
    choice = choice or {},
    loading = false,
    early = {},
    stale = false,
  }
end

---@type abstractllm.State
M.state = fresh()

--- Whether a prompt is on its way, so that a second <CR> does not send it twice.
local sending = false

--- Told the first entry that is different, or nothing where only the state is.
---@type fun(first?: integer)
local listener = function() end

---@param callback fun(first?: integer)
function M.subscribe(callback)
  listener = callback
end

---@return string
local function answerer()
  local info = M.state.info or M.state.choice
  return info.model or info.provider or "Assistant"
end

---@param info table
local function set_info(info)
  M.state.info = info
  M.state.transcript.answerer = answerer()
  listener()
end

--- Begin another session; it comes into being with its first prompt.
function M.new()
  M.state = fresh(M.state.choice)
  listener(1)
end

local function apply(update)
  local state = M.state
  local first = state.transcript:apply(update)
  if update.kind == "userMessage" then
    state.head = update.message.id
  elseif update.kind == "turnEnded" then
    state.turn, state.head = nil, update.messageId or state.head
  end
  return first
end

---@param messages table[]
---@param turn? table the turn that runs
local function show(messages, turn)
  local state = M.state
  state.transcript = transcript.new(answerer())
  -- What the running turn has said so far is told by its updates, from its prompt on.
  local prompt = turn and turn.updates[1] and turn.updates[1].message
  for _, message in ipairs(messages) do
    if prompt and message.id == prompt.id then
      break
    end
    state.transcript:add(message)
    state.head = message.id
  end
  state.transcript.answerer = answerer()
  state.turn = turn and { id = turn.turnId, next_seq = turn.nextSeq }
  for _, update in ipairs(turn and turn.updates or {}) do
    apply(update)
  end
end

--- Show a session as the server has it now.
---@param id string
---@param on_loaded? fun()
function M.load(id, on_loaded)
  local state = fresh(M.state.choice)
  if M.state.info and M.state.info.id == id then
    state.transcript, state.info = M.state.transcript, M.state.info
  end
  state.loading = true
  M.state = state
  client.request("session/load", { sessionId = id }, function(loaded)
    if M.state ~= state then
      return
    end
    state.info, state.loading = loaded.session, false
    show(loaded.messages, loaded.turn)
    for _, params in ipairs(state.early) do
      if state.turn or params.seq == 0 then -- else its turn has ended, and was loaded
        M.on_update(params)
      end
    end
    listener(1)
    if on_loaded then
      on_loaded()
    end
  end, function(error)
    state.loading = false
    listener(1)
    notify.error(error.message)
  end)
end

--- Catch up with what others have done to the session, if they have.
function M.refresh()
  local info = M.state.info
  if not info or M.state.loading or M.state.turn then
    return
  elseif M.state.stale then
    return M.load(info.id)
  end
  M.on_changed({ sessionIds = { info.id } }, function(changed)
    if changed.updatedAt ~= info.updatedAt then
      M.load(info.id)
    end
  end)
end

---@param params {sessionIds: string[]}
---@param on_info? fun(info: table)
function M.on_changed(params, on_info)
  local id = (M.state.info or {}).id
  if not id or not vim.list_contains(params.sessionIds, id) then
    return
  end
  client.request("session/list", { limit = 20 }, function(listed)
    for _, info in ipairs(listed.sessions) do
      if info.id == id and (M.state.info or {}).id == id then
        set_info(info)
        if on_info then
          on_info(info)
        end
      end
    end
  end)
end

---@param params {sessionId: string, turnId: string, seq: integer, update: table}
function M.on_update(params)
  local state = M.state
  if state.loading then
    table.insert(state.early, params)
    return
  elseif not state.info or state.info.id ~= params.sessionId then
    return
  elseif not state.turn and params.seq == 0 then
    state.turn = { id = params.turnId, next_seq = 0 }
  end
  local turn = state.turn
  if turn and turn.id == params.turnId and params.seq < turn.next_seq then
    return
  end
  local missed = not turn or turn.id ~= params.turnId or params.seq > turn.next_seq
  local message = params.update.message
  if missed or (message and message.parentId ~= state.head) then
    return M.load(params.sessionId)
  end
  turn.next_seq = params.seq + 1
  listener(apply(params.update))
end

--- The server is gone; the next request starts another one.
---@param signal integer
function M.on_server_stopped(signal)
  local state = M.state
  state.loading, state.stale, sending = false, true, false
  if not state.turn then
    return listener()
  end
  state.turn = nil
  local cause = signal ~= 0 and (" by signal %d"):format(signal) or ""
  listener(state.transcript:push({
    kind = "notice",
    level = "error",
    text = ("The server was stopped%s. The session is kept; the next prompt goes on with it."):format(cause),
  }))
end

---@param on_session fun(id: string)
local function with_session(on_session)
  local state = M.state
  local id = state.info and state.info.id
  if id and state.stale then
    return M.load(id, function()
      on_session(id)
    end)
  elseif id then
    return on_session(id)
  end
  client.request("session/new", state.choice, function(info)
    if M.state == state then
      set_info(info)
      on_session(info.id)
    end
  end)
end

--- Send a prompt.
---@param prompt string
---@param context? abstractllm.ContextItem[]
---@param on_begun? fun()
function M.generate(prompt, context, on_begun)
  if sending then
    return
  end
  sending = true
  with_session(function(id)
    local params = { sessionId = id, prompt = prompt }
    params.context = context and #context > 0 and context or nil
    client.request("session/generate", params, function()
      sending = false
      if on_begun then
        on_begun()
      end
    end, function(error)
      sending = false
      notify.error(error.message)
    end)
  end)
end

--- Stop the reply; what was said is kept.
function M.stop()
  if not M.state.turn then
    return notify.info("Nothing is being answered.")
  end
  client.request("session/cancel", { sessionId = M.state.info.id }, function() end)
end

--- Have another provider or model answer from the next turn on.
---@param provider string
---@param model? string
function M.choose(provider, model)
  M.state.choice = { provider = provider, model = model }
  local info = M.state.info
  if not info then
    M.state.transcript.answerer = answerer()
    return listener()
  end
  local params = { sessionId = info.id, provider = provider, model = model }
  client.request("session/switchProvider", params, set_info)
end

---@param title string
function M.rename(title)
  client.request("session/rename", { sessionId = M.state.info.id, title = title }, set_info)
end

function M.delete()
  local info = M.state.info
  client.request("session/delete", { sessionId = info.id }, function()
    notify.info(("The session %q is deleted."):format(info.title or "without a title"))
    if M.state.info and M.state.info.id == info.id then
      M.new()
    end
  end)
end

return M
