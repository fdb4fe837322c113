--- Sessions as people keep them: searched, pinned, brought back, compacted, passed on.
local chat = require("abstractllm.chat")
local client = require("abstractllm.client")
local notify = require("abstractllm.notify")
local plain = require("abstractllm.plain")
local session = require("abstractllm.session")

local M = {}

--- Call back with the session that is shown.
---@param act fun(info: table)
local function with_session(act)
  if session.state.info then
    return act(session.state.info)
  end
  notify.info("There is no session yet.")
end

---@param hit table
local function open(hit)
  require("abstractllm.panel").open()
  session.load(hit.sessionId, function()
    if not hit.messageId then
      return
    end
    local function go()
      local place = session.state.transcript:find(hit.messageId)
      if place then
        chat.go_to(place)
      end
    end
    if session.state.transcript:find(hit.messageId) then
      return go()
    end
    require("abstractllm.branches").show(hit.sessionId, hit.messageId, go)
  end)
end

---@param hit table
---@return string
local function describe(hit)
  local title = plain.line(hit.title or "Without a title")
  return hit.snippet and ("%s  (%s)"):format(plain.line(hit.snippet), title) or title
end

--- Search all sessions, and open what is chosen at its message.
---@param words string asked for if there are none
function M.search(words)
  if words == "" then
    return vim.ui.input({ prompt = "Search: " }, function(given)
      if given and vim.trim(given) ~= "" then
        M.search(given)
      end
    end)
  end
  client.request("session/search", { query = words, limit = 100 }, function(found)
    local items = vim.list_extend(found.titles, found.hits)
    if #items == 0 then
      return notify.info(("Nothing holds %q."):format(words))
    end
    local options = { prompt = "Found", format_item = describe, kind = "abstractllm" }
    vim.ui.select(items, options, function(item)
      if item then
        open(item)
      end
    end)
  end)
end

--- List the session before the others, or no longer.
function M.pin()
  with_session(function(info)
    local pinned = not info.pinned
    client.request("session/pin", { sessionId = info.id, pinned = pinned }, function(now)
      session.set_info(now)
      notify.info(pinned and "The session is pinned." or "The session is no longer pinned.")
    end)
  end)
end

---@type string? the session that was deleted last
M.deleted = nil

--- Bring back the session that was deleted last.
function M.undelete()
  if not M.deleted then
    return notify.info("No session was deleted here.")
  end
  client.request("session/undelete", { sessionId = M.deleted }, function(info)
    M.deleted = nil
    require("abstractllm.panel").open()
    session.load(info.id)
  end)
end

--- Have the model summarize all but the newest turns.
function M.compact()
  with_session(function(info)
    client.request("session/compact", { sessionId = info.id }, function() end)
  end)
end

--- Have the last summary hold no more.
function M.uncompact()
  with_session(function(info)
    local summary = vim.iter(session.state.transcript.entries):rev():find(function(entry)
      return entry.kind == "summary" and not entry.compaction.undone
    end)
    if not summary then
      return notify.info("There is no summary in this session.")
    end
    local params = { sessionId = info.id, messageId = summary.messageId }
    client.request("session/uncompact", params, function()
      session.load(info.id)
    end)
  end)
end

--- Show the session as a new buffer, to be saved or passed on.
---@param format string "json" or "markdown"
function M.export(format)
  with_session(function(info)
    local params = { sessionId = info.id, format = format ~= "" and format or "markdown" }
    client.request("session/export", params, function(exported)
      vim.cmd.tabnew()
      vim.bo.filetype = params.format
      vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.split(exported.text, "\n"))
    end)
  end)
end

--- Keep a session from a file, or from the current buffer, and show it.
---@param path string
function M.import(path)
  local lines = path == "" and vim.api.nvim_buf_get_lines(0, 0, -1, false) or vim.fn.readfile(vim.fn.expand(path))
  client.request("session/import", { text = table.concat(lines, "\n") }, function(info)
    require("abstractllm.panel").open()
    session.load(info.id)
  end)
end

---@param cost? table
---@return string
local function money(cost)
  if not cost then
    return "not known"
  end
  local digits = cost.amount < 0.01 and "%.4f" or "%.2f"
  return (cost.incomplete and "at least $" or "$") .. digits:format(cost.amount)
end

--- Tell what the workspace's sessions used, and what that cost.
function M.usage()
  client.request("usage", {}, function(usage)
    local function line(name, used)
      local tokens = ("%d tokens read, %d written"):format(used.inputTokens, used.outputTokens)
      return ("%s: %s, cost %s"):format(name, tokens, money(used.cost))
    end
    local lines = { line("All sessions", usage.total) }
    for _, used in ipairs(usage.sessions) do
      table.insert(lines, line(plain.line(used.title or "Without a title"), used))
    end
    notify.info(table.concat(lines, "\n"))
  end)
end

return M
