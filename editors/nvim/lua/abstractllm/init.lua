local M = {}

--- Change options; needs not be called at all.
---@param options? abstractllm.Config
function M.setup(options)
  require("abstractllm.config").setup(options)
end

--- Open the panel, or close it if it is open.
function M.toggle()
  require("abstractllm.panel").toggle()
end

--- Send a prompt, and show the panel without going there.
---@param prompt string
---@param context? abstractllm.ContextItem[]
function M.ask(prompt, context)
  require("abstractllm.panel").open({ enter = false })
  require("abstractllm.actions").generate(prompt, context)
end

--- Stop the reply that is being written.
function M.stop()
  require("abstractllm.actions").stop()
end

--- What goes on, for a status line: empty, or such as "? waits for your answer".
---@return string
function M.status()
  local now = require("abstractllm.status").now()
  return now and now.text or ""
end

return M
