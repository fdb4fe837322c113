--- The session that the panel shows, and the turn that runs in it: all there is of state.
--- It follows what the server tells; what a user does to it is in `actions`.
local client = require("abstractllm.client")
local notify = require("abstractllm.notify")
local plain = require("abstractllm.plain")
local transcript = require("abstractllm.transcript")

local M = {}

---@class abstractllm.State
---@field info? table as lists tell of the session; none before its first prompt
---@field transcript abstractllm.Transcript
---@field head? string the last message's id
---@field turn? {id: string, next_seq: integer}
---@field choice {provider?: string, model?: string, mode?: string} for the session to come
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
M.sending = false

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

---@param info table as lists tell of the session
function M.set_info(info)
  M.state.info = info
  M.state.transcript.answerer = answerer()
  listener()
end

--- Have this provider and model answer the session to come.
---@param choice {provider?: string, model?: string, mode?: string}
function M.set_choice(choice)
  M.state.choice = choice
  M.state.transcript.answerer = answerer()
  listener()
end

--- Begin another session; it comes into being with its first prompt.
function M.new()
  M.state, M.sending = fresh(M.state.choice), false
  listener(1)
end

local function apply(update)
  local state = M.state
  local first = state.transcript:apply(update)
  if update.kind == "userMessage" or update.kind == "compacted" then
    state.head = update.message.id
  elseif update.kind == "turnEnded" then
    state.turn, state.head = nil, update.messageId or state.head
  end
  return first
end

---@param messages table[]
---@param turn? table the turn that runs
---@param changes table<string, table[]> what turns have changed, by the message that ended them
---@param siblings table<string, string[]> what stands beside a message, and itself
local function show(messages, turn, changes, siblings)
  local state = M.state
  state.transcript = transcript.new(answerer())
  -- What the running turn has said so far is told by its updates, from its prompt on.
  local prompt = turn and turn.updates[1] and turn.updates[1].message
  for _, message in ipairs(messages) do
    if prompt and message.id == prompt.id then
      break
    end
    state.transcript:add(message, changes[message.id], siblings)
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
---@param on_error? fun(error: {message: string}) else its sentence is shown
function M.load(id, on_loaded, on_error)
  local state = fresh(M.state.choice)
  if M.state.info and M.state.info.id == id then
    state.transcript, state.info = M.state.transcript, M.state.info
  end
  state.loading = true
  M.state, M.sending = state, M.sending and on_loaded ~= nil -- a prompt that waits for this
  client.request("session/load", { sessionId = id }, function(loaded)
    if M.state ~= state then
      return
    end
    state.info, state.loading = loaded.session, false
    show(loaded.messages, loaded.turn, loaded.changes or {}, loaded.siblings or {})
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
    listener(1);
    (on_error or notify.show_error)(error)
  end)
end

--- Show an entry as it is now.
---@param entry? abstractllm.Entry
function M.touch(entry)
  for index, other in ipairs(M.state.transcript.entries) do
    if other == entry then
      return listener(index)
    end
  end
end

--- Catch up with what others, such as another editor, may have done to the session.
function M.refresh()
  local state = M.state
  if state.info and not (state.loading or state.turn or M.sending) then
    M.load(state.info.id)
  end
end

--- The session is gone, whoever has deleted it.
local function leave()
  local info = M.state.info --[[@as table]]
  local title = plain.line(info.title or "without a title")
  local is_ours = require("abstractllm.history").deleted == info.id
  M.new()
  local undo = is_ours and " `:AbstractLLM undelete` brings it back." or ""
  notify.info(("The session %q is deleted.%s"):format(title, undo))
end

--- Take in what lists show of the session now; nobody is asked for it.
---@param params {sessionIds: string[], sessions: table<integer, table>, elsewhere?: boolean}
--- There is no info of what is deleted.
function M.on_changed(params)
  for index, id in ipairs(params.sessionIds) do
    if M.state.info and M.state.info.id == id then
      local info = params.sessions[index]
      if info then
        M.set_info(info)
        if params.elsewhere then -- what is said there comes as it is saved
          M.refresh()
        end
      else
        leave()
      end
    end
  end
end

--- Whether a prompt begins a turn; where it follows another message than the last one,
--- the history has branched.
local function update_begins(update)
  return update.kind == "userMessage"
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
  if missed or (update_begins(params.update) and message.parentId ~= state.head) then
    return M.load(params.sessionId)
  end
  turn.next_seq = params.seq + 1
  listener(apply(params.update))
end

--- The server is gone; the next request starts another one.
---@param signal integer
function M.on_server_stopped(signal)
  local state = M.state
  state.loading, state.stale, M.sending = false, true, false
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

return M
