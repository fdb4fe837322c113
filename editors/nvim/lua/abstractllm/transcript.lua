--- What was said, as a list of entries, from stored messages and from updates.
local M = {}

---@class abstractllm.Entry
---@field kind "heading"|"text"|"thinking"|"tool"|"resource"|"notice"
---@field text? string of a text, a thought, a resource or a notice
---@field role? "user"|"assistant" of a heading
---@field name? string of a heading or a tool
---@field arguments? table<string, any> of a tool
---@field status? string of a tool
---@field result? string of a tool
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
    local entry = { kind = "tool", name = call.name, arguments = call.arguments, status = call.status }
    self.calls[call.callId] = self:push(entry)
    return first
  end
  self.entries[index].status = call.status
  return index
end

---@private
function Transcript:tool_result(result)
  local index = self.calls[result.callId]
  if index then
    self.entries[index].result = result.content
    self.entries[index].status = result.isError and "failed" or "done"
  end
  return index
end

---@private
function Transcript:turn_ended(update)
  self.calls = {}
  local sentence = update.error and update.error.message or ENDINGS[update.stopReason]
  if sentence then
    return self:push({ kind = "notice", text = sentence, level = update.error and "error" or "warning" })
  end
end

---@private
function Transcript:prompt(message)
  local first = self:heading("user", "You")
  for _, part in ipairs(message.parts) do
    if part.kind == "text" or part.kind == "resource" then
      self:push({ kind = part.kind, text = part.text, uri = part.uri, range = part.range })
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

--- Add a stored message.
---@param message table
function Transcript:add(message)
  if message.role == "user" then
    self.calls = {}
    self:prompt(message)
  elseif message.role == "assistant" then
    self:reply(message)
  elseif message.role == "tool" then
    for _, part in ipairs(message.parts) do
      self:tool_result(part)
    end
  end
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
  elseif kind == "toolResult" then
    return self:tool_result(update)
  elseif kind == "notice" then
    return self:push({ kind = "notice", text = update.message, level = update.level })
  elseif kind == "turnEnded" then
    return self:turn_ended(update)
  end
end

return M
