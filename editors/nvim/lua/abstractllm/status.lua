--- What is going on, in a few words.
local approval = require("abstractllm.approval")
local session = require("abstractllm.session")

local M = {}

---@return {text: string, group: string}? # nothing where nothing goes on
function M.now()
  local info = session.state.info
  local first = approval.waiting(info and info.id)[1]
  if first then
    local is_here = info and first.params.sessionId == info.id
    return { text = is_here and "? waits for your answer" or "? another chat waits", group = "AbstractLLMQuestion" }
  elseif session.state.turn then
    return { text = "● answering", group = "AbstractLLMAssistant" }
  end
end

return M
