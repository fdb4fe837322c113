--- The colours of the transcript's buffer.
local M = {}

local api = vim.api

local namespace = api.nvim_create_namespace("abstractllm.chat")

---@param buffer integer
---@param block abstractllm.Block
local function mark_first_line(buffer, block)
  local options = { end_col = #block.lines[1], hl_group = block.highlight, priority = 200 }
  if block.is_heading then
    options.virt_text = { { ("─"):rep(200), "AbstractLLMRule" } }
    api.nvim_buf_set_extmark(buffer, namespace, block.row, 0, { end_col = 2, conceal = "" })
  end
  api.nvim_buf_set_extmark(buffer, namespace, block.row, 0, options)
end

---@param buffer integer
---@param row integer
---@param mark abstractllm.Mark
local function mark_line(buffer, row, mark)
  local options = { hl_group = mark.group, priority = 201 }
  if mark.first then
    options.end_col = mark.last
  else
    options.end_row, options.hl_eol = row + 1, true
  end
  api.nvim_buf_set_extmark(buffer, namespace, row, mark.first or 0, options)
end

--- Colour blocks, and what is below the first row of them anew.
---@param buffer integer
---@param first_row integer
---@param blocks abstractllm.Block[]
function M.set(buffer, first_row, blocks)
  api.nvim_buf_clear_namespace(buffer, namespace, first_row, -1)
  for _, block in ipairs(blocks) do
    if block.highlight then
      mark_first_line(buffer, block)
    end
    for _, mark in ipairs(block.marks or {}) do
      mark_line(buffer, block.row + mark.line - 1, mark)
    end
  end
end

return M
