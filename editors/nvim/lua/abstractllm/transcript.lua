--- What was said, as a list of entries, from stored messages and from updates.
local M = {}

---@class abstractllm.Entry
---@field kind "heading"|"text"|"thinking"|"tool"|"resource"|"image"|"notice"|"changes"
---@field text? string of a text, a thought, a resource or a notice; of an image its type
---@field role? "user"|"assistant" of a heading
---@field name? string of a heading
---@field call? table of a tool: all that its updates have told of it
---@field output? string of a tool: what its command has written so far
---@field result? string of a tool
---@field messageId? string of changes: what the turn that made them is known by
---@field changes? table[] of changes
---@field refused? table<string, string> of changes: why a file was not taken or brought back
---@field uri? string of a resource
---@field range? {start: integer, end: integer} of a resource: lines from zero, end exclusive
---@field level? "info"|"warning"|"error" of a notice

---@class abstractllm.Transcript
---@field entries abstractllm.Entry[]
---@field answerer string who answers, for headings
---@field private calls table<string, integer> where tool calls are, by id
local Transcript = {}
Transcript.__index = Transcript

local ENDINGS = {
  cancelled = "Stopped.",
  maxTokens = "The reply was cut at its limit of tokens.",
  maxToolCalls = "The turn was ended at its limit of tool calls.",
  refusal = "The model refused to answer.",
}

-- Bytes of what a command has written; what is before them is forgotten.
local LONGEST_OUTPUT = 100000

local ENDED = { done = true, failed = true, rejected = true }

---@param answerer? string
---@return abstractllm.Transcript
function M.new(answerer)
  return setmetatable({ entries = {}, answerer = answerer or "Assistant", calls = {} }, Transcript)
end

---@param entry abstractllm.Entry
---@return integer # its place
function Transcript:push(entry)
  table.insert(self.entries, entry)
  return #self.entries
end

--- Say who speaks, unless he has spoken last.
---@private
---@return integer # where the next entries begin
function Transcript:heading(role, name)
  for index = #self.entries, 1, -1 do
    local entry = self.entries[index]
    if entry.kind == "heading" then
      if entry.role == role and role == "assistant" and entry.name == name then
        return #self.entries + 1
      end
      break
    end
  end
  return self:push({ kind = "heading", role = role, name = name })
end

---@private
function Transcript:grow(kind, text)
  local first = self:heading("assistant", self.answerer)
  local last = self.entries[#self.entries]
  if last.kind == kind then
    last.text = last.text .. text
    return #self.entries
  end
  self:push({ kind = kind, text = text })
  return first
end

---@private
function Transcript:tool_call(call)
  local index = self.calls[call.callId]
  if not index then
    local first = self:heading("assistant", self.answerer)
    self.calls[call.callId] = self:push({ kind = "tool", call = call })
    return first
  end
  local entry = self.entries[index]
  entry.call = vim.tbl_extend("force", entry.call, call)
  return index
end

---@private
function Transcript:tool_output(update)
  local index = self.calls[update.callId]
  if index then
    local entry = self.entries[index]
    entry.output = ((entry.output or "") .. update.text):sub(-LONGEST_OUTPUT)
  end
  return index
end

---@private
function Transcript:tool_result(result)
  local index = self.calls[result.callId]
  if index then
    local entry = self.entries[index]
    entry.result = result.content
    if entry.call.status ~= "rejected" then
      entry.call.status = result.isError and "failed" or "done"
    end
  end
  return index
end

--- Tell what a turn has changed.
---@param message_id string
---@param changes? table[]
---@return integer? # its place
function Transcript:changed(message_id, changes)
  return changes and self:push({ kind = "changes", messageId = message_id, changes = changes })
end

--- Calls that have not come to an end by now will not.
---@private
---@return integer? # the first of them
function Transcript:interrupt_calls()
  local first
  for _, index in pairs(self.calls) do
    local call = self.entries[index].call
    if not ENDED[call.status] then
      call.status = "interrupted"
      first = math.min(first or index, index)
    end
  end
  self.calls = {}
  return first
end

---@private
function Transcript:turn_ended(update)
  local first = self:interrupt_calls()
  local changes = self:changed(update.messageId, update.changes)
  local sentence = update.error and update.error.message or ENDINGS[update.stopReason]
  local level = update.error and "error" or "warning"
  local notice = sentence and self:push({ kind = "notice", text = sentence, level = level })
  return first or changes or notice
end

---@private
function Transcript:prompt(message)
  local first = self:heading("user", "You")
  for _, part in ipairs(message.parts) do
    if part.kind == "text" or part.kind == "resource" then
      self:push({ kind = part.kind, text = part.text, uri = part.uri, range = part.range })
    elseif part.kind == "image" then
      self:push({ kind = "image", text = part.mediaType })
    end
  end
  return first
end

---@private
function Transcript:reply(message)
  self.answerer = message.model or self.answerer
  for _, part in ipairs(message.parts) do
    if part.kind == "text" or part.kind == "thinking" then
      self:grow(part.kind, part.text)
    elseif part.kind == "toolCall" then
      self:tool_call({ callId = part.id, name = part.name, arguments = part.arguments, status = "interrupted" })
    end
  end
  local error = message.status == "error" and (message.metadata or {}).error
  if error then
    self:push({ kind = "notice", text = error.message, level = "error" })
  elseif message.status == "interrupted" then
    self:push({ kind = "notice", text = "Interrupted.", level = "warning" })
  end
end

---@private
function Transcript:results(message)
  local tools = (message.metadata or {}).tools or {}
  for _, part in ipairs(message.parts) do
    local tool = tools[part.callId]
    if tool and self.calls[part.callId] then
      self:tool_call(vim.tbl_extend("force", tool, { callId = part.callId, toolKind = tool.kind }))
    end
    self:tool_result(part)
  end
end

--- Add a stored message.
---@param message table
---@param changes? table[] what the turn has changed that this message ended
function Transcript:add(message, changes)
  if message.role == "user" then
    self.calls = {}
    self:prompt(message)
  elseif message.role == "assistant" then
    self:reply(message)
  elseif message.role == "tool" then
    self:results(message)
  end
  self:changed(message.id, changes)
end

--- Take in an update of a turn.
---@param update table
---@return integer? # the first entry that is different
function Transcript:apply(update)
  local kind = update.kind
  if kind == "userMessage" then
    return self:prompt(update.message)
  elseif kind == "textDelta" then
    return self:grow("text", update.text)
  elseif kind == "thinkingDelta" then
    return self:grow("thinking", update.text)
  elseif kind == "toolCall" then
    return self:tool_call(update)
  elseif kind == "toolOutput" then
    return self:tool_output(update)
  elseif kind == "toolResult" then
    return self:tool_result(update)
  elseif kind == "notice" then
    return self:push({ kind = "notice", text = update.message, level = update.level })
  elseif kind == "turnEnded" then
    return self:turn_ended(update)
  end
end

---@param call_id string
---@return integer? # the place of a call of the turn that runs
function Transcript:place_of(call_id)
  return self.calls[call_id]
end

---@return abstractllm.Entry?, integer? # what was changed last, and its place
function Transcript:last_changes()
  for index = #self.entries, 1, -1 do
    if self.entries[index].kind == "changes" then
      return self.entries[index], index
    end
  end
end

return M
