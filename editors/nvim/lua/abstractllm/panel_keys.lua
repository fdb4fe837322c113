--- What keys do in the conversation, where the cursor is.
local approval = require("abstractllm.approval")
local change_lines = require("abstractllm.change_lines")
local changes = require("abstractllm.changes")
local chat = require("abstractllm.chat")
local keymaps = require("abstractllm.keymaps")
local notify = require("abstractllm.notify")
local session = require("abstractllm.session")

local M = {}

---@return abstractllm.Entry? entry, integer? line of its block
local function here()
  return chat.entry_at(vim.api.nvim_win_get_cursor(0)[1])
end

-- The one under the cursor, or else the one that waits in this session, if there is one.
---@param act fun(question: abstractllm.Question)
local function with_question(act)
  local entry = here()
  local question = entry and entry.call and approval.of(entry.call.callId)
  if not question and session.state.info then
    question = approval.waiting(session.state.info.id)[1]
  end
  if question then
    return act(question)
  end
  notify.info("Nothing waits for an answer.")
end

---@param act fun(entry?: abstractllm.Entry, change?: table)
local function with_changes(act)
  return function()
    local entry, line = here()
    if entry and entry.kind == "changes" then
      return act(entry, change_lines.at(entry, line))
    end
    notify.info("Go to the files that a turn has changed.")
  end
end

---@param verdict "once"|"session"|"always"
local function allow(verdict)
  return function()
    with_question(function(question)
      approval.allow(question, verdict)
    end)
  end
end

local function diff()
  local entry = here()
  if entry and entry.kind == "changes" then
    return with_changes(changes.show)()
  end
  with_question(require("abstractllm.review").open)
end

local ACTIONS = {
  allow = { "Allow it", allow("once") },
  allow_in_session = { "Allow such in this session", allow("session") },
  allow_always = { "Allow such always in this workspace", allow("always") },
  reject = { "Reject it", function()
    with_question(approval.reject)
  end },
  diff = { "Show the change", diff },
  diff_in_tab = { "Show the change in a tab", function()
    with_question(require("abstractllm.diff_tab").of_question)
  end },
  resend = { "Write this prompt anew", function()
    require("abstractllm.branches").resend()
  end },
  regenerate = { "Have it answered anew", function()
    require("abstractllm.branches").regenerate()
  end },
  next_branch = { "Show the next branch", function()
    require("abstractllm.branches").branch("next")
  end },
  previous_branch = { "Show the previous branch", function()
    require("abstractllm.branches").branch("previous")
  end },
  take_back = { "Take back what was changed", with_changes(changes.take_back) },
  bring_back = { "Bring back what was taken back", with_changes(changes.bring_back) },
  take_back_turn = { "Take back all that the last turn changed", function()
    changes.take_back()
  end },
}

---@param buffer integer
function M.set(buffer)
  keymaps.set(buffer, ACTIONS)
end

return M
