--- The line that tells which keys do what, here.
local config = require("abstractllm.config")

local M = {}

--- Return the line, with its marks.
---@param ... [string, string] the name of a key in the configuration, and what it does
---@return string line, abstractllm.Mark[] marks for the first line of a block
function M.line(...)
  local line, marks = "→", {}
  for index, pair in ipairs({ ... }) do
    local key = config.options.keys[pair[1]]
    line = line .. (index == 1 and " " or " · ")
    table.insert(marks, { line = 1, group = "AbstractLLMKey", first = #line, last = #line + #key })
    line = ("%s%s %s"):format(line, key, pair[2])
  end
  table.insert(marks, 1, { line = 1, group = "AbstractLLMHint", first = 0, last = #line })
  return line, marks
end

--- Put it at the end of a block.
---@param block abstractllm.Block
---@param ... [string, string]
function M.add(block, ...)
  local line, marks = M.line(...)
  table.insert(block.lines, line)
  block.marks = block.marks or {}
  for _, mark in ipairs(marks) do
    mark.line = #block.lines
    table.insert(block.marks, mark)
  end
end

return M
