--- How a tool's call looks: a quiet line, and below it what it does, folded away unless
--- somebody is asked about it or it runs.
local approval = require("abstractllm.approval")
local diff = require("abstractllm.diff")
local fencing = require("abstractllm.fencing")
local key_line = require("abstractllm.key_line")
local plain = require("abstractllm.plain")

local M = {}

local MARKS = { awaitingApproval = "?", done = "✓", failed = "✗", rejected = "✗", interrupted = "✗" }
local SAID = { awaitingApproval = "  may it?", rejected = "  rejected", interrupted = "  interrupted" }
local LOUD = { awaitingApproval = "AbstractLLMQuestion", failed = "AbstractLLMError", rejected = "AbstractLLMError" }
local SIGNS = { ["+"] = "AbstractLLMAdded", ["-"] = "AbstractLLMRemoved", ["@"] = "AbstractLLMHunk" }

local ARGUMENTS_LENGTH = 60
local MOST_DIFF_LINES = 200
local RUNNING_LINES, MOST_OUTPUT_LINES = 10, 500

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

---@param call table
---@return string
local function headline(call)
  local title = call.title or vim.trim(("%s %s"):format(call.name, brief(call.arguments)))
  local counts = ""
  if call.diff then
    counts = ("  +%d -%d"):format(diff.count(diff.files(call.diff)))
  end
  local mark = MARKS[call.status] or "…"
  return ("%s %s%s%s"):format(mark, fencing.as_it_is(plain.line(title)), counts, SAID[call.status] or "")
end

--- Add text between fences.
---@param block abstractllm.Block
---@param text string
---@param language? string
local function add(block, text, language)
  local first = #block.lines + 1
  vim.list_extend(block.lines, fencing.fenced(text, language))
  return first + 1
end

---@param text string
---@param most integer
---@param keeps_end? boolean
local function cut(text, most, keeps_end)
  local lines = fencing.split((text:gsub("\n$", "")))
  if #lines <= most then
    return text
  elseif keeps_end then
    return ("… %d lines before\n%s"):format(#lines - most, table.concat(lines, "\n", #lines - most + 1))
  end
  return ("%s\n… %d lines more"):format(table.concat(lines, "\n", 1, most), #lines - most)
end

local function is_header(line)
  return line:find("^%-%-%- [ab/]") or line:find("^%+%+%+ [ab/]")
end

-- The title names the file if it is the only one.
local function add_diff(block, text)
  local shown = text:gsub("^%-%-%- [^\n]*\n%+%+%+ [^\n]*\n(@@.*)$", function(hunks)
    return not hunks:find("\n%-%-%- [^\n]*\n%+%+%+ ") and hunks or nil
  end)
  local first = add(block, cut(shown, MOST_DIFF_LINES), "diff")
  for line = first, #block.lines - 1 do
    local group = not is_header(block.lines[line]) and SIGNS[block.lines[line]:sub(1, 1)]
    if group then
      table.insert(block.marks, { line = line, group = group })
    end
  end
end

-- A command draws with colours, and over its own lines.
local function written(output)
  local text = output:gsub("\27%[[%d;?]*[ -/]*[@-~]", ""):gsub("\r\n", "\n")
  return (text:gsub("[^\n]*\r([^\n])", "%1"))
end

local function add_output(block, entry, is_running)
  local text = is_running and entry.output or entry.result or entry.output
  if text and text ~= "" then
    local most = is_running and RUNNING_LINES or MOST_OUTPUT_LINES
    add(block, cut(written(text), most, is_running))
  end
end

local function add_keys(block, question)
  local keys = {
    { "allow", "allow" },
    { "allow_in_session", "in this session" },
    { "allow_always", "always here" },
    { "reject", "reject" },
  }
  if #question.files > 0 then
    table.insert(keys, { "diff", "in the file" })
    table.insert(keys, { "diff_in_tab", "in a tab" })
  end
  key_line.add(block, unpack(keys))
end

---@param entry abstractllm.Entry
---@return abstractllm.Block
function M.block(entry)
  local call = entry.call
  local question = call.status == "awaitingApproval" and approval.of(call.callId) or nil
  local is_running = call.status == "running" and call.command ~= nil
  local block = { lines = { headline(call) }, marks = {}, folded = not (question or is_running) }
  block.highlight = LOUD[call.status] or "AbstractLLMFolded"
  if call.diff then
    add_diff(block, call.diff)
  elseif not call.command then
    add(block, vim.json.encode(call.arguments), "json")
  elseif not vim.endswith(plain.line(call.title or ""), call.command) then
    add(block, call.command, "sh")
  end
  add_output(block, entry, is_running)
  if question then
    add_keys(block, question)
  end
  return block
end

return M
