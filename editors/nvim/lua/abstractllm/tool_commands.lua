--- The subcommands about what the model does: allowed, shown, taken back.
local notify = require("abstractllm.notify")

local MODES = { "ask", "edit", "auto" }

---@param act fun(question: abstractllm.Question)
local function with_question(act)
  local info = require("abstractllm.session").state.info
  local question = require("abstractllm.approval").waiting(info and info.id)[1]
  if question then
    return act(question)
  end
  notify.info("Nothing waits for an answer.")
end

---@param invocation abstractllm.Invocation
local function approve(invocation)
  local verdict = invocation.text == "" and "once" or invocation.text
  if not vim.list_contains({ "once", "session", "always" }, verdict) then
    return notify.error("Approve it `once`, for this `session`, or `always` in this workspace.")
  end
  with_question(function(question)
    require("abstractllm.approval").allow(question, verdict)
  end)
end

---@param invocation abstractllm.Invocation
local function reject(invocation)
  with_question(function(question)
    require("abstractllm.approval").reject(question, invocation.text ~= "" and invocation.text or nil)
  end)
end

--- Show what waits, or else what was changed last.
local function diff()
  local info = require("abstractllm.session").state.info
  local question = require("abstractllm.approval").waiting(info and info.id)[1]
  if question then
    return require("abstractllm.review").open(question)
  end
  require("abstractllm.changes").show()
end

---@param invocation abstractllm.Invocation
local function mode(invocation)
  if invocation.text == "" then
    return require("abstractllm.pickers").modes()
  elseif not vim.list_contains(MODES, invocation.text) then
    return notify.error("The modes are `ask`, `edit` and `auto`.")
  end
  require("abstractllm.actions").set_mode(invocation.text)
end

--- Let something go along with the next prompt, beside what does already.
---@param invocation abstractllm.Invocation
local function context(invocation)
  local prompt = require("abstractllm.prompt")
  local kind, path = invocation.text:match("^(%S*)%s*(.*)$")
  local items = invocation.context
  if kind == "none" then
    return prompt.attach({})
  elseif kind ~= "" or #items == 0 then
    local item, failure = require("abstractllm.context").named(kind, path)
    if not item then
      return notify.error(failure)
    end
    table.insert(items, item)
  end
  require("abstractllm.panel").open()
  prompt.attach(items, { keeps = true })
end

return {
  context = context,
  approve = approve,
  reject = reject,
  diff = diff,
  mode = mode,
  takeback = function()
    require("abstractllm.changes").take_back()
  end,
  bringback = function()
    require("abstractllm.changes").bring_back()
  end,
  approvals = function()
    require("abstractllm.pickers").approvals()
  end,
}
