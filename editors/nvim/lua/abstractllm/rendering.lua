--- How an entry of the transcript looks: lines of Markdown, and what is folded.
local changes = require("abstractllm.change_lines")
local fencing = require("abstractllm.fencing")
local plain = require("abstractllm.plain")
local tools = require("abstractllm.tool_lines")

local M = {}

---@class abstractllm.Mark
---@field line integer of the block, from one
---@field group string
---@field first? integer byte, from zero; without it, the whole line
---@field last? integer exclusive

---@class abstractllm.Block
---@field lines string[]
---@field folded boolean whether only the first line shows
---@field highlight? string of the first line
---@field is_heading? boolean
---@field marks? abstractllm.Mark[] of other lines
---@field row? integer where it was put

---@param uri string
---@param range? {start: integer, end: integer} lines from zero, end exclusive
---@return string # like `sample.py:3-9`
function M.place(uri, range)
  if not range then
    return plain.file_name(uri)
  end
  return ("%s:%d-%d"):format(plain.file_name(uri), range.start + 1, range["end"])
end

---@param entry abstractllm.Entry a heading
---@return string # like ` ‹ 2 of 3 ›`, where something stands beside it
local function place_among(entry)
  for place, id in ipairs(entry.siblings or {}) do
    if vim.list_contains(entry.ids, id) then
      return ("  ‹ %d of %d ›"):format(place, #entry.siblings)
    end
  end
  return ""
end

local blocks = {}

function blocks.heading(entry)
  local highlight = entry.role == "user" and "AbstractLLMUser" or "AbstractLLMAssistant"
  local line = "# " .. plain.line(entry.name) .. place_among(entry)
  return { lines = { line }, folded = false, highlight = highlight, is_heading = true }
end

function blocks.text(entry)
  return { lines = fencing.split((entry.text:gsub("^\n+", ""))), folded = false }
end

function blocks.thinking(entry)
  local lines = vim.tbl_map(function(line)
    return "> " .. line
  end, fencing.split(vim.trim(entry.text)))
  return { lines = vim.list_extend({ "… thinking" }, lines), folded = true, highlight = "AbstractLLMFolded" }
end

blocks.tool = tools.block

function blocks.resource(entry)
  local lines = { "↳ " .. M.place(entry.uri, entry.range) }
  local language = vim.filetype.match({ filename = plain.file_name(entry.uri) })
  vim.list_extend(lines, fencing.fenced(entry.text, language))
  return { lines = lines, folded = true, highlight = "AbstractLLMFolded" }
end

function blocks.image(entry)
  return { lines = { "↳ " .. plain.line(entry.text) }, folded = false, highlight = "AbstractLLMFolded" }
end

function blocks.notice(entry)
  local highlight = entry.level == "error" and "AbstractLLMError" or "AbstractLLMNotice"
  return { lines = { "• " .. plain.line(entry.text) }, folded = false, highlight = highlight }
end

function blocks.summary(entry)
  local compaction = entry.compaction
  local what = compaction.toolResultsOnly and "old results of tools are not sent" or "summary of what is above"
  local undone = compaction.undone and " · undone" or ""
  local head = ("… %s · %d → %d tokens%s"):format(what, compaction.tokensBefore, compaction.tokensAfter, undone)
  local lines = vim.tbl_map(function(line)
    return "> " .. line
  end, fencing.split(vim.trim(entry.text)))
  return { lines = vim.list_extend({ head }, lines), folded = true, highlight = "AbstractLLMFolded" }
end

blocks.changes = changes.block

---@param entry abstractllm.Entry
---@return abstractllm.Block
function M.block(entry)
  return blocks[entry.kind](entry)
end

---@param previous? abstractllm.Entry
---@param entry abstractllm.Entry
---@return boolean # whether an empty line goes between them
function M.is_apart(previous, entry)
  local is_close = { heading = true, resource = true, image = true }
  if not previous or is_close[previous.kind] then
    return false
  end
  local folded = { thinking = true, tool = true }
  return not (folded[previous.kind] and folded[entry.kind])
end

return M
