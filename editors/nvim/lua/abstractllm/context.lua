--- What of the open files goes along with a prompt.
local documents = require("abstractllm.documents")
local rendering = require("abstractllm.rendering")

local M = {}

---@class abstractllm.ContextItem
---@field kind "file"|"range"|"selection"
---@field uri string
---@field range? lsp.Range

--- Return whole lines of a buffer; the server reads their text, unsaved or not.
---@param buffer integer
---@param first integer from one
---@param last integer inclusive
---@return abstractllm.ContextItem
function M.selection(buffer, first, last)
  local range = {
    start = { line = first - 1, character = 0 },
    ["end"] = { line = last, character = 0 },
  }
  return { kind = "selection", uri = documents.uri(buffer), range = range }
end

---@param item abstractllm.ContextItem
---@return string # as a person would say it
function M.place(item)
  local range = item.range
  return rendering.place(item.uri, range and { start = range.start.line, ["end"] = range["end"].line })
end

return M
