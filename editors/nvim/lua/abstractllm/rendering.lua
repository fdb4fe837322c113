--- How an entry of the transcript looks: lines of Markdown, and what is folded.
local plain = require("abstractllm.plain")

local M = {}

local MARKS = { done = "✓", failed = "✗", rejected = "✗", interrupted = "✗" }
local ARGUMENTS_LENGTH = 60

---@class abstractllm.Block
---@field lines string[]
---@field folded boolean whether only the first line shows
---@field highlight? string of the first line
---@field is_heading? boolean
---@field row? integer where it was put

---@param text string
---@return string[]
local function split(text)
  return vim.split((text:gsub("\r\n?", "\n"):gsub("%z", "")), "\n", { plain = true })
end

---@param text string
---@param language? string
---@return string[]
local function fenced(text, language)
  local fence = "```"
  for ticks in text:gmatch("```+") do
    if #ticks >= #fence then
      fence = ticks .. "`"
    end
  end
  local lines = split((text:gsub("\n$", "")))
  table.insert(lines, 1, fence .. (language or ""))
  table.insert(lines, fence)
  return lines
end

---@param arguments table<string, any>
---@return string # the values alone, as names are long and mostly plain from them
local function brief(arguments)
  local values = {}
  for _, name in ipairs(vim.fn.sort(vim.tbl_keys(arguments))) do
    local value = arguments[name]
    table.insert(values, type(value) == "string" and value or vim.json.encode(value))
  end
  local text = plain.line(table.concat(values, ", "))
  return #text > ARGUMENTS_LENGTH and vim.fn.strcharpart(text, 0, ARGUMENTS_LENGTH) .. "…" or text
end

local function file_name(uri)
  if not uri:find("^file:") then
    return plain.line(uri)
  end
  return plain.line(vim.fn.fnamemodify(vim.uri_to_fname(uri), ":~:."))
end

---@param uri string
---@param range? {start: integer, end: integer} lines from zero, end exclusive
---@return string # like `sample.py:3-9`
function M.place(uri, range)
  if not range then
    return file_name(uri)
  end
  return ("%s:%d-%d"):format(file_name(uri), range.start + 1, range["end"])
end

local blocks = {}

function blocks.heading(entry)
  local highlight = entry.role == "user" and "AbstractLLMUser" or "AbstractLLMAssistant"
  return { lines = { "# " .. plain.line(entry.name) }, folded = false, highlight = highlight, is_heading = true }
end

function blocks.text(entry)
  return { lines = split((entry.text:gsub("^\n+", ""))), folded = false }
end

function blocks.thinking(entry)
  local lines = vim.tbl_map(function(line)
    return "> " .. line
  end, split(vim.trim(entry.text)))
  return { lines = vim.list_extend({ "… thinking" }, lines), folded = true, highlight = "AbstractLLMFolded" }
end

function blocks.tool(entry)
  local mark = MARKS[entry.status] or "…"
  local lines = { vim.trim(("%s %s %s"):format(mark, plain.line(entry.name), brief(entry.arguments))) }
  vim.list_extend(lines, fenced(vim.json.encode(entry.arguments), "json"))
  if entry.result then
    vim.list_extend(lines, fenced(entry.result))
  end
  local failed = entry.status == "failed" or entry.status == "rejected"
  return { lines = lines, folded = true, highlight = failed and "AbstractLLMError" or "AbstractLLMFolded" }
end

function blocks.resource(entry)
  local lines = { "↳ " .. M.place(entry.uri, entry.range) }
  local language = vim.filetype.match({ filename = file_name(entry.uri) })
  vim.list_extend(lines, fenced(entry.text, language))
  return { lines = lines, folded = true, highlight = "AbstractLLMFolded" }
end

function blocks.notice(entry)
  local highlight = entry.level == "error" and "AbstractLLMError" or "AbstractLLMNotice"
  return { lines = { "• " .. plain.line(entry.text) }, folded = false, highlight = highlight }
end

---@param entry abstractllm.Entry
---@return abstractllm.Block
function M.block(entry)
  return blocks[entry.kind](entry)
end

---@param previous? abstractllm.Entry
---@param entry abstractllm.Entry
---@return boolean # whether an empty line goes between them
function M.is_apart(previous, entry)
  if not previous or previous.kind == "heading" or previous.kind == "resource" then
    return false
  end
  local folded = { thinking = true, tool = true }
  return not (folded[previous.kind] and folded[entry.kind])
end

return M
