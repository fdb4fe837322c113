--- A change that waits for approval, shown where it would be: the lines it removes are
--- coloured, the ones it adds are virtual ones below them. The buffer is as it was.
local diff = require("abstractllm.diff")
local highlights = require("abstractllm.highlights")
local words = require("abstractllm.words")

local M = {}

local api = vim.api

local namespace = api.nvim_create_namespace("abstractllm.inline")
-- Where hunks are, by their number and one: marks have no number zero.
local places = api.nvim_create_namespace("abstractllm.hunks")

-- In longer ones no words are marked, as looking for them would take long.
local MOST_PAIRS = 500

---@param buffer integer
---@param file abstractllm.FileDiff
---@return boolean # whether the buffer still is what the diff begins with
function M.is_of(buffer, file)
  return vim.iter(file.hunks):all(function(hunk)
    local old = vim.iter(hunk.lines):filter(function(line)
      return line.sign ~= "+"
    end)
    local lines = old:map(function(line)
      return line.text
    end):totable()
    local now = api.nvim_buf_get_lines(buffer, hunk.row, hunk.row + #lines, false)
    return vim.deep_equal(lines, vim.tbl_map(function(line)
      return (line:gsub("\r$", ""))
    end, now))
  end)
end

---@param text string
---@param column integer where it begins on the screen
---@param tabstop integer
---@return string # with tabs as blanks, which virtual text needs
local function expanded(text, column, tabstop)
  local result = ""
  for part, tab in text:gmatch("([^\t]*)(\t?)") do
    result = result .. part
    if tab ~= "" then
      local width = column + api.nvim_strwidth(result)
      result = result .. (" "):rep(tabstop - width % tabstop)
    end
  end
  return result
end

---@param text string
---@param spans abstractllm.Span[]
---@param tabstop integer
---@return [string, string|string[]][] # what |nvim_buf_set_extmark()| takes as a virtual line
local function virtual_line(text, spans, tabstop)
  local chunks, byte, column = {}, 0, 0
  local function add(last, groups)
    local part = expanded(text:sub(byte + 1, last), column, tabstop)
    table.insert(chunks, { part, groups })
    byte, column = last, column + api.nvim_strwidth(part)
  end
  for _, span in ipairs(spans) do
    add(span[1], "AbstractLLMAdded")
    add(span[2], { "AbstractLLMAdded", "AbstractLLMWord" })
  end
  add(#text, "AbstractLLMAdded")
  table.insert(chunks, { (" "):rep(math.max(1, vim.o.columns - column)), "AbstractLLMAdded" })
  return chunks
end

---@param run abstractllm.Run
---@return abstractllm.Span[][] in_removed, abstractllm.Span[][] in_added by the number of the line
local function differences(run)
  local in_removed, in_added = {}, {}
  local lines = math.min(#run.removed, #run.added)
  for index = 1, lines <= MOST_PAIRS and lines or 0 do
    in_removed[index], in_added[index] = words.differences(run.removed[index], run.added[index])
  end
  return in_removed, in_added
end

---@param buffer integer
---@param row integer
---@param spans abstractllm.Span[]
local function mark_removed(buffer, row, spans)
  local line = { end_row = row + 1, hl_group = "AbstractLLMRemoved", hl_eol = true, priority = 150 }
  api.nvim_buf_set_extmark(buffer, namespace, row, 0, line)
  for _, span in ipairs(spans) do
    local word = { end_col = span[2], hl_group = "AbstractLLMWord", priority = 151 }
    api.nvim_buf_set_extmark(buffer, namespace, row, span[1], word)
  end
end

---@param buffer integer
---@param run abstractllm.Run
local function show_run(buffer, run)
  local tabstop, virtual = vim.bo[buffer].tabstop, {}
  local in_removed, in_added = differences(run)
  for index in ipairs(run.removed) do
    mark_removed(buffer, run.row + index - 1, in_removed[index] or {})
  end
  for index, text in ipairs(run.added) do
    virtual[index] = virtual_line(text, in_added[index] or {}, tabstop)
  end
  local row = run.row + #run.removed - 1
  local options = { virt_lines = virtual, virt_lines_above = row < 0 }
  api.nvim_buf_set_extmark(buffer, namespace, math.max(row, 0), 0, options)
end

---@param hunk abstractllm.Hunk
---@return integer # the row it is about
local function first_row(hunk)
  local run = diff.runs(hunk)[1]
  return math.max(#run.removed > 0 and run.row or run.row - 1, 0)
end

--- Show a file's hunks in its buffer.
---@param buffer integer
---@param file abstractllm.FileDiff
---@param verdicts table<integer, boolean> of hunks that are decided: the rejected ones are not shown
---@param hint fun(hunk: abstractllm.Hunk): string what is said beside a hunk
function M.show(buffer, file, verdicts, hint)
  highlights.define()
  M.clear(buffer)
  for _, hunk in ipairs(file.hunks) do
    if verdicts[hunk.number] ~= false then
      for _, run in ipairs(diff.runs(hunk)) do
        show_run(buffer, run)
      end
    end
    local row = math.min(first_row(hunk), api.nvim_buf_line_count(buffer) - 1)
    api.nvim_buf_set_extmark(buffer, places, row, 0, {
      id = hunk.number + 1,
      virt_text = { { "  " .. hint(hunk), "AbstractLLMHint" } },
    })
  end
end

---@param buffer integer
function M.clear(buffer)
  api.nvim_buf_clear_namespace(buffer, namespace, 0, -1)
  api.nvim_buf_clear_namespace(buffer, places, 0, -1)
end

--- Return where the hunk's first change is now; marks go along with the text.
---@param buffer integer
---@param hunk abstractllm.Hunk
---@return integer # row, from zero
function M.row_of(buffer, hunk)
  return api.nvim_buf_get_extmark_by_id(buffer, places, hunk.number + 1, {})[1] or 0
end

return M
