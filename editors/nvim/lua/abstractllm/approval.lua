--- The questions that wait for the user: may the model do this?
local diff = require("abstractllm.diff")
local notify = require("abstractllm.notify")

local M = {}

---@alias abstractllm.Verdict "once"|"session"|"always"|"reject"

---@class abstractllm.Question
---@field params table what the server asked: callId, sessionId, title, diff, command …
---@field files abstractllm.FileDiff[] of its diff
---@field verdicts table<integer, boolean> whether a hunk is accepted, by its number
---@field private answer fun(decision?: table)

---@type abstractllm.Question[] in the order in which they were asked
local questions = {}

---@type table<string, fun(question: abstractllm.Question)>
local listeners = {}

---@param name string of who listens
---@param listener fun(question: abstractllm.Question) told of each that is asked, decided in part, or settled
function M.subscribe(name, listener)
  listeners[name] = listener
end

local function tell(question)
  for _, listener in pairs(listeners) do
    listener(question)
  end
  vim.cmd.redrawstatus({ bang = true })
end

---@param params table
---@param answer fun(decision?: table) nothing where nobody wants to know any more
function M.ask(params, answer)
  local question = {
    params = params,
    files = params.diff and diff.files(params.diff) or {},
    verdicts = {},
    answer = answer,
  }
  table.insert(questions, question)
  notify.news("May the model do this? " .. params.title, " (`:AbstractLLM approve` or `reject`)")
  tell(question)
end

---@param decision? table
local function settle(question, decision)
  for index, other in ipairs(questions) do
    if other == question then
      table.remove(questions, index)
      question.answer(decision)
      return tell(question)
    end
  end
end

--- Return the question about a call.
---@param call_id? string
---@return abstractllm.Question?
function M.of(call_id)
  return vim.iter(questions):find(function(question)
    return question.params.callId == call_id
  end)
end

--- Return those that wait, first the ones of a session.
---@param session_id? string
---@return abstractllm.Question[]
function M.waiting(session_id)
  local own, others = {}, {}
  for _, question in ipairs(questions) do
    table.insert(question.params.sessionId == session_id and own or others, question)
  end
  return vim.list_extend(own, others)
end

---@param question abstractllm.Question
---@return integer[] # their numbers
local function hunks(question)
  local numbers = {}
  for _, file in ipairs(question.files) do
    for _, hunk in ipairs(file.hunks) do
      table.insert(numbers, hunk.number)
    end
  end
  return numbers
end

--- Say yes, to the hunks that are not rejected.
---@param question abstractllm.Question
---@param verdict "once"|"session"|"always"
function M.allow(question, verdict)
  local numbers = hunks(question)
  local accepted = vim.tbl_filter(function(number)
    return question.verdicts[number] ~= false
  end, numbers)
  settle(question, { decision = verdict, hunks = #accepted < #numbers and accepted or nil })
end

--- Say no, for a reason that the model reads.
---@param question abstractllm.Question
---@param reason? string asked for if there is none; empty for none
function M.reject(question, reason)
  if reason then
    return settle(question, { decision = "reject", reason = reason ~= "" and reason or nil })
  end
  vim.ui.input({ prompt = "Why not? (the model reads it; may be empty) " }, function(given)
    if given then
      M.reject(question, given)
    end
  end)
end

--- Say yes or no to a hunk; after the last one, the question is answered.
---@param question abstractllm.Question
---@param number integer
---@param is_accepted boolean
function M.decide(question, number, is_accepted)
  question.verdicts[number] = is_accepted
  local open, accepted = M.undecided(question)
  if open > 0 then
    tell(question)
  elseif accepted > 0 then
    M.allow(question, "once")
  else
    M.reject(question)
  end
end

--- Say no to the hunks that are not accepted.
---@param question abstractllm.Question
function M.reject_rest(question)
  local _, accepted = M.undecided(question)
  if accepted == 0 then
    return M.reject(question)
  end
  for _, number in ipairs(hunks(question)) do
    question.verdicts[number] = question.verdicts[number] or false
  end
  M.allow(question, "once")
end

---@param question abstractllm.Question
---@return integer undecided, integer accepted hunks
function M.undecided(question)
  local open, accepted = 0, 0
  for _, number in ipairs(hunks(question)) do
    local verdict = question.verdicts[number]
    open = open + (verdict == nil and 1 or 0)
    accepted = accepted + (verdict and 1 or 0)
  end
  return open, accepted
end

--- Take away what is settled elsewhere: what becomes of a call, or of its turn, is told
--- by updates. (`$/cancelRequest` names a request by an id that Neovim keeps to itself.)
---@param params {turnId: string, update: table}
function M.on_update(params)
  local update = params.update
  for _, question in ipairs(vim.list_slice(questions)) do
    local is_settled = update.kind == "toolCall" and update.status ~= "awaitingApproval"
    local is_own_call = is_settled and update.callId == question.params.callId
    if params.turnId == question.params.turnId and (is_own_call or update.kind == "turnEnded") then
      settle(question, nil)
    end
  end
end

--- The server has ended, and all that it asked with it.
function M.forget()
  for _, question in ipairs(vim.list_slice(questions)) do
    settle(question, nil)
  end
end

return M
