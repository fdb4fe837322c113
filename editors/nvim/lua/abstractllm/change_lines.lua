--- How the files look that a turn has changed: a line each, with keys that take them back.
local fencing = require("abstractllm.fencing")
local key_line = require("abstractllm.key_line")
local plain = require("abstractllm.plain")

local M = {}

local SAID = { created = "new", deleted = "deleted", renamed = "renamed" }

---@param change table as the server tells it
---@return string
local function counts(change)
  local parts = {}
  if change.added > 0 then
    table.insert(parts, "+" .. change.added)
  end
  if change.removed > 0 then
    table.insert(parts, "-" .. change.removed)
  end
  return table.concat(parts, " ")
end

---@param change table
---@return string
local function line(change)
  local name = plain.file_name(change.uri)
  if change.newUri then
    name = ("%s → %s"):format(name, plain.file_name(change.newUri))
  end
  local parts = { "  " .. fencing.as_it_is(name), counts(change), SAID[change.kind], change.reverted and "taken back" }
  return vim.iter({ 1, 2, 3, 4 })
    :map(function(index)
      return parts[index] and parts[index] ~= "" and parts[index] or nil
    end)
    :join("  ")
end

---@param changes table[]
---@return string
local function headline(changes)
  local added, removed, reverted = 0, 0, 0
  for _, change in ipairs(changes) do
    added, removed = added + change.added, removed + change.removed
    reverted = reverted + (change.reverted and 1 or 0)
  end
  local files = #changes == 1 and "1 file" or ("%d files"):format(#changes)
  local said = reverted == #changes and ", taken back" or ""
  return ("± %s changed%s  %s"):format(files, said, counts({ added = added, removed = removed }))
end

---@param entry abstractllm.Entry
---@return abstractllm.Block
function M.block(entry)
  local block = { lines = { headline(entry.changes) }, marks = {}, folded = false, highlight = "AbstractLLMChanges" }
  for _, change in ipairs(entry.changes) do
    table.insert(block.lines, line(change))
    if change.reverted then
      table.insert(block.marks, { line = #block.lines, group = "AbstractLLMHint" })
    end
    local reason = (entry.refused or {})[change.uri]
    if reason then
      table.insert(block.lines, "    ✗ " .. fencing.as_it_is(plain.line(reason)))
      table.insert(block.marks, { line = #block.lines, group = "AbstractLLMError" })
    end
  end
  key_line.add(
    block,
    { "diff", "diff" },
    { "take_back", "take back" },
    { "bring_back", "bring back" },
    { "take_back_turn", "take all back" }
  )
  return block
end

--- Return the file that a line of the block is about.
---@param entry abstractllm.Entry
---@param line_number integer of the block, from one
---@return table? # nothing where it is about all of them
function M.at(entry, line_number)
  local current = 1
  for _, change in ipairs(entry.changes) do
    local last = current + ((entry.refused or {})[change.uri] and 2 or 1)
    if line_number > current and line_number <= last then
      return change
    end
    current = last
  end
end

return M
