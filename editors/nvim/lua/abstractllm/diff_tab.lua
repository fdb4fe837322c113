--- A change in a tab of its own: the text before and after, side by side.
local approval = require("abstractllm.approval")
local client = require("abstractllm.client")
local keymaps = require("abstractllm.keymaps")
local notify = require("abstractllm.notify")
local plain = require("abstractllm.plain")

local M = {}

local api = vim.api

---@param text? string
---@param name string the file's
---@return integer buffer
local function scratch(text, name)
  local buffer = api.nvim_create_buf(false, true)
  api.nvim_buf_set_name(buffer, ("abstractllm://%d/%s"):format(buffer, name))
  local lines = vim.split((text or ""):gsub("\r\n", "\n"):gsub("\n$", ""), "\n", { plain = true })
  api.nvim_buf_set_lines(buffer, 0, -1, false, text and lines or {})
  vim.bo[buffer].bufhidden, vim.bo[buffer].modifiable = "wipe", false
  vim.bo[buffer].filetype = vim.filetype.match({ filename = name, buf = buffer }) or ""
  return buffer
end

---@param buffer integer
---@param question? abstractllm.Question
local function set_keys(buffer, question)
  vim.keymap.set("n", "q", "<Cmd>tabclose<CR>", { buffer = buffer, nowait = true, desc = "Close the tab" })
  if not question then
    return
  end
  local function close_and(act)
    return function()
      vim.cmd.tabclose()
      act(question)
    end
  end
  keymaps.set(buffer, {
    allow = { "Allow it", close_and(function()
      approval.allow(question, "once")
    end) },
    reject = { "Reject it", close_and(approval.reject) },
  })
end

---@param window integer
---@param label string
local function dress(window, label)
  vim.wo[window][0].winbar = " " .. plain.statusline(label)
  api.nvim_win_call(window, vim.cmd.diffthis)
end

---@param file {uri: string, newUri?: string, before?: string, after?: string}
---@param question? abstractllm.Question
local function open(file, question)
  local name = plain.file_name(file.uri)
  local after_name = plain.file_name(file.newUri or file.uri)
  local before, after = scratch(file.before, name), scratch(file.after, after_name)
  vim.cmd("tab split")
  local left = api.nvim_get_current_win()
  api.nvim_win_set_buf(left, before)
  local right = api.nvim_open_win(after, true, { split = "right", win = left })
  dress(left, name .. (file.before and ", before" or ", not there before"))
  dress(right, after_name .. (file.after and ", after" or ", deleted"))
  set_keys(before, question)
  set_keys(after, question)
end

---@param files table[]
---@param question? abstractllm.Question
local function choose(files, question)
  if #files < 2 then
    return files[1] and open(files[1], question)
  end
  local options = {
    prompt = "Changed files",
    kind = "abstractllm",
    format_item = function(file)
      return plain.file_name(file.newUri or file.uri)
    end,
  }
  vim.ui.select(files, options, function(file)
    if file then
      open(file, question)
    end
  end)
end

---@param params table what `session.showEdits` takes
---@param wanted? fun(file: table): boolean
---@param question? abstractllm.Question
local function show(params, wanted, question)
  client.request("session/showEdits", params, function(answer)
    local files = wanted and vim.tbl_filter(wanted, answer.files) or answer.files
    if #files == 0 then
      return notify.info("There is nothing to show.")
    end
    choose(files, question)
  end)
end

--- Show what a call would change.
---@param question abstractllm.Question
---@param name? string of one file, relative to the workspace
function M.of_question(question, name)
  local params = { sessionId = question.params.sessionId, callId = question.params.callId }
  show(params, name and function(file)
    return vim.endswith(vim.uri_to_fname(file.uri), "/" .. name)
  end, question)
end

--- Show what a turn has changed.
---@param session_id string
---@param message_id string
---@param change? table one of its files
function M.of_turn(session_id, message_id, change)
  show({ sessionId = session_id, messageId = message_id }, change and function(file)
    return file.uri == change.uri
  end)
end

return M
