--- What was said, as a list of entries, from stored messages and from updates.
local M = {}

---@class abstractllm.Entry
---@field kind "heading"|"text"|"thinking"|"tool"|"resource"|"image"|"notice"|"changes"|"summary"
---@field text? string of a text, a thought, a resource or a notice; of an image its type
---@field role? "user"|"assistant" of a heading
---@field name? string of a heading
---@field ids? string[] of a heading: the messages below it
---@field parentId? string of a heading: what its first message follows
---@field siblings? string[] of a heading: what stands in the place of one of these messages
---@field compaction? table of a summary
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
  if update.messageId then
    local heading = self:note(update.messageId, update.siblings)
    first = heading and math.min(first or heading, heading) or first
  end
  local changes = self:changed(update.messageId, update.changes)
  local sentence = update.error and update.error.message or ENDINGS[update.stopReason]
  local level = update.error and "error" or "warning"
  local notice = sentence and self:push({ kind = "notice", text = sentence, level = level })
  return first or changes or notice
end

--- Keep in mind which messages the last heading stands for.
---@private
---@param message_id string
---@param siblings? table<string, string[]>
---@return integer? # its place, if it looks different now
function Transcript:note(message_id, siblings)
  for index = #self.entries, 1, -1 do
    local entry = self.entries[index]
    if entry.kind == "heading" then
      entry.ids = entry.ids or {}
      table.insert(entry.ids, message_id)
      entry.siblings = entry.siblings or (siblings or {})[message_id]
      return entry.siblings and index or nil
    end
  end
end

---@private
function Transcript:summary(message)
  local compaction = (message.metadata or {}).compaction
  if compaction then
    local part = message.parts[1]
    return self:push({ kind = "summary", text = part and part.text or "", compaction = compaction, messageId = message.id })
  end
end

---@private
function Transcript:prompt(message)
  local first = self:heading("user", "You")
  self.entries[#self.entries].parentId = message.parentId
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
---@param siblings? table<string, string[]>
function Transcript:add(message, changes, siblings)
  if message.role == "user" then
    self.calls = {}
    self:prompt(message)
  elseif message.role == "assistant" then
    self:reply(message)
  elseif message.role == "tool" then
    self:results(message)
  else
    self:summary(message)
  end
  if message.role ~= "system" then
    self:note(message.id, siblings)
  end
  self:changed(message.id, changes)
end

--- Take in an update of a turn.
---@param update table
---@return integer? # the first entry that is different
function Transcript:apply(update)
  local kind = update.kind
  if kind == "userMessage" then
    local first = self:prompt(update.message)
    self:note(update.message.id, update.siblings)
    return first
  elseif kind == "compacted" then
    return self:summary(update.message)
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

--- Return the heading that an entry stands under.
---@param entry? abstractllm.Entry else the last one
---@return abstractllm.Entry? heading, integer? place
function Transcript:heading_of(entry)
  local is_below = entry == nil
  for index = #self.entries, 1, -1 do
    is_below = is_below or self.entries[index] == entry
    if is_below and self.entries[index].kind == "heading" then
      return self.entries[index], index
    end
  end
end

--- Return the prompt that a heading is, or answers.
---@param place? integer
---@return abstractllm.Entry?
function Transcript:prompt_of(place)
  for index = place or 0, 1, -1 do
    local entry = self.entries[index]
    if entry.kind == "heading" and entry.role == "user" then
      return entry
    end
  end
end

---@param message_id string
---@return integer? # the place of the heading it stands under
function Transcript:find(message_id)
  for index, entry in ipairs(self.entries) do
    if entry.messageId == message_id or vim.list_contains(entry.ids or {}, message_id) then
      return index
    end
  end
end

---@param heading abstractllm.Entry
---@return string # what a prompt says
function Transcript:said(heading)
  local texts, is_in = {}, false
  for _, entry in ipairs(self.entries) do
    if entry.kind == "heading" then
      is_in = entry == heading
    elseif is_in and entry.kind == "text" then
      table.insert(texts, entry.text)
    end
  end
  return table.concat(texts, "\n")
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
