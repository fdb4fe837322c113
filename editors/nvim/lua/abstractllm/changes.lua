--- What a turn has changed: shown, taken back, brought back.
local client = require("abstractllm.client")
local notify = require("abstractllm.notify")
local plain = require("abstractllm.plain")
local session = require("abstractllm.session")

local M = {}

---@return abstractllm.Entry? # the last one there is
local function last()
  local entry = session.state.transcript:last_changes()
  if not entry then
    notify.info("Nothing was changed in this session yet.")
  end
  return entry
end

---@param entry abstractllm.Entry
---@param answer {changes: table[], refused: {uri: string, reason: string}[]}
---@param done string[]
---@param said string
local function take_in(entry, answer, done, said)
  entry.changes, entry.refused = answer.changes, {}
  for _, refusal in ipairs(answer.refused) do
    entry.refused[refusal.uri] = refusal.reason
    notify.news(("%s: %s"):format(plain.file_name(refusal.uri), refusal.reason))
  end
  if #done > 0 then
    notify.info(("%s: %s."):format(said, #done == 1 and plain.file_name(done[1]) or #done .. " files"))
  end
  session.touch(entry)
end

---@param method string
---@param done "reverted"|"applied" where the answer names the files
---@param verb string for the user
---@return fun(entry?: abstractllm.Entry, change?: table) # of the panel, or the last one; all its files, or one
local function restoring(method, done, verb)
  return function(entry, change)
    entry = entry or last()
    if entry then
      local uris = change and { change.uri }
      local params = { sessionId = session.state.info.id, messageId = entry.messageId, uris = uris }
      client.request(method, params, function(answer)
        take_in(entry, answer, answer[done], verb)
      end)
    end
  end
end

--- Take back what a turn has changed; what has changed since is refused.
M.take_back = restoring("session/revertEdits", "reverted", "Taken back")

--- Bring back what was taken back.
M.bring_back = restoring("session/reapplyEdits", "applied", "Brought back")

---@param entry? abstractllm.Entry of the panel; without it, the last one
---@param change? table only this file
function M.show(entry, change)
  entry = entry or last()
  if entry then
    require("abstractllm.diff_tab").of_turn(session.state.info.id, entry.messageId, change)
  end
end

return M
