--- The buffer that shows the transcript. Only what has changed in it is ever set.
local following = require("abstractllm.following")
local highlights = require("abstractllm.highlights")
local marks = require("abstractllm.chat_marks")
local rendering = require("abstractllm.rendering")
local session = require("abstractllm.session")

local M = {}

local hints = vim.api.nvim_create_namespace("abstractllm.hints")

local HINT = {
  "Ask anything below.",
  "",
  "`@file` in a prompt adds a file, `:'<,'>AbstractLLM ask` a selection.",
  "`:AbstractLLM sessions` goes on with an earlier chat.",
}

---@type integer?
local buffer
---@type table<integer, integer> the row of each entry, from zero
local rows = {}
---@type string[] the fold level of each line
local levels = {}

---@param line integer
---@return string # for 'foldexpr'
function M.fold_level(line)
  return levels[line] or "0"
end

--- Lay out the entries from one on: their lines, with the rows and fold levels noted.
---@param first integer
---@return string[] lines, abstractllm.Block[] blocks
local function lay_out(first)
  local entries = session.state.transcript.entries
  local row = rows[first]
  local lines, blocks = {}, {}
  for index = first, #entries do
    rows[index] = row + #lines
    if rendering.is_apart(entries[index - 1], entries[index]) then
      table.insert(lines, "")
    end
    local block = rendering.block(entries[index])
    block.row = row + #lines
    blocks[#blocks + 1] = block
    vim.list_extend(lines, block.lines)
  end
  rows[#entries + 1] = row + #lines
  return lines, blocks
end

---@param first_row integer
---@return string[] # the levels of all lines from there on
local function levels_from(first_row)
  return vim.list_slice(levels, first_row + 1)
end

local function note_levels(first_row, blocks, count)
  for row = #levels - 1, first_row, -1 do
    levels[row + 1] = nil
  end
  for row = first_row, first_row + count do
    levels[row + 1] = "0"
  end
  for _, block in ipairs(blocks) do
    for offset = 1, block.folded and #block.lines or 0 do
      levels[block.row + offset] = offset == 1 and ">1" or "1"
    end
  end
end

--- Lines are the same if they are folded the same way too: Neovim looks at the level of
--- a line only when the line is set.
---@param old string[]
---@param new string[]
---@param old_levels string[]
---@param new_levels string[]
---@return integer prefix, integer suffix how many lines are the same
local function same(old, new, old_levels, new_levels)
  local function is_same(index, new_index)
    return old[index] == new[new_index] and old_levels[index] == new_levels[new_index]
  end
  local most = math.min(#old, #new)
  local prefix, suffix = 0, 0
  while prefix < most and is_same(prefix + 1, prefix + 1) do
    prefix = prefix + 1
  end
  while suffix < most - prefix and is_same(#old - suffix, #new - suffix) do
    suffix = suffix + 1
  end
  return prefix, suffix
end

--- Set what is different in the lines from `row` on.
local function set(row, new, old_levels)
  local old = vim.api.nvim_buf_get_lines(buffer, row, -1, false)
  local prefix, suffix = same(old, new, old_levels, levels_from(row))
  local replaced = vim.list_slice(old, prefix + 1, #old - suffix)
  local lines = vim.list_slice(new, prefix + 1, #new - suffix)
  if #replaced == 0 and #lines == 0 then
    return
  end
  vim.bo[buffer].modifiable = true
  row = row + prefix
  if #replaced == 1 and #lines > 0 and vim.startswith(lines[1], replaced[1]) then
    local column = #replaced[1]
    lines[1] = lines[1]:sub(column + 1)
    vim.api.nvim_buf_set_text(buffer, row, column, row, column, lines)
  else
    vim.api.nvim_buf_set_lines(buffer, row, row + #replaced, false, lines)
  end
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].modified = false
end

local function show_hints()
  vim.api.nvim_buf_clear_namespace(buffer, hints, 0, -1)
  if #session.state.transcript.entries == 0 and not session.state.loading then
    local lines = vim.tbl_map(function(line)
      return { { " " .. line, "AbstractLLMHint" } }
    end, HINT)
    vim.api.nvim_buf_set_extmark(buffer, hints, 0, 0, { virt_lines = lines })
  end
end

local function windows()
  return vim.fn.win_findbuf(buffer)
end

local CHANGE = vim.keycode("<Cmd>lua require('abstractllm.chat').change()<CR>")

-- Neovim makes no folds in any window while its user inserts text in one; those of a
-- change made in Normal mode it makes.
local function in_normal_mode(change)
  local window = windows()[1]
  if not window or not vim.api.nvim_get_mode().mode:find("^[iR]") then
    return change()
  end
  M.change = change
  vim.api.nvim_win_call(window, function()
    vim.cmd.normal({ CHANGE, bang = true })
  end)
end

--- Show the entries from one on as they are now.
---@param first integer
local function render(first)
  first = math.min(first, #session.state.transcript.entries + 1, #rows)
  if first <= 1 then
    first, rows = 1, { 0 }
  end
  local followed = vim.iter(windows()):filter(following.is_at_end):totable()
  local lines, blocks = lay_out(first)
  local old_levels = levels_from(rows[first])
  note_levels(rows[first], blocks, #lines)
  in_normal_mode(function()
    set(rows[first], #lines > 0 and lines or { "" }, old_levels)
  end)
  marks.set(buffer, rows[first], blocks)
  show_hints()
  vim.iter(followed):each(following.go_to_end)
end

local function create()
  buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_name(buffer, "abstractllm://chat")
  vim.bo[buffer].bufhidden = "hide"
  vim.bo[buffer].undolevels = -1
  vim.bo[buffer].filetype = "markdown"
  vim.bo[buffer].modifiable = false
  if not pcall(vim.treesitter.start, buffer, "markdown") then
    vim.bo[buffer].syntax = "markdown"
  end
  highlights.define()
  rows = { 0 }
  render(1)
end

---@return integer
function M.buffer()
  if not buffer or not vim.api.nvim_buf_is_valid(buffer) then
    create()
  end
  return buffer --[[@as integer]]
end

--- Go to the end, and so follow what is said from now on.
function M.follow()
  M.buffer()
  vim.iter(windows()):each(following.go_to_end)
end

--- Return the entry that a line of the buffer belongs to.
---@param line integer from one
---@return abstractllm.Entry? entry, integer? line of its block, from one
function M.entry_at(line)
  local entries = session.state.transcript.entries
  for index = #entries, 1, -1 do
    local row = rows[index]
    if row and row < line then
      local is_apart = rendering.is_apart(entries[index - 1], entries[index])
      return entries[index], line - row - (is_apart and 1 or 0)
    end
  end
end

--- Go to an entry in all windows that show the buffer.
---@param index integer
function M.go_to(index)
  local row = rows[index]
  for _, window in ipairs(row and windows() or {}) do
    vim.api.nvim_win_set_cursor(window, { math.min(row + 2, vim.api.nvim_buf_line_count(buffer)), 0 })
  end
end

--- Show what has changed, should the buffer exist.
---@param first integer
function M.update(first)
  if buffer and vim.api.nvim_buf_is_valid(buffer) then
    render(first)
  end
end

return M
